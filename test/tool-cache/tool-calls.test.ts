import { describe, expect, it, vi } from 'vitest'
import { CacheError } from '../../src/core/errors.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { faultyStore } from '../support/faulty-store.ts'
import { aToolCache, gate, lookups, writes } from './tool-calls.ts'

const POLICY = { ttlMs: 60_000 }
const call = (args: unknown = { q: 'a' }, policy: object = POLICY) => ({ name: 'search', args, policy })

describe('a call', () => {
  it('is a miss, then a hit from memory, with one event each and what it saved', async () => {
    const { ask, events, clock } = await aToolCache()
    const first = await ask(call({ q: 'a' }, { ...POLICY, costUsd: 0.25 }))
    expect(first).toMatchObject({ outcome: 'miss', reason: 'not-found', key: expect.stringMatching(/^f1-/) })
    clock.now += 1_000
    const second = await ask(call({ q: 'a' }, { ...POLICY, costUsd: 0.25 }))
    expect(second).toMatchObject({
      outcome: 'hit',
      tier: 'memory',
      ageMs: 1_000,
      avoidedUsd: 0.25,
      entryKey: first.key,
    })
    expect(lookups(events)).toMatchObject([
      { cache: 'tool', provider: 'tool', name: 'search', outcome: 'miss', namespace: 'tools' },
      {
        cache: 'tool',
        outcome: 'hit',
        avoided: { provider: 'tool', name: 'search', usd: 0.25, durationMs: expect.any(Number) },
      },
    ])
    expect(writes(events)).toMatchObject([
      { cache: 'tool', outcome: 'stored', bytes: expect.any(Number), call: { usd: 0.25 } },
    ])
  })

  it('is a hit from the store in another cache on it', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    await (await aToolCache({ store })).ask(call())
    expect(await (await aToolCache({ store })).ask(call())).toMatchObject({ outcome: 'hit', tier: 'exact' })
  })

  it('expires after its own ttlMs, that of the policy, or that of the cache', async () => {
    const { ask, clock } = await aToolCache({ ttlMs: 10_000, allow: ['*'] })
    for (const [asked, controls, ttlMs] of [
      [call({ a: 1 }), { ttlMs: 500 }, 500],
      [call({ a: 2 }), {}, 60_000],
      [{ name: 'other', args: {} }, {}, 10_000],
    ] as const) {
      await ask(asked, controls)
      clock.now += ttlMs - 1
      expect((await ask(asked)).outcome).toBe('hit')
      clock.now += 1
      expect((await ask(asked)).outcome).toBe('miss')
    }
  })

  it('hands out copies: changing a result changes no later one', async () => {
    const { cache } = await aToolCache()
    const ask = async () =>
      (await cache.getOrCall(call(), async () => ({ content: { rows: [1] } }))).result.content as { rows: number[] }
    ;(await ask()).rows.push(2)
    await cache.flush()
    ;(await ask()).rows.push(3)
    expect(await ask()).toEqual({ rows: [1] })
  })

  it('keeps content, artifact, status, name, metadata and extra as they were', async () => {
    const { cache } = await aToolCache()
    const result = {
      content: [
        { type: 'text', text: 'a' },
        { type: 'image', data: new Uint8Array([1, 2]) },
      ],
      artifact: { when: new Date(5), big: 7n, map: new Map([[1, { deep: undefined }]]) },
      status: 'success' as const,
      name: 'search',
      metadata: { source: 'web' },
      extra: { kwargs: [null] },
    }
    // JSON cannot measure a bigint, so such an artifact is not stored; without it, it is.
    const { big: _big, ...artifact } = result.artifact
    const stored = { ...result, artifact }
    await cache.getOrCall(call(), async () => stored)
    await cache.flush()
    const { result: again, record } = await cache.getOrCall(call(), async () => ({ content: 'other' }))
    expect(record.outcome).toBe('hit')
    expect(again).toEqual(stored)
  })

  it('obeys bypass, refresh, only-if-cached and maxAgeMs', async () => {
    const { ask, clock, cache } = await aToolCache()
    await expect(
      cache.getOrCall(call(), async () => ({ content: 1 }), { mode: 'only-if-cached' }),
    ).rejects.toMatchObject({ code: 'NOT_CACHED' })
    await ask(call())
    expect(await ask(call(), { mode: 'bypass' })).toMatchObject({
      outcome: 'bypass',
      reason: 'mode-bypass',
      content: 'search 2',
    })
    expect(await ask(call(), { mode: 'only-if-cached' })).toMatchObject({ outcome: 'hit', content: 'search 1' })
    expect(await ask(call(), { mode: 'refresh' })).toMatchObject({
      outcome: 'miss',
      reason: 'refresh',
      content: 'search 3',
    })
    expect(await ask(call())).toMatchObject({ outcome: 'hit', content: 'search 3' })
    clock.now += 1_000
    expect(await ask(call(), { maxAgeMs: 999 })).toMatchObject({
      outcome: 'miss',
      reason: 'too-old',
      content: 'search 4',
    })
    await expect(
      cache.getOrCall({ name: 'send', args: {} }, async () => ({ content: 1 }), { mode: 'only-if-cached' }),
    ).rejects.toThrow(/tool-not-cacheable/)
  })

  it('serves a stale result while a fresh one is fetched, once', async () => {
    const { cache, ask, clock, counts } = await aToolCache()
    const asked = call({ q: 'a' }, { ttlMs: 1_000, staleWhileRevalidateMs: 500 })
    await ask(asked)
    clock.now += 1_200
    const both = await Promise.all([ask(asked), ask(asked)])
    expect(both).toMatchObject([
      { outcome: 'stale', content: 'search 1' },
      { outcome: 'stale', content: 'search 1' },
    ])
    await cache.flush()
    expect(counts.get('search')).toBe(2)
    expect(await ask(asked)).toMatchObject({ outcome: 'hit', content: 'search 2' })
  })

  it('keeps a stale result when its refresh fails, and says so', async () => {
    const { cache, ask, clock, events } = await aToolCache()
    const asked = call({ q: 'a' }, { ttlMs: 1_000, staleWhileRevalidateMs: 500 })
    await ask(asked)
    clock.now += 1_200
    const failing = () => cache.getOrCall(asked, async () => Promise.reject(new Error('down')))
    expect((await failing()).record.outcome).toBe('stale')
    await cache.flush()
    expect(writes(events).at(-1)).toMatchObject({ outcome: 'refused', reason: 'refresh-failed' })
    expect((await failing()).result.content).toBe('search 1')
  })

  it('holds no raw argument in key, tag or event', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const set = vi.spyOn(store, 'set')
    const clear = vi.spyOn(store, 'clear')
    const { ask, events } = await aToolCache({ store })
    const secret = 'mia@example.com'
    await ask(call({ mail: secret, [secret]: { now: 1 } }, { reads: ['user:{mail}'] }), { context: secret })
    await ask({ name: 'move', args: { mail: secret }, policy: { writes: ['user:{mail}'] } })
    const [entry] = set.mock.calls[0] ?? []
    expect(entry?.tags).toHaveLength(1)
    expect(JSON.stringify([entry?.key, entry?.scope, entry?.tags, clear.mock.calls, events])).not.toContain('mia')
  })
})

