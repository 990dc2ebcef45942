import { CircuitBreaker } from '../core/circuit-breaker.ts'
import { DeadlineQueue } from '../core/deadline-queue.ts'
import { CacheError } from '../core/errors.ts'
import type { StoreEvent } from '../core/events.ts'
import { numberOption } from '../core/options.ts'
import {
  type CacheStore,
  isLockStore,
  isTotalsStore,
  isVectorStore,
  type LockStore,
  type TotalsStore,
  type VectorCacheStore,
} from './store.ts'

export interface StoreGuardOptions {
  /** Of every call a lookup or write waits for, in milliseconds, > 0. */
  readonly deadlineMs: number
  /** Of `clear`, `flush` and `close`, which may have much to do, in milliseconds, > 0. Default 30 000. */
  readonly maintenanceDeadlineMs?: number
  /** Failures in a row that open the breaker, and the milliseconds until one call is tried again. */
  readonly breaker: { readonly failures: number; readonly halfOpenAfterMs: number }
  readonly emit: (event: StoreEvent) => void
  readonly now: () => number
}

/**
 * The same store behind deadlines and a circuit breaker, with the capabilities the store has and no others. Calls reject
 * with DEADLINE_EXCEEDED, with CIRCUIT_OPEN without asking the store, or with what the store itself rejected with.
 * Every failure is an event, as are the opening and closing of the breaker; calls refused while it is open are not.
 *
 * `flush` and `close` are never refused: what was acknowledged must reach the disk whatever went wrong in between.
 */
export function guardedStore<Store extends CacheStore>(store: Store, options: StoreGuardOptions): Store
export function guardedStore(store: CacheStore, options: StoreGuardOptions): CacheStore {
  const guard = new Guard(store.name, options)
  const guarded: CacheStore = {
    name: store.name,
    get: (key, about) => guard.call('get', () => store.get(key, about)),
    set: (entry, setOptions) => guard.call('set', () => store.set(entry, setOptions)),
    update: (key, change) => guard.call('update', () => store.update(key, change)),
    delete: (keys, about) => guard.call('delete', () => store.delete(keys, about)),
    clear: (filter) => guard.maintain('clear', () => store.clear(filter)),
    flush: () => guard.finish('flush', () => store.flush()),
    close: () => guard.finish('close', () => store.close()),
  }
  return {
    ...guarded,
    ...(isVectorStore(store) && vectorPart(store, guard)),
    ...(isLockStore(store) && lockPart(store, guard)),
    ...(isTotalsStore(store) && totalsPart(store, guard)),
  }
}

function vectorPart(store: VectorCacheStore, guard: Guard): Pick<VectorCacheStore, 'nearest'> {
  return { nearest: (query) => guard.call('nearest', () => store.nearest(query)) }
}

function lockPart(store: LockStore, guard: Guard): LockStore {
  return {
    acquire: (key, leaseMs) => guard.call('acquire', () => store.acquire(key, leaseMs)),
    renew: (key, token, leaseMs) => guard.call('renew', () => store.renew(key, token, leaseMs)),
    release: (key, token) => guard.call('release', () => store.release(key, token)),
  }
}

function totalsPart(store: TotalsStore, guard: Guard): TotalsStore {
  return {
    add: (key, amounts, ttlMs) => guard.call('add', () => store.add(key, amounts, ttlMs)),
    read: (keys) => guard.call('read', () => store.read(keys)),
  }
}

class Guard {
  readonly #name: string
  readonly #deadline: Deadline
  readonly #maintenanceDeadline: Deadline
  readonly #breaker: CircuitBreaker
  readonly #emit: (event: StoreEvent) => void
  readonly #now: () => number
  /** Operations that worked once. */
  readonly #known = new Set<string>()
  /** Rises with every failure that counts. */
  #failures = 0

