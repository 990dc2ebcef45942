import { LRUCache } from 'lru-cache'
import { CircuitBreaker } from '../core/circuit-breaker.ts'
import { orAborted, withDeadline } from '../core/deadline.ts'
import { EventDispatcher } from '../core/dispatch.ts'
import { CacheError } from '../core/errors.ts'
import type { CacheEventListener } from '../core/events.ts'
import { createFingerprint } from '../core/fingerprint.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { unitVector } from '../core/vector.ts'
import { WriteQueue } from '../core/write-queue.ts'
import type { CacheStore } from '../stores/store.ts'
import type { Embedder, EmbedOptions } from './embedder.ts'
import { reportTo } from './report.ts'
import { requireContent } from './text-content.ts'
import { field } from './wire.ts'

export interface CachedEmbedderOptions {
  /** Shared with other caches or its own; it keeps vectors apart by embedder and is never asked for nearest ones. */
  readonly store: CacheStore
  /** Default `'embeddings'`. */
  readonly namespace?: string
  /** Life of a stored vector, in milliseconds; default 30 days. A vector never gets stale, only unused. */
  readonly ttlMs?: number
  /** The tier in this process; `maxEntries` default 5,000, 0 switches it off. */
  readonly memory?: { readonly maxEntries?: number }
  /** For one read or write of the store, in milliseconds; default 250. */
  readonly storeDeadlineMs?: number
  /** Makes keys of the store HMACs, so that nobody who sees them can test guesses of texts. */
  readonly keySecret?: string
  /** Hears of failures of the store (`type: 'store'`); the embedder is asked then. */
  readonly on?: readonly CacheEventListener[]
  /** Epoch milliseconds; default Date.now. */
  readonly now?: () => number
}

export interface CachedEmbedder extends Embedder {
  /** Waits for writes that are under way. The store stays open: it is the caller's. */
  flush(): Promise<void>
}

type Vectors = ReadonlyMap<string, Float32Array>

const NAMES = ['store', 'namespace', 'ttlMs', 'memory', 'storeDeadlineMs', 'keySecret', 'on', 'now']
const DAY_MS = 86_400_000
const MAX_PENDING_WRITES = 1_000

/**
 * An embedder whose repeated texts cost nothing: looked up in memory, then in the store, by the embedder's id and the
 * fingerprint of the text. Texts found so are told of as `cache-hit`. A store that fails is passed by.
 *
 * @throws CacheError INVALID_OPTION
 */
