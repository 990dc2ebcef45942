import { describe, expect, it } from 'vitest'
import type { SemanticCacheOptions } from '../../../src/create.ts'
import { answerJudge, createSemanticCache, embeddedStore, learned, similarityThreshold } from '../../../src/index.ts'
import { ask, cacheBench, countingModel, lettersEmbedder } from '../../support/cache-bench.ts'

/** Similar by letters; the judge calls wrong whatever the test says. */
function options(wrong: (asked: string) => boolean, given: SemanticCacheOptions = {}): SemanticCacheOptions {
  return {
    decision: learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.05 }),
    shadowRate: 1,
    shadowJudge: answerJudge(({ asked }) => !wrong(asked), { errorRate: 0 }),
    ...given,
  }
}

/** Pairs of questions of which the second finds the first; no two pairs are alike. */
function pairs(count: number): [string, string][] {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const found: [string, string][] = []
  for (let i = 0; i < 26 && found.length < count; i++) {
    for (let j = i + 1; j < 26 && found.length < count; j++) {
      const word = (letters[i] as string).repeat(6) + (letters[j] as string).repeat(6)
      found.push([word, `${word}${letters[j]}`])
    }
  }
  return found
}

async function through(cache: Awaited<ReturnType<typeof cacheBench>>['cache'], asked: readonly [string, string][]) {
  const model = countingModel()
  const records = []
  for (const [first, second] of asked) {
    await cache.getOrCall(ask(first), model.call)
    await cache.flush()
    records.push((await cache.getOrCall(ask(second), model.call)).record)
    await cache.flush()
    // Each pair by itself.
    await cache.invalidate({ namespace: cache.namespace })
  }
  return records
}

describe('a cache that learns', () => {
  it('stops reusing once checks have refuted the bar, and says so', async () => {
    const { cache } = await cacheBench(options(() => true))
    const records = await through(cache, pairs(8))
    expect(records[0]).toMatchObject({ outcome: 'hit', tier: 'semantic' })
    expect(records[0]?.margin).toBeGreaterThan(0)
    expect(records.at(-1)).toMatchObject({ outcome: 'miss', reason: 'below-learned-bar' })
    const { falseHits, reasons } = await cache.stats()
    expect(falseHits.judge.observations).toBeGreaterThan(0)
    expect(falseHits.nearMisses.observations).toBeGreaterThan(0)
    expect(reasons['below-learned-bar']).toBeGreaterThan(0)
  })

  it('goes on reusing without learning: the same traffic, the same policy', async () => {
    const { cache } = await cacheBench(options(() => true, { decision: similarityThreshold({ minSimilarity: 0.9 }) }))
    const records = await through(cache, pairs(8))
    expect(records.map(({ outcome }) => outcome)).toEqual(Array(8).fill('hit'))
  })

  it('learns by feedback alone as well', async () => {
    const { cache } = await cacheBench({
      decision: learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.05 }),
    })
    const model = countingModel()
    const outcomes = []
    for (const [first, second] of pairs(10)) {
      await cache.getOrCall(ask(first), model.call)
      await cache.flush()
      const { record } = await cache.getOrCall(ask(second), model.call)
      outcomes.push(record.outcome)
      if (record.outcome === 'hit') await cache.feedback(record, { correct: false })
      await cache.invalidate({ namespace: cache.namespace })
    }
    expect(outcomes[0]).toBe('hit')
    expect(outcomes.at(-1)).toBe('miss')
    expect((await cache.stats()).falseHits.feedback.rate).toBe(1)
  })

  it('starts closed, and opens after enough right answers', async () => {
    const decision = learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.3, start: 'closed' })
    const { cache } = await cacheBench(options(() => false, { decision }))
    const records = await through(cache, pairs(40))
    expect(records[0]).toMatchObject({ outcome: 'miss', reason: 'below-learned-bar' })
    expect(records.at(-1)).toMatchObject({ outcome: 'hit', tier: 'semantic' })
  })

  it('shares what was learned with other processes on the store, and after a restart', async () => {
    const store = embeddedStore()
    const make = () => createSemanticCache({ ...options(() => true), store, embedder: lettersEmbedder() })
    const [first, second] = [await make(), await make()]
    await through(first, pairs(8))
    const [record] = await through(second, pairs(1))
    expect(record).toMatchObject({ outcome: 'miss', reason: 'below-learned-bar' })
    const other = await createSemanticCache({
      ...options(() => true),
      store,
      embedder: lettersEmbedder({ describe: async () => ({ id: 'another', dimensions: 27 }) }),
    })
    expect((await through(other, pairs(1)))[0]).toMatchObject({ outcome: 'hit' })
  })

  it('decides by the calibration while the store cannot say what was learned', async () => {
    const { cache, faults } = await cacheBench(options(() => false, { breaker: { failures: 1_000 } }))
    faults.break('read', { kind: 'fail' })
    faults.break('add', { kind: 'fail' })
    const [record] = await through(cache, pairs(1))
    expect(record).toMatchObject({ outcome: 'hit', tier: 'semantic' })
  })

  it('wants shadow checks by a judge that states its errors where it starts closed', async () => {
    const decision = learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.05, start: 'closed' })
    await expect(createSemanticCache({ decision })).rejects.toThrow(/shadowRate must be above 0/)
    await expect(createSemanticCache({ decision, shadowRate: 0.1, shadowJudge: () => true })).rejects.toThrow(
      /errorRate/,
    )
  })

  it('refuses feedback that cannot be meant', async () => {
    const { cache } = await cacheBench()
    const record = { outcome: 'hit', tier: 'semantic', key: 'k', entryKey: 'e' } as const
    for (const [given, verdict] of [
      [{ ...record, margin: Number.NaN }, { correct: true }],
      [{ ...record, probability: 'high' }, { correct: true }],
      [record, { correct: 'yes' }],
      ['hit', { correct: true }],
    ]) {
      await expect(cache.feedback(given as never, verdict as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
  })
})
