import { invalidOption } from '../../core/options.ts'
import type { LockStore, ObservableStore, TotalsStore, VectorCacheStore } from '../store.ts'
import { connectLazily } from './own-client.ts'
import {
  type CheckedSettings,
  checkOptionNames,
  checkServer,
  checkSettings,
  databaseOf,
  type RedisServerOptions,
  type RedisStoreOptions,
  type RegionalRedisStoreOptions,
  SERVER_NAMES,
} from './redis-options.ts'
import { RedisStore } from './redis-store.ts'
import { RegionalRedisStore } from './regional-store.ts'

/** All that the caches can use of a store that several processes share. */
export type SharedStore = VectorCacheStore & LockStore & TotalsStore & ObservableStore

/**
 * Entries in Redis, shared between processes: exact reuse on any server from 7.0 on, reuse by meaning where it has the
 * query engine (Redis 8, Redis Stack). Connects on first use and never waits for that at construction.
 *
 * @throws CacheError INVALID_OPTION, also for clients of redis 4; MISSING_PEER comes with the first call
 * @example
 * redisStore({ url: 'rediss://user:password@redis.example.com:6379' })
 * redisStore({ client: createCluster({ rootNodes }) })
 * redisStore({ regions: { eu: { url: EU }, us: { url: US } }, regionOf: (tenant) => homeOf(tenant) })
 */
export function redisStore(options: RedisStoreOptions | RegionalRedisStoreOptions): SharedStore {
  if (typeof options !== 'object' || options === null)
    throw invalidOption('options of redisStore', 'an object', options)
  if (!('regions' in options)) {
    checkOptionNames(options, SERVER_NAMES)
    return storeOf(options, checkSettings(options))
  }
  const { regions, regionOf } = options
  checkOptionNames(options, ['regions', 'regionOf'])
  if (typeof regionOf !== 'function') throw invalidOption('regionOf', 'a function of the tenant', regionOf)
  if (typeof regions !== 'object' || regions === null || Object.keys(regions).length === 0) {
    throw invalidOption('regions', 'an object of at least one region', regions)
  }
  const settings = checkSettings(options)
  const stores = new Map(
    Object.entries(regions).map(([region, server]) => [region, storeOf(server, settings)] as const),
  )
  const [home] = stores.values()
  return new RegionalRedisStore(stores, home as RedisStore, regionOf)
}

function storeOf(options: RedisServerOptions, settings: CheckedSettings): RedisStore {
  checkServer(options)
  const server = Object.fromEntries(
    SERVER_NAMES.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
  const { commandDeadlineMs, readFromReplicas } = settings
  const redis = connectLazily(server, { commandDeadlineMs, readFromReplicas })
  return new RedisStore(redis, settings, databaseOf(options))
}
