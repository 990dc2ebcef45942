import type { CacheEntry, Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import { invalidOption, knownOptions, numberOption } from '../../core/options.ts'
import { encodeRecord } from '../record-codec.ts'
import type { EntryChange, StoreRead, StoreWrite, TotalsStore, VectorCacheStore, VectorQuery } from '../store.ts'
import type { Belonging } from './clear-marks.ts'
import { EntryTable } from './entry-table.ts'
import { RunningTotals } from './running-totals.ts'
import { checkUnitVector, packText, StoredEntry } from './stored-entry.ts'

export interface EmbeddedStoreOptions {
  /** Entries kept, ≥ 1; beyond it the least recently used goes. Default 100 000. */
  readonly maxEntries?: number
  /** Bytes kept, vectors and an estimate of the overhead included, ≥ 1. Default 512 MiB. */
  readonly maxBytes?: number
  /** Clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * The store of one process, in memory: exact search, no service, gone with the process.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * const cache = await createSemanticCache({ store: embeddedStore({ maxEntries: 10_000 }) })
 */
export function embeddedStore(options: EmbeddedStoreOptions = {}): VectorCacheStore & TotalsStore {
  knownOptions('embeddedStore', options, ['maxEntries', 'maxBytes', 'now'])
  const now = options.now ?? Date.now
  if (typeof now !== 'function') throw invalidOption('now', 'a function', options.now)
  return new EmbeddedStore({
    maxEntries: numberOption('maxEntries', options.maxEntries, { min: 1, integer: true, default: 100_000 }),
    maxBytes: numberOption('maxBytes', options.maxBytes, { min: 1, integer: true, default: 512 * 1024 * 1024 }),
    now,
  })
}

/** Each method does its work before it returns its promise, so that what is called after it sees it. */
class EmbeddedStore implements VectorCacheStore, TotalsStore {
  readonly name = 'embedded'
  readonly #table: EntryTable
  readonly #totals: RunningTotals
  #closed = false

  constructor(options: Required<EmbeddedStoreOptions>) {
    this.#table = new EntryTable(options)
    this.#totals = new RunningTotals(options.now)
  }

  async get<Value>(key: string, { namespace }: { readonly namespace: string }): Promise<StoreRead<Value>> {
    this.#checkOpen()
    const { generation } = this.#table.marks(namespace)
    const stored = this.#table.get(namespace, key)
    if (!stored) return { generation }
    const entry = stored.toEntry<Value>()
    if (entry) return { entry, generation }
    this.#table.remove(stored)
    return { generation, problem: 'corrupt' }
  }

  async set<Value>(entry: CacheEntry<Value>, options: { readonly ifGeneration?: string } = {}): Promise<StoreWrite> {
    this.#checkOpen()
    const { vector, embedderId } = entry
    if ((vector === undefined) !== (embedderId === undefined)) {
      throw new CacheError('INVALID_OPTION', 'an entry must have both vector and embedderId, or neither')
    }
    if (vector && embedderId !== undefined) {
      checkUnitVector(vector)
      this.#table.checkDimensions(entry.namespace, embedderId, vector.length)
    }
    if (options.ifGeneration !== undefined) {
      if (this.#table.marks(entry.namespace).isCleared(options.ifGeneration, entry)) {
        return { stored: false, reason: 'cleared' }
      }
    }
    let content: string
    try {
      content = packText(encodeRecord(entry))
    } catch (error) {
      if (CacheError.is(error, 'NOT_ENCODABLE')) return { stored: false, reason: 'not-encodable' }
      throw error
    }
    const stored = new StoredEntry(entry, content, vector?.length ?? 0)
    return this.#table.put(stored, vector) ? { stored: true } : { stored: false, reason: 'too-large' }
  }

  async update(key: string, change: EntryChange): Promise<boolean> {
    this.#checkOpen()
    for (const name of ['expiresAt', 'addHits', 'addCorrect', 'addWrong'] as const) {
      const value = change[name]
      if (value !== undefined && !Number.isFinite(value)) throw invalidOption(name, 'a finite number', value)
    }
    return this.#table.update(key, change)
  }

  async delete(keys: readonly string[], { namespace }: { readonly namespace: string }): Promise<number> {
    this.#checkOpen()
    let count = 0
    for (const key of keys) {
      const entry = this.#table.get(namespace, key)
      if (!entry) continue
      this.#table.remove(entry)
      count++
    }
    return count
  }

  async clear({ namespace, tenant, tags }: Belonging & { readonly namespace: string }): Promise<number> {
    this.#checkOpen()
    this.#table.marks(namespace).mark({ tenant, tags })
    return this.#table.clear(namespace, { tenant, tags })
  }

  async nearest<Value>(query: VectorQuery): Promise<readonly Candidate<Value>[]> {
    this.#checkOpen()
    if (!Number.isInteger(query.limit) || query.limit < 1) throw invalidOption('limit', 'an integer ≥ 1', query.limit)
    checkUnitVector(query.vector)
    this.#table.checkDimensions(query.namespace, query.embedderId, query.vector.length)
    const candidates: Candidate<Value>[] = []
    for (const { entry: stored, similarity } of this.#table.nearest(query)) {
      const entry = stored.toEntry<Value>()
      // Rounding may carry the product of two unit vectors past 1.
      if (entry) candidates.push({ entry, similarity: Math.max(-1, Math.min(1, similarity)) })
      else this.#table.remove(stored)
    }
    return candidates
  }

  async add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    this.#checkOpen()
    this.#totals.add(key, amounts, ttlMs)
  }

  async read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    this.#checkOpen()
    return keys.map((key) => this.#totals.read(key))
  }

  async flush(): Promise<void> {
    this.#checkOpen()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#table.removeAll()
  }

  #checkOpen(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'the embedded store was closed')
  }
}
