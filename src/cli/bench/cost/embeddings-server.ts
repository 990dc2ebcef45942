import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Embedder } from '../../../embeddings/index.ts'
import { estimateTokens } from '../token-estimate.ts'

export interface EmbeddingsServer {
  /** `http://127.0.0.1:<port>/v1` */
  readonly baseUrl: string
  readonly requestCount: number
  close(): Promise<void>
}

/**
 * OpenAI's `/v1/embeddings` on the loopback interface, with the vectors of another embedder: it stands in for a hosted
 * one as far as tokens, requests and failures go. What it finds says nothing about the vectors of the hosted model.
 */
export async function startEmbeddingsServer(vectors: Embedder): Promise<EmbeddingsServer> {
  let requestCount = 0
  const server = createServer(async (request, response) => {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    try {
      if (request.method !== 'POST' || !request.url?.endsWith('/v1/embeddings')) {
        return send(404, { error: { message: `no such endpoint: ${request.method} ${request.url}` } })
      }
      requestCount++
      const { input, model, encoding_format: format } = await jsonBody(request)
      const texts = (Array.isArray(input) ? input : [input]) as string[]
      const found = await vectors.embed(texts)
      const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0)
      const data = found.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: format === 'base64' ? Buffer.from(vector.slice().buffer).toString('base64') : Array.from(vector),
      }))
      send(200, { object: 'list', model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } })
    } catch (error) {
      send(400, { error: { message: error instanceof Error ? error.message : String(error) } })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get requestCount() {
      return requestCount
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function jsonBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return JSON.parse(Buffer.concat(pieces).toString('utf8'))
}
