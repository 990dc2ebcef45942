import { describe, expect, it } from 'vitest'
import { ask, cacheBench, countingModel, lettersEmbedder, textIn } from '../support/cache-bench.ts'

describe('the tiers', () => {
  it('answers from memory, then from the store, then by meaning', async () => {
    const { cache, clock } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('listen'), model.call)).record).toMatchObject({
      outcome: 'hit',
      tier: 'memory',
      similarity: 1,
    })
    clock.now += 5_000
    expect((await cache.getOrCall(ask('listen'), model.call)).record).toMatchObject({
      outcome: 'hit',
      tier: 'exact',
      ageMs: 5_000,
    })
    const { record, response } = await cache.getOrCall(ask('silent'), model.call)
    expect(record).toMatchObject({ outcome: 'hit', tier: 'semantic', ageMs: 5_000 })
    expect(record.similarity).toBeCloseTo(1)
    expect(record.entryKey).not.toBe(record.key)
    expect(textIn(response)).toBe('answer 1')
    expect(model.calls).toBe(1)
  })

  it('says on a miss what came closest, and why it was not taken', async () => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    expect((await cache.getOrCall(ask('abc'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'no-candidate',
    })
    const { record } = await cache.getOrCall(ask('abz'), model.call)
    expect(record).toMatchObject({ outcome: 'miss', reason: 'below-threshold', entryKey: expect.any(String) })
    expect(record.similarity).toBeCloseTo(2 / 3)
    expect(lookups().at(-1)).toMatchObject({
      outcome: 'miss',
      similarity: record.similarity,
      entryKey: record.entryKey,
    })
  })

  it('finds by meaning what this process asked a moment ago, without waiting for a flush', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record).toMatchObject({ tier: 'semantic' })
  })

  it('reads its own writes from the store when the memory tier is off', async () => {
    const { cache } = await cacheBench({ memory: { maxEntries: 0 } })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('listen'), model.call)).record).toMatchObject({ outcome: 'hit', tier: 'exact' })
  })

  it('embeds nothing on an exact hit, and once on a miss', async () => {
    let texts = 0
    const letters = lettersEmbedder()
    const embedder = lettersEmbedder({
      embed: (asked) => {
        texts += asked.length
        return letters.embed(asked)
      },
    })
    const { cache } = await cacheBench({ embedder, memory: { maxEntries: 0 } })
    const model = countingModel()
    for (let i = 0; i < 3; i++) await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    expect(texts).toBe(1)
  })

  it('reuses by the very same request only, as long as no decision policy is given', async () => {
    const { cache } = await cacheBench({
      decision: 'exact',
      embedder: {
        describe: () => {
          throw new Error('unused')
        },
        embed: () => {
          throw new Error('unused')
        },
      },
    })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    const { record } = await cache.getOrCall(ask('silent'), model.call)
    expect(record).toMatchObject({ outcome: 'miss', reason: 'not-found' })
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('hit')
  })

  it('keeps the vectors of two embedders apart, and exact entries across them', async () => {
    const first = await cacheBench()
    const model = countingModel()
    await first.cache.getOrCall(ask('listen'), model.call)
    await first.cache.flush()
    const other = lettersEmbedder({ describe: async () => ({ id: 'other letters', dimensions: 27 }) })
    const second = await cacheBench({ store: first.faults.store, embedder: other })
    expect((await second.cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('miss')
    expect((await second.cache.getOrCall(ask('listen'), model.call)).record).toMatchObject({
      outcome: 'hit',
      tier: 'exact',
    })
  })

  it('gives every caller data of its own', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const first = await cache.getOrCall(ask('hi'), model.call)
    for (let i = 0; i < 3; i++) {
      const { response } = await cache.getOrCall(ask('hi'), model.call)
      expect(textIn(response)).toBe('answer 1')
      ;(response.content as unknown[]).length = 0
      ;(first.response.content as unknown[]).length = 0
    }
  })

  it('reports zero usage and the saved money on a hit', async () => {
    const { cache } = await cacheBench({
      prices: { 'gpt-4o-mini': { inputUsdPerMillionTokens: 1_000, outputUsdPerMillionTokens: 2_000 } },
    })
    const model = countingModel()
    const miss = await cache.getOrCall(ask('hi'), model.call)
    expect(miss.response.usage?.totalTokens).toBe(150)
    const hit = await cache.getOrCall(ask('hi'), model.call)
    expect(hit.response.usage).toEqual({ inputTokens: 0, outputTokens: 0, totalTokens: 0 })
    expect(hit.record.avoidedUsd).toBeCloseTo(0.2)
    const stats = await cache.stats()
    expect(stats).toMatchObject({ hits: 1, misses: 1, hitRate: 0.5, tiers: { memory: 1 } })
    expect(stats.avoided).toMatchObject({ tokens: 150, unpricedCalls: 0 })
    expect(stats.avoided.usd).toBeCloseTo(0.2)
    expect(stats.spent.usd).toBe(0)
    await cache.flush()
    expect((await cache.stats()).spent.usd).toBeCloseTo(0.2)
  })

  it('does not price what has no known price', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const local = ask('hi', { provider: 'ollama', model: 'my-own' })
    await cache.getOrCall(local, model.call)
    const { record } = await cache.getOrCall(local, model.call)
    expect(record).not.toHaveProperty('avoidedUsd')
    expect((await cache.stats()).avoided).toMatchObject({ usd: 0, unpricedCalls: 1, tokens: 150 })
  })
})

