import { booleanOption, invalidOption, knownOptions, numberOption, stringOption } from '../../core/options.ts'
import type { RedisClientLike } from './client-kind.ts'
import type { VectorType } from './half-floats.ts'

/** Where a server is and who we are there; `url` or nothing else is enough for most. */
export interface RedisServerOptions {
  /** `redis://` or, with TLS, `rediss://user:password@host:port/database`. */
  readonly url?: string
  /** Nodes to begin with of a cluster, as URLs; the others are found. Instead of `url`. */
  readonly cluster?: { readonly nodes: readonly string[] }
  /** Sentinels that know the master of a name. Instead of `url`. */
  readonly sentinel?: {
    readonly name: string
    readonly nodes: readonly { readonly host: string; readonly port: number }[]
    readonly username?: string
    readonly password?: string
  }
  readonly username?: string
  readonly password?: string
  /** Database number, ≥ 0. The query engine works in database 0 only, and so do clusters. */
  readonly database?: number
  /** TLS with an authority or client certificate of your own (PEM); `true` for those that the system trusts. */
  readonly tls?:
    | boolean
    | {
        readonly ca?: string | Buffer
        readonly cert?: string | Buffer
        readonly key?: string | Buffer
        readonly passphrase?: string
        readonly servername?: string
      }
  /** Milliseconds until an attempt to connect is given up, ≥ 1. Default 2 000. */
  readonly connectTimeoutMs?: number
  /**
   * A connected or unconnected client of `redis` 5 or 6 (`createClient`, `createClientPool`, `createCluster`,
   * `createSentinel`), instead of all the above. It is connected if it was not, and never closed.
   */
  readonly client?: RedisClientLike
}

export interface RedisIndexOptions {
  /** HNSW finds nearly all and stays fast; FLAT finds all and is for up to some ten thousand entries. Default HNSW. */
  readonly algorithm?: 'HNSW' | 'FLAT'
  /** HNSW: links of an entry, 2…512. Default 16. */
  readonly links?: number
  /** HNSW: candidates while an entry is linked, 1…4 096. Default 200. */
  readonly constructionEffort?: number
  /** HNSW: candidates while a query runs, 1…4 096; may differ between processes. Default 10, the server's own. */
  readonly searchEffort?: number
  /** How vectors are stored. Default: FLOAT16 where the server has it, as an index that exists has it, else FLOAT32. */
  readonly vectorType?: VectorType
}

