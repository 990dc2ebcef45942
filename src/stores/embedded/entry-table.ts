import { CacheError } from '../../core/errors.ts'
import type { EntryChange, VectorQuery } from '../store.ts'
import type { ClearFilter } from './clear-marks.ts'
import { Groups } from './groups.ts'
import { RecencyList } from './recency-list.ts'
import type { StoredEntry } from './stored-entry.ts'
import { type Neighbour, VectorSpace } from './vector-space.ts'

/** Entries looked at for expiry with every write: a full round per `size / 8` writes, and no timer. */
const SWEEP_PER_WRITE = 8

/** Entries that a walk passes over at a time; each may be far off in memory. */
const STEPS_PER_CALL = 256

export interface TableOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly now: () => number
  /** Hears of every entry removed to keep the bounds, before it is. */
  readonly onEvict: (entry: StoredEntry) => void
}

interface Namespace {
  readonly entries: Map<string, StoredEntry>
  readonly byTag: Groups<StoredEntry>
  readonly spaces: Map<string, VectorSpace>
}

/**
 * All entries in memory, bounded by count and bytes, least recently used first out. Synchronous throughout, so that
 * every operation is atomic.
 */
export class EntryTable {
  readonly #maxEntries: number
  readonly #maxBytes: number
  readonly #now: () => number
  readonly #onEvict: (entry: StoredEntry) => void
  readonly #namespaces = new Map<string, Namespace>()
  readonly #recency = new RecencyList<StoredEntry>()
  #size = 0
  #bytes = 0
  #sweepNext: StoredEntry | undefined
  #walk = 0
  #walkLeft = 0
  #walkNext: StoredEntry | undefined

  #isReplaying = false

