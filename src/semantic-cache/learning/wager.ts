/**
 * Tests that may be looked at after every verdict: the gain of a wager against a hypothesis (a test martingale, Ville
 * 1939). Whoever bets 1 against a true hypothesis has 20 or more at any time with a probability of at most 1/20, however
 * often they look and whenever they stop. A bet on several rates at once gains their mean, which is a function of the
 * counts alone: nothing but sums need be kept.
 */
export interface Verdicts {
  readonly correct: number
  readonly wrong: number
}

/** Rates to bet on, as parts of the rate in question; most on none at all, since that is what a good bar gives. */
const BELOW = [
  [0, 0.4],
  [0.1, 0.2],
  [0.25, 0.2],
  [0.5, 0.2],
] as const

/** Rates to bet on, as multiples. */
const ABOVE = [1.5, 2, 3, 5, 10, 20, 40, 80] as const

/** The logarithm of the gain against "the share of wrong ones is `rate` or more". */
export function gainForBelow(verdicts: Verdicts, rate: number): number {
  return mean(BELOW.map(([part, weight]) => Math.log(weight) + likelihoodRatio(verdicts, part * rate, rate)))
}

/** The logarithm of the gain against "the share of wrong ones is `rate` or less". */
export function gainForAbove(verdicts: Verdicts, rate: number): number {
  const rates = ABOVE.map((times) => Math.min(times * rate, (1 + rate) / 2))
  return mean(rates.map((other) => -Math.log(rates.length) + likelihoodRatio(verdicts, other, rate)))
}

function likelihoodRatio({ correct, wrong }: Verdicts, other: number, rate: number): number {
  const forWrong = wrong === 0 ? 0 : wrong * Math.log(other / rate)
  const forCorrect = correct === 0 ? 0 : correct * Math.log((1 - other) / (1 - rate))
  return forWrong + forCorrect
}

/** The logarithm of the sum of weighted gains, given as logarithms. */
function mean(logarithms: readonly number[]): number {
  const largest = Math.max(...logarithms)
  if (!Number.isFinite(largest)) return largest
  return largest + Math.log(logarithms.reduce((sum, logarithm) => sum + Math.exp(logarithm - largest), 0))
}
