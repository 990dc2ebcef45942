import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../../src/core/entry.ts'
import { CacheError } from '../../../src/core/errors.ts'
import { calibrated } from '../../../src/semantic-cache/decision/calibrated.ts'
import { fitFor, shippedFits } from '../../../src/semantic-cache/decision/fits/index.ts'
import { leastScore, probabilityOf } from '../../../src/semantic-cache/decision/parameters.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import { scoreOf } from '../../../src/semantic-cache/decision/trees.ts'
import { answerJudge } from '../../../src/semantic-cache/learning/compare-answers.ts'

const signal = new AbortController().signal
const vector = Float32Array.of(1, 0)

function candidate(queryText: string | undefined, similarity = 0.95): Candidate<string> {
  const entry = {
    key: queryText ?? 'none',
    namespace: 'n',
    tags: [],
    scope: 's',
    value: 'v',
    origin: { provider: 'p', name: 'm', durationMs: 1 },
    createdAt: 0,
    expiresAt: 1,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
    vector,
    ...(queryText === undefined ? {} : { queryText }),
  }
  return { entry, similarity }
}

const decide = (
  text: string,
  stored: readonly (string | undefined)[],
  maxFalseHitRate = 0.05,
  embedderId = 'somebody/unknown',
) =>
  calibrated({ maxFalseHitRate }).decide(
    { text, vector, embedderId },
    stored.map((one) => candidate(one)),
    { signal },
  )

describe('calibrated', () => {
  it.each([0, -1, 0.6, Number.NaN, Number.POSITIVE_INFINITY, '0.01'])(
    'refuses maxFalseHitRate %s',
    (maxFalseHitRate) => {
      expect(() => calibrated({ maxFalseHitRate: maxFalseHitRate as number })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('maxFalseHitRate') }),
      )
    },
  )

  it('refuses parameters that are no fits', () => {
    expect(() => calibrated({ parameters: [{}] as never })).toThrow(CacheError)
    expect(() => calibrated({ parameters: {} as never })).toThrow(CacheError)
    expect(() => calibrated({ parameters: [] })).toThrow(/parameters must be left out .* got an array of 0/)
  })

  it('refuses options it does not know, as every policy does', () => {
    expect(() => calibrated({ maxFalseHits: 0.5 } as never)).toThrow(
      'option of calibrated must be one of maxFalseHitRate, parameters, got "maxFalseHits"',
    )
    expect(() => similarityThreshold({ minSimilarity: 0.9, min: 0.8 } as never)).toThrow(
      'option of similarityThreshold must be one of minSimilarity, got "min"',
    )
    expect(() => answerJudge(() => true, { errorrate: 0.1 } as never)).toThrow(
      'option of answerJudge must be one of name, errorRate, got "errorrate"',
    )
  })

  it('says which rate it keeps', () => {
    expect(calibrated().name).toBe('calibrated(0.01)')
  })

  it('misses with no-candidate and with no-query-text', async () => {
    expect((await decide('how do I reset my password', [])).reason).toBe('no-candidate')
    expect((await decide('how do I reset my password', [undefined])).reason).toBe('no-query-text')
  })

  it('rejects once its signal is aborted', async () => {
    const aborted = AbortSignal.abort(new Error('gone'))
    await expect(
      calibrated().decide({ text: 'a', vector, embedderId: 'x' }, [candidate('a')], { signal: aborted }),
    ).rejects.toThrow('gone')
  })

  it.each([
    ['convert 100 USD to EUR', 'convert 200 USD to EUR'],
    ['turn on dark mode', 'turn off dark mode'],
    ['what did the market do yesterday', 'what did the market do on 2024-05-01'],
    ['flights from Boston to Denver', 'flights from Denver to Boston'],
    ['怎么打开深色模式', '怎么关闭深色模式'],
    ['100美元是多少欧元', '200美元是多少欧元'],
  ])('never answers "%s" with the answer to "%s"', async (asked, stored) => {
    const decision = await decide(asked, [stored], 0.5)
    expect(decision.reason).toBe('guard-veto')
    expect(decision.findings.some(({ verdict }) => verdict === 'differ')).toBe(true)
  })

  it.each([
    ['How do I reset my password?', 'how do i reset my pasword'],
    ['How can I reset my password?', 'How do I reset my password'],
    ['什么是量子计算', '什么是量子计算？'],
  ])('answers "%s" with the answer to "%s"', async (asked, stored) => {
    // An embedder without a fit is judged cautiously: asked for more, it allows what it is sure of.
    expect((await decide(asked, [stored], 0.4)).reuse?.entry.queryText).toBe(stored)
  })

  it('takes the candidate that fits, not the closest one', async () => {
    const decision = await decide('turn on dark mode in the app', [
      'turn off dark mode in the app',
      'turn on dark mode in the app.',
    ])
    expect(decision.reuse?.entry.queryText).toBe('turn on dark mode in the app.')
  })

  it('does not go past a closer candidate that is merely in doubt', async () => {
    const candidates = [candidate('opening hours of the bank', 0.99), candidate('how do I open an account?', 0.9)]
    const query = { text: 'how do I open an accout', vector, embedderId: 'somebody/unknown' }
    const alone = await calibrated({ maxFalseHitRate: 0.4 }).decide(query, candidates.slice(1), { signal })
    const both = await calibrated({ maxFalseHitRate: 0.4 }).decide(query, candidates, { signal })
    expect(alone.reuse?.entry.queryText).toBe('how do I open an account?')
    expect(both.reuse).toBe(undefined)
  })

  it('says so when the embedder has no fit of its own', async () => {
    const { findings } = await decide('how do I fly a kite', ['what makes a kite fly'])
    expect(findings).toContainEqual(
      expect.objectContaining({
        guard: 'calibration',
        verdict: 'unsure',
        asked: expect.stringContaining('somebody/unknown'),
      }),
    )
  })

  it('reuses in a language without a fit only where every word is kept', async () => {
    expect((await decide('Как сбросить пароль', ['как сбросить пароль?'])).reuse).toBeDefined()
    expect((await decide('Как включить звук', ['Как выключить звук'])).reuse).toBeUndefined()
  })

  it('keeps the candidates apart from those whose text is not stored', async () => {
    expect((await decide('hello there', [undefined, 'hello there'])).reuse?.entry.queryText).toBe('hello there')
  })
})