  constructor(options: TableOptions) {
    this.#maxEntries = options.maxEntries
    this.#maxBytes = options.maxBytes
    this.#now = options.now
    this.#onEvict = options.onEvict
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The live entry under a key; counts as use. */
  get(namespace: string, key: string): StoredEntry | undefined {
    const entry = this.#namespaces.get(namespace)?.entries.get(key)
    if (!entry) return undefined
    if (entry.expiresAt <= this.#now() && !this.#isReplaying) {
      this.remove(entry)
      return undefined
    }
    this.#touch(entry)
    return entry
  }

  /** @throws CacheError INVALID_OPTION for a vector whose length differs from that of its embedder's others */
  checkDimensions(namespace: string, embedderId: string, dimensions: number): void {
    const expected = this.#namespaces.get(namespace)?.spaces.get(embedderId)?.dimensions
    if (expected !== undefined && expected !== dimensions) {
      throw new CacheError(
        'INVALID_OPTION',
        `vectors of embedder ${embedderId} must have ${expected} dimensions, got ${dimensions}`,
      )
    }
  }

  /** Puts the entry in the place of any under its key; false when it is larger than the whole store may be. */
  put(entry: StoredEntry, vector: Float32Array | undefined): boolean {
    if (entry.bytes > this.#maxBytes) return false
    const namespace = this.#namespace(entry.namespace)
    const former = namespace.entries.get(entry.key)
    if (former) this.remove(former)
    namespace.entries.set(entry.key, entry)
    for (const tag of entry.tags) namespace.byTag.add(tag, entry)
    if (vector && entry.embedderId !== undefined) {
      let space = namespace.spaces.get(entry.embedderId)
      if (!space) {
        space = new VectorSpace(vector.length)
        namespace.spaces.set(entry.embedderId, space)
      }
      space.add(entry, vector)
    }
    entry.walk = this.#walk
    this.#recency.add(entry)
    this.#size++
    this.#bytes += entry.bytes
    if (!this.#isReplaying) {
      this.#sweep()
      this.#evict()
    }
    return true
  }

  update(key: string, change: EntryChange): StoredEntry | undefined {
    const entry = this.get(change.namespace, key)
    if (!entry) return undefined
    entry.expiresAt = change.expiresAt ?? entry.expiresAt
    entry.hits += change.addHits ?? 0
    entry.correct += change.addCorrect ?? 0
    entry.wrong += change.addWrong ?? 0
    entry.expectedWrong += change.addExpectedWrong ?? 0
    entry.ownCorrect += change.addOwnCorrect ?? 0
    entry.ownWrong += change.addOwnWrong ?? 0
    return entry
  }

  /** Removes and counts the live entries that belong to the tenant and to any of the tags. */
  clear({ namespace: name, tenant, tags }: ClearFilter): number {
    const namespace = this.#namespaces.get(name)
    if (!namespace) return 0
    const matching = new Set<StoredEntry>()
    const sources = tags ? tags.map((tag) => namespace.byTag.members(tag)) : [namespace.entries.values()]
    for (const source of sources) {
      for (const entry of source) if (tenant === undefined || entry.tenant === tenant) matching.add(entry)
    }
    const now = this.#now()
    let count = 0
    for (const entry of matching) {
      if (entry.expiresAt > now) count++
      this.remove(entry)
    }
    return count
  }

  /** The closest live entries of a scope, closest first; those returned count as used. */
  nearest(query: VectorQuery): readonly Neighbour[] {
    const space = this.#namespaces.get(query.namespace)?.spaces.get(query.embedderId)
    if (!space) return []
    const now = this.#now()
    const found = space.closest(query, (entry) => entry.expiresAt > now)
    for (let i = found.length - 1; i >= 0; i--) this.#touch((found[i] as Neighbour).entry)
    return found
  }

  remove(entry: StoredEntry): void {
    const namespace = this.#namespace(entry.namespace)
    namespace.entries.delete(entry.key)
    for (const tag of entry.tags) namespace.byTag.remove(tag, entry)
    if (entry.rows && entry.embedderId !== undefined) {
      const space = namespace.spaces.get(entry.embedderId)
      space?.remove(entry)
      if (space?.isEmpty) namespace.spaces.delete(entry.embedderId)
    }
    this.#passBy(entry)
    if (entry.walk !== this.#walk) this.#walkLeft--
    this.#recency.remove(entry)
    this.#size--
    this.#bytes -= entry.bytes
  }

  /** While it lasts nothing expires and nothing is evicted, so that a history leads to where it led before. */
  beginReplay(): void {
    this.#isReplaying = true
  }

  endReplay(): void {
    this.#isReplaying = false
    if (!this.#isOverBounds) return
    const now = this.#now()
    for (const entry of this.all()) if (entry.expiresAt <= now) this.remove(entry)
    this.#evict(() => undefined)
  }

  /** Least recently used first. */
  all(): StoredEntry[] {
    const entries: StoredEntry[] = []
    for (let entry = this.#recency.oldest; entry; entry = entry.newer) entries.push(entry)
    return entries
  }

  /** Begins a walk over the entries there are now, least recently used first; one at a time. */
  beginWalk(): void {
    this.#walk++
    this.#walkLeft = this.#size
    this.#walkNext = this.#recency.oldest
  }

  get isWalkOver(): boolean {
    return this.#walkLeft <= 0
  }

  /** An entry not seen in this walk, or undefined when looking for it takes another call. */
  nextInWalk(): StoredEntry | undefined {
    for (let i = 0; i < STEPS_PER_CALL && !this.isWalkOver; i++) {
      const entry = this.#walkNext ?? this.#recency.oldest
      if (!entry) return undefined
      this.#walkNext = entry.newer
      if (entry.walk === this.#walk) continue
      entry.walk = this.#walk
      this.#walkLeft--
      return entry
    }
    return undefined
  }

  removeAll(): void {
    for (let entry = this.#recency.oldest; entry; entry = this.#recency.oldest) this.#recency.remove(entry)
    this.#namespaces.clear()
    this.#sweepNext = undefined
    this.#walkNext = undefined
    this.#walkLeft = 0
    this.#size = 0
    this.#bytes = 0
  }

  #touch(entry: StoredEntry): void {
    this.#passBy(entry)
    this.#recency.touch(entry)
  }

  /** What goes on from this entry goes on from the next, because this one leaves its place. */
  #passBy(entry: StoredEntry): void {
    if (this.#sweepNext === entry) this.#sweepNext = entry.newer
    if (this.#walkNext === entry) this.#walkNext = entry.newer
  }

  get #isOverBounds(): boolean {
    return this.#size > this.#maxEntries || this.#bytes > this.#maxBytes
  }

  #sweep(): void {
    const now = this.#now()
    for (let i = 0; i < SWEEP_PER_WRITE; i++) {
      const entry = this.#sweepNext ?? this.#recency.oldest
      if (!entry) return
      this.#sweepNext = entry.newer
      if (entry.expiresAt <= now) this.remove(entry)
      if (!this.#sweepNext) return
    }
  }

  #evict(tell = this.#onEvict): void {
    while (this.#isOverBounds) {
      const oldest = this.#recency.oldest
      if (!oldest) return
      tell(oldest)
      this.remove(oldest)
    }
  }

  #namespace(name: string): Namespace {
    let namespace = this.#namespaces.get(name)
    if (!namespace) {
      namespace = { entries: new Map(), byTag: new Groups(), spaces: new Map() }
      this.#namespaces.set(name, namespace)
    }
    return namespace
  }
}
