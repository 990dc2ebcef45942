import type { JudgeErrorRate } from '../../core/judge-error.ts'

/**
 * What verdicts on this traffic said, by how far above or below its own bar the policy saw the candidate. Sums only: they
 * add up across processes, and their number is bounded.
 */
export interface TrafficEvidence {
  readonly sources: readonly VerdictSums[]
}

export interface VerdictSums {
  /**
   * `judge`: shadow checks, an even sample of hits and of misses that came near. `feedback`: of whoever cared to say so,
   * about hits alone.
   */
  readonly by: 'judge' | 'feedback'
  /** Of the judge; 0 for feedback; absent when the judge states none. */
  readonly errorRate?: JudgeErrorRate
  /** By level, in the order of `LEVELS`. */
  readonly correct: readonly number[]
  readonly wrong: readonly number[]
}

/** The margin, in log-odds, from which each level counts. 0 is the policy's own bar; what is below the first is not near. */
export const LEVELS: readonly number[] = Array.from({ length: 18 }, (_, i) => -4 + i / 2)

/** The level of the policy's own bar. */
export const OWN_BAR = LEVELS.indexOf(0)

/** A margin beyond doubt: the texts are the same but for space, case and final signs. Not a matter of similarity. */
export const SURE_MARGIN = 10

/** Undefined for a candidate so far below the bar that no bar will ever reach it, and for none. */
export function levelOf(margin: number): number | undefined {
  if (!(margin >= -4)) return undefined
  return Math.min(LEVELS.length - 1, Math.floor(margin * 2) + OWN_BAR)
}

/** The logarithm of the odds of a probability, within ±`SURE_MARGIN`. */
export function logOdds(probability: number): number {
  if (!(probability > 0)) return -SURE_MARGIN
  return Math.min(SURE_MARGIN, Math.max(-SURE_MARGIN, Math.log(probability / (1 - probability))))
}