export interface RedisStoreSettings {
  /** What all keys begin with: letters, digits, `_ . : -`. Default `'reprise'`. */
  readonly keyPrefix?: string
  readonly index?: RedisIndexOptions
  /** Longest wait for the answer to one command, in milliseconds, ≥ 1. Default 2 000; the cache's own is shorter. */
  readonly commandDeadlineMs?: number
  /**
   * True lets replicas of a cluster or a sentinel's master answer reads. They may lag behind: an entry is then missed
   * that was just written, or served that was just cleared. Default false.
   */
  readonly readFromReplicas?: boolean
  /** Records of at least so many bytes are compressed, ≥ 0. Default 512; `Infinity` switches it off. */
  readonly compressAboveBytes?: number
  /**
   * `'fast'` reads an answer of 2 KB in microseconds; `'small'` takes a fifth less for it and ten times as long. Both
   * read what the other wrote. Default `'fast'`.
   */
  readonly compression?: 'fast' | 'small'
  /** Larger records are refused, and no record unpacks to more; bytes, ≥ 1. Default 16 MiB. */
  readonly maxRecordBytes?: number
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

export interface RedisStoreOptions extends RedisServerOptions, RedisStoreSettings {}

/** Data of a tenant stays in the region that a function chooses. */
export interface RegionalRedisStoreOptions extends RedisStoreSettings {
  /** Servers by the name of their region; the first also keeps locks and sums, which hold no answers. */
  readonly regions: Readonly<Record<string, RedisServerOptions>>
  /** The region of a tenant; `undefined` is the anonymous tenant, and whatever is shared. It must not throw. */
  readonly regionOf: (tenant: string | undefined) => string
}

export interface CheckedSettings {
  readonly keyPrefix: string
  readonly index: {
    readonly algorithm: 'HNSW' | 'FLAT'
    readonly links: number
    readonly constructionEffort: number
    readonly searchEffort: number | undefined
    readonly vectorType: VectorType | undefined
  }
  readonly commandDeadlineMs: number
  readonly readFromReplicas: boolean
  readonly compressAboveBytes: number
  readonly compression: 'fast' | 'small'
  readonly maxRecordBytes: number
  readonly now: () => number
}

const SERVER_NAMES: readonly (keyof RedisServerOptions)[] = [
  ...(['url', 'cluster', 'sentinel', 'username', 'password', 'database', 'tls', 'connectTimeoutMs', 'client'] as const),
]
const SETTING_NAMES: readonly (keyof RedisStoreSettings)[] = [
  ...(['keyPrefix', 'index', 'commandDeadlineMs', 'readFromReplicas'] as const),
  ...(['compressAboveBytes', 'compression', 'maxRecordBytes', 'now'] as const),
]
const MAX_TIMER_MS = 2_147_483_647

/** @throws CacheError INVALID_OPTION */
export function checkOptionNames(options: object, more: readonly string[]): void {
  knownOptions('redisStore', options, [...SETTING_NAMES, ...more])
}

export { SERVER_NAMES }

/** @throws CacheError INVALID_OPTION */
export function checkSettings(options: RedisStoreSettings): CheckedSettings {
  const { now = Date.now, index = {}, compressAboveBytes, compression = 'fast' } = options
  if (typeof now !== 'function') throw invalidOption('now', 'a function', now)
  if (compression !== 'fast' && compression !== 'small')
    throw invalidOption('compression', "'fast' or 'small'", compression)
  const keyPrefix = stringOption('keyPrefix', options.keyPrefix, 'reprise')
  if (!/^[\w.:-]{1,100}$/.test(keyPrefix)) {
    throw invalidOption('keyPrefix', '1 to 100 letters, digits, _ . : or -', keyPrefix)
  }
  knownOptions('index', index, ['algorithm', 'links', 'constructionEffort', 'searchEffort', 'vectorType'])
  const { algorithm = 'HNSW', vectorType, searchEffort } = index
  if (algorithm !== 'HNSW' && algorithm !== 'FLAT')
    throw invalidOption('index.algorithm', "'HNSW' or 'FLAT'", algorithm)
  if (vectorType !== undefined && vectorType !== 'FLOAT16' && vectorType !== 'FLOAT32') {
    throw invalidOption('index.vectorType', "'FLOAT16' or 'FLOAT32'", vectorType)
  }
  const effort = (name: string, value: unknown, fallback: number, min = 1, max = 4_096) => {
    if (value !== undefined && algorithm === 'FLAT') throw invalidOption(`index.${name}`, 'left out with FLAT', value)
    return numberOption(`index.${name}`, value, { min, max, integer: true, default: fallback })
  }
  return {
    keyPrefix,
    index: {
      algorithm,
      links: effort('links', index.links, 16, 2, 512),
      constructionEffort: effort('constructionEffort', index.constructionEffort, 200),
      searchEffort: searchEffort === undefined ? undefined : effort('searchEffort', searchEffort, 10),
      vectorType,
    },
    commandDeadlineMs: numberOption('commandDeadlineMs', options.commandDeadlineMs, {
      min: 1,
      max: MAX_TIMER_MS,
      default: 2_000,
    }),
    readFromReplicas: booleanOption('readFromReplicas', options.readFromReplicas, false),
    compressAboveBytes:
      compressAboveBytes === Number.POSITIVE_INFINITY
        ? compressAboveBytes
        : numberOption('compressAboveBytes', compressAboveBytes, { min: 0, default: 512 }),
    compression,
    maxRecordBytes: numberOption('maxRecordBytes', options.maxRecordBytes, {
      min: 1,
      integer: true,
      default: 16 * 1024 * 1024,
    }),
    now,
  }
}

/** The number of the database, as far as a client that was given tells it; a path of the URL counts before the option. */
export function databaseOf({ url, database = 0, client }: RedisServerOptions): number {
  if (url !== undefined) return Number(new URL(url).pathname.slice(1) || database)
  const own: unknown = client && Reflect.get(client, 'options')
  const selected: unknown = typeof own === 'object' && own !== null ? Reflect.get(own, 'database') : undefined
  return typeof selected === 'number' ? selected : database
}

/** @throws CacheError INVALID_OPTION */
export function checkServer(options: RedisServerOptions): void {
  const { url, cluster, sentinel, client, tls, database } = options
  const given = (['url', 'cluster', 'sentinel', 'client'] as const).filter((name) => options[name] !== undefined)
  if (given.length > 1)
    throw invalidOption('the server', 'given by one of url, cluster, sentinel, client', given.join(' and '))
  if (given.length === 0) throw invalidOption('the server', 'given by url, cluster, sentinel or client', undefined)
  if (url !== undefined) checkUrl('url', url)
  if (cluster !== undefined) {
    knownOptions('cluster', cluster, ['nodes'])
    if (!Array.isArray(cluster.nodes) || cluster.nodes.length === 0) {
      throw invalidOption('cluster.nodes', 'an array of at least one URL', cluster.nodes)
    }
    for (const node of cluster.nodes) checkUrl('cluster.nodes', node)
  }
  if (sentinel !== undefined) {
    knownOptions('sentinel', sentinel, ['name', 'nodes', 'username', 'password'])
    if (typeof sentinel.name !== 'string' || sentinel.name === '') {
      throw invalidOption('sentinel.name', 'the name of a master', sentinel.name)
    }
    if (!Array.isArray(sentinel.nodes) || sentinel.nodes.length === 0) {
      throw invalidOption('sentinel.nodes', 'an array of at least one { host, port }', sentinel.nodes)
    }
  }
  if (client !== undefined) {
    const beside = SERVER_NAMES.filter((name) => name !== 'client' && options[name] !== undefined)
    if (beside.length > 0)
      throw invalidOption('options beside client', 'left out, they belong to the client', beside.join(', '))
  }
  for (const name of ['username', 'password'] as const) stringOption(name, options[name], '')
  numberOption('database', database, { min: 0, integer: true, default: 0 })
  if (cluster && database) throw invalidOption('database', '0 in a cluster', database)
  if (typeof tls === 'object' && tls !== null) {
    knownOptions('tls', tls, ['ca', 'cert', 'key', 'passphrase', 'servername'])
  } else {
    booleanOption('tls', tls, false)
  }
  numberOption('connectTimeoutMs', options.connectTimeoutMs, { min: 1, max: MAX_TIMER_MS, default: 2_000 })
}

function checkUrl(name: string, url: unknown): void {
  const isText = typeof url === 'string'
  // The URL stays out of the message: it may hold a password.
  const told = isText ? `a text of ${url.length} characters` : url
  if (!isText || !URL.canParse(url)) throw invalidOption(name, 'a URL such as redis://localhost:6379', told)
  const { protocol } = new URL(url)
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw invalidOption(name, 'a URL that begins with redis:// or rediss://', `one that begins with ${protocol}//`)
  }
}