describe('whose result it is', () => {
  it('comes from call, context function, or cache; a failing or missing tenant is a bypass', async () => {
    const tenant = (context: unknown) => {
      const user = (context as { user?: string } | undefined)?.user
      if (user === 'broken') throw new Error('no directory')
      return user
    }
    const { ask } = await aToolCache({ tenant, requireTenant: true })
    expect(await ask(call(), { context: { user: 'a' } })).toMatchObject({ outcome: 'miss' })
    expect(await ask(call(), { context: { user: 'a' } })).toMatchObject({ outcome: 'hit' })
    expect(await ask(call(), { context: { user: 'b' } })).toMatchObject({ outcome: 'miss' })
    expect(await ask(call())).toMatchObject({ outcome: 'bypass', reason: 'tenant-required' })
    expect(await ask(call(), { context: { user: 'broken' } })).toMatchObject({
      outcome: 'bypass',
      reason: 'tenant-failed',
    })
  })

  it("is everybody's with shared: true in policy, call or cache", async () => {
    const byPolicy = await aToolCache()
    await byPolicy.ask(call({}, { ...POLICY, shared: true }), { tenant: 'a' })
    expect((await byPolicy.ask(call({}, { ...POLICY, shared: true }), { tenant: 'b' })).outcome).toBe('hit')
    const byCache = await aToolCache({ shared: true })
    await byCache.ask(call(), { tenant: 'a' })
    expect((await byCache.ask(call(), { tenant: 'b' })).outcome).toBe('hit')
  })

  it('can be dropped by tenant, key, tag, namespace', async () => {
    const { ask, cache, events } = await aToolCache()
    const { key } = await ask(call({ id: 1 }, { reads: ['order:{id}'] }), { tenant: 'a' })
    await ask(call({ id: 2 }), { tenant: 'a' })
    await ask(call({ id: 1 }), { tenant: 'b', tags: ['mine'] })
    expect(await cache.invalidate({ tags: ['order:1'], tenant: 'b' })).toBe(0)
    expect(await cache.invalidate({ tags: ['order:1'], keys: [key] })).toBe(1)
    expect(await cache.invalidate({ tags: ['mine', 'other'] })).toBe(1)
    expect(await cache.invalidate({ tenant: 'a' })).toBe(1)
    expect((await ask(call({ id: 2 }), { tenant: 'a' })).outcome).toBe('miss')
    expect(await cache.invalidate({ namespace: 'tools' })).toBe(1)
    await expect(cache.invalidate({})).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(events.filter((event) => event.type === 'invalidate')).toHaveLength(5)
  })

  it('does not come back by a call that began before it was dropped by key', async () => {
    const { ask, cache } = await aToolCache()
    const { key } = await ask(call())
    await cache.invalidate({ keys: [key] })
    const held = gate<{ content: string }>()
    const under = cache.getOrCall(call(), () => held.opened)
    await new Promise((resolve) => setImmediate(resolve))
    await cache.invalidate({ keys: [key] })
    held.open({ content: 'old' })
    await under
    expect((await ask(call())).outcome).toBe('miss')
  })
})