describe('the shipped fits', () => {
  it.each(shippedFits().map((fit) => [fit.name, fit] as const))('%s is sound', (_, fit) => {
    expect(fit.trees.length).toBeGreaterThan(50)
    for (const { feature, threshold, left, right, unknownLeft, leaf } of fit.trees) {
      for (const part of [threshold, left, right, unknownLeft]) expect(part).toHaveLength(feature.length)
      expect(leaf).toHaveLength(feature.length + 1)
      for (const index of feature) expect(fit.features[index]).toBeDefined()
    }
    expect(JSON.stringify(fit).length).toBeLessThan(300 * 1024)
    for (const points of [fit.curve, fit.limits]) {
      for (const [at, [x]] of points.entries()) if (at > 0) expect(x).toBeGreaterThan(points[at - 1]?.[0] as number)
    }
  })

  it('asks a higher score for a lower rate, and gives a higher probability for a higher score', () => {
    for (const fit of shippedFits()) {
      const scores = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3].map((rate) => leastScore(fit, rate))
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      const probabilities = [-9, -3, -1, 0, 1, 2, 5].map((score) => probabilityOf(fit, score))
      expect(probabilities).toEqual([...probabilities].sort((a, b) => a - b))
    }
  })

  it.each([
    ['reprise/static', 'static'],
    ['minilm-l6-v2', 'minilm'],
    ['bge-small-en-v1.5', 'bge-small-en'],
    ['bge-small-zh-v1.5', 'bge-small-zh'],
    ['somebody/else', 'any'],
  ])('are in the file what they are found by: %s', (id, name) => {
    const fit = shippedFits().find((one) => one.name === name)
    expect(fit?.embedders.some((part) => id.includes(part)) ?? false).toBe(name !== 'any')
    for (const language of fit?.languages ?? []) expect(fitFor([], id, language)).toBe(fit)
  })

  it('are chosen by embedder and language', () => {
    const name = (id: string, language: 'en' | 'zh' | 'other') => fitFor(shippedFits(), id, language)?.name
    expect(name('reprise/static@abc/128d/int8', 'zh')).toBe('static')
    expect(name('Xenova/all-MiniLM-L6-v2', 'en')).toBe('minilm')
    expect(name('Xenova/all-MiniLM-L6-v2', 'zh')).toBe('any')
    expect(name('text-embedding-3-small', 'en')).toBe('any')
    expect(name('text-embedding-3-small', 'other')).toBeUndefined()
  })
})

describe('scoreOf', () => {
  it('follows thresholds, and the given way for what is unknown', () => {
    const tree = { feature: [0], threshold: [0.5], left: [-1], right: [-2], unknownLeft: [0], leaf: [1, 10] }
    expect(scoreOf([tree, tree], [0.5])).toBe(2)
    expect(scoreOf([tree], [0.5])).toBe(1)
    expect(scoreOf([tree], [0.6])).toBe(10)
    expect(scoreOf([tree], [Number.NaN])).toBe(10)
    expect(
      scoreOf([{ ...tree, feature: [], threshold: [], left: [], right: [], unknownLeft: [], leaf: [3] }], []),
    ).toBe(3)
  })
})
