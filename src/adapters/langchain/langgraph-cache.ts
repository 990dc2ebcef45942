import type { BaseCache, CacheFullKey, CacheNamespace, SerializerProtocol } from '@langchain/langgraph-checkpoint'
import { withDeadline } from '../../core/deadline.ts'
import { CacheError } from '../../core/errors.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../../core/options.ts'
import type { CacheStore } from '../../stores/store.ts'

export interface LanggraphCacheOptions {
  /** Name of this cache inside its store. Default `'langgraph'`. */
  readonly namespace?: string
  /** Life of entries whose cache policy names none, in milliseconds, ≥ 1. Default 86 400 000 (a day). */
  readonly ttlMs?: number
  /** Longest wait for the store, in milliseconds, ≥ 1; a later answer is a miss. Default 250. */
  readonly deadlineMs?: number
  /** How values become bytes. Default: LangGraph's own, which knows messages. */
  readonly serde?: SerializerProtocol
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

interface StoredValue {
  readonly type: string
  readonly bytes: Uint8Array
}

/**
 * LangGraph's node cache on any store of ours: `graph.compile({ cache: langgraphCache(store) })`, with a
 * `cachePolicy: { ttl }` (seconds, as LangGraph has it) on the nodes. A store that fails means that the node runs; only
 * `clear` rejects, because an invalidation that did not happen must be known.
 *
 * @throws CacheError INVALID_OPTION
 */
export function langgraphCache<Value = unknown>(
  store: CacheStore,
  options: LanggraphCacheOptions = {},
): BaseCache<Value> {
  if (typeof store?.get !== 'function') throw invalidOption('the store of langgraphCache', 'a CacheStore', store)
  knownOptions('langgraphCache', options, ['namespace', 'ttlMs', 'deadlineMs', 'serde', 'now'])
  const namespace = stringOption('namespace', options.namespace, 'langgraph')
  const defaultTtlMs = numberOption('ttlMs', options.ttlMs, { min: 1, default: 86_400_000 })
  const deadlineMs = numberOption('deadlineMs', options.deadlineMs, { min: 1, max: 2_147_483_647, default: 250 })
  const serdeOf = lazySerde(options.serde)
  const { now = Date.now } = options
  /** Generations of the keys that were read and not found: a namespace cleared meanwhile refuses their write. */
  const generations = new Map<string, string>()

  const readOne = async (fullKey: CacheFullKey): Promise<{ key: CacheFullKey; value: Value }[]> => {
    const [path, key] = keysOf(fullKey)
    try {
      const read = await withDeadline('reading a node', deadlineMs, () =>
        store.get<StoredValue>(key, { namespace, tags: [path] }),
      )
      if (!read.entry) {
        remember(generations, key, read.generation)
        return []
      }
      const { type, bytes } = read.entry.value
      return [{ key: fullKey, value: (await (await serdeOf()).loadsTyped(type, bytes)) as Value }]
    } catch (error) {
      if (CacheError.is(error, 'MISSING_PEER')) throw error
      return []
    }
  }

  const writeOne = async ({ key: fullKey, value, ttl }: { key: CacheFullKey; value: Value; ttl?: number }) => {
    const [path, key] = keysOf(fullKey)
    const generation = generations.get(key)
    generations.delete(key)
    try {
      const [type, bytes] = await (await serdeOf()).dumpsTyped(value)
      const createdAt = now()
      const entry = {
        key,
        namespace,
        tags: [path],
        scope: path,
        value: { type, bytes },
        origin: { provider: 'langgraph', name: 'node', durationMs: 0 },
        createdAt,
        expiresAt: createdAt + (ttl === undefined ? defaultTtlMs : ttl * 1_000),
        staleMs: 0,
        hits: 0,
        evidence: { correct: 0, wrong: 0 },
      }
      const guard = generation === undefined ? {} : { ifGeneration: generation }
      await withDeadline('storing a node', deadlineMs, () => store.set(entry, guard))
    } catch (error) {
      if (CacheError.is(error, 'MISSING_PEER')) throw error
    }
  }

  const cache: Omit<BaseCache<Value>, 'serde'> = {
    get: async (keys) => (await Promise.all(keys.map(readOne))).flat(),
    set: async (pairs) => void (await Promise.all(pairs.map(writeOne))),
    clear: async (namespaces) => {
      const tags = namespaces.map(pathOf)
      await store.clear({ namespace, ...(namespaces.length > 0 && { tags }) })
    },
  }
  return cache as BaseCache<Value>
}

const MAX_GENERATIONS = 1_000

function remember(generations: Map<string, string>, key: string, generation: string): void {
  if (generations.size >= MAX_GENERATIONS) generations.delete(generations.keys().next().value as string)
  generations.set(key, generation)
}

function keysOf([path, key]: CacheFullKey): [path: string, key: string] {
  return [pathOf(path), fingerprint('langgraph-node', [path, key])]
}

function pathOf(path: CacheNamespace): string {
  return fingerprint('langgraph-path', path)
}

/** LangGraph's serialiser, loaded on first use: the package is an optional peer. */
function lazySerde(given: SerializerProtocol | undefined): () => Promise<SerializerProtocol> {
  let loading: Promise<SerializerProtocol> | undefined = given && Promise.resolve(given)
  return () => {
    loading ??= import('@langchain/langgraph-checkpoint').then(
      ({ InMemoryCache }) => new InMemoryCache().serde,
      (cause) => {
        throw new CacheError(
          'MISSING_PEER',
          'langgraphCache needs @langchain/langgraph-checkpoint: npm install @langchain/langgraph-checkpoint',
          { cause },
        )
      },
    )
    return loading
  }
}