describe('results that are not stored', () => {
  it.each([
    ['error-result', { content: 'boom', status: 'error' }],
    ['error-result', { content: 'Error: user not found' }],
    ['error-result', { content: '{"error": "rate limited"}' }],
    ['error-result', { content: [{ type: 'text', text: '{"isError": true}' }] }],
    ['negative-result', { content: '' }],
    ['negative-result', { content: null }],
    ['negative-result', { content: undefined }],
    ['negative-result', { content: [] }],
    ['negative-result', { content: '[]' }],
    ['negative-result', { content: {} }],
    ['negative-result', { content: 'No results found for "x"' }],
    ['negative-result', { content: '没有找到' }],
    ['not-a-result', { content: (async function* () {})() }],
    ['not-a-result', { content: new ReadableStream() }],
    ['not-a-result', { content: 'go', passThrough: true }],
    ['not-a-result', 'plain text'],
    ['not-a-result', undefined],
    ['not-encodable', { content: { run: () => 1 } }],
    ['not-encodable', { content: new (class Row {})() }],
    ['too-large', { content: 'x'.repeat(300_000) }],
  ])('%s: %o', async (reason, result) => {
    const { cache, events } = await aToolCache()
    const run = vi.fn(async () => result as never)
    expect((await cache.getOrCall(call(), run)).result).toBe(result)
    await cache.flush()
    expect(writes(events)).toMatchObject([{ outcome: 'refused', reason }])
    await cache.getOrCall(call(), run)
    expect(run).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['a map', () => new Map([['a', 'x'.repeat(300_000)]])],
    ['a set', () => new Set(['x'.repeat(300_000)])],
    ['bytes', () => [new ArrayBuffer(300_000)]],
  ])('too-large: what JSON would not show counts too, %s', async (_what, make) => {
    const { cache, events } = await aToolCache()
    await cache.getOrCall(call(), async () => ({ content: 'small', artifact: make() }))
    await cache.flush()
    expect(writes(events)).toMatchObject([{ outcome: 'refused', reason: 'too-large' }])
  })

  it('negative ones are, for negativeTtlMs, when the policy says so', async () => {
    const { cache, clock } = await aToolCache()
    const run = vi.fn(async () => ({ content: [] as unknown }))
    const ask = () =>
      cache.getOrCall(call({}, { ttlMs: 60_000, negativeTtlMs: 1_000 }), run).finally(() => cache.flush())
    await ask()
    expect((await ask()).record.outcome).toBe('hit')
    clock.now += 1_000
    expect((await ask()).record.outcome).toBe('miss')
  })

  const outcomeOf = async (content: unknown) => {
    const { cache, events } = await aToolCache()
    await cache.getOrCall(call(), async () => ({ content }))
    await cache.flush()
    return writes(events)[0]
  }
  it.each([
    { results: [] },
    { items: [], total: 0 },
    { data: null },
    { data: { user: null } },
    { results: [], page: 3, pageSize: 20, total_count: 41, hasMore: false, next: null },
    { status: 'ok', message: '', data: { orders: [], sum: 0 } },
    { object: 'list', data: [], has_more: false, url: '/v1/charges' },
    { took: 3, timed_out: false, _shards: { total: 5 }, hits: { total: { value: 0 }, max_score: null, hits: [] } },
    { rows: new Map() },
    [{ type: 'text', text: '{"results": [], "count": 0}' }],
  ])('an empty page is a negative result: %j', async (content) => {
    expect(await outcomeOf(content)).toMatchObject({ outcome: 'refused', reason: 'negative-result' })
  })

  it.each([
    { results: ['one'], total: 1 },
    { valid: true, problems: [] },
    { temperature: 0, unit: null },
    { count: 0 },
    { balance: 12.5, holds: [] },
    { name: 'Ada', nickname: null },
    { success: true },
    { status: 'shipped', notes: [] },
    { data: { user: null, viewer: { id: 7 } } },
    [null],
  ])('a record with an answer in it is an ordinary result: %j', async (content) => {
    expect(await outcomeOf(content)).toMatchObject({ outcome: 'stored' })
  })

  it('the policy tells negative results where the built-in test does not fit', async () => {
    const { cache, events } = await aToolCache()
    const isNegative = ({ content }: { content: unknown }) => content === 'nobody'
    const ask = async (content: unknown) => {
      await cache.getOrCall(call({ content }, { ...POLICY, isNegative }), async () => ({ content }))
      await cache.flush()
      return writes(events).at(-1)?.outcome
    }
    expect(await ask('nobody')).toBe('refused')
    expect(await ask([])).toBe('stored')
  })

  it('a zero, false, or long text that speaks of errors is an ordinary result', async () => {
    const { cache, events } = await aToolCache()
    for (const content of [0, false, `Error handling: ${'a guide. '.repeat(60)}`]) {
      await cache.getOrCall(call({ content }), async () => ({ content }))
      await cache.flush()
      expect(writes(events).at(-1)?.outcome).toBe('stored')
    }
  })

  it('what the tool throws is thrown, the same object, and not remembered', async () => {
    const { cache, ask, events } = await aToolCache()
    const error = new Error('boom')
    await expect(cache.getOrCall(call(), async () => Promise.reject(error))).rejects.toBe(error)
    await expect(
      cache.getOrCall(call(), () => {
        throw error
      }),
    ).rejects.toBe(error)
    expect(writes(events)[0]).toMatchObject({ outcome: 'refused', reason: 'failed' })
    expect((await ask(call())).outcome).toBe('miss')
  })
})

