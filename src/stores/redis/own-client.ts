import { createHash } from 'node:crypto'
import { CacheError } from '../../core/errors.ts'
import { type KnownClient, recogniseClient } from './client-kind.ts'
import { Connection, type ConnectionOptions, type Redis, type SendOptions } from './connection.ts'
import type { RedisServerOptions } from './redis-options.ts'

/** A Redis of which somebody holds a share; the connection ends with its last share. */
export interface SharedRedis extends Redis {
  close(): Promise<void>
}

/**
 * A connection that is made on first use. Stores with the same options share one per process: functions of a serverless
 * platform make their store anew with every call, and must not make connections with it.
 */
export function connectLazily(server: RedisServerOptions, options: ConnectionOptions): SharedRedis {
  if (server.client !== undefined) {
    const connection = new Connection(recogniseClient(server.client), options, false)
    return connection
  }
  const id = createHash('sha256')
    .update(JSON.stringify([server, options]))
    .digest('base64')
  const shared = connections.get(id) ?? new LazyConnection(server, options, () => connections.delete(id))
  connections.set(id, shared)
  return shared.share()
}

const connections = new Map<string, LazyConnection>()

class LazyConnection {
  readonly #server: RedisServerOptions
  readonly #options: ConnectionOptions
  readonly #forget: () => void
  #shares = 0
  #made: Promise<Connection> | undefined
  #connection: Connection | undefined

  constructor(server: RedisServerOptions, options: ConnectionOptions, forget: () => void) {
    // Loading the driver takes longer than a lookup may: begun now, it is there when the first one comes.
    loadDriver().catch(() => undefined)
    this.#server = server
    this.#options = options
    this.#forget = forget
  }

  share(): SharedRedis {
    this.#shares++
    let isOpen = true
    const use = <Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> => {
      if (!isOpen) return Promise.reject(new CacheError('CLOSED', 'the redis store was closed'))
      return this.#connection ? work(this.#connection) : this.#make().then(work)
    }
    return {
      send: (args, options?: SendOptions) => use((connection) => connection.send(args, options)),
      nodes: () => use((connection) => connection.nodes()),
      close: async () => {
        if (!isOpen) return
        isOpen = false
        this.#shares--
        if (this.#shares > 0) return
        this.#forget()
        await (await this.#made)?.close()
      },
    }
  }

  #make(): Promise<Connection> {
    this.#made ??= createOwnClient(this.#server, this.#options).then((known) => {
      this.#connection = new Connection(known, this.#options, true)
      return this.#connection
    })
    return this.#made
  }
}

/** Idle connections are pinged, so that one that died in silence (a NAT that forgot it) is noticed and replaced. */
const PING_EVERY_MS = 5_000
const SILENT_FOR_MS = 15_000

async function createOwnClient(
  server: RedisServerOptions,
  { readFromReplicas }: ConnectionOptions,
): Promise<KnownClient> {
  const driver = await loadDriver()
  const { url, cluster, sentinel, username, password, database, connectTimeoutMs = 2_000 } = server
  const { tls: given = false } = server
  const tls =
    typeof given === 'object' ? { ...given, tls: true as const } : given ? { tls: true as const } : { tls: undefined }
  const socket = {
    ...tls,
    connectTimeout: connectTimeoutMs,
    socketTimeout: SILENT_FOR_MS,
    // Half a second at most, with some chance in it, for as long as it takes: the server may be back at any time.
    reconnectStrategy: (attempts: number) => Math.min(500, 20 * 2 ** attempts) * (0.75 + Math.random() / 2),
  }
  const common = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && database !== 0 && { database }),
    socket,
    pingInterval: PING_EVERY_MS,
    disableOfflineQueue: true,
  }
  if (cluster) {
    const client = driver.createCluster({
      rootNodes: cluster.nodes.map((node) => ({ url: node })),
      // A node that is being replaced is queued for until the cluster says who follows it.
      defaults: { ...common, ...credentialsOf(cluster.nodes[0]), ...common, disableOfflineQueue: false },
      useReplicas: readFromReplicas,
    })
    return recogniseClient(client)
  }
  if (sentinel) {
    const { name, nodes, username: sentinelUser, password: sentinelPassword } = sentinel
    const client = driver.createSentinel({
      name,
      sentinelRootNodes: nodes.map(({ host, port }) => ({ host, port })),
      nodeClientOptions: { ...common, disableOfflineQueue: false },
      sentinelClientOptions: {
        socket,
        ...(sentinelUser !== undefined && { username: sentinelUser }),
        ...(sentinelPassword !== undefined && { password: sentinelPassword }),
      },
      replicaPoolSize: readFromReplicas ? 1 : 0,
      scanInterval: 1_000,
    })
    return recogniseClient(client)
  }
  return recogniseClient(driver.createClient({ ...common, url: url as string }))
}

/** @throws CacheError MISSING_PEER */
async function loadDriver(): Promise<typeof import('redis')> {
  try {
    return await import('redis')
  } catch (cause) {
    throw new CacheError('MISSING_PEER', 'redisStore needs the package redis 5 or 6: npm install redis', { cause })
  }
}

/** Nodes that the cluster itself names come without the credentials of the URL it was found by. */
function credentialsOf(url: string | undefined): { username?: string; password?: string } {
  const { username, password } = new URL(url ?? 'redis://')
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  }
}