  constructor(name: string, { deadlineMs, maintenanceDeadlineMs, breaker, emit, now }: StoreGuardOptions) {
    this.#name = name
    const deadlineOf = (option: string, value: unknown, fallback: number): Deadline => {
      const ms = numberOption(option, value, { min: 1, max: MAX_TIMER_MS, default: fallback })
      return { store: name, deadlineMs: ms, queue: new DeadlineQueue(ms) }
    }
    this.#deadline = deadlineOf('deadlineMs', deadlineMs, 250)
    this.#maintenanceDeadline = deadlineOf('maintenanceDeadlineMs', maintenanceDeadlineMs, 30_000)
    this.#breaker = new CircuitBreaker({
      failures: numberOption('breaker.failures', breaker.failures, { min: 1, integer: true, default: 5 }),
      halfOpenAfterMs: numberOption('breaker.halfOpenAfterMs', breaker.halfOpenAfterMs, { min: 0, default: 2_000 }),
      now,
    })
    this.#emit = emit
    this.#now = now
  }

  call<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    return this.#guarded(operation, this.#deadline, work)
  }

  maintain<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    return this.#guarded(operation, this.#maintenanceDeadline, work)
  }

  /** Past the breaker, and without a say in its state. */
  async finish<Result>(operation: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await within(operation, this.#maintenanceDeadline, work)
    } catch (error) {
      if (!isOfTheCaller(error)) this.#tellFailure(operation, error)
      throw error
    }
  }

  async #guarded<Result>(operation: string, deadline: Deadline, work: () => Promise<Result>): Promise<Result> {
    if (!this.#breaker.tryCall()) {
      throw new CacheError('CIRCUIT_OPEN', `the ${this.#name} store failed too often just now and is left alone`)
    }
    const isFirst = !this.#known.has(operation)
    const failuresBefore = this.#failures
    let result: Result
    try {
      result = await within(operation, deadline, work)
    } catch (error) {
      if (isOfTheCaller(error)) this.#succeed(operation)
      // A first burst waits as one for connection or index: that it comes late says once that the store is slow.
      else if (isFirst && failuresBefore < this.#failures && isLate(error)) this.#tellFailure(operation, error)
      else this.#fail(operation, error)
      throw error
    }
    this.#known.add(operation)
    this.#succeed(operation)
    return result
  }

  #succeed(operation: string): void {
    const { closed, failures } = this.#breaker.succeed()
    if (closed) this.#tell({ what: 'breaker-closed', operation })
    else if (failures > 0) this.#tell({ what: 'recovered', operation, count: failures })
  }

  #fail(operation: string, error: unknown): void {
    this.#failures++
    const opened = this.#breaker.fail()
    this.#tellFailure(operation, error)
    if (opened) this.#tell({ what: 'breaker-opened', operation })
  }

  #tellFailure(operation: string, error: unknown): void {
    // A store's own words hold no text of users; a driver's may quote what was sent.
    const isOwnWord = CacheError.is(error, 'STORE_FAILED') || CacheError.is(error, 'MISSING_PEER')
    const detail = isOwnWord ? { detail: error.message } : {}
    this.#tell({ what: isLate(error) ? 'late' : 'failed', operation, errorCode: codeOf(error), ...detail })
  }

  #tell(event: Pick<StoreEvent, 'what' | 'operation' | 'errorCode' | 'count' | 'detail'>): void {
    this.#emit({ type: 'store', at: this.#now(), store: this.#name, ...event })
  }
}

/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2_147_483_647

interface Deadline {
  readonly store: string
  readonly deadlineMs: number
  readonly queue: DeadlineQueue
}

/** Without an abort signal, which no store method takes: half the cost of the general deadline. */
function within<Result>(
  operation: string,
  { store, deadlineMs, queue }: Deadline,
  work: () => Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const waiting = queue.add(() => {
      const what = `${operation} of the ${store} store must finish within ${deadlineMs} ms, and did not`
      reject(new CacheError('DEADLINE_EXCEEDED', what))
    })
    const failed = (error: unknown) => {
      queue.settle(waiting)
      reject(error)
    }
    try {
      work().then((result) => {
        queue.settle(waiting)
        resolve(result)
      }, failed)
    } catch (error) {
      failed(error)
    }
  })
}

/** Says something about the call, not about the store's health. */
function isOfTheCaller(error: unknown): boolean {
  return CacheError.is(error) && ['INVALID_OPTION', 'NOT_ENCODABLE', 'CLOSED'].includes(error.code)
}

function isLate(error: unknown): boolean {
  return codeOf(error) === 'DEADLINE_EXCEEDED'
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code
  return error instanceof Error ? error.name : typeof error
}
