import type { CacheEntry, Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import type { StoreEvent } from '../../core/events.ts'
import type {
  EntryChange,
  LockStore,
  ObservableStore,
  ReadAbout,
  StoreRead,
  StoreWrite,
  TotalsStore,
  VectorCacheStore,
  VectorQuery,
} from '../store.ts'
import type { RedisStore } from './redis-store.ts'

/**
 * Stores by region, chosen by tenant: what belongs to a tenant is read from and written to its region alone. What names
 * only keys, which are fingerprints, goes to every region.
 */
export class RegionalRedisStore implements VectorCacheStore, LockStore, TotalsStore, ObservableStore {
  readonly name = 'redis'
  readonly #stores: ReadonlyMap<string, RedisStore>
  readonly #home: RedisStore
  readonly #regionOf: (tenant: string | undefined) => string

  constructor(
    stores: ReadonlyMap<string, RedisStore>,
    home: RedisStore,
    regionOf: (tenant: string | undefined) => string,
  ) {
    this.#stores = stores
    this.#home = home
    this.#regionOf = regionOf
  }

  async get<Value>(key: string, about: ReadAbout): Promise<StoreRead<Value>> {
    return this.#of(about.tenant).get<Value>(key, about)
  }

  async set<Value>(entry: CacheEntry<Value>, options?: { readonly ifGeneration?: string }): Promise<StoreWrite> {
    return this.#of(entry.tenant).set(entry, options)
  }

  async nearest<Value>(query: VectorQuery): Promise<readonly Candidate<Value>[]> {
    return this.#of(query.tenant).nearest<Value>(query)
  }

  async update(key: string, change: EntryChange): Promise<boolean> {
    return (await this.#everywhere((store) => store.update(key, change))).includes(true)
  }

  async delete(keys: readonly string[], about: { readonly namespace: string }): Promise<number> {
    return sum(await this.#everywhere((store) => store.delete(keys, about)))
  }

  async clear(filter: {
    readonly namespace: string
    readonly tenant?: string
    readonly tags?: readonly string[]
  }): Promise<number> {
    if (filter.tenant !== undefined) return this.#of(filter.tenant).clear(filter)
    return sum(await this.#everywhere((store) => store.clear(filter)))
  }

  acquire(key: string, leaseMs: number): Promise<string | undefined> {
    return this.#home.acquire(key, leaseMs)
  }

  renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return this.#home.renew(key, token, leaseMs)
  }

  release(key: string, token: string): Promise<void> {
    return this.#home.release(key, token)
  }

  add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    return this.#home.add(key, amounts, ttlMs)
  }

  read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    return this.#home.read(keys)
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    const detach = [...this.#stores].map(([region, store]) =>
      store.listen((event) => listener({ ...event, detail: event.detail ? `${region}: ${event.detail}` : region })),
    )
    return () => {
      for (const stop of detach) stop()
    }
  }

  async flush(): Promise<void> {
    await this.#everywhere((store) => store.flush())
  }

  async close(): Promise<void> {
    await this.#everywhere((store) => store.close())
  }

  #of(tenant: string | undefined): RedisStore {
    const region = this.#regionOf(tenant)
    const store = this.#stores.get(region)
    if (store) return store
    // Anywhere else would be the wrong place: no region, no store.
    const known = [...this.#stores.keys()].join(', ')
    throw new CacheError('STORE_FAILED', `regionOf must give one of ${known}, got ${JSON.stringify(region)}`)
  }

  #everywhere<Result>(work: (store: RedisStore) => Promise<Result>): Promise<Result[]> {
    return Promise.all([...this.#stores.values()].map(work))
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
