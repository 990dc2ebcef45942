import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CacheEvent } from '../../src/core/events.ts'
import type { Amounts, CacheStats, StatsRow } from '../../src/core/stats.ts'
import { createLedger } from '../../src/metrics/ledger.ts'
import { hit, lookup, NOON, written } from './events.ts'
import { WatchedTotals } from './watched-totals.ts'

const now = () => NOON
const DAY_MS = 86_400_000

/** Sums of rows may only differ by what division into dollars does to a double. */
function expectSum(rows: Readonly<Record<string, StatsRow>>, whole: StatsRow) {
  const sum = (pick: (row: StatsRow) => number) => Object.values(rows).reduce((total, row) => total + pick(row), 0)
  for (const name of ['hits', 'stale', 'misses', 'bypasses'] as const) expect(sum((row) => row[name])).toBe(whole[name])
  for (const side of ['avoided', 'overhead', 'net', 'spent'] as const) {
    for (const unit of ['usd', 'tokens', 'durationMs', 'unpricedCalls'] as const satisfies (keyof Amounts)[]) {
      expect(sum((row) => row[side][unit])).toBeCloseTo(whole[side][unit], 6)
    }
  }
}

describe('the ledger of one process', () => {
  it('counts texts embedded and texts that cachedEmbedder had already', async () => {
    const { listener, totals } = createLedger({ now, listenerErrors: () => 0 })
    const embedder = { type: 'embedder', at: NOON, namespace: 'support' } as const
    listener({ ...embedder, what: 'usage', texts: 3, tokens: 20, usd: 1 })
    listener({ ...embedder, what: 'cache-hit', texts: 2 })
    listener({ ...embedder, what: 'cache-hit', texts: 1 })
    listener({ ...embedder, what: 'cache-hit', texts: Number.NaN })
    listener({ ...embedder, what: 'truncated', texts: 9 })
    const stats = await totals.snapshot()
    expect(stats.texts).toEqual({ embedded: 3, cached: 3 })
    expect(stats.overhead).toEqual({ usd: 0, tokens: 0, durationMs: 0, unpricedCalls: 0 })
  })

  it('counts outcomes, tiers, reasons, writes and verdicts', async () => {
    const { listener, totals } = createLedger({ now, listenerErrors: () => 2 })
    const events: CacheEvent[] = [
      hit(),
      hit({ outcome: 'stale', tier: 'exact' }),
      hit({ tier: 'memory' }),
      lookup(),
      lookup({ reason: 'guard-veto' }),
      lookup({ outcome: 'bypass', reason: 'breaker-open' }),
      written(),
      written({ outcome: 'refused', reason: 'truncated' }),
      {
        type: 'feedback',
        at: NOON,
        cache: 'semantic',
        namespace: 'support',
        entryKey: 'k',
        correct: false,
        outcome: 'recorded',
      },
    ]
    for (const event of events) listener(event)
    const stats = await totals.snapshot()
    expect(stats).toMatchObject({
      hits: 2,
      stale: 1,
      misses: 2,
      bypasses: 1,
      hitRate: 3 / 5,
      tiers: { memory: 1, exact: 1, semantic: 1 },
      reasons: { 'not-found': 1, 'guard-veto': 1, 'breaker-open': 1 },
      writes: { stored: 1, refused: 1, failed: 0, dropped: 0 },
      writeReasons: { truncated: 1 },
      feedback: { correct: 0, wrong: 1 },
      listenerErrors: 2,
    })
    expect(stats.avoided).toEqual({ usd: 0.000135, tokens: 450, durationMs: 2400, unpricedCalls: 0 })
    expect(stats.spent).toEqual({ usd: 0.00009, tokens: 300, durationMs: 1800, unpricedCalls: 0 })
    expect(stats.overhead).toEqual({ usd: 0, tokens: 0, durationMs: 3, unpricedCalls: 0 })
    expect(stats.net).toEqual({ usd: 0.000135, tokens: 450, durationMs: 2397, unpricedCalls: 0 })
    expect(stats.process.hits).toBe(2)
  })

  it('has no hit rate without traffic, nor from bypasses alone', async () => {
    const { listener, totals } = createLedger({ now })
    expect((await totals.snapshot()).hitRate).toBeUndefined()
    listener(lookup({ outcome: 'bypass', reason: 'mode-bypass' }))
    const stats = await totals.snapshot()
    expect(stats.hitRate).toBeUndefined()
    expect('hitRate' in stats).toBe(false)
    expect(stats.bypasses).toBe(1)
  })

  it('counts an unknown price apart and never as 0 dollars', async () => {
    const { listener, totals } = createLedger({ now })
    listener(hit({ avoided: { provider: 'ollama', name: 'llama3', durationMs: 5 } }))
    listener(written({ call: { durationMs: 5, usd: Number.NaN } }))
    listener(lookup({ overhead: { tokens: 12, durationMs: 1 } }))
    const { avoided, spent, overhead, net } = await totals.snapshot()
    expect([avoided.unpricedCalls, spent.unpricedCalls, overhead.unpricedCalls, net.unpricedCalls]).toEqual([
      1, 1, 1, 2,
    ])
  })

  it('has no unknown price where nothing was bought', async () => {
    const { listener, totals } = createLedger({ now })
    listener(hit({ overhead: { tokens: 0, durationMs: 0.01 } }))
    expect((await totals.snapshot()).overhead.unpricedCalls).toBe(0)
  })

  it('counts what a joined call avoided, and the call as the miss of its leader', async () => {
    const { listener, totals } = createLedger({ now })
    listener(lookup())
    listener({ ...hit(), outcome: 'miss', tier: undefined, collapsed: true, reason: 'not-found' })
    const stats = await totals.snapshot()
    expect(stats).toMatchObject({ hits: 0, misses: 2, hitRate: 0, collapsed: 1 })
    expect(stats.avoided.usd).toBe(0.000045)
  })

  it('takes the fixed price of a tool, and keeps tools apart from models', async () => {
    const { listener, totals } = createLedger({ now })
    listener(
      hit({
        cache: 'tool',
        provider: 'tool',
        name: 'weather',
        avoided: { provider: 'tool', name: 'weather', costUsd: 0.01, durationMs: 40 },
      }),
    )
    const { avoided, by } = await totals.snapshot()
    expect(avoided).toMatchObject({ usd: 0.01, unpricedCalls: 0 })
    expect(Object.keys(by.tool)).toEqual(['weather'])
    expect(by.model).toEqual({})
  })

  it('counts embedding and verifying once: in the lookup they were part of', async () => {
    const { listener, totals } = createLedger({ now })
    const overhead = { usd: 0.0001002, tokens: 100, durationMs: 300 }
    listener({ type: 'embedder', at: NOON, namespace: 'support', what: 'usage', texts: 1, tokens: 10, usd: 2e-7 })
    listener({
      type: 'verify',
      at: NOON,
      cache: 'semantic',
      namespace: 'support',
      provider: 'openai',
      name: 'gpt-4o-mini',
      verifier: 'chat',
      outcome: 'refused',
      entryKey: 'k',
      similarity: 0.9,
      overhead: { usd: 0.0001, tokens: 90, durationMs: 290 },
    })
    listener(lookup({ reason: 'verifier-refused', overhead }))
    const stats = await totals.snapshot()
    expect(stats.overhead).toEqual({ ...overhead, unpricedCalls: 0 })
    expect(stats.net.usd).toBe(-0.0001002)
    expect(stats.by.tenant.acme?.overhead.tokens).toBe(100)
  })

  it('counts a verdict made after the answer by itself, in the rows of its call', async () => {
    const { listener, totals } = createLedger({ now })
    listener({
      type: 'verify',
      at: NOON,
      cache: 'semantic',
      namespace: 'support',
      tenant: 'acme',
      provider: 'openai',
      name: 'gpt-4o-mini',
      verifier: 'chat',
      outcome: 'accepted',
      entryKey: 'k',
      similarity: 0.9,
      after: true,
      overhead: { usd: 0.0001, tokens: 90, durationMs: 290 },
    })
    const stats = await totals.snapshot()
    expect(stats.overhead).toEqual({ usd: 0.0001, tokens: 90, durationMs: 290, unpricedCalls: 0 })
    expect(stats.by.tenant.acme?.overhead.tokens).toBe(90)
    expect(stats.by.model['gpt-4o-mini']?.overhead.usd).toBe(0.0001)
    expect(stats.misses).toBe(0)
  })

  it('does not let one broken event poison the sums', async () => {
    const { listener, totals } = createLedger({ now })
    const avoided = { provider: 'x', name: 'y', usd: -1, durationMs: Number.POSITIVE_INFINITY }
    listener(
      hit({
        at: Number.NaN,
        avoided: { ...avoided, usage: { inputTokens: Number.NaN, outputTokens: 1, totalTokens: Number.NaN } },
      }),
    )
    listener(hit({ at: 1e18, avoided: { ...avoided, usd: 1e300 } }))
    listener(hit())
    const stats = await totals.snapshot()
    expect(stats.avoided).toEqual({ usd: 0.000045, tokens: 150, durationMs: 800, unpricedCalls: 2 })
    expect(Object.keys(stats.by.day)).toEqual(['2026-11-26'])
  })

  it('keeps amounts of single tokens of the cheapest models exact over a hundred thousand events', async () => {
    const { listener, totals } = createLedger({ now })
    const event = hit({ avoided: { provider: 'openai', name: 'text-embedding-3-small', usd: 2e-8, durationMs: 0.001 } })
    for (let i = 0; i < 100_000; i++) listener(event)
    const { avoided } = await totals.snapshot()
    expect(avoided.usd).toBe(0.002)
    expect(avoided.durationMs).toBe(100)
  })

  it.each([{ maxTenants: 0 }, { maxTenants: 1.5 }, { flushEveryMs: -1 }, { flushEveryMs: Number.NaN }])(
    'refuses %o',
    (options) => {
      expect(() => createLedger(options)).toThrow(/must be/)
    },
  )

  it('survives names of Object.prototype', async () => {
    const { listener, totals } = createLedger({ now, store: new WatchedTotals() })
    listener(hit({ tenant: '__proto__', name: 'constructor' }))
    await totals.flush()
    const { by } = await totals.snapshot()
    expect(Object.keys(by.tenant)).toEqual(['__proto__'])
    expect(Object.keys(by.model)).toEqual(['constructor'])
  })
})

