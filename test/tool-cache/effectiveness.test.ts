import { describe, expect, it } from 'vitest'
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
