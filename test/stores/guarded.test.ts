import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CacheError } from '../../src/core/errors.ts'
import type { StoreEvent } from '../../src/core/events.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { guardedStore } from '../../src/stores/guarded.ts'
import { type CacheStore, isLockStore, isTotalsStore, isVectorStore } from '../../src/stores/store.ts'
import { faultyStore } from '../support/faulty-store.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const namespace = 'n'

function guarded({ failures = 3 } = {}) {
  const faulty = faultyStore(embeddedStore())
  const events: StoreEvent[] = []
  const store = guardedStore(faulty.store, {
    deadlineMs: 250,
    breaker: { failures, halfOpenAfterMs: 2_000 },
    emit: (event) => events.push(event),
    now: Date.now,
  })
  const get = () => store.get('k', { namespace })
  const outcome = async (call: Promise<unknown>) => {
    const settled = call.then(
      () => 'ok',
      (error) => (CacheError.is(error) ? error.code : (error as Error).message),
    )
    await vi.advanceTimersByTimeAsync(250)
    return settled
  }
  return { faulty, store, events, get, outcome, whats: () => events.map(({ what }) => what) }
}

describe('a guarded store', () => {
  it('has the capabilities of the store, and no others', () => {
    const inner = embeddedStore()
    const options = {
      deadlineMs: 1,
      breaker: { failures: 1, halfOpenAfterMs: 1 },
      emit: () => undefined,
      now: Date.now,
    }
    const whole = guardedStore(inner, options)
    expect([isVectorStore(whole), isTotalsStore(whole), isLockStore(whole)]).toEqual([true, true, false])
    const bare: CacheStore = {
      name: 'bare',
      get: inner.get.bind(inner),
      set: inner.set.bind(inner),
      update: inner.update.bind(inner),
      delete: inner.delete.bind(inner),
      clear: inner.clear.bind(inner),
      flush: inner.flush.bind(inner),
      close: inner.close.bind(inner),
    }
    const guardedBare = guardedStore(bare, options)
    expect([isVectorStore(guardedBare), isTotalsStore(guardedBare), isLockStore(guardedBare)]).toEqual([
      false,
      false,
      false,
    ])
    const locking = guardedStore(
      { ...bare, acquire: async () => 'token', renew: async () => true, release: async () => undefined } as CacheStore,
      options,
    )
    expect(isLockStore(locking)).toBe(true)
  })

  it('rejects a call that hangs at its deadline, with an event that says which', async () => {
    const { faulty, get, outcome, events } = guarded()
    faulty.break('get', { kind: 'hang' })
    expect(await outcome(get())).toBe('DEADLINE_EXCEEDED')
    expect(events).toEqual([
      {
        type: 'store',
        at: 1_000_250,
        store: 'embedded',
        what: 'late',
        operation: 'get',
        errorCode: 'DEADLINE_EXCEEDED',
      },
    ])
  })

  it.each(['fail', 'throw'] as const)('passes on what the store rejects or throws (%s)', async (kind) => {
    const { faulty, get, outcome, events } = guarded()
    faulty.break('get', { kind, error: Object.assign(new Error('ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }) })
    expect(await outcome(get())).toBe('ECONNREFUSED 10.0.0.1')
    expect(events).toMatchObject([{ what: 'failed', operation: 'get', errorCode: 'ECONNREFUSED' }])
    expect(events[0]).not.toHaveProperty('detail')
  })

  it.each(['STORE_FAILED', 'MISSING_PEER'] as const)(
    'tells why, in the words of the store itself (%s)',
    async (code) => {
      const { faulty, get, outcome, events } = guarded()
      const error = new CacheError(code, 'redis is not connected: WRONGPASS')
      faulty.break('get', { kind: 'fail', error })
      await outcome(get())
      expect(events).toMatchObject([{ what: 'failed', detail: 'redis is not connected: WRONGPASS' }])
    },
  )

  it('leaves no timer behind', async () => {
    const { faulty, get, store } = guarded()
    await get()
    faulty.break('nearest', { kind: 'throw' })
    await store
      .nearest({ namespace, embedderId: 'e', scope: 's', vector: Float32Array.of(1), limit: 1 })
      .catch(() => undefined)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not ask the store while the breaker is open, and tells of its opening once', async () => {
    const { faulty, get, outcome, whats } = guarded()
    faulty.break('get', { kind: 'fail' })
    for (let i = 0; i < 3; i++) await outcome(get())
    for (let i = 0; i < 3; i++) expect(await outcome(get())).toBe('CIRCUIT_OPEN')
    expect(faulty.calls('get')).toBe(3)
    expect(whats()).toEqual(['failed', 'failed', 'failed', 'breaker-opened'])
  })

  it('takes a first burst that is late as one failure, and a later one as what it is', async () => {
    const { faulty, get, outcome, whats } = guarded()
    const burst = () => outcome(Promise.allSettled(Array.from({ length: 5 }, get)))
    faulty.break('get', { kind: 'hang' })
    await burst()
    expect(whats()).toEqual(['late', 'late', 'late', 'late', 'late'])
    await burst()
    await burst()
    expect(whats().filter((what) => what !== 'late')).toEqual(['breaker-opened'])
    faulty.heal()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await outcome(get())).toBe('ok')
    faulty.break('get', { kind: 'hang' })
    await burst()
    expect(whats().filter((what) => what !== 'late')).toEqual(['breaker-opened', 'breaker-closed', 'breaker-opened'])
  })

  it('tries one call after a while, and closes when it succeeds', async () => {
    const { faulty, get, outcome, whats } = guarded()
    faulty.break('get', { kind: 'fail' })
    for (let i = 0; i < 3; i++) await outcome(get())
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await outcome(get())).toBe('injected failure of get')
    expect(await outcome(get())).toBe('CIRCUIT_OPEN')
    faulty.heal()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await outcome(get())).toBe('ok')
    expect(await outcome(get())).toBe('ok')
    expect(whats()).toEqual(['failed', 'failed', 'failed', 'breaker-opened', 'failed', 'breaker-closed'])
  })

  it('tells when the store works again before the breaker opened', async () => {
    const { faulty, get, outcome, events } = guarded()
    faulty.break('get', { kind: 'fail' }, 2)
    for (let i = 0; i < 4; i++) await outcome(get())
    expect(events).toMatchObject([{ what: 'failed' }, { what: 'failed' }, { what: 'recovered', count: 2 }])
  })

  it.each(['INVALID_OPTION', 'NOT_ENCODABLE', 'CLOSED'] as const)(
    'does not hold %s against the store',
    async (code) => {
      const { faulty, get, outcome, events } = guarded()
      faulty.break('get', { kind: 'fail', error: new CacheError(code, 'of the caller') })
      for (let i = 0; i < 10; i++) expect(await outcome(get())).toBe(code)
      expect(events).toEqual([])
    },
  )

  it('guards every operation', async () => {
    const { faulty, store, outcome } = guarded({ failures: 100 })
    const entry = {
      key: 'k',
      namespace,
      tags: [],
      scope: 's',
      value: 1,
      origin: { provider: 'p', name: 'm', durationMs: 1 },
      createdAt: 0,
      expiresAt: 1,
      staleMs: 0,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    faulty.break('all', { kind: 'fail' })
    expect(await outcome(store.set(entry))).toBe('injected failure of set')
    expect(await outcome(store.update('k', { namespace }))).toBe('injected failure of update')
    expect(await outcome(store.delete(['k'], { namespace }))).toBe('injected failure of delete')
    expect(await outcome(store.clear({ namespace }))).toBe('injected failure of clear')
    expect(await outcome(store.add('k', { n: 1 }, 1))).toBe('injected failure of add')
    expect(await outcome(store.read(['k']))).toBe('injected failure of read')
    expect(await outcome(store.flush())).toBe('injected failure of flush')
    expect(await outcome(store.close())).toBe('injected failure of close')
  })

  it('gives clearing, flushing and closing more time', async () => {
    const { faulty, store, outcome } = guarded()
    for (const operation of ['clear', 'flush', 'close'] as const)
      faulty.break(operation, { kind: 'delay', delayMs: 200 })
    expect(await outcome(store.clear({ namespace }))).toBe('ok')
    faulty.break('flush', { kind: 'hang' })
    const flushed = store.flush().then(
      () => 'ok',
      (error) => error.code,
    )
    await vi.advanceTimersByTimeAsync(29_999)
    await vi.advanceTimersByTimeAsync(1)
    expect(await flushed).toBe('DEADLINE_EXCEEDED')
  })

  it('flushes and closes the store even while the breaker is open', async () => {
    const { faulty, store, get, outcome } = guarded()
    faulty.break('get', { kind: 'fail' })
    for (let i = 0; i < 3; i++) await outcome(get())
    expect(await outcome(store.flush())).toBe('ok')
    expect(await outcome(store.close())).toBe('ok')
    expect([faulty.calls('flush'), faulty.calls('close')]).toEqual([1, 1])
  })

  it.each([
    [{ deadlineMs: 0 }, 'deadlineMs'],
    [{ deadlineMs: Number.NaN }, 'deadlineMs'],
    [{ maintenanceDeadlineMs: -1 }, 'maintenanceDeadlineMs'],
    [{ breaker: { failures: 0, halfOpenAfterMs: 1 } }, 'breaker.failures'],
    [{ breaker: { failures: 1, halfOpenAfterMs: -1 } }, 'breaker.halfOpenAfterMs'],
  ])('refuses %o', (wrong, name) => {
    const options = {
      deadlineMs: 1,
      breaker: { failures: 1, halfOpenAfterMs: 1 },
      emit: () => undefined,
      now: Date.now,
    }
    expect(() => guardedStore(embeddedStore(), { ...options, ...wrong })).toThrow(name)
  })
})
