import type { Evidence } from '../../core/entry.ts'

/** A single verdict against what the policy was sure of is enough; many right ones outweigh it. */
const MAX_WRONG_SHARE = 0.2
const MIN_EXCESS = 0.5

/**
 * True when an entry went wrong on other questions more often than the policy expected: by more than half a verdict, and
 * by more than a fifth of all. Its answer is then given to its own question only. Later right verdicts, which only shadow
 * checks of misses can give, lift it.
 */
export function isQuarantined(evidence: Evidence): boolean {
  const { correct, wrong, expectedWrong = 0 } = evidence
  const excess = wrong - expectedWrong
  return isAnswerQuarantined(evidence) || excess > Math.max(MIN_EXCESS, MAX_WRONG_SHARE * (correct + wrong))
}

/** True when the answer is wrong for its own question: nobody gets it any more, and the next call replaces it. */
export function isAnswerQuarantined({ ownCorrect = 0, ownWrong = 0 }: Evidence): boolean {
  return ownWrong > ownCorrect
}

/** As many verdicts as the entry is taken to have had before the first, as expected. */
const PRIOR_VERDICTS = 0.5

/**
 * What the history of an entry adds to the margin of a candidate, in log-odds: the logarithm of how much less often it
 * went wrong than expected, drawn towards none. An entry has its own bar that way, as in vCache (arXiv 2502.03771), with
 * the shipped calibration as the prior.
 */
export function marginShift({ wrong, expectedWrong = 0 }: Evidence): number {
  return -Math.log((wrong + PRIOR_VERDICTS) / (Math.max(0, expectedWrong) + PRIOR_VERDICTS))
}
