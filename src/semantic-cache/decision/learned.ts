import { CacheError } from '../../core/errors.ts'
import { knownOptions, numberOption } from '../../core/options.ts'
import { marginShift } from '../learning/entry-evidence.ts'
import { type LearnedBar, learnedBar } from '../learning/learned-bar.ts'
import type { Decision, DecisionPolicy } from './policy.ts'
import { logOdds, SURE_MARGIN, type TrafficEvidence } from './traffic-evidence.ts'

const NOTHING: TrafficEvidence = { sources: [] }

export interface LearnedOptions {
  /** The share of wrong answers among reused ones to stay under, in [0.001, 0.5]. Default: that of the policy. */
  readonly maxFalseHitRate?: number
  /** How sure observations must be, in [0.5, 1). Default 0.95. */
  readonly confidence?: number
  /**
   * `'calibration'` (default): the policy's own bar holds until what is observed speaks against it. `'closed'`: nothing
   * but the same text is reused before shadow checks have certified a bar; the bound then holds from the first answer on.
   */
  readonly start?: 'calibration' | 'closed'
}

/**
 * The policy with a bar that follows this traffic: verdicts from `feedback` and shadow checks raise it where the shipped
 * calibration is wrong here, and lower it where they certify that more can be reused. Each entry has its own history,
 * which moves it up or down. A guard's veto stays one.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * createSemanticCache({ decision: learned(calibrated({ maxFalseHitRate: 0.01 })), shadowRate: 0.1, shadowJudge })
 */
export function learned(policy: DecisionPolicy, options: LearnedOptions = {}): DecisionPolicy {
  if (typeof policy !== 'object' || policy === null || typeof policy.decide !== 'function') {
    throw new CacheError('INVALID_OPTION', `policy must be a DecisionPolicy, got ${typeof policy}`)
  }
  knownOptions('learned', options, ['maxFalseHitRate', 'confidence', 'start'])
  const given = options.maxFalseHitRate ?? policy.maxFalseHitRate
  if (given === undefined) {
    throw new CacheError(
      'INVALID_OPTION',
      `maxFalseHitRate must be a number in [0.001, 0.5], because ${policy.name} names none itself, got undefined`,
    )
  }
  const maxFalseHitRate = numberOption('maxFalseHitRate', given, { min: 0.001, max: 0.5, default: 0.01 })
  const confidence = numberOption('confidence', options.confidence, { min: 0.5, max: 0.999999, default: 0.95 })
  const { start = 'calibration' } = options
  if (start !== 'calibration' && start !== 'closed') {
    throw new CacheError('INVALID_OPTION', `start must be 'calibration' or 'closed', got ${String(start)}`)
  }
  // Verdicts come now and then, questions all the time.
  const bars = new WeakMap<TrafficEvidence, LearnedBar>()
  const barFor = (traffic: TrafficEvidence = NOTHING): LearnedBar => {
    const known = bars.get(traffic)
    if (known) return known
    const bar = learnedBar(traffic, { maxFalseHitRate, confidence, start })
    bars.set(traffic, bar)
    return bar
  }
  return {
    name: `learned(${policy.name})`,
    maxFalseHitRate,
    learns: start,
    async decide(query, candidates, context) {
      const decision = await policy.decide(query, candidates, context)
      const { reuse, reason, considered, margin: _own, ...rest } = { considered: undefined, ...decision }
      const proposed = reuse ?? considered
      const own = marginOf(decision, maxFalseHitRate)
      if (!proposed || own === undefined || own >= SURE_MARGIN) return decision
      const margin = own + marginShift(proposed.entry.evidence)
      const { minMargin } = barFor(context.traffic)
      if (margin >= minMargin) return { reuse: proposed, margin, ...rest }
      return { reason: reason ?? 'below-learned-bar', considered: proposed, margin, ...rest }
    },
  }
}

/** A policy that names none has its bar where the probability is as high as the rate asks for. */
function marginOf({ margin, probability, reuse }: Decision<unknown>, maxFalseHitRate: number): number | undefined {
  if (margin !== undefined) return margin
  if (!reuse) return undefined
  return probability === undefined ? 0 : Math.max(0, logOdds(probability) - logOdds(1 - maxFalseHitRate))
}