describe('the ledger on a store', () => {
  it('adds up over processes and restarts', async () => {
    const store = new WatchedTotals()
    const first = createLedger({ now, store })
    first.listener(hit())
    await first.totals.flush()
    const second = createLedger({ now, store })
    second.listener(hit({ tenant: 'beta' }))
    second.listener(lookup())
    const stats = await second.totals.snapshot()
    expect(stats).toMatchObject({ hits: 2, misses: 1, process: { hits: 1, misses: 1 } })
    expect(stats.by.tenant.acme).toMatchObject({ hits: 1, misses: 1 })
    expect(stats.by.tenant.beta).toMatchObject({ hits: 1 })
    expect(stats.by.day['2026-11-26']).toMatchObject({ hits: 2 })
    expect(stats.tiers.semantic).toBe(2)
  })

  it('gives every key a life of 400 days, and renews quiet ones once a day', async () => {
    const store = new WatchedTotals()
    let time = NOON
    const { listener, totals } = createLedger({ now: () => time, store })
    listener(hit({ cache: 'tool', name: 'weather' }))
    await totals.flush()
    expect([...store.ttls.values()].every((ttlMs) => ttlMs === 400 * DAY_MS)).toBe(true)
    time += DAY_MS
    store.ttls.clear()
    listener(hit({ at: time }))
    await totals.flush()
    expect(store.ttls.has('ledger:1:by:tool')).toBe(true)
    store.ttls.clear()
    listener(hit({ at: time }))
    await totals.flush()
    expect(store.ttls.has('ledger:1:by:tool')).toBe(false)
  })

  it('writes whole numbers only', async () => {
    const store = new WatchedTotals()
    const { listener, totals } = createLedger({ now, store })
    listener(hit({ avoided: { provider: 'a', name: 'b', usd: 0.1 + 0.2, durationMs: 1 / 3 }, durationMs: 1 / 3 }))
    await totals.flush()
    for (const fields of await store.read([...store.ttls.keys()]))
      for (const value of Object.values(fields)) expect(Number.isInteger(value)).toBe(true)
  })

  it('keeps what a failing store did not take, key by key, and never rejects', async () => {
    const store = new WatchedTotals()
    const { listener, totals } = createLedger({ now, store })
    listener(hit())
    store.fails = (key) => key.includes('tenant') || key.includes('days')
    await totals.flush()
    expect(await totals.snapshot()).toMatchObject({ hits: 1, by: { tenant: { acme: { hits: 1 } } } })
    listener(hit())
    store.fails = () => true
    await totals.flush()
    store.fails = () => false
    await totals.flush()
    await totals.flush()
    const stats = await createLedger({ now, store }).totals.snapshot()
    expect(stats.hits).toBe(2)
    expectSum(stats.by.tenant, stats)
    expectSum(stats.by.day, stats)
  })

  it('does not count twice when flushes and snapshots overlap', async () => {
    const store = new WatchedTotals()
    const { listener, totals } = createLedger({ now, store })
    listener(hit())
    const [, during] = await Promise.all([
      totals.flush(),
      totals.snapshot(),
      totals.flush(),
      listener(hit()),
      totals.flush(),
    ])
    expect(during?.hits).toBe(2)
    expect((await totals.snapshot()).hits).toBe(2)
    expect((await createLedger({ now, store }).totals.snapshot()).hits).toBe(2)
  })

  it('says so when the store cannot be read, and shows what this process knows', async () => {
    const store = new WatchedTotals()
    const { listener, totals } = createLedger({ now, store })
    listener(hit())
    await totals.flush()
    store.readsFail = true
    const stats = await totals.snapshot()
    expect(stats).toMatchObject({ storeUnread: true, hits: 1, by: { tenant: { acme: { hits: 1 } } } })
    store.readsFail = false
    expect('storeUnread' in (await totals.snapshot())).toBe(false)
  })

  it('sums tenants beyond the bound under (other), over processes too', async () => {
    const store = new WatchedTotals()
    const first = createLedger({ now, store, maxTenants: 2 })
    for (const tenant of ['a', 'b', 'c']) first.listener(hit({ tenant }))
    await first.totals.flush()
    const second = createLedger({ now, store, maxTenants: 2 })
    for (const tenant of ['d', 'e', 'a', 'b']) second.listener(hit({ tenant }))
    const before = await second.totals.snapshot()
    await second.totals.flush()
    const after = await second.totals.snapshot()
    for (const { by, hits } of [before, after]) {
      expect(Object.keys(by.tenant).sort()).toEqual(['(other)', 'a', 'b'])
      expect(by.tenant['(other)']?.hits).toBe(3)
      expect(hits).toBe(7)
    }
  })

  it('forgets days older than 400 days, and shows no more than that', async () => {
    const store = new WatchedTotals()
    let time = NOON
    const { listener, totals } = createLedger({ now: () => time, store, flushEveryMs: 0 })
    for (let day = 0; day < 450; day++) {
      listener(hit({ at: time }))
      time += DAY_MS
    }
    const { by, hits } = await totals.snapshot()
    expect(hits).toBe(450)
    expect(Object.keys(by.day).length).toBeLessThanOrEqual(401)
    await totals.flush()
    expect([...store.ttls.keys()].filter((key) => key.includes('days')).length).toBeLessThanOrEqual(15)
  })

  it('ignores fields that a later version or somebody else wrote', async () => {
    const store = new WatchedTotals()
    await store.add('ledger:1:whole', { hits: 1, 'future:x': 5, 'count:collapsed': 3 }, 1)
    await store.add('ledger:1:by:tenant', { 'hits:a:b': 1, 'future:a': 4, hits: 9 }, 1)
    const stats = await createLedger({ now, store }).totals.snapshot()
    expect(stats).toMatchObject({ hits: 1, collapsed: 3 })
    expect(Object.keys(stats.by.tenant)).toEqual(['a:b'])
  })
})

