import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeErrorRate, encodeErrorRate, errorBounds, NO_ERROR, wrongShare } from '../../src/core/judge-error.ts'
import type { CacheStats } from '../../src/core/stats.ts'
import { wilson } from '../../src/core/wilson.ts'
import { falseHitsOf } from '../../src/metrics/false-hits.ts'
import { summaryOf } from '../../src/metrics/summary.ts'
import { falseHitsSection } from '../../src/report/false-hits-section.ts'
import { htmlReport } from '../../src/report/html-report.ts'

describe('the interval of a share', () => {
  it('is that of Wilson', () => {
    const [low, high] = wilson(10, 100)
    expect([low, high].map((bound) => bound.toFixed(4))).toEqual(['0.0552', '0.1744'])
    expect(wilson(0, 0)).toEqual([0, 1])
    expect(wilson(0, 50)[0]).toBe(0)
    expect(wilson(50, 50)[1]).toBe(1)
  })
})

describe('the share of wrong answers behind a judge that errs', () => {
  it('is guessed as Rogan and Gladen do', () => {
    // 10 % wrong; 2 % of the right called wrong, 5 % of the wrong called right: 11.3 % called wrong.
    const measured = { falseAlarms: { count: 20, of: 1_000 }, missed: { count: 50, of: 1_000 } }
    const { rate, low, high } = wrongShare(1_130, 10_000, errorBounds(measured))
    expect(rate).toBeCloseTo(0.1, 3)
    expect(low).toBeLessThan(0.1)
    expect(high).toBeGreaterThan(0.1)
  })

  it('has bounds that a higher stated error only widens', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.double({ min: 0, max: 0.4, noNaN: true }), (wrong, right, error) => {
        const bare = wrongShare(wrong, wrong + right, NO_ERROR)
        const wide = wrongShare(wrong, wrong + right, errorBounds(error))
        expect(wide.low).toBeLessThanOrEqual(bare.low + 1e-12)
        expect(wide.high).toBeGreaterThanOrEqual(bare.high - 1e-12)
        expect(wide.rate).toBeGreaterThanOrEqual(wide.low)
        expect(wide.rate).toBeLessThanOrEqual(wide.high)
      }),
    )
  })

  it('keeps an error rate in a word', () => {
    for (const rate of [0, 0.02, 1e-7, { falseAlarms: { count: 3, of: 400 }, missed: { count: 0, of: 90 } }]) {
      expect(decodeErrorRate(encodeErrorRate(rate))).toEqual(rate)
    }
    for (const word of ['?', '', 'x', '0.7', '-1', '9/4,1/2', 'NaN']) expect(decodeErrorRate(word)).toBeUndefined()
  })
})

const counts = new Map([
  ['falseHits:feedback:wrong', 2],
  ['falseHits:feedback:correct', 8],
  ['falseHits:hit@0.02:correct', 95],
  ['falseHits:hit@0.02:wrong', 5],
  ['falseHits:hit@3/400,2/100:correct', 100],
  ['falseHits:hit@?:wrong', 4],
  ['falseHits:miss@0.02:wrong', 7],
  ['falseHits:hit@?:alike', 3],
  ['falseHits:hit@?:unlike', 1],
  ['falseHits:hit@0.02:late', 1],
  ['falseHits:hit@0.02:skipped', 6],
  ['falseHits:later:version', 9],
  ['tier:semantic', 10],
])

describe('the account of false hits', () => {
  const falseHits = falseHitsOf(counts)

  it('keeps each kind of evidence by itself', () => {
    expect(falseHits).toMatchObject({
      feedback: { observations: 10, wrong: 2, rate: 0.2 },
      judge: { observations: 200, wrong: 5 },
      judgeUnstated: { observations: 4, wrong: 4 },
      nearMisses: { observations: 7, wrong: 7 },
      advisory: { alike: 3, unlike: 1 },
      failed: 1,
      skipped: 6,
    })
    expect(falseHits.judge.rate).toBeGreaterThan(0.005)
    expect(falseHits.judge.rate).toBeLessThan(0.025)
  })

  it('says nothing of a rate without observations', () => {
    expect(falseHitsOf(new Map()).judge).toEqual({ observations: 0, wrong: 0 })
  })

  it('stands in the summary line and in reports', () => {
    const amounts = { usd: 0, tokens: 0, durationMs: 0, unpricedCalls: 0 }
    const stats = {
      hits: 9,
      stale: 0,
      misses: 1,
      bypasses: 0,
      hitRate: 0.9,
      avoided: amounts,
      overhead: amounts,
      net: amounts,
      spent: amounts,
    }
    const line = summaryOf({ ...stats, tiers: { memory: 0, exact: 0, semantic: 9 }, collapsed: 0, falseHits })
    expect(line).toMatch(/false hits 1\.\d % \(0\.\d %–\d\.\d %, 200 checked\)/)
    const section = falseHitsSection({ falseHits } as CacheStats)
    const page = htmlReport({ title: 't', stamp: { at: 0 }, sections: [section] })
    expect(page).toContain('Near misses (kept out by the bar)')
    expect(page).toContain('3 alike, 1 unlike')
  })
})