describe('the time of entries', () => {
  it('ends at ttlMs, absolutely, however often it is asked for', async () => {
    const { cache, clock } = await cacheBench({ ttlMs: 10_000, memory: { maxEntries: 0 } })
    const model = countingModel()
    for (const wait of [0, 4_000, 4_000]) {
      clock.now += wait
      await cache.getOrCall(ask('hi'), model.call)
    }
    expect(model.calls).toBe(1)
    clock.now += 2_000
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('slides with every hit when asked to, in memory and in the store', async () => {
    for (const maxEntries of [0, 10]) {
      const { cache, clock } = await cacheBench({ ttlMs: 10_000, slidingTtl: true, memory: { maxEntries } })
      const model = countingModel()
      for (const wait of [0, 8_000, 2_000, 7_000, 9_000]) {
        clock.now += wait
        await cache.getOrCall(ask('hi'), model.call)
        await cache.flush()
      }
      expect(model.calls).toBe(1)
      clock.now += 10_000
      expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
    }
  })

  it('takes the ttlMs of the call', async () => {
    const { cache, clock } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call, { ttlMs: 50 })
    clock.now += 50
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('shortens lives at random, never beyond ttlMs', async () => {
    const { cache, clock } = await cacheBench({
      ttlMs: 1_000,
      ttlJitter: 0.2,
      random: () => 0.5,
      memory: { maxEntries: 0 },
    })
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call)
    clock.now += 899
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('hit')
    clock.now += 1
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('does not reuse what is older than the call allows, in any tier', async () => {
    const { cache, clock } = await cacheBench({ memory: { maxAgeMs: 100_000 } })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    clock.now += 1_000
    expect((await cache.getOrCall(ask('listen'), model.call, { maxAgeMs: 1_000 })).record.tier).toBe('memory')
    for (const text of ['listen', 'silent']) {
      const { record } = await cache.lookup(ask(text), { maxAgeMs: 999 })
      expect(record).toMatchObject({ outcome: 'miss', reason: 'too-old' })
    }
  })

  it('serves a stale entry while one call renews it', async () => {
    const { cache, clock, lookups } = await cacheBench({ ttlMs: 1_000, staleWhileRevalidateMs: 500 })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    clock.now += 1_200
    const stale = await Promise.all([1, 2, 3].map(() => cache.getOrCall(ask('listen'), model.call)))
    expect(stale.map(({ record, response }) => [record.outcome, textIn(response)])).toEqual(
      [1, 2, 3].map(() => ['stale', 'answer 1']),
    )
    await cache.flush()
    expect(model.calls).toBe(2)
    const renewed = await cache.getOrCall(ask('listen'), model.call)
    expect([renewed.record.outcome, textIn(renewed.response)]).toEqual(['hit', 'answer 2'])
    expect((await cache.getOrCall(ask('silent'), model.call)).record).toMatchObject({
      outcome: 'hit',
      tier: 'semantic',
    })
    clock.now += 1_600
    expect((await cache.getOrCall(ask('listen'), model.call)).record.outcome).toBe('miss')
    expect(lookups().map(({ outcome }) => outcome)).toEqual(['miss', 'stale', 'stale', 'stale', 'hit', 'hit', 'miss'])
  })

  it('keeps the stale answer when its renewal fails, and says so', async () => {
    const { cache, clock, writes } = await cacheBench({ ttlMs: 1_000, staleWhileRevalidateMs: 5_000 })
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call)
    clock.now += 1_200
    const failing = () => Promise.reject(new Error('down'))
    expect((await cache.getOrCall(ask('hi'), failing)).record.outcome).toBe('stale')
    await cache.flush()
    expect(writes().at(-1)).toMatchObject({ outcome: 'refused', reason: 'refresh-failed' })
    expect((await cache.getOrCall(ask('hi'), failing)).record.outcome).toBe('stale')
    await cache.flush()
  })
})
