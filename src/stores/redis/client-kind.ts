import { invalidOption } from '../../core/options.ts'

export type Argument = string | Buffer

export interface CommandOptions {
  readonly typeMapping: Readonly<Record<number, unknown>>
  readonly timeout: undefined
}

/** What is used of a client; the same in `redis` 5 and 6. */
interface Lifecycle {
  readonly isOpen: boolean
  readonly isReady?: boolean
  connect(): Promise<unknown>
  close(): Promise<unknown> | unknown
  destroy(): void
  on(event: string, listener: (...args: unknown[]) => void): unknown
  off(event: string, listener: (...args: unknown[]) => void): unknown
}

export interface SingleClient extends Lifecycle {
  sendCommand(args: readonly Argument[], options?: CommandOptions): Promise<unknown>
}

export interface SentinelClient extends Lifecycle {
  sendCommand(isReadonly: boolean | undefined, args: readonly Argument[], options?: CommandOptions): Promise<unknown>
}

export interface ClusterClient extends Lifecycle {
  readonly masters: readonly unknown[]
  readonly replicas: readonly unknown[]
  nodeClient(node: unknown): SingleClient | Promise<SingleClient>
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: readonly Argument[],
    options?: CommandOptions,
  ): Promise<unknown>
}

export type KnownClient =
  | { readonly kind: 'client' | 'pool'; readonly client: SingleClient }
  | { readonly kind: 'sentinel'; readonly client: SentinelClient }
  | { readonly kind: 'cluster'; readonly client: ClusterClient }

/** What of a client of `redis` 5 or 6 a caller may give: `createClient`, `createClientPool`, `createCluster`, `createSentinel`. */
export type RedisClientLike = Pick<Lifecycle, 'isOpen' | 'connect' | 'destroy'> & {
  // Their own types differ by module, script and protocol parameters; which of them it is, is recognised at run time.
  sendCommand(...args: never[]): Promise<unknown>
  withTypeMapping(...args: never[]): unknown
}

const ALLOWED = 'a client, pool, cluster or sentinel of the package redis, version 5 or 6'

/**
 * Recognises a client by its structure, because a process may hold several copies of the driver.
 *
 * @throws CacheError INVALID_OPTION for clients of redis 4, of ioredis, and for anything else
 */
export function recogniseClient(client: unknown): KnownClient {
  if (typeof client !== 'object' || client === null) throw invalidOption('client', ALLOWED, client)
  const has = (name: string): boolean => typeof Reflect.get(client, name) === 'function'
  if (!has('withTypeMapping') && has('sendCommand') && (has('executeIsolated') || has('getSlotMaster'))) {
    throw invalidOption(
      'client',
      `${ALLOWED}`,
      'a client of redis 4, which hands out vectors damaged: upgrade to redis 5 or 6',
    )
  }
  for (const method of ['withTypeMapping', 'sendCommand', 'connect', 'close', 'destroy', 'on', 'off']) {
    if (!has(method)) throw invalidOption('client', `${ALLOWED} (it has no ${method})`, client)
  }
  if (has('nodeClient') && 'masters' in client) return { kind: 'cluster', client: client as ClusterClient }
  if (has('acquire') && has('use')) return { kind: 'sentinel', client: client as SentinelClient }
  const kind = 'totalClients' in client && has('execute') ? 'pool' : 'client'
  return { kind, client: client as SingleClient }
}
