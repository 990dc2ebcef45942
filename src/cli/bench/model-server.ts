import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Latency, latencySampler } from './latency.ts'
import { completion, completionChunks } from './openai-wire.ts'
import { estimatePromptTokens, estimateTokens } from './token-estimate.ts'

/** A request body of `/v1/chat/completions`, as far as answers usually look at it. */
export interface ChatRequestBody {
  readonly model: string
  readonly messages: readonly { readonly role: string; readonly content?: unknown; readonly [more: string]: unknown }[]
  readonly stream?: boolean
  readonly n?: number
  readonly tools?: readonly unknown[]
  readonly response_format?: unknown
  readonly [more: string]: unknown
}

/** What the model says. `usage` and `latencyMs` are estimated and drawn where they are left out. */
export interface ModelAnswer {
  readonly text?: string
  readonly toolCalls?: readonly { readonly name: string; readonly args: unknown; readonly id?: string }[]
  readonly refusal?: string
  /** Default: `tool_calls` with tool calls, else `stop`. */
  readonly finishReason?: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  readonly usage?: {
    readonly promptTokens?: number
    readonly completionTokens?: number
    readonly cachedTokens?: number
  }
  /** Time of the whole answer in milliseconds, instead of the drawn one. */
  readonly latencyMs?: number
}

/** What goes wrong instead of, or in the middle of, an answer. */
export type ModelFault =
  | { readonly status: number; readonly retryAfterSeconds?: number; readonly message?: string }
  /** The socket is closed after so many content chunks of a stream (or before any JSON). */
  | { readonly disconnectAfterChunks: number }
  /** The stream ends in good order, but without a finish reason and without `[DONE]`. */
  | { readonly endAfterChunks: number }
  /** Never answers; the socket stays open until client or server closes it. */
  | { readonly hang: true }
  /** Sends what is no JSON, in the middle of a stream or as the whole body. */
  | { readonly malformed: true }

export type AnswerFunction = (
  body: ChatRequestBody,
  /** Which of the `n` answers is wanted, from 0. */
  choice: number,
) => ModelAnswer | { readonly fault: ModelFault; readonly answer?: ModelAnswer } | Promise<ModelAnswer>

export interface ModelServerOptions {
  readonly answer: AnswerFunction
  /** Off by default, as tests want it; `'realistic'` is what the demo and the benchmarks show. */
  readonly latency?: 'off' | 'realistic' | Latency
  /** Seed of the drawn latencies. */
  readonly seed?: number
  readonly models?: readonly string[]
}

export interface ModelServer {
  /** `http://127.0.0.1:<port>/v1` */
  readonly baseUrl: string
  /** Completion requests since the start, failed ones included. */
  readonly requestCount: number
  /** Their bodies, oldest first. */
  readonly requests: readonly ChatRequestBody[]
  readonly headers: readonly IncomingMessage['headers'][]
  /** Tokens billed so far, as the `usage` of the answers said. */
  readonly tokens: { readonly prompt: number; readonly completion: number }
  /** From now on another function answers. */
  answerWith(answer: AnswerFunction): void
  close(): Promise<void>
}

