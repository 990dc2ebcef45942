import { CacheError } from '../../core/errors.ts'
import { knownOptions } from '../../core/options.ts'
import type { DecisionPolicy } from './policy.ts'
import { logOdds } from './traffic-evidence.ts'

const NO_OVERHEAD = { usd: 0, tokens: 0 }

/**
 * Reuses the closest candidate when its cosine similarity is at least `minSimilarity`, in (0, 1].
 *
 * No threshold tells "turn on" from "turn off" (see docs/decisions): use it for comparison, or where a wrong answer
 * costs nothing.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * similarityThreshold({ minSimilarity: 0.92 })
 */
export function similarityThreshold(options: { readonly minSimilarity: number }): DecisionPolicy {
  knownOptions('similarityThreshold', options, ['minSimilarity'])
  const { minSimilarity } = options
  if (!(typeof minSimilarity === 'number' && minSimilarity > 0 && minSimilarity <= 1)) {
    throw new CacheError('INVALID_OPTION', `minSimilarity must be a number in (0, 1], got ${String(minSimilarity)}`)
  }
  return {
    name: `similarityThreshold(${minSimilarity})`,
    async decide(_query, candidates) {
      const [closest] = candidates
      if (!closest) return { reason: 'no-candidate', findings: [], overhead: NO_OVERHEAD }
      const margin = logOdds(closest.similarity) - logOdds(minSimilarity)
      const rest = { margin, findings: [], overhead: NO_OVERHEAD }
      if (closest.similarity < minSimilarity) return { reason: 'below-threshold', considered: closest, ...rest }
      return { reuse: closest, ...rest }
    },
  }
}
