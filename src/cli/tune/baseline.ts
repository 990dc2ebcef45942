import { CacheError } from '../../core/errors.ts'
import { invalidOption } from '../../core/options.ts'
import { calibrated } from '../../semantic-cache/decision/calibrated.ts'
import type { Decision, DecisionPolicy } from '../../semantic-cache/decision/policy.ts'
import { similarityThreshold } from '../../semantic-cache/decision/similarity-threshold.ts'
import type { RateFigures } from './fit-policy.ts'
import type { MeasuredPair } from './measured-pairs.ts'

export const DECISION_USAGE = 'calibrated, threshold:MIN_SIMILARITY, or a file that tune wrote'

/**
 * The policy that a word on the command line names, at a false hit rate.
 *
 * @throws CacheError INVALID_OPTION
 */
export function decisionChoice(word: string, maxFalseHitRate: number): DecisionPolicy {
  if (word === 'calibrated') return calibrated({ maxFalseHitRate })
  const threshold = /^threshold:(.+)$/.exec(word)?.[1]
  if (threshold !== undefined) return similarityThreshold({ minSimilarity: Number(threshold) })
  if (/^(?:calibrated|threshold)/.test(word) && !/[./\\]/.test(word)) {
    throw invalidOption('--decision', DECISION_USAGE, word)
  }
  return calibrated({ maxFalseHitRate, parameters: word })
}

export interface BaselineRow {
  readonly figures: RateFigures
  readonly decisions: readonly Decision<string>[]
}

/** What a policy does with the labelled pairs at each rate; where its parameters do not go so low, nothing. */
export async function measureBaseline(
  word: string,
  pairs: readonly MeasuredPair[],
  rates: readonly number[],
  onProgress?: (done: number) => void,
): Promise<readonly BaselineRow[]> {
  const { signal } = new AbortController()
  const policies = rates.map((rate) => policyAt(word, rate))
  const decisions: Decision<string>[][] = rates.map(() => [])
  for (const [i, { query, candidate }] of pairs.entries()) {
    for (const [r, policy] of policies.entries()) {
      if (policy) decisions[r]?.push(await policy.decide(query, [candidate], { signal }))
    }
    onProgress?.(i + 1)
  }
  return rates.map((rate, r) => {
    const own = decisions[r] as Decision<string>[]
    if (!policies[r]) return { figures: { maxFalseHitRate: rate }, decisions: own }
    const reused = pairs.filter((_, i) => own[i]?.reuse)
    const right = reused.filter(({ isSame }) => isSame).length
    const figures = {
      maxFalseHitRate: rate,
      covered: { count: right, of: pairs.filter(({ isSame }) => isSame).length },
      wrong: { count: reused.length - right, of: reused.length },
    }
    return { figures, decisions: own }
  })
}

function policyAt(word: string, rate: number): DecisionPolicy | undefined {
  try {
    return decisionChoice(word, rate)
  } catch (error) {
    if (CacheError.is(error) && error.message.startsWith('maxFalseHitRate must be at least')) return undefined
    throw error
  }
}
