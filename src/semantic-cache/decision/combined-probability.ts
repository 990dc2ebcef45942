import type { CombinationWeights, VerdictCombination } from '../../core/verifier.ts'
import { logOdds } from './traffic-evidence.ts'

/**
 * Policy and verifier look at the same two texts, so that what they say is partly the same thing said twice; with weights
 * of 1 each the sum would be surer than either has reason to be.
 */
export const DEFAULT_COMBINATION: CombinationWeights = { policy: 0.5, verifier: 0.9, bias: 0 }

/** A policy is rarely as sure as it says at the ends of its curve. */
const LEAST = 0.001

/** What was measured with the policy's fit for this embedder, else for any. */
export function combinationFor(combination: VerdictCombination, embedderId: string): CombinationWeights {
  const id = embedderId.toLowerCase()
  const isOf = ({ embedders }: { readonly embedders: readonly string[] }) =>
    embedders.some((part) => id.includes(part.toLowerCase()))
  return combination.byEmbedder?.find(isOf) ?? combination
}

/**
 * The probability that the reuse is right. A verdict beyond doubt (0 or 1) stands as it is, and so does any verdict where
 * the policy names no probability.
 */
export function combinedProbability(
  policy: number | undefined,
  verifier: number,
  { policy: policyWeight, verifier: verifierWeight, bias }: CombinationWeights,
): number {
  if (policy === undefined || verifier === 0 || verifier === 1) return verifier
  const sum = policyWeight * logOdds(bounded(policy)) + verifierWeight * logOdds(bounded(verifier)) + bias
  return 1 / (1 + Math.exp(-sum))
}

/**
 * The least combined probability to reuse from; between measured rates by their logarithm, never looser outside. For a rate
 * below the measured ones no probability was found to keep it: then only a verdict beyond doubt will do.
 */
export function leastProbability({ limits }: CombinationWeights, maxFalseHitRate: number): number {
  const [first] = limits ?? []
  const last = limits?.at(-1)
  if (!limits) return 1 - maxFalseHitRate
  if (!first || !last || maxFalseHitRate < first[0]) return 1
  const after = limits.findIndex(([rate]) => rate >= maxFalseHitRate)
  if (after === -1) return last[1]
  const [rate, probability] = limits[after] as readonly [number, number]
  const [before, beforeProbability] = limits[Math.max(0, after - 1)] as readonly [number, number]
  if (rate === before) return probability
  const share = Math.log(maxFalseHitRate / before) / Math.log(rate / before)
  return beforeProbability + (probability - beforeProbability) * share
}

function bounded(probability: number): number {
  return Math.min(1 - LEAST, Math.max(LEAST, probability))
}
