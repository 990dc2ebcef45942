import { DeadlineQueue } from '../../core/deadline-queue.ts'
import { CacheError } from '../../core/errors.ts'
import type { Argument, ClusterClient, CommandOptions, KnownClient, SingleClient } from './client-kind.ts'

export interface SendOptions {
  /** Of the key that decides which node of a cluster is asked. */
  readonly key?: string
  /** True may be answered by a replica, where that was allowed. */
  readonly readonly?: boolean
}

/** A server, or several that act as one. */
export interface Redis {
  /**
   * One command. Texts come as Buffers, maps as flat arrays, under both protocols.
   *
   * @throws CacheError STORE_FAILED (not connected, refused by the server; see `cause`), DEADLINE_EXCEEDED
   */
  send(args: readonly Argument[], options?: SendOptions): Promise<unknown>
  /** Ways to send a command to each server that holds keys. */
  nodes(): Promise<readonly ((args: readonly Argument[]) => Promise<unknown>)[]>
}

export interface ConnectionOptions {
  readonly commandDeadlineMs: number
  readonly readFromReplicas: boolean
}

/**
 * Codes of RESP types, which are the same in all versions: blob string, map, set. The driver's own timeout makes an
 * AbortSignal for every command, which costs as much as the command, and covers only those not yet sent; ours covers all.
 */
const REPLIES: CommandOptions = { typeMapping: { 36: Buffer, 37: Array, 126: Array }, timeout: undefined }

/**
 * Commands that the driver has and that were not answered, whether anybody still waits or not; one more is refused. A
 * frozen server must not fill our memory.
 */
const MAX_IN_FLIGHT = 10_000
/** Between attempts to connect a client that gave up by itself. */
const RECONNECT_AFTER_MS = 1_000
/** Between answers to a server that turned into a replica under our feet. */
const REPLACE_AFTER_MS = 5_000

