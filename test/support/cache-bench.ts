import type { CacheEvent, LookupEvent, WriteEvent } from '../../src/core/events.ts'
import type { ModelRequest } from '../../src/core/request.ts'
import type { ModelResponse, StreamPart } from '../../src/core/response.ts'
import { createSemanticCache, type SemanticCacheOptions } from '../../src/create.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import { similarityThreshold } from '../../src/semantic-cache/decision/similarity-threshold.ts'
import type { SemanticCache } from '../../src/semantic-cache/semantic-cache.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { type FaultyStore, faultyStore } from './faulty-store.ts'

export interface CacheBench {
  readonly cache: SemanticCache
  readonly faults: FaultyStore
  readonly events: CacheEvent[]
  readonly clock: { now: number }
  lookups(): LookupEvent[]
  writes(): WriteEvent[]
}

/** A cache over a real store that can be broken, with a clock by hand and everything it says written down. */
export async function cacheBench(options: SemanticCacheOptions = {}): Promise<CacheBench> {
  const clock = { now: 1_000_000 }
  const events: CacheEvent[] = []
  const now = () => clock.now
  const faults = faultyStore(embeddedStore({ now }))
  const cache = await createSemanticCache({
    store: faults.store,
    embedder: lettersEmbedder(),
    decision: similarityThreshold({ minSimilarity: 0.9 }),
    ttlJitter: 0,
    now,
    ...options,
    on: [(event) => events.push(event), ...([options.on ?? []].flat() as [])],
  })
  return {
    cache,
    faults,
    events,
    clock,
    lookups: () => events.filter((event) => event.type === 'lookup'),
    writes: () => events.filter((event) => event.type === 'write'),
  }
}

/** Similarity by counts of letters: "abc" and "cab" are alike, "abc" and "xyz" are not. */
export function lettersEmbedder(change: Partial<Embedder> = {}): Embedder {
  return {
    describe: async () => ({ id: 'letters', dimensions: 27 }),
    embed: async (texts) =>
      texts.map((text) => {
        const vector = new Float32Array(27)
        for (const letter of text.toLowerCase()) {
          const index = letter.charCodeAt(0) - 97
          vector[index >= 0 && index < 26 ? index : 26] = (vector[index >= 0 && index < 26 ? index : 26] ?? 0) + 1
        }
        return vector
      }),
    ...change,
  }
}

export function ask(text: string, change: Partial<ModelRequest> = {}): ModelRequest {
  return { provider: 'openai', model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }], ...change }
}

export function answer(text: string, change: Partial<ModelResponse> = {}): ModelResponse {
  return {
    content: [{ type: 'text', text }],
    toolCalls: [],
    finishReason: 'stop',
    usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150 },
    ...change,
  }
}

/** A model that numbers its answers. */
export function countingModel(change: Partial<ModelResponse> = {}) {
  const model = {
    calls: 0,
    call: async () => answer(`answer ${++model.calls}`, change),
    stream: async function* (): AsyncGenerator<StreamPart> {
      model.calls++
      for (const text of ['answer', ' ', String(model.calls)]) yield { type: 'delta', part: { type: 'text', text } }
      yield { type: 'finish', finishReason: 'stop', usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150 } }
    },
  }
  return model
}

export function textIn({ content }: Pick<ModelResponse, 'content'>): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

export async function collect(stream: AsyncIterable<StreamPart>): Promise<{
  readonly parts: StreamPart[]
  readonly text: string
  readonly finish: Extract<StreamPart, { type: 'finish' }> | undefined
}> {
  const parts: StreamPart[] = []
  for await (const part of stream) parts.push(part)
  const text = parts.map((part) => (part.type === 'delta' && part.part.type === 'text' ? part.part.text : '')).join('')
  return { parts, text, finish: parts.find((part) => part.type === 'finish') }
}

/** A promise with its handles outside. */
export function gate<Value = void>() {
  let open: (value: Value) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { promise, open, fail }
}
