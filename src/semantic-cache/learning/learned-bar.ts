import { errorBounds, leastCalledWrong, mostCalledWrong, NO_ERROR } from '../../core/judge-error.ts'
import { LEVELS, OWN_BAR, type TrafficEvidence, type VerdictSums } from '../decision/traffic-evidence.ts'
import { gainForAbove, gainForBelow, type Verdicts } from './wager.ts'

export interface BarOptions {
  readonly maxFalseHitRate: number
  /** In (0.5, 1). */
  readonly confidence: number
  readonly start: 'calibration' | 'closed'
}

/** Where reuse begins, and what that rests on. */
export interface LearnedBar {
  /** The least margin to reuse from; infinite: nothing is reused but the same text. */
  readonly minMargin: number
  /**
   * `calibration`: the policy's own bar, which nothing observed speaks against. `certified`: what was observed says, with
   * the asked confidence, that the rate is kept. `raised`: feedback spoke against the bar, and there are no shadow checks
   * to say what holds: the lowest level that nothing speaks against. `closed`: nothing is certified yet.
   */
  readonly by: 'calibration' | 'certified' | 'raised' | 'closed'
}

/**
 * The bar is the policy's own until verdicts refute it: until they are improbable under a false hit rate as low as asked.
 * From then on only what they certify is reused: candidates from the lowest level on above which the share of wrong ones
 * is below the asked rate with the asked confidence. A certified level below the policy's own is used at once. Levels other
 * than the policy's own must look good by themselves, too.
 *
 * Certifying takes shadow checks, because they are an even sample of hits and near misses; feedback refutes only. Of the
 * doubt that the confidence leaves, half is for the policy's own level and the levels below it, tried in order; half is
 * shared by the levels above.
 */
export function learnedBar(traffic: TrafficEvidence | undefined, options: BarOptions): LearnedBar {
  const { maxFalseHitRate, confidence, start } = options
  const sources = traffic?.sources ?? []
  const doubt = (1 - confidence) / 2
  const isCertified = (level: number, allowed: number) =>
    certainty(sources, level, maxFalseHitRate) >= -Math.log(allowed)
  const isGood = (level: number) => looksGood(sources, level, maxFalseHitRate)
  const isRefuted = (level: number) => doubtfulness(sources, level, maxFalseHitRate) >= -Math.log(1 - confidence)

  if (isCertified(OWN_BAR, doubt)) {
    let level = OWN_BAR
    while (level > 0 && isCertified(level - 1, doubt) && isGood(level - 1)) level--
    return { minMargin: LEVELS[level] as number, by: 'certified' }
  }
  if (start === 'calibration' && !isRefuted(OWN_BAR)) return { minMargin: 0, by: 'calibration' }
  const above = LEVELS.length - 1 - OWN_BAR
  for (let level = OWN_BAR + 1; level < LEVELS.length; level++) {
    if (isCertified(level, doubt / above) && isGood(level))
      return { minMargin: LEVELS[level] as number, by: 'certified' }
  }
  const hasChecks = sources.some(({ by, correct, wrong }) => by === 'judge' && [...correct, ...wrong].some(Boolean))
  if (start === 'calibration' && !hasChecks) {
    for (let level = OWN_BAR + 1; level < LEVELS.length; level++) {
      if (!isRefuted(level)) return { minMargin: LEVELS[level] as number, by: 'raised' }
    }
  }
  return { minMargin: Number.POSITIVE_INFINITY, by: 'closed' }
}

/** Log gain against "at this level and above, the asked rate or more are wrong". */
function certainty(sources: readonly VerdictSums[], level: number, rate: number): number {
  let gain = 0
  for (const source of sources) {
    if (source.by !== 'judge' || source.errorRate === undefined) continue
    gain += gainForBelow(from(source, level), leastCalledWrong(rate, errorBounds(source.errorRate)))
  }
  return gain
}

/**
 * A level is not taken in for the sake of good ones above it: its own verdicts must not look worse than twice the asked
 * rate, which takes some.
 */
function looksGood(sources: readonly VerdictSums[], level: number, rate: number): boolean {
  let all = 0
  let wrong = 0
  for (const source of sources) {
    if (source.by !== 'judge' || source.errorRate === undefined) continue
    const { falseAlarm, missed } = errorBounds(source.errorRate)
    const called = source.wrong[level] ?? 0
    const here = called + (source.correct[level] ?? 0)
    all += here
    wrong += Math.max(0, (called - falseAlarm * here) / (1 - falseAlarm - missed))
  }
  return (wrong + 0.5) / (all + 1) <= 2 * rate
}

/** Log gain against "at this level and above, the asked rate or less are wrong". */
function doubtfulness(sources: readonly VerdictSums[], level: number, rate: number): number {
  let gain = 0
  for (const source of sources) {
    if (source.by === 'judge' && source.errorRate === undefined) continue
    const errors = source.by === 'feedback' ? NO_ERROR : errorBounds(source.errorRate ?? 0)
    gain += gainForAbove(from(source, level), mostCalledWrong(rate, errors))
  }
  return gain
}

function from({ correct, wrong }: VerdictSums, level: number): Verdicts {
  const sum = (counts: readonly number[]) => counts.slice(level).reduce((total, count) => total + count, 0)
  return { correct: sum(correct), wrong: sum(wrong) }
}
