import type { StoreRead, TotalsStore, VectorCacheStore } from '../../src/stores/store.ts'

export type StoreOperation = Exclude<keyof (VectorCacheStore & TotalsStore), 'name'>

export type Fault =
  | { readonly kind: 'fail'; readonly error?: unknown }
  /** Never settles, as a frozen server does. */
  | { readonly kind: 'hang' }
  /** Does its work only after so many milliseconds (of real or fake timers). */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Throws before it returns a promise. */
  | { readonly kind: 'throw'; readonly error?: unknown }
  /** `get` only: reports a record that cannot be read. */
  | { readonly kind: 'problem'; readonly problem: NonNullable<StoreRead<unknown>['problem']> }

export interface FaultyStore {
  readonly store: VectorCacheStore & TotalsStore
  /** From now on, until `heal`; `times` limits it to so many calls. */
  break(operation: StoreOperation | 'all', fault: Fault, times?: number): void
  heal(operation?: StoreOperation): void
  /** Calls so far that reached the store, faulty ones included. */
  calls(operation: StoreOperation): number
}

const OPERATIONS: readonly StoreOperation[] = [
  'get',
  'set',
  'update',
  'delete',
  'clear',
  'nearest',
  'add',
  'read',
  'flush',
  'close',
]

/** A real store that fails, hangs, is late or reports damage on demand. */
export function faultyStore(inner: VectorCacheStore & TotalsStore): FaultyStore {
  const faults = new Map<StoreOperation, { fault: Fault; left: number }>()
  const counts = new Map<StoreOperation, number>()

  async function run<Result>(operation: StoreOperation, fault: Fault, work: () => Promise<Result>): Promise<Result> {
    switch (fault.kind) {
      case 'hang':
        return new Promise<Result>(() => undefined)
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
        return work()
      case 'problem':
        if (operation !== 'get') throw new TypeError(`a problem can be injected into get only, not ${operation}`)
        return {
          generation: (await (work() as Promise<StoreRead<unknown>>)).generation,
          problem: fault.problem,
        } as Result
      default:
        throw errorOf(operation, fault)
    }
  }

  function call<Result>(operation: StoreOperation, work: () => Promise<Result>): Promise<Result> {
    counts.set(operation, (counts.get(operation) ?? 0) + 1)
    const active = faults.get(operation)
    if (!active) return work()
    if (--active.left <= 0) faults.delete(operation)
    if (active.fault.kind === 'throw') throw errorOf(operation, active.fault)
    return run(operation, active.fault, work)
  }

  return {
    store: {
      name: inner.name,
      get: (key, about) => call('get', () => inner.get(key, about)),
      set: (entry, options) => call('set', () => inner.set(entry, options)),
      update: (key, change) => call('update', () => inner.update(key, change)),
      delete: (keys, about) => call('delete', () => inner.delete(keys, about)),
      clear: (filter) => call('clear', () => inner.clear(filter)),
      nearest: (query) => call('nearest', () => inner.nearest(query)),
      add: (key, amounts, ttlMs) => call('add', () => inner.add(key, amounts, ttlMs)),
      read: (keys) => call('read', () => inner.read(keys)),
      flush: () => call('flush', () => inner.flush()),
      close: () => call('close', () => inner.close()),
    },
    break(operation, fault, times = Number.POSITIVE_INFINITY) {
      for (const name of operation === 'all' ? OPERATIONS : [operation]) faults.set(name, { fault, left: times })
    },
    heal(operation) {
      if (operation) faults.delete(operation)
      else faults.clear()
    },
    calls: (operation) => counts.get(operation) ?? 0,
  }
}

function errorOf(operation: StoreOperation, fault: { readonly error?: unknown }): unknown {
  return 'error' in fault ? fault.error : new Error(`injected failure of ${operation}`)
}
