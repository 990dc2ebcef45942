export type { RedisClientLike } from './client-kind.ts'
export { redisStore, type SharedStore } from './create-redis-store.ts'
export type {
  RedisIndexOptions,
  RedisServerOptions,
  RedisStoreOptions,
  RedisStoreSettings,
  RegionalRedisStoreOptions,
} from './redis-options.ts'