describe('the timer of the ledger', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('flushes a while after something was counted, and rests otherwise', async () => {
    const store = new WatchedTotals()
    const { listener } = createLedger({ now, store, flushEveryMs: 1_000 })
    expect(vi.getTimerCount()).toBe(0)
    listener(hit())
    listener(hit())
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await store.read(['ledger:1:whole']))[0]?.hits).toBe(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves it to flush with 0, and runs none without a store', () => {
    createLedger({ now, store: new WatchedTotals(), flushEveryMs: 0 }).listener(hit())
    createLedger({ now }).listener(hit())
    expect(vi.getTimerCount()).toBe(0)
  })
})

const anyEvent: fc.Arbitrary<CacheEvent> = fc
  .record({
    kind: fc.constantFrom('hit', 'stale', 'miss', 'bypass', 'write', 'tool'),
    tenant: fc.constantFrom(undefined, 'a', 'b', 'c', 'd'),
    name: fc.constantFrom('gpt-4o-mini', 'claude'),
    day: fc.nat({ max: 40 }),
    usd: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    tokens: fc.nat({ max: 5_000 }),
    durationMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
  })
  .map(({ kind, tenant, name, day, usd, tokens, durationMs }): CacheEvent => {
    const at = NOON - day * DAY_MS
    const usage = { inputTokens: tokens, outputTokens: 0, totalTokens: tokens }
    const avoided = { provider: 'p', name, usage, usd, durationMs }
    const overhead = { usd, tokens, durationMs }
    switch (kind) {
      case 'hit':
      case 'stale':
        return hit({ outcome: kind, at, tenant, name, avoided, overhead })
      case 'tool':
        return hit({ cache: 'tool', at, tenant, name, avoided, overhead })
      case 'write':
        return written({ at, tenant, name, call: { usage, usd, durationMs } })
      default:
        return lookup({ outcome: kind as 'miss' | 'bypass', at, tenant, name, overhead })
    }
  })

