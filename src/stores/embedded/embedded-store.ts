import type { CacheEntry, Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import type { StoreEvent } from '../../core/events.ts'
import { invalidOption, knownOptions, numberOption } from '../../core/options.ts'
import { encodeRecord } from '../record-codec.ts'
import type {
  EntryChange,
  ObservableStore,
  StoreRead,
  StoreWrite,
  TotalsStore,
  VectorCacheStore,
  VectorQuery,
} from '../store.ts'
import { StoreNotices } from '../store-notices.ts'
import { type ClearFilter, ClearMarks } from './clear-marks.ts'
import { EntryTable } from './entry-table.ts'
import { type FsyncPolicy, Journal } from './journal.ts'
import { RunningTotals } from './running-totals.ts'
import { checkUnitVector, packText, StoredEntry } from './stored-entry.ts'

export interface EmbeddedStoreOptions {
  /** Entries kept, ≥ 1; beyond it the least recently used goes. Default 100 000. */
  readonly maxEntries?: number
  /** Bytes kept, vectors and an estimate of the overhead included, ≥ 1. Default 512 MiB. */
  readonly maxBytes?: number
  /**
   * Keeps everything in this directory as well, so that it survives the process; made when it does not exist. One
   * store at a time may have it. It takes up to three times what is kept in memory.
   */
  readonly directory?: string
  /**
   * What a power cut may lose of a store with a directory; what `flush` acknowledged is never lost. A killed process
   * loses at most writes of its last moment, and no clear or delete that had been acknowledged, whatever the policy.
   * `always`: nothing; each write resolves when it is on the disk. `interval` (default): the writes of the last
   * `fsyncIntervalMs`. `never`: what the operating system had not written yet, often half a minute.
   */
  readonly fsync?: FsyncPolicy
  /** Milliseconds, ≥ 1. Default 1 000. */
  readonly fsyncIntervalMs?: number
  /** Clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

export type EmbeddedStore = VectorCacheStore & TotalsStore & ObservableStore

/**
 * The store of one process, in memory: exact search, no service. With a `directory` it survives the process, however
 * that ends; it is read in the background, and calls wait for that.
 *
 * @throws CacheError INVALID_OPTION; STORE_FAILED when the directory cannot be used: not writable, in use by another
 * process (which the message names), or written by a later version
 * @example
 * const cache = await createSemanticCache({ store: embeddedStore({ directory: '.cache/reprise' }) })
 */
export function embeddedStore(options: EmbeddedStoreOptions = {}): EmbeddedStore {
  knownOptions('embeddedStore', options, ['maxEntries', 'maxBytes', 'directory', 'fsync', 'fsyncIntervalMs', 'now'])
  const now = options.now ?? Date.now
  if (typeof now !== 'function') throw invalidOption('now', 'a function', options.now)
  const { directory, fsync = 'interval' } = options
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw invalidOption('directory', 'a non-empty string', directory)
  }
  if (!FSYNC_POLICIES.includes(fsync)) throw invalidOption('fsync', `one of ${FSYNC_POLICIES.join(', ')}`, fsync)
  return new MemoryStore({
    maxEntries: numberOption('maxEntries', options.maxEntries, { min: 1, integer: true, default: 100_000 }),
    maxBytes: numberOption('maxBytes', options.maxBytes, { min: 1, integer: true, default: 512 * 1024 * 1024 }),
    fsync,
    fsyncIntervalMs: numberOption('fsyncIntervalMs', options.fsyncIntervalMs, {
      min: 1,
      max: 2_147_483_647,
      default: 1_000,
    }),
    now,
    ...(directory !== undefined && { directory }),
  })
}

const FSYNC_POLICIES: readonly FsyncPolicy[] = ['always', 'interval', 'never']

type Settings = Required<Omit<EmbeddedStoreOptions, 'directory'>> & Pick<EmbeddedStoreOptions, 'directory'>

/** Evictions told of by one event; the first is told at once, because it says that a bound was reached. */
const EVICTIONS_PER_EVENT = 1_000

/** Once it is loaded, each method does its work before it returns its promise, so that what is called next sees it. */
class MemoryStore implements VectorCacheStore, TotalsStore, ObservableStore {
  readonly name = 'embedded'
  readonly #table: EntryTable
  readonly #marks = new ClearMarks()
  readonly #totals: RunningTotals
  readonly #notices: StoreNotices
  readonly #journal: Journal | undefined
  #evictions = 0
  #isLoaded: boolean
  #closed: Promise<void> | undefined

  constructor({ directory, ...settings }: Settings) {
    this.#table = new EntryTable({ ...settings, onEvict: (entry) => this.#noteEviction(entry) })
    this.#totals = new RunningTotals(settings.now)
    this.#notices = new StoreNotices(this.name, settings.now)
    this.#isLoaded = directory === undefined
    if (directory === undefined) return
    const state = { table: this.#table, marks: this.#marks, totals: this.#totals }
    this.#journal = new Journal({ ...settings, directory }, state, this.#notices)
    this.#journal.loaded.then(
      () => {
        this.#isLoaded = true
      },
      () => undefined,
    )
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    return this.#notices.listen(listener)
  }

  async get<Value>(key: string, { namespace }: { readonly namespace: string }): Promise<StoreRead<Value>> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    const { generation } = this.#marks
    const stored = this.#table.get(namespace, key)
    if (!stored) return { generation }
    const entry = stored.toEntry<Value>()
    return typeof entry === 'string' ? { generation, problem: entry } : { entry, generation }
  }

  async set<Value>(entry: CacheEntry<Value>, options: { readonly ifGeneration?: string } = {}): Promise<StoreWrite> {
    if (!this.#isLoaded) await this.#journal?.loaded
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
      if (this.#marks.isCleared(options.ifGeneration, entry)) {
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
    const replaces = this.#table.get(entry.namespace, entry.key) !== undefined
    if (!this.#table.put(stored, vector)) return { stored: false, reason: 'too-large' }
    this.#journal?.set(stored, vector, replaces)
    await this.#journal?.entryWritten()
    return { stored: true }
  }

  async update(key: string, change: EntryChange): Promise<boolean> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    for (const [name, value] of Object.entries(change)) {
      if (name !== 'namespace' && value !== undefined && !Number.isFinite(value)) {
        throw invalidOption(name, 'a finite number', value)
      }
    }
    const entry = this.#table.update(key, change)
    if (!entry) return false
    const { expiresAt, addCorrect, addWrong, addExpectedWrong, addOwnCorrect, addOwnWrong } = change
    const addsEvidence = [addCorrect, addWrong, addExpectedWrong, addOwnCorrect, addOwnWrong].some(Boolean)
    const takesBack = addsEvidence || expiresAt !== undefined
    this.#journal?.update(entry, takesBack)
    await this.#journal?.entryWritten()
    return true
  }

  async delete(keys: readonly string[], { namespace }: { readonly namespace: string }): Promise<number> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    let count = 0
    for (const key of keys) {
      const entry = this.#table.get(namespace, key)
      if (!entry) continue
      this.#table.remove(entry)
      this.#journal?.delete(namespace, key)
      count++
    }
    if (count > 0) await this.#journal?.removalWritten()
    return count
  }

  async clear({ namespace, tenant, tags }: ClearFilter): Promise<number> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    const filter = {
      namespace,
      ...(tenant !== undefined && { tenant }),
      ...(tags !== undefined && { tags: [...tags] }),
    }
    const at = this.#marks.mark(filter)
    const count = this.#table.clear(filter)
    this.#journal?.clear(filter, at)
    await this.#journal?.removalWritten()
    return count
  }

  async nearest<Value>(query: VectorQuery): Promise<readonly Candidate<Value>[]> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    if (!Number.isInteger(query.limit) || query.limit < 1) throw invalidOption('limit', 'an integer ≥ 1', query.limit)
    checkUnitVector(query.vector)
    this.#table.checkDimensions(query.namespace, query.embedderId, query.vector.length)
    const candidates: Candidate<Value>[] = []
    for (const { entry: stored, similarity } of this.#table.nearest(query)) {
      const entry = stored.toEntry<Value>()
      // Rounding may carry the product of two unit vectors past 1.
      if (typeof entry !== 'string') candidates.push({ entry, similarity: Math.max(-1, Math.min(1, similarity)) })
    }
    return candidates
  }

  async add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    const sums = this.#totals.add(key, amounts, ttlMs)
    this.#journal?.totals(sums)
    await this.#journal?.entryWritten()
  }

  async read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    return keys.map((key) => this.#totals.read(key))
  }

  async flush(): Promise<void> {
    if (!this.#isLoaded) await this.#journal?.loaded
    this.#checkOpen()
    await this.#journal?.synced()
  }

  close(): Promise<void> {
    this.#closed ??= Promise.resolve(this.#journal?.close()).finally(() => this.#table.removeAll())
    return this.#closed
  }

  #noteEviction(entry: StoredEntry): void {
    this.#journal?.evict(entry)
    if (this.#evictions++ % EVICTIONS_PER_EVENT === 0) this.#notices.tell({ what: 'evicted', count: this.#evictions })
  }

  #checkOpen(): void {
    if (this.#closed) throw new CacheError('CLOSED', 'the embedded store was closed')
  }
}