/** Sends commands through a client of any kind, with a deadline that holds whatever the client does. */
export class Connection implements Redis {
  readonly #known: KnownClient
  readonly #options: ConnectionOptions
  readonly #isOwn: boolean
  readonly #deadlines: DeadlineQueue
  #inFlight = 0
  #wasReady = false
  #connecting: Promise<void> | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #replacedAt = Number.NEGATIVE_INFINITY
  #failure: unknown
  #closed = false
  readonly #onError = (error: unknown): void => {
    this.#failure = error
  }

  /** @param isOwn of a client that nobody else uses: it may be torn down when it is stuck */
  constructor(known: KnownClient, options: ConnectionOptions, isOwn: boolean) {
    this.#known = known
    this.#options = options
    this.#isOwn = isOwn
    this.#deadlines = new DeadlineQueue(options.commandDeadlineMs)
    // Without a listener the first lost connection would end the process.
    known.client.on('error', this.#onError)
  }

  send(args: readonly Argument[], options: SendOptions = {}): Promise<unknown> {
    return this.#within(String(args[0]), () => {
      const waiting = this.#ready()
      return waiting ? waiting.then(() => this.#write(args, options)) : this.#write(args, options)
    })
  }

  async nodes(): Promise<readonly ((args: readonly Argument[]) => Promise<unknown>)[]> {
    await this.#within('connect', async () => this.#ready())
    if (this.#known.kind !== 'cluster') return [(args) => this.send(args)]
    const { client } = this.#known
    return client.masters.map(
      (node) => (args: readonly Argument[]) =>
        this.#within(String(args[0]), async () => (await client.nodeClient(node)).sendCommand(args, REPLIES)),
    )
  }

  /** Ends an own client; from a given one only the listener is taken. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const { client } = this.#known
    if (!this.#isOwn) {
      client.off('error', this.#onError)
      return
    }
    if (!client.isOpen) return
    // A graceful end waits for answers, which a frozen server never gives.
    const isIdle = this.#inFlight === 0 && client.isReady !== false
    if (isIdle) {
      const closed = await Promise.race([
        Promise.resolve(client.close()).then(
          () => true,
          () => false,
        ),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 500).unref()),
      ])
      if (closed) return
    }
    try {
      client.destroy()
    } catch {
      // It was closed already.
    }
  }

  #write(args: readonly Argument[], { key, readonly: isReadonly = false }: SendOptions): Promise<unknown> {
    const mayAskReplica = isReadonly && this.#options.readFromReplicas
    switch (this.#known.kind) {
      case 'cluster':
        return key === undefined
          ? anyNode(this.#known.client).then((node) => node.sendCommand(args, REPLIES))
          : this.#known.client.sendCommand(key, mayAskReplica, args, REPLIES)
      case 'sentinel':
        return this.#known.client.sendCommand(mayAskReplica, args, REPLIES)
      default:
        return this.#known.client.sendCommand(args, REPLIES)
    }
  }

  /** Nothing when a command can be sent now; else a wait that ends with the first attempt to connect. */
  #ready(): Promise<void> | undefined {
    const { client } = this.#known
    if (this.#closed) throw new CacheError('CLOSED', 'the redis store was closed')
    if (client.isOpen && client.isReady !== false) {
      this.#wasReady = true
      return undefined
    }
    if (this.#connecting) return this.#connecting
    // A client that was connected once, or failed already, connects again by itself: nobody waits for that.
    const isOnItsWay = client.isOpen && (this.#wasReady || this.#failure !== undefined)
    if (isOnItsWay || performance.now() - this.#triedAt < RECONNECT_AFTER_MS) throw this.#notConnected()
    this.#triedAt = performance.now()
    this.#failure = undefined
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  /** Ends with the first success or error, because `connect` itself tries for ever. */
  #connect(): Promise<void> {
    const { client } = this.#known
    return new Promise<void>((resolve, reject) => {
      const settle = (how: () => void) => {
        client.off('ready', onReady)
        client.off('error', onError)
        how()
      }
      const onReady = () => settle(resolve)
      const onError = (error: unknown) => {
        this.#failure = error
        settle(() => reject(this.#notConnected()))
      }
      client.on('ready', onReady)
      client.on('error', onError)
      if (!client.isOpen) Promise.resolve(client.connect()).then(onReady, onError)
    })
  }

  #notConnected(): CacheError {
    const what = `redis is not connected${this.#failure instanceof Error ? `: ${this.#failure.message}` : ''}`
    return new CacheError('STORE_FAILED', what, { cause: this.#failure })
  }

  /** Runs once per command, so that it makes as few functions and promises as a deadline allows. */
  #within(command: string, work: () => Promise<unknown>): Promise<unknown> {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      return Promise.reject(
        new CacheError('STORE_FAILED', `${MAX_IN_FLIGHT} commands wait for redis; ${command} was not sent`),
      )
    }
    let working: Promise<unknown>
    try {
      working = work()
    } catch (error) {
      return Promise.reject(this.#explain(command, error))
    }
    this.#inFlight++
    return new Promise((resolve, reject) => {
      const waiting = this.#deadlines.add(() => {
        const { commandDeadlineMs } = this.#options
        reject(new CacheError('DEADLINE_EXCEEDED', `redis must answer ${command} within ${commandDeadlineMs} ms`))
      })
      working.then(
        (reply) => {
          this.#inFlight--
          this.#deadlines.settle(waiting)
          resolve(reply)
        },
        (error) => {
          this.#inFlight--
          this.#deadlines.settle(waiting)
          reject(this.#explain(command, error))
        },
      )
    })
  }

  #explain(command: string, error: unknown): CacheError {
    if (CacheError.is(error)) return error
    const code = redisCode(error)
    if (code === 'READONLY') this.#replace()
    // The code alone: messages of the server may quote what was sent.
    return new CacheError('STORE_FAILED', `redis failed ${command}${code ? ` with ${code}` : ''}`, { cause: error })
  }

  /** The server behind the address is no master any more: a new connection may reach the one that is. */
  #replace(): void {
    if (!this.#isOwn || this.#known.kind !== 'client') return
    if (performance.now() - this.#replacedAt < REPLACE_AFTER_MS) return
    this.#replacedAt = performance.now()
    const { client } = this.#known
    try {
      client.destroy()
    } catch {
      // It was about to be closed.
    }
    this.#wasReady = false
    this.#triedAt = Number.NEGATIVE_INFINITY
  }
}

async function anyNode(client: ClusterClient): Promise<SingleClient> {
  const { masters } = client
  const node = masters[Math.floor(Math.random() * masters.length)]
  if (node === undefined) throw new CacheError('STORE_FAILED', 'the redis cluster has no master that can be reached')
  return client.nodeClient(node)
}

/** The first word of a server's refusal, such as `OOM`; nothing for what is not one. */
export function redisCode(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : ''
  return /^([A-Z]{2,})(?: |$)/.exec(message)?.[1]
}

/** What the server said, under whatever it was wrapped in. */
export function serverMessage(error: unknown): string {
  if (CacheError.is(error) && error.cause instanceof Error) return error.cause.message
  return error instanceof Error ? error.message : String(error)
}
