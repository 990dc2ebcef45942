import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../../src/cli/bench/cost/configuration.ts'

describe('a configuration of the cost benchmark', () => {
  it.each(['none', 'exact', 'exact+tools', 'threshold:0.9', 'calibrated:0.05@static', 'judged:0.05+tools'])(
    'can be %s',
    (name) => {
      expect(parseConfiguration(name)).toMatchObject({ name, withTools: name.endsWith('+tools') })
    },
  )

  it('asks the local judge where it is worded so', () => {
    expect(parseConfiguration('judged:0.05').decision).toMatchObject({
      name: 'verified(calibrated(0.05), localJudge)',
      maxFalseHitRate: 0.05,
    })
  })

  it.each(['', 'judge:0.05', 'judged:2', 'judged:', 'threshold', 'calibrated:0.05:1', 'exact@static', 'none+tools'])(
    'cannot be "%s"',
    (name) => {
      expect(() => parseConfiguration(name)).toThrow(/--configuration|maxFalseHitRate|minSimilarity/)
    },
  )
})
