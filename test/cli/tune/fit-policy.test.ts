import { describe, expect, it } from 'vitest'
import { fitPolicy } from '../../../src/cli/tune/fit-policy.ts'
import type { MeasuredPair } from '../../../src/cli/tune/measured-pairs.ts'

const pair = (i: number, isSame: boolean, score: number) =>
  ({
    asked: `a ${i}`,
    stored: `b ${i}`,
    isSame,
    score,
    similarity: 0.8,
    kind: 'scored',
    differing: [],
    fold: i % 10,
  }) as unknown as MeasuredPair

describe('fitPolicy', () => {
  it('gives figures for no rate that it has no limit for', () => {
    // Without the one wrong pair at the top, which is in fold 0, the others show 5 %; all together they do not.
    const pairs = [
      pair(0, false, 6),
      ...Array.from({ length: 70 }, (_, i) => pair(i, true, 5 - i / 100)),
      ...Array.from({ length: 100 }, (_, i) => pair(i, i % 2 === 0, -3 - (i % 7))),
    ]
    const rates = [0.01, 0.05, 0.2]
    const { policy, figures } = fitPolicy(pairs, { usesScore: true, guardsAt: 0.05, rates })
    const limits = policy.limits.map(([rate]) => rate)
    expect(limits).not.toContain(0.05)
    expect(limits).toContain(0.2)
    for (const { maxFalseHitRate, covered, wrong } of figures) {
      expect(covered !== undefined, `${maxFalseHitRate}`).toBe(limits.includes(maxFalseHitRate))
      expect(wrong !== undefined, `${maxFalseHitRate}`).toBe(limits.includes(maxFalseHitRate))
    }
  })
})