function comparable({ process: _process, ...stats }: CacheStats) {
  const sorted = (rows: Readonly<Record<string, StatsRow>>) => Object.fromEntries(Object.entries(rows).sort())
  const { namespace, tenant, model, tool, day } = stats.by
  return {
    ...stats,
    by: {
      namespace: sorted(namespace),
      tenant: sorted(tenant),
      model: sorted(model),
      tool: sorted(tool),
      day: sorted(day),
    },
  }
}

describe('properties of the ledger', () => {
  it('the rows of each dimension add up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent), fc.boolean(), async (events, flushes) => {
        const { listener, totals } = createLedger({ now, store: new WatchedTotals(), maxTenants: 2, flushEveryMs: 0 })
        for (const event of events) listener(event)
        if (flushes) await totals.flush()
        const stats = await totals.snapshot()
        expectSum(stats.by.namespace, stats)
        expectSum(stats.by.tenant, stats)
        expectSum(stats.by.day, stats)
        expectSum({ ...prefixed('model', stats.by.model), ...prefixed('tool', stats.by.tool) }, stats)
        expect(Object.keys(stats.by.tenant).length).toBeLessThanOrEqual(3)
      }),
    )
  })

  it('two ledgers on one store, flushing and failing in any order, equal one that saw everything', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('count' as const), ledger: fc.nat({ max: 1 }), event: anyEvent }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('flush' as const),
          ledger: fc.nat({ max: 1 }),
          failing: fc.nat({ max: 7 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('snapshot' as const), ledger: fc.nat({ max: 1 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const store = new WatchedTotals()
        const two = [
          createLedger({ now, store, flushEveryMs: 0 }),
          createLedger({ now, store, flushEveryMs: 0 }),
        ] as const
        const alone = createLedger({ now })
        const running: Promise<unknown>[] = []
        for (const one of steps) {
          const { listener, totals } = two[one.ledger as 0 | 1]
          if (one.do === 'count') {
            listener(one.event)
            alone.listener(one.event)
          } else if (one.do === 'snapshot') {
            running.push(totals.snapshot())
          } else {
            const failingFrom = store.adds + one.failing
            store.fails = () => store.adds > failingFrom
            running.push(totals.flush())
            if (one.failing % 2 === 0) await Promise.all(running)
          }
        }
        await Promise.all(running)
        store.fails = () => false
        await Promise.all([two[0].totals.flush(), two[1].totals.flush()])
        expect(comparable(await two[0].totals.snapshot())).toEqual(comparable(await alone.totals.snapshot()))
        expect(comparable(await two[1].totals.snapshot())).toEqual(comparable(await alone.totals.snapshot()))
      }),
    )
  })
})

function prefixed(prefix: string, rows: Readonly<Record<string, StatsRow>>) {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${prefix}:${name}`, row]))
}
