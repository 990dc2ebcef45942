import type { CacheEntry, Candidate } from '../core/entry.ts'
import type { StoreEvent } from '../core/events.ts'

/**
 * A store keeps entries by (namespace, key) and knows nothing of policy. Every method may reject; the caches treat a
 * rejection as a bypass or a refused write, and tell operators the message of a `CacheError('STORE_FAILED')`, which must hold
 * no text of users. Times are absolute; an entry whose `expiresAt` has come does not exist.
 *
 * Implementations hand out copies: changing what was given or received never changes what is stored.
 */
export interface CacheStore {
  /** Short name for events and reports, such as `'embedded'`. */
  readonly name: string

  /** The entry under a key, and the generation that a later `set` of the same call passes back. */
  get<Value>(key: string, about: ReadAbout): Promise<StoreRead<Value>>

  /**
   * Writes one record, replacing any under the same key. With `ifGeneration` it is refused when the entry's namespace,
   * tenant or one of its tags was cleared since that generation was read. Resolves when the entry can be read.
   */
  set<Value>(entry: CacheEntry<Value>, options?: { readonly ifGeneration?: string }): Promise<StoreWrite>

  /** Changes times and counts of an entry in one atomic step; false when there is none. `add…` may be negative. */
  update(key: string, change: EntryChange): Promise<boolean>

  /** Removes entries by key and counts those that were there. */
  delete(keys: readonly string[], about: { readonly namespace: string }): Promise<number>

  /**
   * Removes what matches all the given fields (of `tags`: entries with any of them) and counts it. Takes effect for
   * reads at once, and for writes of calls that began earlier: those are refused.
   */
  clear(filter: {
    readonly namespace: string
    readonly tenant?: string
    readonly tags?: readonly string[]
  }): Promise<number>

  /** Waits until everything acknowledged is as durable as the store can make it. */
  flush(): Promise<void>

  close(): Promise<void>
}

/** A store that can also find entries by meaning. */
export interface VectorCacheStore extends CacheStore {
  /**
   * The closest entries of one scope and one embedder, closest first. Never crosses a scope, never returns an expired
   * entry, never mixes embedders. The values may be unpacked when they are first read, and throw then if they are damaged.
   */
  nearest<Value>(query: VectorQuery): Promise<readonly Candidate<Value>[]>
}

export interface VectorQuery {
  readonly namespace: string
  readonly embedderId: string
  readonly scope: string
  /** Whose call it is, so that a store knows where the data of a tenant lies; the scope alone decides what is found. */
  readonly tenant?: string
  /** Unit length. */
  readonly vector: Float32Array
  /** At most so many candidates, > 0. */
  readonly limit: number
}

export interface ReadAbout {
  readonly namespace: string
  /** `tenant` and `tags` are those the call would write with. */
  readonly tenant?: string
  readonly tags?: readonly string[]
  /**
   * Vector and hits are wanted too. A lookup needs neither, so without it a store may leave the vector and `embedderId`
   * out, and give the hits of the time of writing.
   */
  readonly whole?: boolean
}

export interface StoreRead<Value> {
  readonly entry?: CacheEntry<Value>
  /**
   * Opaque. Random tokens of namespace, tenant and tags, replaced by `clear`; one that is absent (evicted, lost) counts
   * as new, so that a loss means misses and never resurrection.
   */
  readonly generation: string
  /** A record was there but could not be read: damaged, or not ours. It is never served. */
  readonly problem?: 'corrupt' | 'foreign'
}

export type StoreWrite =
  | { readonly stored: true }
  /** `too-large`: larger than the store's own bound; `not-encodable`: the value cannot be read back unchanged. */
  | { readonly stored: false; readonly reason: 'cleared' | 'too-large' | 'not-encodable' }

export interface EntryChange {
  readonly namespace: string
  /** Epoch milliseconds. */
  readonly expiresAt?: number
  readonly addHits?: number
  readonly addCorrect?: number
  readonly addWrong?: number
  readonly addExpectedWrong?: number
  readonly addOwnCorrect?: number
  readonly addOwnWrong?: number
}

/** Leases across processes; a store that several processes share has it. */
export interface LockStore {
  /** A token when the lease was free, undefined when somebody holds it. */
  acquire(key: string, leaseMs: number): Promise<string | undefined>
  /** Extends the lease of the token's holder; false when it was lost. */
  renew(key: string, token: string, leaseMs: number): Promise<boolean>
  release(key: string, token: string): Promise<void>
}

/** Running sums for the ledger. */
export interface TotalsStore {
  /** Adds to named counters under a key, atomically, and renews the life of the key. */
  add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void>
  /** The counters of each key, in order; an empty record for an absent key. */
  read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]>
}

/**
 * A store that notices things an operator wants to know without being called for them: a damaged file, a server without
 * search, a bound that was reached. Failures of calls are told by the guard around the store, not here.
 */
export interface ObservableStore {
  /**
   * Hands every event from now on to the listener, and to the first listener also those of the time before, up to a
   * bound. Returns what detaches it. A listener must not throw.
   */
  listen(listener: (event: StoreEvent) => void): () => void
}

export function isVectorStore(store: CacheStore): store is VectorCacheStore {
  return 'nearest' in store && typeof store.nearest === 'function'
}

/** True for a store shared between processes. */
export function isLockStore(store: CacheStore): store is CacheStore & LockStore {
  return 'acquire' in store && typeof store.acquire === 'function'
}

export function isTotalsStore(store: CacheStore): store is CacheStore & TotalsStore {
  return 'add' in store && 'read' in store && typeof store.add === 'function' && typeof store.read === 'function'
}

export function isObservableStore(store: CacheStore): store is CacheStore & ObservableStore {
  return 'listen' in store && typeof store.listen === 'function'
}
