import { describe, expect, it } from 'vitest'
import { createToolCache } from '../../src/create-tool-cache.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { redisStore } from '../../src/stores/redis/create-redis-store.ts'
import type { ToolCache } from '../../src/tool-cache/tool-cache.ts'
import { startRedis } from '../support/redis-server.ts'
import { aToolCache } from './tool-calls.ts'

/** Asks for one thing again and again; `answer` says what the tool would say at which time. */
async function used({
  rounds,
  everyMs,
  ttlMs,
  answer,
  costUsd,
  args = () => ({ id: 1 }),
}: {
  rounds: number
  everyMs: number
  ttlMs: number
  answer: (at: number) => unknown
  costUsd?: number
  args?: (round: number) => object
}) {
  const { cache, clock } = await aToolCache({ policies: { get: { ttlMs, ...(costUsd !== undefined && { costUsd }) } } })
  for (let round = 0; round < rounds; round++) {
    await cache.getOrCall({ name: 'get', args: args(round) }, async () => ({ content: answer(clock.now) }))
    await cache.flush()
    clock.now += everyMs
  }
  const [row] = await cache.effectiveness()
  return row
}

describe('effectiveness', () => {
  it('asks for more calls before it says anything', async () => {
    expect(await used({ rounds: 3, everyMs: 1, ttlMs: 1_000, answer: () => 1 })).toMatchObject({
      tool: 'get',
      suggestion: 'not-enough-calls',
      figures: { calls: 3, hits: 2, misses: 1, ttlMs: 1_000 },
    })
  })

  it('suggests a longer life when what is fetched again is the same', async () => {
    const row = await used({ rounds: 60, everyMs: 500, ttlMs: 1_000, answer: () => 'same', costUsd: 0.1 })
    expect(row).toMatchObject({
      suggestion: 'raise-ttl',
      suggestedTtlMs: 2_000,
      figures: { refetched: 29, refetchedSame: 29, hitRate: 0.5 },
    })
    expect(row?.figures.avoidedUsd).toBeCloseTo(3)
    expect(row?.why).toMatch(/29 of 29 results were the same/)
  })

  it('suggests a shorter life when it has changed', async () => {
    const row = await used({ rounds: 60, everyMs: 500, ttlMs: 1_000, answer: (at) => Math.floor(at / 1_000) })
    expect(row).toMatchObject({ suggestion: 'lower-ttl', figures: { refetchedSame: 0 } })
    expect(row?.suggestedTtlMs).toBeLessThan(100)
  })

  it('suggests to switch off what is hardly ever asked twice', async () => {
    const row = await used({ rounds: 60, everyMs: 1, ttlMs: 60_000, answer: () => 'x', args: (round) => ({ round }) })
    expect(row).toMatchObject({ suggestion: 'switch-off', why: expect.stringMatching(/0\.0 % of 60 lookups/) })
  })

  it('keeps what works', async () => {
    expect(await used({ rounds: 60, everyMs: 1, ttlMs: 60_000, answer: () => 'x', costUsd: 1 })).toMatchObject({
      suggestion: 'keep',
      figures: { hits: 59 },
    })
  })

  it('takes what an invalidation threw away for no evidence about the life', async () => {
    const { cache, clock, ask } = await aToolCache()
    const read = { name: 'get', args: { id: 1 }, policy: { reads: ['thing:{id}'], costUsd: 1 } }
    for (let round = 0; round < 30; round++) {
      await ask(read)
      await ask(read)
      await ask({ name: 'set', args: { id: 1 }, policy: { writes: ['thing:{id}'] } })
      clock.now += 1_000
    }
    expect(await cache.effectiveness()).toMatchObject([
      { tool: 'get', suggestion: 'keep', figures: { refetched: 0 } },
      { tool: 'set', suggestion: 'not-cached' },
    ])
  })
})

describe('effectiveness of several processes', () => {
  const once = async (cache: ToolCache, id: number) => {
    await cache.getOrCall({ name: 'get', args: { id }, policy: { ttlMs: 60_000, costUsd: 1 } }, async () => ({
      content: id,
    }))
  }

  it('counts the calls of all on one Redis, once each, as their figures are sent', async () => {
    const redis = await startRedis()
    try {
      const open = () =>
        createToolCache({ store: redisStore({ url: redis.url }), random: () => 0, storeDeadlineMs: 10_000 })
      const [one, two] = [await open(), await open()]
      for (const id of [1, 2, 3]) await once(one, id)
      await one.flush()
      for (const id of [1, 2, 3, 4]) await once(two, id)
      await two.flush()
      const all = { calls: 7, hits: 3, misses: 4, hitRate: 3 / 7, avoidedUsd: 3, ttlMs: 60_000 }
      for (const cache of [one, two]) expect(await cache.effectiveness()).toMatchObject([{ tool: 'get', figures: all }])
      await once(one, 1)
      expect(await one.effectiveness()).toMatchObject([{ figures: { calls: 8, hits: 4 } }])
      expect(await two.effectiveness()).toMatchObject([{ figures: { calls: 7 } }])
      await one.close()
      expect(await two.effectiveness()).toMatchObject([{ figures: { calls: 8 } }])
      await two.close()
      const later = await open()
      expect(await later.effectiveness()).toMatchObject([{ tool: 'get', figures: { calls: 8, ttlMs: 60_000 } }])
      await later.close()
    } finally {
      await redis.stop()
    }
  }, 60_000)

  it('keeps namespaces apart, and forgets after three months', async () => {
    const clock = { now: Date.UTC(2026, 0, 31) }
    const store = embeddedStore({ now: () => clock.now })
    const cacheOf = (namespace: string) => createToolCache({ store, namespace, now: () => clock.now })
    const [a, b] = [await cacheOf('a'), await cacheOf('b')]
    await once(a, 1)
    await a.flush()
    expect(await b.effectiveness()).toEqual([])
    clock.now = Date.UTC(2026, 2, 31)
    expect(await (await cacheOf('a')).effectiveness()).toMatchObject([{ figures: { calls: 1 } }])
    clock.now = Date.UTC(2026, 3, 1)
    expect(await (await cacheOf('a')).effectiveness()).toEqual([])
  })

  it('sends what a failing store did not take with the next flush, and shows it meanwhile', async () => {
    const inner = embeddedStore()
    let isDown = false
    const down = async (): Promise<never> => {
      throw new Error('down')
    }
    const store = new Proxy(inner, {
      get(target, name) {
        if (isDown && (name === 'add' || name === 'read')) return down
        const member = Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    const cache = await createToolCache({ store, breaker: { halfOpenAfterMs: 0 } })
    await once(cache, 1)
    await cache.flush()
    isDown = true
    await once(cache, 1)
    await cache.flush()
    expect(await cache.effectiveness()).toMatchObject([{ figures: { calls: 2, hits: 1 } }])
    isDown = false
    await cache.flush()
    const other = await createToolCache({ store: inner })
    expect(await other.effectiveness()).toMatchObject([{ figures: { calls: 2, hits: 1 } }])
  })
})
