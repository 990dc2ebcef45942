import { describe, expect, it } from 'vitest'
import type { CallControls } from '../../src/index.ts'
import { ask, cacheBench, collect, countingModel, textIn } from '../support/cache-bench.ts'

describe('controls of a call', () => {
  it('bypass neither reads nor writes', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call)
    expect((await cache.getOrCall(ask('hi'), model.call, { mode: 'bypass' })).record).toMatchObject({
      outcome: 'bypass',
      reason: 'mode-bypass',
    })
    await cache.getOrCall(ask('ho'), model.call, { mode: 'bypass' })
    expect((await cache.getOrCall(ask('ho'), model.call)).record.outcome).toBe('miss')
    expect(textIn((await cache.getOrCall(ask('hi'), model.call)).response)).toBe('answer 1')
  })

  it('refresh calls and writes without reading, also for those who ask alike', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    const refreshed = await cache.getOrCall(ask('listen'), model.call, { mode: 'refresh' })
    expect(refreshed.record).toMatchObject({ outcome: 'miss', reason: 'refresh' })
    expect(textIn((await cache.getOrCall(ask('listen'), model.call)).response)).toBe('answer 2')
    const alike = await cache.getOrCall(ask('silent'), model.call)
    expect([alike.record.tier, textIn(alike.response)]).toEqual(['semantic', 'answer 2'])
  })

  it('only-if-cached never calls the model: a hit, or the one deliberate error', async () => {
    const { cache, faults } = await cacheBench()
    const model = countingModel()
    await expect(cache.getOrCall(ask('hi'), model.call, { mode: 'only-if-cached' })).rejects.toMatchObject({
      code: 'NOT_CACHED',
    })
    await expect(collect(cache.getOrStream(ask('hi'), model.stream, { mode: 'only-if-cached' }))).rejects.toMatchObject(
      { code: 'NOT_CACHED' },
    )
    expect(model.calls).toBe(0)
    await cache.getOrCall(ask('hi'), model.call)
    expect((await cache.getOrCall(ask('hi'), model.call, { mode: 'only-if-cached' })).record.outcome).toBe('hit')
    faults.break('all', { kind: 'fail' })
    await expect(cache.getOrCall(ask('ho'), model.call, { mode: 'only-if-cached' })).rejects.toMatchObject({
      code: 'NOT_CACHED',
      message: expect.stringContaining('store-failed'),
    })
    expect(model.calls).toBe(1)
  })

  it('minSimilarity is a floor under any policy', async () => {
    const { cache } = await cacheBench({
      decision: {
        name: 'anything',
        decide: async (_query, [reuse]) =>
          reuse
            ? { reuse, findings: [], overhead: { tokens: 0 } }
            : { reason: 'no-candidate', findings: [], overhead: { tokens: 0 } },
      },
    })
    const model = countingModel()
    await cache.getOrCall(ask('aab'), model.call)
    expect((await cache.getOrCall(ask('abb'), model.call, { minSimilarity: 0.81 })).record).toMatchObject({
      outcome: 'miss',
      reason: 'below-threshold',
    })
    await cache.invalidate({ namespace: 'default' })
    await cache.getOrCall(ask('aab'), model.call)
    expect((await cache.getOrCall(ask('abb'), model.call, { minSimilarity: 0.79 })).record.outcome).toBe('hit')
  })

  it.each<[CallControls, string]>([
    [{ ttlMs: 0 }, 'ttlMs must be a number ≥ 1 and finite, got 0'],
    [{ ttlMs: Number.POSITIVE_INFINITY }, 'ttlMs must be a number ≥ 1 and finite, got Infinity'],
    [{ maxAgeMs: -1 }, 'maxAgeMs must be a number ≥ 0 and finite, got -1'],
    [{ minSimilarity: Number.NaN }, 'minSimilarity must be a number in [-1, 1], got NaN'],
    [{ tenant: '' }, 'tenant must be a non-empty string, got ""'],
    [{ tags: 'a' } as never, 'tags must be an array of non-empty strings, got "a"'],
    [{ mode: 'fast' } as never, 'mode must be one of default, bypass, refresh, only-if-cached, got "fast"'],
    [{ ttl: 5 } as never, 'a call control must be one of'],
  ])('stands aside for %o, and says why', async (controls, message) => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    const { record, response } = await cache.getOrCall(ask('hi'), model.call, controls)
    expect(textIn(response)).toBe('answer 1')
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'invalid-controls' })
    expect(lookups()[0]?.detail).toContain(message)
  })
})
