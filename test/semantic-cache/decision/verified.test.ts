import { describe, expect, it, vi } from 'vitest'
import {
  CacheError,
  type Candidate,
  calibrated,
  type DecisionPolicy,
  similarityThreshold,
  type Verdict,
  type VerifiedOptions,
  verified,
} from '../../../src/index.ts'
import { anEntry } from '../../support/entries.ts'

const query = { text: 'asked', vector: new Float32Array([1]), embedderId: 'letters' }
const context = () => ({ signal: new AbortController().signal })

function candidate(text: string, similarity = 0.9): Candidate {
  return { entry: { ...anEntry(), key: `key of ${text}`, scope: 'scope', queryText: text }, similarity }
}

/** Gives each stored text the decision and the probability that the table says. */
function tablePolicy(
  table: Record<string, { reuse?: boolean; probability?: number; reason?: 'guard-veto' }>,
): DecisionPolicy {
  return {
    name: 'table',
    maxFalseHitRate: 0.05,
    async decide(_query, candidates) {
      const views = candidates.map((candidate) => ({ candidate, ...table[candidate.entry.queryText ?? ''] }))
      const best = views.find(({ reuse }) => reuse) ?? views[0]
      const account = {
        findings: [],
        overhead: { usd: 0, tokens: 1 },
        ...(best?.probability !== undefined && { probability: best.probability }),
      }
      if (best?.reuse) return { ...account, reuse: best.candidate as never }
      return { ...account, reason: best?.reason ?? 'policy-refused' }
    },
  }
}

const sure = (probability: number): Verdict => ({ probability, overhead: { usd: 0.001, tokens: 10 } })

/** A verifier that says of each stored text what the table says, and writes down what it was asked. */
function tableVerifier(table: Record<string, number>) {
  const asked: string[] = []
  const verify = async (_asked: string, stored: string) => {
    asked.push(stored)
    return sure(table[stored] ?? 0.5)
  }
  return { name: 'table verifier', verify, asked }
}