describe('bad input', () => {
  class Row {}
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  it.each([[cycle], [{ f: () => 1 }], [{ row: new Row() }], [{ [Symbol('s')]: 1 }]])(
    'arguments without canonical form are not cached, with a reason: %o',
    async (args) => {
      const { ask, events } = await aToolCache()
      await ask(call(args))
      expect(await ask(call(args))).toMatchObject({
        outcome: 'bypass',
        reason: 'arguments-not-canonical',
        content: 'search 2',
        key: '',
      })
      expect(lookups(events)[0]).toMatchObject({ detail: expect.stringMatching(/.+/) })
    },
  )

  it('arguments the schema refuses reach the tool as they are', async () => {
    const { cache } = await aToolCache()
    const { z } = await import('zod')
    const run = vi.fn(async (_args: unknown) => ({ content: 'x' }))
    const { record } = await cache.getOrCall({ ...call({ id: 'seven' }), schema: z.object({ id: z.number() }) }, run)
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'arguments-not-canonical' })
    expect(run.mock.calls[0]?.[0]).toEqual({ id: 'seven' })
  })

  it.each([[{ reads: ['order:{id}'] }], [{ writes: ['order:{id}'] }]])(
    'a tag that misses its argument is an error naming tool and tag, before the tool runs: %o',
    async (policy) => {
      const { cache } = await aToolCache()
      const run = vi.fn()
      await expect(cache.getOrCall(call({ orderId: 1 }, policy), run)).rejects.toThrow(
        /"order:\{id\}" of tool "search".*"id".*no such argument/,
      )
      await expect(cache.getOrCall(call({ id: { a: 1 } }, policy), run)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
      expect(run).not.toHaveBeenCalled()
    },
  )

  it.each([[undefined], [''], [42]])('a tool named %o is run and not cached', async (name) => {
    const { cache } = await aToolCache({ allow: ['*'] })
    const { record } = await cache.getOrCall({ name: name as never, args: {} }, async () => ({ content: 1 }))
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'tool-not-cacheable' })
  })

  it('wrong controls, a throwing key and a context that is no plain data are a bypass', async () => {
    const { ask } = await aToolCache()
    expect(await ask(call(), { ttlMs: -1 })).toMatchObject({ outcome: 'bypass', reason: 'invalid-controls' })
    const key = () => {
      throw new Error('no')
    }
    expect(await ask(call({}, { ...POLICY, key }))).toMatchObject({ reason: 'arguments-not-canonical' })
    expect(await ask(call(), { context: new Row() })).toMatchObject({ reason: 'arguments-not-canonical' })
  })

  const unreadable = () => {
    throw new TypeError('revoked')
  }
  it.each([
    [
      'a getter that throws',
      {
        get id() {
          return unreadable()
        },
      },
    ],
    ['a proxy that lists nothing', new Proxy({}, { ownKeys: unreadable })],
    ['a proxy without properties', new Proxy({ a: 1 }, { getOwnPropertyDescriptor: unreadable })],
  ])('arguments that cannot be read are not cached, and the tool runs: %s', async (_what, args) => {
    const { cache } = await aToolCache({ allow: ['look_up'] })
    const run = vi.fn(async () => ({ content: 1 }))
    for (const policy of [undefined, POLICY, { ...POLICY, ignoredPaths: ['id'] }]) {
      const { record } = await cache.getOrCall(
        { name: 'look_up', args: { given: args }, ...(policy && { policy }) },
        run,
      )
      expect(record).toMatchObject({ outcome: 'bypass', reason: 'arguments-not-canonical' })
    }
    for (const policy of [{ reads: ['x', 'order:{id}'] }, { writes: ['x', 'order:{id}'] }]) {
      const asked = cache.getOrCall({ name: 'look_up', args: 'id' in args ? args : { id: 1, args }, policy }, run)
      expect((await asked).record.outcome).toBe('bypass')
    }
    expect(run).toHaveBeenCalledTimes(5)
  })

  it('a policy of the call that contradicts itself is an error; one that contradicts the cache does not end the call', async () => {
    const { cache } = await aToolCache({ policies: { search: { ttlMs: 5 } } })
    const run = async () => ({ content: 1 })
    await expect(cache.getOrCall(call({}, { ttlMs: 5, writes: ['x'] }), run)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    const { result, record } = await cache.getOrCall(call({}, { writes: ['x'] }), run)
    expect([result.content, record.outcome]).toEqual([1, 'bypass'])
  })
})

