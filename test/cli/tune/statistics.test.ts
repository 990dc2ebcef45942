import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitWeights, isotonicCurve, isShown, reusesNeeded, sigmoid } from '../../../src/cli/tune/statistics.ts'
import { wilson } from '../../../src/core/wilson.ts'

describe('the statistics of tune', () => {
  it('knows the rule of three', () => {
    expect([0.005, 0.01, 0.02, 0.05].map(reusesNeeded)).toEqual([600, 300, 150, 60])
    expect(isShown(0, 300, 0.01)).toBe(true)
    expect(isShown(0, 290, 0.01)).toBe(false)
  })

  it('agrees with tables of the exact bound', () => {
    // Of 473 and 474 at one wrong, of 628 and 629 at two: where the 95 % bound crosses 1 %.
    expect([473, 474].map((of) => isShown(1, of, 0.01))).toEqual([true, true])
    expect([470, 620].map((of, i) => isShown(i + 1, of, 0.01))).toEqual([false, false])
    expect([635, 640].map((of) => isShown(2, of, 0.01))).toEqual([true, true])
  })

  it('gives Wilson intervals', () => {
    const [low, high] = wilson(5, 100)
    expect(low).toBeCloseTo(0.0215, 3)
    expect(high).toBeCloseTo(0.1118, 3)
    expect(wilson(0, 0)).toEqual([0, 1])
  })

  it('finds the weights that made the labels, and stays near the fit with few of them', () => {
    let state = 7
    const random = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    }
    const rows = Array.from({ length: 20_000 }, () => {
      const score = 8 * random() - 4
      const similarity = 0.5 + random() / 2
      return { score, similarity, isSame: random() < sigmoid(0.5 * score + 6 * (similarity - 0.8) - 1) }
    })
    const many = fitWeights(rows, true)
    expect(many.score).toBeCloseTo(0.5, 1)
    expect(many.similarity).toBeCloseTo(6, -0.5)
    const few = fitWeights(rows.slice(0, 3), true)
    expect(Math.abs(few.score - 1)).toBeLessThan(0.6)
    expect(fitWeights(rows, false).score).toBe(0)
  })

  it('never weighs a higher similarity against, and ends with clean classes', () => {
    const odd = Array.from({ length: 200 }, (_, i) => ({
      score: i % 2 ? 3 : -3,
      similarity: i % 2 ? 0.6 : 0.9,
      isSame: i % 2 === 1,
    }))
    const weights = fitWeights(odd, true)
    for (const weight of Object.values(weights)) expect(Number.isFinite(weight)).toBe(true)
    expect(weights.similarity).toBeGreaterThanOrEqual(0)
  })

  it('makes curves that rise', () => {
    const labelled = fc.array(fc.record({ score: fc.double({ min: -9, max: 9, noNaN: true }), isSame: fc.boolean() }))
    fc.assert(
      fc.property(labelled, (rows) => {
        const curve = isotonicCurve(rows)
        for (const [i, [score, probability]] of curve.entries()) {
          expect(probability > 0 && probability < 1).toBe(true)
          const before = curve[i - 1]
          if (before) expect(score > before[0] && probability >= before[1]).toBe(true)
        }
      }),
    )
  })
})
