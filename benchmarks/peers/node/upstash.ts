import { dot } from '../../../src/core/vector.ts'
import type { Peer, PeerCall } from '../peer.ts'
import { answerer } from './model-side.ts'
import type { PeerModules } from './peer-modules.ts'

interface UpstashModule {
  readonly SemanticCache: new (config: {
    index: unknown
    minProximity: number
  }) => { get(key: string): Promise<string | undefined>; set(key: string, value: string): Promise<void> }
}

/**
 * The logic of `@upstash/semantic-cache` over an index in memory: the hosted index cannot be reached from here. The
 * service scores a cosine as (1 + cosine) / 2 and embeds by itself; here it gets the vectors all peers get.
 */
export async function upstash(modules: PeerModules): Promise<Peer> {
  const { SemanticCache } = await modules.load<UpstashModule>('@upstash/semantic-cache')
  return {
    name: '@upstash/semantic-cache (its logic)',
    version: modules.version('@upstash/semantic-cache'),
    setup: 'new SemanticCache({ index, minProximity: 0.9 }), index in memory, get and set with the last user message',
    isSemantic: true,
    noPlaceFor: ['stream', 'image', 'tools', 'model', 'tenant', 'json', 'finish'],
    open: async () => {
      const say = answerer()
      const index = new MemoryIndex()
      const cache = new SemanticCache({ index, minProximity: 0.9 })
      return {
        async call(call: PeerCall) {
          index.vectors.set(call.text, call.vector)
          const started = process.hrtime.bigint()
          const found = await cache.get(call.text)
          const answer = found ?? say(call)
          if (found === undefined) await cache.set(call.text, answer)
          return {
            answer,
            cached: found !== undefined,
            microseconds: Number(process.hrtime.bigint() - started) / 1000,
          }
        },
        close: async () => {},
      }
    },
    close: async () => {},
  }
}

class MemoryIndex {
  /** Of every text asked, in the place of the service's embedding. */
  readonly vectors = new Map<string, Float32Array>()
  readonly #stored = new Map<string, { vector: Float32Array; metadata: unknown }>()

  async query({ data }: { data: string }) {
    const vector = this.#vectorOf(data)
    let best: { id: string; score: number; metadata: unknown } | undefined
    for (const [id, stored] of this.#stored) {
      const score = (1 + dot(vector, stored.vector)) / 2
      if (!best || score > best.score) best = { id, score, metadata: stored.metadata }
    }
    return best ? [best] : []
  }

  async upsert({ id, data, metadata }: { id: string; data: string; metadata: unknown }) {
    this.#stored.set(id, { vector: this.#vectorOf(data), metadata })
  }

  #vectorOf(text: string): Float32Array {
    const vector = this.vectors.get(text)
    if (!vector) throw new Error(`no vector for ${JSON.stringify(text)}`)
    return vector
  }
}