describe('identical calls in flight', () => {
  it('are one call; each gets its own copy', async () => {
    const { cache, events } = await aToolCache()
    const held = gate<{ content: { n: number } }>()
    const run = vi.fn(() => held.opened)
    const all = Array.from({ length: 10 }, () => cache.getOrCall(call({ q: 'a' }, { ...POLICY, costUsd: 2 }), run))
    await new Promise((resolve) => setImmediate(resolve))
    held.open({ content: { n: 1 } })
    const answers = await Promise.all(all)
    expect(run).toHaveBeenCalledTimes(1)
    expect(new Set(answers.map(({ result }) => result.content)).size).toBe(10)
    expect(answers.filter(({ record }) => record.collapsed)).toHaveLength(9)
    expect(answers[3]?.record).toMatchObject({ outcome: 'miss', collapsed: true, avoidedUsd: 2 })
    await cache.flush()
    expect(lookups(events)).toHaveLength(10)
    expect(writes(events)).toHaveLength(1)
  })

  it('do not share a failure, an error result, a stream, or what cannot be copied', async () => {
    const { cache } = await aToolCache()
    for (const outcome of [
      () => Promise.reject(new Error('down')),
      async () => ({ content: 'x', status: 'error' as const }),
      async () => ({ content: (async function* () {})() }),
      async () => ({ content: { f: () => 1 } }),
    ]) {
      const run = vi.fn(outcome)
      await Promise.allSettled([1, 2, 3].map(() => cache.getOrCall(call(), run)))
      expect(run).toHaveBeenCalledTimes(3)
    }
  })

  it('go on when one caller aborts, and stop when all have', async () => {
    const { cache, events } = await aToolCache()
    const held = gate<{ content: string }>()
    const signals: AbortSignal[] = []
    const run = (_args: unknown, signal: AbortSignal) => {
      signals.push(signal)
      return held.opened
    }
    const [one, two] = [new AbortController(), new AbortController()]
    const first = cache.getOrCall(call(), run, { signal: one.signal })
    const second = cache.getOrCall(call(), run, { signal: two.signal })
    await new Promise((resolve) => setImmediate(resolve))
    one.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    expect(signals).toHaveLength(1)
    expect(signals[0]?.aborted).toBe(false)
    two.abort(new Error('gone too'))
    await expect(second).rejects.toThrow('gone too')
    expect(signals[0]?.aborted).toBe(true)
    held.fail(new Error('aborted inside'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(writes(events)).toMatchObject([{ outcome: 'refused', reason: 'aborted' }])
    await expect(cache.getOrCall(call(), run, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    )
    expect(signals).toHaveLength(1)
  })

  it('are one call also for a lookup that was slow', async () => {
    const faulty = faultyStore(embeddedStore({ now: () => 1_000_000 }))
    const { cache } = await aToolCache({ store: faulty.store, memory: { maxEntries: 0 } })
    const run = vi.fn(async () => ({ content: 1 }))
    faulty.break('get', { kind: 'delay', delayMs: 30 }, 1)
    const slow = cache.getOrCall(call(), run)
    const fast = cache.getOrCall(call(), run)
    await Promise.all([slow, fast])
    await cache.flush()
    expect(run).toHaveBeenCalledTimes(1)
    expect((await cache.getOrCall(call(), run)).record.outcome).toBe('hit')
  })
})

describe('a store in trouble', () => {
  it.each(['fail', 'throw', 'hang'] as const)('that does %s leaves every call to the tool', async (kind) => {
    const faulty = faultyStore(embeddedStore())
    const { cache, ask, events } = await aToolCache({
      store: faulty.store,
      storeDeadlineMs: 20,
      memory: { maxEntries: 0 },
    })
    await ask(call())
    faulty.break('all', { kind })
    const { record, result } = await cache.getOrCall(call(), async () => ({ content: 'live' }))
    expect(result.content).toBe('live')
    expect(record).toMatchObject({ outcome: 'bypass', reason: kind === 'hang' ? 'store-late' : 'store-failed' })
    for (let i = 0; i < 6; i++) await cache.getOrCall(call(), async () => ({ content: 'live' }))
    expect(lookups(events).at(-1)).toMatchObject({ outcome: 'bypass', reason: 'breaker-open' })
  })

  it('that cannot write is an event; a record of another scope or shape is a miss', async () => {
    const faulty = faultyStore(embeddedStore({ now: () => 1_000_000 }))
    const { ask, events, cache } = await aToolCache({ store: faulty.store, memory: { maxEntries: 0 } })
    faulty.break('set', { kind: 'fail' }, 1)
    await ask(call())
    expect(writes(events).at(-1)).toMatchObject({ outcome: 'failed', reason: 'store-failed' })
    const { key } = await ask(call())
    expect(writes(events).at(-1)).toMatchObject({ outcome: 'stored' })
    const { entry } = await faulty.store.get<unknown>(key, { namespace: 'tools' })
    if (!entry) throw new Error('nothing was stored')
    await faulty.store.set({ ...entry, scope: 'theirs' })
    expect(await ask(call(), { mode: 'only-if-cached' }).catch((error: unknown) => error)).toSatisfy((error) =>
      CacheError.is(error, 'NOT_CACHED'),
    )
    await faulty.store.set({ ...entry, value: 'text' })
    expect((await cache.getOrCall(call(), async () => ({ content: 1 }))).record).toMatchObject({
      outcome: 'miss',
      reason: 'record-corrupt',
    })
    faulty.break('get', { kind: 'problem', problem: 'corrupt' }, 1)
    expect((await cache.getOrCall(call(), async () => ({ content: 1 }), { mode: 'default' })).record.reason).toBe(
      'record-corrupt',
    )
  })

  it('after close runs tools as a bypass', async () => {
    const { cache } = await aToolCache()
    await cache.getOrCall(call(), async () => ({ content: 1 }))
    await cache.close()
    await cache.close()
    const { record, result } = await cache.getOrCall(call(), async () => ({ content: 'live' }))
    expect(result.content).toBe('live')
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'closed' })
    await expect(cache.invalidate({ tags: ['x'] })).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('the account', () => {
  it('counts calls avoided, money and hit rate per tool, from events alone', async () => {
    const { ask, cache } = await aToolCache()
    const priced = { ...POLICY, costUsd: 0.01 }
    for (let i = 0; i < 4; i++) await ask(call({}, priced))
    await ask({ name: 'send_mail', args: {} })
    const { by } = await cache.stats()
    expect(by.tool.search).toMatchObject({
      hits: 3,
      misses: 1,
      hitRate: 0.75,
      avoided: { usd: 0.03 },
      spent: { usd: 0.01 },
    })
    expect(by.tool.send_mail).toMatchObject({ bypasses: 1 })
  })
})

describe('arguments that cannot be meant', () => {
  it('are named, before a tool runs', async () => {
    const { cache } = await aToolCache()
    const run = vi.fn(async () => ({ content: 'x' }))
    await expect(cache.getOrCall(undefined as never, run)).rejects.toThrow(
      'the call of getOrCall must be an object, got undefined',
    )
    await expect(cache.getOrCall(call(), undefined as never)).rejects.toThrow('run of getOrCall must be a function')
    expect(() => cache.audit(undefined as never)).toThrow('the tools of audit must be an array of tools')
    expect(() => cache.audit([null as never])).toThrow(CacheError)
    expect(run).not.toHaveBeenCalled()
    const { result } = await cache.getOrCall(call(), run, null as never)
    expect(result.content).toBe('x')
  })
})
