import { describe, expect, it } from 'vitest'
import type { Candidate } from '../../../src/core/entry.ts'
import { calibrated, type DecisionPolicy, learned, similarityThreshold } from '../../../src/index.ts'
import { LEVELS, type TrafficEvidence } from '../../../src/semantic-cache/decision/traffic-evidence.ts'
import { marginShift } from '../../../src/semantic-cache/learning/entry-evidence.ts'

const query = { text: 'a', vector: Float32Array.of(1), embedderId: 'e' }
const { signal } = new AbortController()

function candidate(
  similarity: number,
  evidence: Candidate<string>['entry']['evidence'] = { correct: 0, wrong: 0 },
): Candidate<string> {
  const entry = {
    key: 'k',
    namespace: 'n',
    tags: [],
    scope: 's',
    value: 'v',
    queryText: 'b',
    origin: { provider: 'p', name: 'm', durationMs: 1 },
    createdAt: 0,
    expiresAt: 1,
    staleMs: 0,
    hits: 0,
    evidence,
  }
  return { entry, similarity }
}

function traffic(correct: number, wrong: number, from = -4): TrafficEvidence {
  const at = (count: number) => LEVELS.map((level) => (level >= from ? count : 0))
  return { sources: [{ by: 'judge', errorRate: 0, correct: at(correct), wrong: at(wrong) }] }
}

describe('learned', () => {
  const policy = learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.05 })

  it('decides as the policy does before anything was observed', async () => {
    expect(await policy.decide(query, [candidate(0.95)], { signal })).toMatchObject({ reuse: { similarity: 0.95 } })
    expect(await policy.decide(query, [candidate(0.85)], { signal })).toMatchObject({ reason: 'below-threshold' })
    expect(await policy.decide(query, [], { signal })).toMatchObject({ reason: 'no-candidate' })
  })

  it('refuses what the policy would reuse where the traffic speaks against it', async () => {
    const decision = await policy.decide(query, [candidate(0.95)], { signal, traffic: traffic(10, 10) })
    expect(decision).toMatchObject({ reason: 'below-learned-bar', considered: { similarity: 0.95 } })
    expect(decision.margin).toBeGreaterThan(0)
  })

  it('reuses what the policy would refuse where the traffic certifies it', async () => {
    const decision = await policy.decide(query, [candidate(0.85)], { signal, traffic: traffic(100, 0) })
    expect(decision).toMatchObject({ reuse: { similarity: 0.85 } })
    expect(decision.margin).toBeLessThan(0)
  })

  it('always reuses what is the same but for space and case', async () => {
    const same = learned(calibrated(), { start: 'closed' })
    const entry = { ...candidate(1).entry, queryText: 'What is DNS?' }
    const asked = { ...query, text: 'what is  DNS' }
    expect(await same.decide(asked, [{ entry, similarity: 1 }], { signal })).toMatchObject({ reuse: { similarity: 1 } })
  })

  it('moves an entry by its own history', async () => {
    const bad = candidate(0.91, { correct: 1, wrong: 1, expectedWrong: 0.1 })
    const good = candidate(0.89, { correct: 6, wrong: 0, expectedWrong: 1.5 })
    expect(await policy.decide(query, [bad], { signal })).toMatchObject({ reason: 'below-learned-bar' })
    expect(await policy.decide(query, [good], { signal })).toMatchObject({ reuse: { similarity: 0.89 } })
    expect(marginShift({ correct: 0, wrong: 0 })).toBeCloseTo(0)
    expect(marginShift({ correct: 5, wrong: 5, expectedWrong: 5 })).toBeCloseTo(0)
  })

  it('keeps a veto, and a refusal without a candidate', async () => {
    const vetoing: DecisionPolicy = {
      name: 'veto',
      decide: async () => ({ reason: 'guard-veto', findings: [], overhead: { tokens: 0 } }),
    }
    const decision = await learned(vetoing, { maxFalseHitRate: 0.05 }).decide(query, [candidate(0.99)], {
      signal,
      traffic: traffic(900, 0),
    })
    expect(decision).toMatchObject({ reason: 'guard-veto' })
  })

  it('takes the rate of the policy, and wants one where that names none', () => {
    expect(learned(calibrated({ maxFalseHitRate: 0.02 })).maxFalseHitRate).toBe(0.02)
    expect(() => learned(similarityThreshold({ minSimilarity: 0.9 }))).toThrow(
      /maxFalseHitRate must be a number in \[0.001, 0.5\]/,
    )
    expect(() => learned(calibrated(), { maxFalseHitRate: 0 })).toThrow(/maxFalseHitRate/)
    expect(() => learned(calibrated(), { confidence: 1 })).toThrow(/confidence/)
    expect(() => learned(calibrated(), { start: 'open' as never })).toThrow(/start must be/)
    expect(() => learned(undefined as never)).toThrow(/policy must be a DecisionPolicy/)
  })
})
