import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hashingEmbedder } from '../../src/embeddings/index.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON was sent
  readonly body: any
}

export interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** JSON unless it is a string. */
  readonly body?: unknown
  /** The request is left without an answer. */
  readonly hang?: true
  /** The connection is cut after the body, which is shorter than its announced length. */
  readonly breakOff?: boolean
}

export type Answer = (request: SeenRequest) => Reply | undefined | Promise<Reply | undefined>

/** A local HTTP server: `script` answers first, request by request, then `answer` does. */
export async function providerServer(answer: (request: SeenRequest) => Reply | Promise<Reply>) {
  const seen: SeenRequest[] = []
  const script: Answer[] = []
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', async () => {
      const text = Buffer.concat(chunks).toString()
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: text === '' ? undefined : JSON.parse(text),
      }
      seen.push(request)
      const reply = (await script.shift()?.(request)) ?? (await answer(request))
      if (reply.hang) return
      outgoing.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
      const body =
        typeof reply.body === 'string' || reply.body instanceof Buffer ? reply.body : JSON.stringify(reply.body)
      if (reply.breakOff) outgoing.write(body, () => outgoing.destroy())
      else outgoing.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    script,
    reset() {
      seen.length = 0
      script.length = 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type ProviderServer = Awaited<ReturnType<typeof providerServer>>

/** Numbers of a text that depend on it alone, not of unit length, as services may give them. */
export async function vectorsFor(texts: readonly string[], dimensions: number): Promise<number[][]> {
  const embedder = hashingEmbedder({ dimensions })
  const vectors: number[][] = []
  for (const text of texts) {
    const [vector] = await embedder.embed([`text ${text}`])
    vectors.push(Array.from(vector as Float32Array, (value) => value * 3))
  }
  return vectors
}

export function base64Of(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}

/** An address where nobody listens. */
export async function deadUrl(): Promise<string> {
  const server = await providerServer(() => ({}))
  await server.close()
  return server.url
}