export function cachedEmbedder(embedder: Embedder, options: CachedEmbedderOptions): CachedEmbedder {
  knownOptions('cachedEmbedder', options, NAMES)
  if (typeof embedder?.embed !== 'function') throw invalidOption('embedder', 'an Embedder', embedder)
  const { store, keySecret, on = [], now = Date.now } = options
  if (typeof store?.get !== 'function' || typeof store.set !== 'function')
    throw invalidOption('store', 'a CacheStore', store)
  knownOptions('memory', options.memory ?? {}, ['maxEntries'])
  const namespace = stringOption('namespace', options.namespace, 'embeddings')
  const ttlMs = numberOption('ttlMs', options.ttlMs, { min: 1, default: 30 * DAY_MS })
  const deadlineMs = numberOption('storeDeadlineMs', options.storeDeadlineMs, { min: 1, default: 250 })
  const maxEntries = numberOption('memory.maxEntries', options.memory?.maxEntries, {
    min: 0,
    integer: true,
    default: 5_000,
  })
  const keyOf = createFingerprint(keySecret === undefined ? undefined : stringOption('keySecret', keySecret, ''))
  const memory = maxEntries > 0 ? new LRUCache<string, Float32Array>({ max: maxEntries }) : undefined
  const breaker = new CircuitBreaker({ failures: 5, halfOpenAfterMs: 2_000, now })
  const writes = new WriteQueue(MAX_PENDING_WRITES)
  const { emit } = new EventDispatcher(on)

  /** The store's answer; undefined when it fails, is late or is left alone for having failed too often. */
  const asked = async <Result>(operation: 'get' | 'set', work: () => Promise<Result>): Promise<Result | undefined> => {
    if (!breaker.tryCall()) return undefined
    try {
      const result = await withDeadline(`the store's ${operation}`, deadlineMs, work)
      breaker.succeed()
      return result
    } catch (error) {
      const late = CacheError.is(error, 'DEADLINE_EXCEEDED')
      const errorCode = field(error, 'code')
      emit({
        type: 'store',
        at: now(),
        namespace,
        store: store.name,
        what: late ? 'late' : 'failed',
        operation,
        ...(typeof errorCode === 'string' && { errorCode }),
      })
      if (breaker.fail()) emit({ type: 'store', at: now(), namespace, store: store.name, what: 'breaker-opened' })
      return undefined
    }
  }

  const stored = async (key: string, dimensions: number) => {
    const read = await asked('get', () => store.get<unknown>(key, { namespace }))
    return { vector: read?.entry && decoded(read.entry.value, dimensions), generation: read?.generation }
  }

  const write = (key: string, embedderId: string, vector: Float32Array, durationMs: number, generation: string) => {
    const createdAt = now()
    const entry = {
      key,
      namespace,
      tags: [],
      scope: 'embedding',
      // In the value, not as the entry's vector: nobody shall find it by nearness.
      value: { vector: encoded(vector) },
      origin: { provider: 'embedder', name: embedderId, durationMs },
      createdAt,
      expiresAt: createdAt + ttlMs,
      staleMs: 0,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    writes.add(async () => void (await asked('set', () => store.set(entry, { ifGeneration: generation }))))
  }

  const inFlight = new Map<string, Promise<Vectors>>()
  const embedAll = async (
    keys: readonly string[],
    texts: readonly string[],
    dimensions: number,
    options: EmbedOptions,
  ): Promise<Vectors> => {
    const vectors = await embedder.embed(texts, options)
    // Also an embedder of somebody else's must not get rubbish stored for 30 days.
    return new Map(keys.map((key, i) => [key, unitVector(vectors[i] ?? [], dimensions)]))
  }

  return {
    describe: () => embedder.describe(),
    async embed(texts, options = {}) {
      const { signal, report } = options
      signal?.throwIfAborted()
      requireContent(texts)
      if (texts.length === 0) return []
      const { id, dimensions } = await embedder.describe()
      const keys = texts.map((text) => keyOf('embedding', { embedderId: id, text }))
      const found = new Map<string, Float32Array>()
      for (const key of keys) {
        const vector = memory?.get(key)
        if (vector) found.set(key, vector)
      }
      const unknown = new Map(keys.flatMap((key, i) => (found.has(key) ? [] : [[key, texts[i] as string] as const])))
      const generations = new Map<string, string>()
      await Promise.all(
        [...unknown.keys()].map(async (key) => {
          const { vector, generation } = await stored(key, dimensions)
          if (vector) found.set(key, vector)
          else if (generation !== undefined) generations.set(key, generation)
        }),
      )
      signal?.throwIfAborted()

      // What others ask for just now is waited for: fifty callers with one text are one call of the embedder.
      const joined = new Map<string, Promise<Vectors>>()
      for (const key of unknown.keys()) {
        const vector = memory?.get(key)
        const leader = inFlight.get(key)
        if (vector) found.set(key, vector)
        else if (leader && !found.has(key)) joined.set(key, leader)
      }
      const own = new Set<string>()
      const ask = async (wanted: readonly string[]) => {
        if (wanted.length === 0) return
        for (const key of wanted) own.add(key)
        const startedAt = now()
        const work = embedAll(
          wanted,
          wanted.map((key) => unknown.get(key) as string),
          dimensions,
          options,
        )
        for (const key of wanted) inFlight.set(key, work)
        try {
          for (const [key, vector] of await work) {
            found.set(key, vector)
            memory?.set(key, vector)
            const generation = generations.get(key)
            if (generation !== undefined) write(key, id, vector, now() - startedAt, generation)
          }
        } finally {
          for (const key of wanted) if (inFlight.get(key) === work) inFlight.delete(key)
        }
      }
      await Promise.all([
        ask([...unknown.keys()].filter((key) => !found.has(key) && !joined.has(key))),
        ...[...joined].map(async ([key, leader]) => {
          // One that failed or was aborted is no failure of this caller, who asks once more.
          const vectors = await orAborted(leader, signal).catch(() => undefined)
          const vector = vectors?.get(key)
          if (vector) found.set(key, vector)
        }),
      ])
      signal?.throwIfAborted()
      await ask([...joined.keys()].filter((key) => !found.has(key)))
      const hits = keys.filter((key) => !own.has(key)).length
      if (hits > 0) reportTo(report, { what: 'cache-hit', texts: hits })
      return keys.map((key) => {
        const vector = found.get(key) as Float32Array
        memory?.set(key, vector)
        return vector.slice()
      })
    },
    flush: () => writes.flush(),
    ...(embedder.wordVectors && { wordVectors: (text: string) => embedder.wordVectors?.(text) ?? [] }),
  }
}

function encoded(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
}

/** Undefined for a value that is not ours or was damaged: it is embedded anew. */
function decoded(value: unknown, dimensions: number): Float32Array | undefined {
  const text = field(value, 'vector')
  if (typeof text !== 'string') return undefined
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length !== dimensions * 4) return undefined
  try {
    return unitVector(
      Float32Array.from({ length: dimensions }, (_, i) => bytes.readFloatLE(i * 4)),
      dimensions,
    )
  } catch {
    return undefined
  }
}