describe('verified', () => {
  it('asks about candidates in the band only, the most probable first, and reuses the first that both together keep the rate for', async () => {
    const policy = tablePolicy({ low: { probability: 0.01 }, b: { probability: 0.4 }, a: { probability: 0.6 } })
    const verifier = tableVerifier({ low: 1, a: 0.3, b: 0.999 })
    const decision = await verified(policy, { verifier }).decide(
      query,
      ['low', 'b', 'a'].map((text) => candidate(text)),
      context(),
    )
    expect(verifier.asked).toEqual(['a', 'b'])
    expect(decision.reuse?.entry.queryText).toBe('b')
    expect(decision.probability).toBeGreaterThan(0.95)
    expect(decision.verifications).toMatchObject([
      { verifier: 'table verifier', entryKey: 'key of a', outcome: 'refused', probability: 0.3 },
      { entryKey: 'key of b', outcome: 'accepted', probability: 0.999, overhead: { usd: 0.001, tokens: 10 } },
    ])
    expect(decision.findings.at(-1)).toMatchObject({ guard: 'verifier', verdict: 'agree' })
    // The policy's own overhead; that of the verdicts is the cache's to add.
    expect(decision.overhead).toEqual({ usd: 0, tokens: 3 })
  })

  it('leaves what the policy is certain of alone', async () => {
    const verifier = tableVerifier({})
    const policy = tablePolicy({ a: { reuse: true, probability: 0.995 } })
    const decision = await verified(policy, { verifier }).decide(query, [candidate('b'), candidate('a')], context())
    expect(decision.reuse?.entry.queryText).toBe('a')
    expect(verifier.asked).toEqual([])
  })

  it('asks about what the policy would reuse without being certain, and keeps the rate rather than the reuse', async () => {
    const policy = tablePolicy({ a: { reuse: true, probability: 0.9 } })
    const refusing = await verified(policy, { verifier: async () => 0.4 }).decide(query, [candidate('a')], context())
    expect(refusing).toMatchObject({ reason: 'verifier-refused' })
    const accepting = await verified(policy, { verifier: async () => true }).decide(query, [candidate('a')], context())
    expect(accepting.reuse?.entry.queryText).toBe('a')
  })

  it('never asks about what a guard vetoed, nor about an entry without its text', async () => {
    const verifier = tableVerifier({ a: 1, b: 1 })
    const policy = tablePolicy({ a: { reason: 'guard-veto', probability: 0.5 } })
    const veto = await verified(policy, { verifier, band: { from: 0, to: 1 } }).decide(
      query,
      [candidate('a')],
      context(),
    )
    expect(veto).toMatchObject({ reason: 'guard-veto' })
    const { queryText: _text, ...entry } = candidate('b').entry
    const mute = await verified(similarityThreshold({ minSimilarity: 0.5 }), { verifier }).decide(
      query,
      [{ entry, similarity: 0.9 }],
      context(),
    )
    expect(mute).toMatchObject({ reason: 'no-query-text' })
    expect(verifier.asked).toEqual([])
  })

  it('lets the verifier decide about all that a policy without probabilities would reuse', async () => {
    const verifier = tableVerifier({ near: 0.2, next: 0.995 })
    const policy = verified(similarityThreshold({ minSimilarity: 0.8 }), { verifier })
    const candidates = [candidate('near', 0.95), candidate('next', 0.85), candidate('far', 0.7)]
    const decision = await policy.decide(query, candidates, context())
    expect(decision.reuse?.entry.queryText).toBe('next')
    expect(verifier.asked).toEqual(['near', 'next'])
    expect(await policy.decide(query, [candidate('far', 0.7)], context())).toMatchObject({ reason: 'below-threshold' })
    expect(await policy.decide(query, [], context())).toMatchObject({ reason: 'no-candidate' })
  })

  it('asks about no more candidates than maxAsked', async () => {
    const verifier = tableVerifier({})
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), { verifier, maxAsked: 2 })
    await policy.decide(
      query,
      ['a', 'b', 'c', 'd'].map((text) => candidate(text)),
      context(),
    )
    expect(verifier.asked).toEqual(['a', 'b'])
  })

  it('takes the verdict of true and false as it is, and weighs only what lies between', async () => {
    const policy = tablePolicy({ a: { probability: 0.06 } })
    const decide = (verdict: boolean | number) =>
      verified(policy, { verifier: () => verdict }).decide(query, [candidate('a')], context())
    expect((await decide(true)).reuse).toBeDefined()
    expect((await decide(0.97)).reuse).toBeUndefined()
    expect((await decide(false)).reuse).toBeUndefined()
  })

  it('takes how probabilities go together from the verifier, and from the options before that', async () => {
    const policy = tablePolicy({ a: { probability: 0.6 } })
    const limits = [
      [0.01, 0.9],
      [0.1, 0.7],
    ] as const
    const combination = { policy: 0, verifier: 1, bias: 0, limits }
    const decide = (probability: number, rate: number, own?: object) => {
      const verifier = () => ({ probability, combination, overhead: { tokens: 0 } })
      const options = { verifier, maxFalseHitRate: rate, ...(own && { combination: own as never }) }
      return verified(policy, options).decide(query, [candidate('a')], context())
    }
    expect((await decide(0.75, 0.1)).reuse).toBeDefined()
    expect((await decide(0.65, 0.1)).reuse).toBeUndefined()
    // Half way by the logarithm of the rates.
    expect((await decide(0.81, 0.0317)).reuse).toBeDefined()
    expect((await decide(0.79, 0.0316)).reuse).toBeUndefined()
    // Below what was measured nothing is known to keep the rate but a verdict beyond doubt.
    expect((await decide(0.999, 0.005)).reuse).toBeUndefined()
    expect((await decide(1, 0.005)).reuse).toBeDefined()
    expect((await decide(0.75, 0.1, { policy: 0, verifier: 1, bias: -3 })).reuse).toBeUndefined()
    const refused = await decide(0.65, 0.1)
    expect(refused.margin).toBeLessThan(0)
    expect(refused).toMatchObject({ considered: { entry: { queryText: 'a' } } })
  })

  it('leaves it to the policy and a verifier that agrees where no combined probability keeps the rate', async () => {
    const combination = { policy: 1, verifier: 1, bias: 0, limits: [[0.2, 0.9]] as const }
    const decide = async (reuse: boolean, probability: number, maxFalseHitRate: number) => {
      const policy = tablePolicy({ a: { reuse, probability: 0.8 } })
      const verifier = () => ({ probability, combination, overhead: { tokens: 0 } })
      return verified(policy, { verifier, maxFalseHitRate }).decide(query, [candidate('a')], context())
    }
    const agreed = await decide(true, 0.6, 0.05)
    expect(agreed.reuse).toBeDefined()
    expect(agreed.margin).toBeGreaterThanOrEqual(0)
    expect((await decide(true, 0.4, 0.05)).reuse).toBeUndefined()
    expect((await decide(false, 0.9, 0.05)).reuse).toBeUndefined()
    // The policy of the table keeps .05, no less.
    expect((await decide(true, 0.9, 0.04)).reuse).toBeUndefined()
    // A rate that was measured is decided by both.
    expect((await decide(true, 0.6, 0.2)).reuse).toBeUndefined()
  })

  it('takes what was measured with the embedder before what was measured with another', async () => {
    const weights = { policy: 0, verifier: 1, bias: 0 }
    const byEmbedder = [{ ...weights, embedders: ['Big-Model', 'onnx/1'], limits: [[0.1, 0.6]] as const }]
    const combination = { ...weights, limits: [[0.1, 0.9]] as const, byEmbedder }
    const verifier = () => ({ probability: 0.8, combination, overhead: { tokens: 0 } })
    const policy = verified(tablePolicy({ a: { probability: 0.6 } }), { verifier, maxFalseHitRate: 0.1 })
    const reused = async (embedderId: string) =>
      (await policy.decide({ ...query, embedderId }, [candidate('a')], context())).reuse !== undefined
    expect(await reused('own/big-model/3')).toBe(true)
    expect(await reused('own/small-model/3')).toBe(false)
  })

  it.each([
    { policy: 'much' },
    { policy: 1, verifier: 1, bias: 0, byEmbedder: 'all' },
    { policy: 1, verifier: 1, bias: 0, byEmbedder: [{ policy: 1, verifier: 1, bias: 0 }] },
    { policy: 1, verifier: 1, bias: 0, byEmbedder: [{ policy: 1, verifier: 1, bias: 0, embedders: [3] }] },
    { policy: 1, verifier: 1, bias: 0, byEmbedder: [{ policy: -1, verifier: 1, bias: 0, embedders: ['a'] }] },
  ])('takes a verdict with the combination %j, which is no such thing, for none', async (combination) => {
    const verifier = () => ({ probability: 0.9, combination: combination as never, overhead: { tokens: 0 } })
    const policy = verified(tablePolicy({ a: { probability: 0.6 } }), { verifier })
    expect(await policy.decide(query, [candidate('a')], context())).toMatchObject({ reason: 'verifier-failed' })
  })

  it('remembers what was said of two texts, within a scope', async () => {
    const verifier = tableVerifier({ a: 0.999 })
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), { verifier })
    await policy.decide(query, [candidate('a')], context())
    const again = await policy.decide(query, [candidate('a')], context())
    expect(again.reuse).toBeDefined()
    expect(again.verifications).toMatchObject([{ remembered: true, overhead: { usd: 0, tokens: 0 } }])
    expect(verifier.asked).toEqual(['a'])
    const other = candidate('a')
    await policy.decide(query, [{ ...other, entry: { ...other.entry, scope: 'another' } }], context())
    await policy.decide({ ...query, text: 'asked?' }, [candidate('a')], context())
    expect(verifier.asked).toHaveLength(3)
  })

  it.each<[string, VerifiedOptions['verifier'], string]>([
    ['rejects', async () => Promise.reject(new Error('secret text')), 'a Error was thrown'],
    [
      'throws',
      () => {
        throw new CacheError('VERIFIER_FAILED', 'no weights')
      },
      'no weights',
    ],
    ['gives nothing', (() => undefined) as never, 'a verdict must have a probability in [0, 1], got undefined'],
    ['gives a text', (() => 'yes') as never, 'a verdict must have a probability in [0, 1], got string'],
    ['gives no probability', () => Number.NaN, 'a verdict must have a probability in [0, 1], got number'],
    ['is surer than sure', () => 1.2, 'a verdict must have a probability in [0, 1], got number'],
    ['came to no verdict', () => ({ detail: 'it answered in prose', overhead: { tokens: 9 } }), 'it answered in prose'],
  ])(
    'that %s is a refusal with reason verifier-failed, and the next candidate is not tried',
    async (_how, verifier, detail) => {
      const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), { verifier })
      const decision = await policy.decide(query, [candidate('a'), candidate('b')], context())
      expect(decision).toMatchObject({ reason: 'verifier-failed', verifications: [{ outcome: 'failed', detail }] })
      expect(decision.verifications).toHaveLength(1)
    },
  )

  it('counts what a verdict cost that could not be used', async () => {
    const verifier = () => ({ detail: 'prose', overhead: { usd: 0.002, tokens: 9 } })
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), { verifier })
    const { verifications } = await policy.decide(query, [candidate('a')], context())
    expect(verifications).toMatchObject([{ overhead: { usd: 0.002, tokens: 9 } }])
  })

  it('leaves a verifier alone after failures in a row, then tries one again', async () => {
    let now = 0
    let works = false
    const verifier = vi.fn(async () => {
      if (!works) throw new Error('down')
      return true
    })
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), {
      verifier,
      breaker: { failures: 2, halfOpenAfterMs: 1_000 },
      now: () => now,
    })
    const ask = async () => (await policy.decide(query, [candidate('a')], context())).verifications?.[0]
    expect(await ask()).toMatchObject({ outcome: 'failed' })
    expect(await ask()).toMatchObject({ outcome: 'failed', breaker: 'opened' })
    expect(await ask()).toMatchObject({ outcome: 'breaker-open' })
    expect(verifier).toHaveBeenCalledTimes(2)
    now = 1_000
    works = true
    expect(await ask()).toMatchObject({ outcome: 'accepted', breaker: 'closed' })
  })

  it('says that a verdict was late when the signal ends with the deadline, and leaves with a caller who leaves', async () => {
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), {
      verifier: () => new Promise<boolean>(() => {}),
    })
    const deadline = new AbortController()
    const late = policy.decide(query, [candidate('a')], { signal: deadline.signal })
    await vi.waitFor(() => Promise.resolve())
    deadline.abort(new CacheError('DEADLINE_EXCEEDED', 'too late'))
    expect(await late).toMatchObject({ reason: 'verifier-failed', verifications: [{ outcome: 'late' }] })
    const caller = new AbortController()
    const left = policy.decide(query, [candidate('a')], { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
  })

  it('hands verdicts on for later with mode after, and uses them when they are there', async () => {
    const verifier = tableVerifier({ a: 0.2, b: 0.999 })
    const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), { verifier, mode: 'after' })
    const first = await policy.decide(query, [candidate('a'), candidate('b')], context())
    expect(first).toMatchObject({ reason: 'verifier-pending' })
    expect(verifier.asked).toEqual([])
    for (const later of first.later ?? []) await later.run(new AbortController().signal)
    const second = await policy.decide(query, [candidate('a'), candidate('b')], context())
    expect(second.reuse?.entry.queryText).toBe('b')
    expect(second.later).toBeUndefined()
  })

  it('takes its rate from the policy, and one of its own before that', async () => {
    const policy = verified(calibrated({ maxFalseHitRate: 0.2 }), { verifier: () => true })
    expect(policy).toMatchObject({ name: 'verified(calibrated(0.2), verifier)', maxFalseHitRate: 0.2 })
    expect(verified(policy, { verifier: () => true, maxFalseHitRate: 0.1 }).maxFalseHitRate).toBe(0.1)
    expect(verified(similarityThreshold({ minSimilarity: 0.9 }), { verifier: () => true }).maxFalseHitRate).toBe(0.01)
  })

  it.each<[string, unknown]>([
    ['verifier must be a Verifier or a function', {}],
    ['verifier must be a Verifier or a function', { verifier: 'judge' }],
    ['verifier.name must be a non-empty string', { verifier: { verify: () => true } }],
    ['band.from must be a number in [0, 1]', { verifier: () => true, band: { from: -1 } }],
    ['band.from must be at most band.to', { verifier: () => true, band: { from: 0.9, to: 0.2 } }],
    ['option of band must be one of from, to', { verifier: () => true, band: { low: 0 } }],
    ['maxAsked must be an integer in [1, 100]', { verifier: () => true, maxAsked: 0 }],
    ["mode must be 'before' or 'after'", { verifier: () => true, mode: 'async' }],
    ['maxFalseHitRate must be a number in [0.001, 0.5]', { verifier: () => true, maxFalseHitRate: 1 }],
    ['combination must be numbers policy', { verifier: () => true, combination: { policy: 1, verifier: -1, bias: 0 } }],
    ['breaker.failures must be an integer', { verifier: () => true, breaker: { failures: 0 } }],
    ['option of verified must be one of', { verifier: () => true, threshold: 1 }],
  ])('refuses at construction: %s', (message, options) => {
    expect(() => verified(similarityThreshold({ minSimilarity: 0.9 }), options as never)).toThrow(message)
  })

  it('refuses what is no policy', () => {
    expect(() => verified({} as never, { verifier: () => true })).toThrow('policy of verified must be a DecisionPolicy')
  })
})
