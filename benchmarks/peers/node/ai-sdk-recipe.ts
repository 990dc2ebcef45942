import type { Peer, PeerCall } from '../peer.ts'
import { type ModelSide, openaiMessages } from './model-side.ts'
import type { PeerModules } from './peer-modules.ts'

type StreamPart = { readonly type: string; readonly [field: string]: unknown }
interface Middleware {
  specificationVersion: string
  wrapGenerate(call: { doGenerate: () => Promise<object>; params: unknown }): Promise<object>
  wrapStream(call: {
    doStream: () => Promise<{ stream: ReadableStream<StreamPart> }>
    params: unknown
  }): Promise<object>
}
interface AiModule {
  wrapLanguageModel(given: { model: unknown; middleware: Middleware }): unknown
  simulateReadableStream(given: { initialDelayInMs: number; chunkDelayInMs: number; chunks: StreamPart[] }): unknown
  generateText(given: Record<string, unknown>): Promise<{ readonly text: string }>
  streamText(given: Record<string, unknown>): { readonly textStream: AsyncIterable<string> }
  tool(given: Record<string, unknown>): unknown
  jsonSchema(schema: unknown): unknown
}
interface ProviderModule {
  createOpenAICompatible(given: Record<string, unknown>): (model: string) => unknown
}

/**
 * What the AI SDK's page on caching tells its users to do: a language-model middleware that keeps results under
 * `JSON.stringify(params)`, whole answers and streams alike, a stream with every part it had.
 */
export async function aiSdkRecipe(modules: PeerModules, side: ModelSide): Promise<Peer> {
  const ai = await modules.load<AiModule>('ai')
  const { createOpenAICompatible } = await modules.load<ProviderModule>('@ai-sdk/openai-compatible')
  const provider = createOpenAICompatible({ name: 'local', baseURL: side.baseUrl, apiKey: 'none' })
  return {
    name: 'AI SDK caching recipe',
    version: `ai ${modules.version('ai')}`,
    setup: 'wrapLanguageModel with the middleware of its page on caching, a Map in the place of the key-value service',
    isSemantic: false,
    noPlaceFor: ['tenant', 'json'],
    open: async () => {
      const middleware = recipe(ai)
      return {
        async call(call) {
          const { wasAsked } = side.expect(call)
          const model = ai.wrapLanguageModel({ model: provider(call.model ?? 'model-a'), middleware })
          const given = { model, maxRetries: 0, temperature: call.temperature ?? 0, ...prompt(ai, call) }
          const started = process.hrtime.bigint()
          let answer = ''
          if (call.streamed) for await (const piece of ai.streamText(given).textStream) answer += piece
          else answer = (await ai.generateText(given)).text
          const microseconds = Number(process.hrtime.bigint() - started) / 1000
          return { answer, cached: !wasAsked(), microseconds }
        },
        close: async () => {},
      }
    },
    close: async () => {},
  }
}

function recipe({ simulateReadableStream }: AiModule): Middleware {
  const kept = new Map<string, string>()
  return {
    specificationVersion: 'v4',
    async wrapGenerate({ doGenerate, params }) {
      const key = JSON.stringify(params)
      const found = kept.get(key)
      if (found !== undefined) return withDates(JSON.parse(found))
      const result = await doGenerate()
      kept.set(key, JSON.stringify(result))
      return result
    },
    async wrapStream({ doStream, params }) {
      const key = JSON.stringify(params)
      const found = kept.get(key)
      if (found !== undefined) {
        const chunks = (JSON.parse(found) as StreamPart[]).map((part) => withDates(part))
        return { stream: simulateReadableStream({ initialDelayInMs: 0, chunkDelayInMs: 10, chunks }) }
      }
      const { stream, ...rest } = await doStream()
      const parts: StreamPart[] = []
      const recorder = new TransformStream<StreamPart, StreamPart>({
        transform(part, controller) {
          parts.push(part)
          controller.enqueue(part)
        },
        flush() {
          kept.set(key, JSON.stringify(parts))
        },
      })
      return { stream: stream.pipeThrough(recorder), ...rest }
    },
  }
}

/** JSON made the timestamp a string. */
function withDates<Given extends object>(given: Given): Given {
  const { timestamp, response } = given as { timestamp?: unknown; response?: { timestamp?: string } }
  return {
    ...given,
    ...(typeof timestamp === 'string' ? { timestamp: new Date(timestamp) } : {}),
    ...(response?.timestamp ? { response: { ...response, timestamp: new Date(response.timestamp) } } : {}),
  }
}

function prompt(ai: AiModule, call: PeerCall): Record<string, unknown> {
  const messages = openaiMessages(call)
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => ({
      role,
      content: Array.isArray(content)
        ? content.map((part) => (part.type === 'text' ? part : { type: 'image', image: part.image_url.url }))
        : content,
    }))
  const tools = Object.fromEntries(
    (call.tools ?? []).map((name) => [
      name,
      ai.tool({ description: `The tool ${name}`, inputSchema: ai.jsonSchema({ type: 'object', properties: {} }) }),
    ]),
  )
  return { messages, ...(call.system ? { system: call.system } : {}), ...(call.tools ? { tools } : {}) }
}
