/**
 * How much the probabilities of a policy and of a verifier count when they are put together: the logarithms of their odds
 * are added with these weights. Both look at the same two texts, so that what they say is partly the same thing said
 * twice; with weights of 1 each the sum would be surer than either has reason to be.
 */
export interface CombinationWeights {
  readonly policy: number
  readonly verifier: number
  readonly bias: number
}

export const DEFAULT_WEIGHTS: CombinationWeights = { policy: 0.5, verifier: 0.9, bias: 0 }

/** A policy is rarely as sure as it says at the ends of its curve. */
const LEAST = 0.001

/**
 * The probability that the reuse is right. A verdict beyond doubt (0 or 1) stands as it is, and so does any verdict where
 * the policy names no probability.
 */
export function combinedProbability(policy: number | undefined, verifier: number, weights: CombinationWeights): number {
  if (policy === undefined || verifier === 0 || verifier === 1) return verifier
  const sum = weights.policy * logOdds(policy) + weights.verifier * logOdds(verifier) + weights.bias
  return 1 / (1 + Math.exp(-sum))
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - LEAST, Math.max(LEAST, probability))
  return Math.log(bounded / (1 - bounded))
}
