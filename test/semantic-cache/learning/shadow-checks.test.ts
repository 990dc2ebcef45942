import { describe, expect, it, vi } from 'vitest'
import type { ShadowEvent } from '../../../src/core/events.ts'
import type { SemanticCacheOptions } from '../../../src/create.ts'
import {
  type AnswerComparison,
  answerJudge,
  type CacheRecord,
  createSemanticCache,
  similarityThreshold,
} from '../../../src/index.ts'
import { answer, ask, cacheBench, collect, countingModel, gate, textIn } from '../../support/cache-bench.ts'

async function shadowBench(options: SemanticCacheOptions = {}) {
  const bench = await cacheBench({
    shadowRate: 1,
    shadowJudge: answerJudge(() => true, { name: 'always', errorRate: 0 }),
    ...options,
  })
  const checks = () => bench.events.filter((event): event is ShadowEvent => event.type === 'shadow')
  return { ...bench, checks }
}

describe('shadow checks', () => {
  it('call the model beside a hit by meaning, after the answer has gone out', async () => {
    const seen: AnswerComparison[] = []
    const { cache, checks } = await shadowBench({
      shadowJudge: answerJudge((comparison) => seen.push(comparison) > 0, { errorRate: 0.02 }),
    })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    const hit = await cache.getOrCall(ask('silent'), model.call)
    expect([textIn(hit.response), hit.record.tier, model.calls]).toEqual(['answer 1', 'semantic', 1])
    await cache.flush()
    expect(model.calls).toBe(2)
    expect(seen).toEqual([{ asked: 'silent', stored: 'listen', fresh: 'answer 2', reused: 'answer 1' }])
    expect(checks()).toEqual([
      expect.objectContaining({ of: 'hit', outcome: 'correct', entryKey: hit.record.entryKey, errorRate: 0.02 }),
    ])
  })

  it('make a right verdict evidence for the entry, and store nothing', async () => {
    const { cache, writes } = await shadowBench()
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    await cache.getOrCall(ask('silent'), model.call)
    await cache.flush()
    expect((await cache.inspect(record.key))?.evidence).toMatchObject({ correct: 1, wrong: 0 })
    expect(writes()).toHaveLength(1)
  })

  it('make a wrong verdict evidence against the entry, and store the fresh answer for the question asked', async () => {
    const { cache } = await shadowBench({ shadowJudge: () => false })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    await cache.getOrCall(ask('silent'), model.call)
    await cache.flush()
    expect((await cache.inspect(record.key))?.evidence).toMatchObject({ correct: 0, wrong: 1 })
    const again = await cache.getOrCall(ask('silent'), model.call)
    expect([textIn(again.response), again.record.tier]).toEqual(['answer 2', 'memory'])
    expect(model.calls).toBe(2)
  })

  it('compare the fresh answer with a near miss, which costs no call', async () => {
    const { cache, checks } = await shadowBench({ decision: similarityThreshold({ minSimilarity: 0.999 }) })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    const miss = await cache.getOrCall(ask('silents'), model.call)
    await cache.flush()
    expect([miss.record.reason, model.calls]).toEqual(['below-threshold', 2])
    expect(checks()).toEqual([expect.objectContaining({ of: 'miss', outcome: 'correct', entryKey: record.key })])
    expect((await cache.inspect(record.key))?.evidence.correct).toBe(1)
    expect((await cache.stats()).falseHits).toMatchObject({
      nearMisses: { observations: 1 },
      judge: { observations: 0 },
    })
  })

  it('check streams, and by a call that streams', async () => {
    const { cache, checks } = await shadowBench()
    const model = countingModel()
    await collect(cache.getOrStream(ask('listen'), model.stream))
    await cache.flush()
    const { text } = await collect(cache.getOrStream(ask('silent'), model.stream))
    await cache.flush()
    expect([text, model.calls, checks().length]).toEqual(['answer 1', 2, 1])
  })

  it('take the part of the hits that shadowRate says, by the random numbers given', async () => {
    const numbers = [0.1, 0.3, 0.299, 0.9]
    const { cache, checks } = await shadowBench({ shadowRate: 0.3, random: () => numbers.shift() ?? 0.9 })
    const model = countingModel()
    numbers.unshift(0.5)
    await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    for (const text of ['silent', 'tinsel', 'enlist', 'inlets']) await cache.getOrCall(ask(text), model.call)
    await cache.flush()
    expect(checks()).toHaveLength(2)
    expect(model.calls).toBe(3)
  })

  it('leave exact hits, lookups without a call and only-if-cached alone', async () => {
    const { cache, checks } = await shadowBench()
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    await cache.getOrCall(ask('listen'), model.call)
    await cache.lookup(ask('silent'))
    await cache.getOrCall(ask('silent'), model.call, { mode: 'only-if-cached' })
    await cache.flush()
    expect([checks().length, model.calls]).toEqual([0, 1])
  })

  it.each<[string, () => Promise<never>, object]>([
    ['the model fails', async () => Promise.reject(new Error('down')), { outcome: 'failed' }],
  ])('are an event and no error when %s', async (_what, call, expected) => {
    const { cache, checks } = await shadowBench()
    await cache.getOrCall(ask('listen'), countingModel().call)
    const { record } = await cache.getOrCall(ask('silent'), call)
    await cache.flush()
    expect(record.outcome).toBe('hit')
    expect(checks()).toEqual([expect.objectContaining(expected)])
  })

  it.each<[string, SemanticCacheOptions['shadowJudge'], string]>([
    [
      'throws',
      () => {
        throw new Error('x')
      },
      'failed',
    ],
    ['rejects', async () => Promise.reject(new Error('x')), 'failed'],
    ['gives nonsense', (() => 'yes') as never, 'failed'],
    ['cannot tell', () => undefined, 'unsure'],
  ])('of a judge that %s are no evidence', async (_what, shadowJudge, outcome) => {
    const { cache, checks } = await shadowBench({ shadowJudge })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    await cache.getOrCall(ask('silent'), model.call)
    await cache.flush()
    expect(checks()).toEqual([expect.objectContaining({ outcome })])
    expect((await cache.inspect(record.key))?.evidence).toEqual({ correct: 0, wrong: 0 })
  })

  it('take an answer that would not be stored for no yardstick', async () => {
    const { cache, checks } = await shadowBench({ shadowJudge: () => false })
    await cache.getOrCall(ask('listen'), countingModel().call)
    await cache.getOrCall(ask('silent'), async () => answer('cut', { finishReason: 'length' }))
    await cache.flush()
    expect(checks()).toEqual([expect.objectContaining({ outcome: 'failed' })])
  })

  it('by similarity alone are advice, counted apart, and never evidence', async () => {
    const { cache } = await shadowBench({ shadowJudge: 'similarity' })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    for (const [text, fresh] of [
      ['silent', 'answer 1'],
      ['tinsel', 'zzz'],
    ] as const) {
      await cache.getOrCall(ask(text), async () => answer(fresh))
    }
    await cache.flush()
    const { falseHits } = await cache.stats()
    expect(falseHits).toMatchObject({ advisory: { alike: 1, unlike: 1 }, judge: { observations: 0 } })
    expect((await cache.inspect(record.key))?.evidence).toEqual({ correct: 0, wrong: 0 })
  })

  it('count model and judge as overhead of the call, and not as spent', async () => {
    const prices = { 'openai/gpt-4o-mini': { inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 2 } }
    const judge = answerJudge(() => ({ correct: false, overhead: { usd: 0.5, tokens: 7 } }), { errorRate: 0 })
    const { cache } = await shadowBench({ shadowJudge: judge, prices })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    await cache.getOrCall(ask('silent'), model.call)
    await cache.flush()
    const { overhead, spent, by } = await cache.stats()
    expect(overhead.tokens).toBe(157)
    expect(overhead.usd).toBeGreaterThan(0.5)
    expect(spent.tokens).toBe(150)
    expect(by.model['gpt-4o-mini']?.overhead.tokens).toBe(157)
  })

  it('run a few at a time, leave out what is too much, and check a question once at a time', async () => {
    const { promise, open } = gate()
    let running = 0
    let most = 0
    const { cache, checks } = await shadowBench({
      maxPendingWrites: 10_000,
      shadowJudge: async () => {
        most = Math.max(most, ++running)
        await promise
        running--
        return true
      },
    })
    const model = countingModel()
    await cache.getOrCall(ask('aaaaaaaaaaaaaaaaaaaaaaaa'), model.call)
    const served = Array.from({ length: 120 }, (_, i) => `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ${'a'.repeat(i)}`)
    for (const text of [...served, ...served.slice(0, 1)]) {
      const { record } = await cache.getOrCall(ask(text), model.call)
      expect(record.tier).toBe('semantic')
    }
    await vi.waitFor(() => expect(running).toBe(4))
    open()
    await cache.flush()
    expect(most).toBe(4)
    const skipped = checks().filter(({ outcome }) => outcome === 'skipped').length
    expect(skipped).toBeGreaterThan(10)
    expect(checks()).toHaveLength(120)
    expect((await cache.stats()).falseHits.skipped).toBe(skipped)
  })

  it('end when the cache closes', async () => {
    const { cache, checks } = await shadowBench()
    await cache.getOrCall(ask('listen'), countingModel().call)
    await cache.getOrCall(
      ask('silent'),
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    await new Promise((resolve) => setTimeout(resolve, 5))
    await cache.close()
    expect(checks()).toEqual([expect.objectContaining({ outcome: 'failed' })])
  })

  it.each<[SemanticCacheOptions, RegExp]>([
    [{ shadowRate: 1.5, shadowJudge: () => true }, /shadowRate must be a number in \[0, 1\], got 1.5/],
    [{ shadowRate: Number.NaN, shadowJudge: () => true }, /shadowRate/],
    [{ shadowRate: 0.1 }, /shadowJudge must be given with shadowRate 0.1/],
    [{ shadowRate: 0.1, shadowJudge: () => true, decision: 'exact' }, /shadowRate must be 0 with decision 'exact'/],
    [{ shadowRate: 0.1, shadowJudge: 'model' as never }, /shadowJudge must be an AnswerJudge/],
    [
      { shadowRate: 0.1, shadowJudge: { name: 'x', errorRate: 0.6, judge: async () => ({}) } },
      /errorRate must be a number in \[0, 0.5\)/,
    ],
    [
      {
        shadowRate: 0.1,
        shadowJudge: { name: 'x', errorRate: { falseAlarms: { count: 5, of: 4 } } as never, judge: async () => ({}) },
      },
      /falseAlarms/,
    ],
  ])('refuse %o', async (options, message) => {
    const decision = similarityThreshold({ minSimilarity: 0.9 })
    await expect(createSemanticCache({ decision, ...options })).rejects.toThrow(message)
  })
})

describe('quarantine', () => {
  async function served(verdicts: readonly boolean[]) {
    const bench = await cacheBench()
    const model = countingModel()
    const { record } = await bench.cache.getOrCall(ask('listen'), model.call)
    await bench.cache.flush()
    for (const correct of verdicts) {
      const hit: CacheRecord = (await bench.cache.getOrCall(ask('silent'), model.call)).record
      await bench.cache.feedback(hit, { correct })
    }
    return { ...bench, model, own: record }
  }

  it('keeps an entry that went wrong from other questions, not from its own', async () => {
    const { cache, model } = await served([false])
    const other = await cache.getOrCall(ask('silent'), model.call)
    expect(other.record).toMatchObject({ outcome: 'miss', reason: 'quarantined' })
    expect((await cache.getOrCall(ask('listen'), model.call)).record).toMatchObject({ outcome: 'hit', tier: 'exact' })
    expect((await cache.stats()).reasons.quarantined).toBe(1)
  })

  it('takes one wrong verdict among enough right ones for an accident', async () => {
    const { cache, model } = await served([true, true, true, true, false])
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('hit')
  })

  it('keeps an answer that is wrong for its own question from everybody, until it is replaced', async () => {
    const { cache, model, own } = await served([])
    await cache.feedback(own, { correct: false })
    expect((await cache.lookup(ask('silent'))).record.reason).toBe('quarantined')
    expect((await cache.lookup(ask('listen'))).record.reason).toBe('quarantined')
    await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    const again = await cache.getOrCall(ask('listen'), model.call)
    expect([textIn(again.response), again.record.outcome]).toEqual(['answer 2', 'hit'])
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('hit')
  })

  it('ends when shadow checks of misses find the answer right often enough', async () => {
    const { cache } = await cacheBench({ shadowRate: 1, shadowJudge: ({ asked }) => asked !== 'silent' })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    const reasons: unknown[] = []
    for (const text of ['silent', 'tinsel', 'enlist', 'inlets', 'slinte', 'nestil']) {
      const { record } = await cache.getOrCall(ask(text), model.call)
      await cache.flush()
      reasons.push(record.reason ?? record.outcome)
      // What was stored meanwhile would answer the next one.
      await cache.invalidate({ keys: [record.key] })
    }
    expect(reasons).toEqual(['hit', 'quarantined', 'quarantined', 'quarantined', 'quarantined', 'hit'])
  })
})