/**
 * An OpenAI-compatible model on the loopback interface: `/v1/chat/completions` as JSON and as server-sent events, and
 * `/v1/models`. It stands in for a provider in tests, demo and benchmarks; nothing of it is measured from a real model.
 */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  let answer = options.answer
  const requests: ChatRequestBody[] = []
  const headers: IncomingMessage['headers'][] = []
  const tokens = { prompt: 0, completion: 0 }
  const sample = latencySampler(options.latency ?? 'off', options.seed ?? 1)

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    if (request.method === 'GET' && path === '/v1/models') {
      const data = (options.models ?? ['local-model']).map((id) => ({ id, object: 'model', owned_by: 'local' }))
      return sendJson(response, 200, { object: 'list', data })
    }
    if (request.method !== 'POST' || path !== '/v1/chat/completions') {
      return sendJson(response, 404, errorBody(404, `no such endpoint: ${request.method} ${path}`))
    }
    const body = await readBody(request)
    if (!body) return sendJson(response, 400, errorBody(400, 'the body must be JSON with model and messages'))
    const number = requests.push(body)
    headers.push(request.headers)
    await complete(body, number, response)
  }

  async function complete(body: ChatRequestBody, number: number, response: ServerResponse): Promise<void> {
    const given = await Promise.all(Array.from({ length: body.n ?? 1 }, (_, choice) => answer(body, choice)))
    const fault = given.map((one) => ('fault' in one ? one.fault : undefined)).find((one) => one !== undefined)
    const answers = given.map((one) =>
      'fault' in one ? (one.answer ?? { text: 'partly said and then cut off' }) : one,
    )
    if (fault && 'hang' in fault) return
    if (fault && 'status' in fault) {
      if (fault.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(fault.retryAfterSeconds))
      return sendJson(response, fault.status, errorBody(fault.status, fault.message ?? `fault ${fault.status}`))
    }
    const usage = usageOf(body, answers)
    tokens.prompt += usage.prompt_tokens
    tokens.completion += usage.completion_tokens
    const timing = sample(usage.completion_tokens, answers[0]?.latencyMs)
    const about = { id: `chatcmpl-local-${number}`, model: body.model, usage, answers }
    if (body.stream) return streamCompletion(response, { ...about, body, timing, fault })
    await pause(timing.firstTokenMs + timing.perTokenMs * usage.completion_tokens)
    if (fault && 'malformed' in fault) return sendText(response, 200, 'application/json', '{"choices": [{"mess')
    if (fault) return void response.destroy()
    sendJson(response, 200, completion(about))
  }

  const baseUrl = await listen(server)
  return {
    baseUrl,
    get requestCount() {
      return requests.length
    },
    requests,
    headers,
    tokens,
    answerWith(next) {
      answer = next
    },
    close: () =>
      new Promise((resolve) => {
        // Its only error is that it was closed before.
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function streamCompletion(
  response: ServerResponse,
  stream: Parameters<typeof completionChunks>[0] & {
    readonly body: ChatRequestBody
    readonly timing: { readonly firstTokenMs: number; readonly perTokenMs: number }
    readonly fault: ModelFault | undefined
  },
): Promise<void> {
  const { fault, timing, body } = stream
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  await pause(timing.firstTokenMs)
  const withUsage = (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true
  let contents = 0
  for (const chunk of completionChunks(stream)) {
    if (response.destroyed) return
    if (chunk.kind === 'usage' && !withUsage) continue
    if (fault && chunk.kind !== 'role') {
      if ('disconnectAfterChunks' in fault && contents >= fault.disconnectAfterChunks) return void response.destroy()
      if ('endAfterChunks' in fault && contents >= fault.endAfterChunks) return void response.end()
      if ('malformed' in fault) {
        response.write('data: {"choices": [{"del\n\n')
        return void response.end()
      }
    }
    // Waited for, so that a disconnect in the middle comes after chunks that did arrive.
    await new Promise<void>((resolve) => response.write(`data: ${JSON.stringify(chunk.data)}\n\n`, () => resolve()))
    if (chunk.kind === 'content') {
      contents++
      await pause(timing.perTokenMs * chunk.tokens)
    }
  }
  response.end('data: [DONE]\n\n')
}

export interface WireUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: number }
  readonly completion_tokens_details: { readonly reasoning_tokens: number; readonly audio_tokens: number }
}

function usageOf(body: ChatRequestBody, answers: readonly ModelAnswer[]): WireUsage {
  const prompt = answers[0]?.usage?.promptTokens ?? estimatePromptTokens(body)
  let completionTokens = 0
  for (const { text, refusal, toolCalls, usage } of answers) {
    const said = `${text ?? ''}${refusal ?? ''}${toolCalls ? JSON.stringify(toolCalls) : ''}`
    completionTokens += usage?.completionTokens ?? estimateTokens(said)
  }
  return {
    prompt_tokens: prompt,
    completion_tokens: completionTokens,
    total_tokens: prompt + completionTokens,
    prompt_tokens_details: { cached_tokens: answers[0]?.usage?.cachedTokens ?? 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  }
}

async function readBody(request: IncomingMessage): Promise<ChatRequestBody | undefined> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  try {
    const body = JSON.parse(Buffer.concat(pieces).toString('utf8'))
    return typeof body?.model === 'string' && Array.isArray(body.messages) ? body : undefined
  } catch {
    return undefined
  }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`))
  })
}

function errorBody(status: number, message: string): object {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error'
  return { error: { message, type, code: status === 429 ? 'rate_limit_exceeded' : null, param: null } }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  sendText(response, status, 'application/json', JSON.stringify(body))
}

function sendText(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type })
  response.end(text)
}

function pause(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined
}
