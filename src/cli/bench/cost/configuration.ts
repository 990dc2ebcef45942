import { invalidOption } from '../../../core/options.ts'
import type { SemanticCacheOptions } from '../../../create.ts'
import { type LocalJudge, localJudge } from '../../../embeddings/local-judge.ts'
import { calibrated } from '../../../semantic-cache/decision/calibrated.ts'
import { similarityThreshold } from '../../../semantic-cache/decision/similarity-threshold.ts'
import { verified } from '../../../semantic-cache/decision/verified.ts'

/** One column of the benchmark: how the cache is set up. */
export interface Configuration {
  /** As it was asked for. */
  readonly name: string
  readonly decision: NonNullable<SemanticCacheOptions['decision']> | 'none'
  /** As `--embedder` of `reprise embed` words it. */
  readonly embedder: string
  readonly withTools: boolean
  /** To be loaded before the run: a judge that is absent would look like one that refuses all. */
  readonly judge?: LocalJudge
}

export const CONFIGURATION_USAGE =
  'POLICY[@EMBEDDER][+tools] with POLICY none, exact, threshold:SIMILARITY, calibrated:RISK or judged:RISK (calibrated and the local judge), such as calibrated:0.01@static+tools'

export const DEFAULT_CONFIGURATIONS: readonly string[] = [
  'none',
  'exact',
  'threshold:0.9',
  'calibrated:0.01',
  'calibrated:0.05',
  'calibrated:0.2',
  'calibrated:0.05+tools',
]

/** @throws CacheError INVALID_OPTION */
export function parseConfiguration(name: string): Configuration {
  const withTools = name.endsWith('+tools')
  const [policy = '', ...rest] = (withTools ? name.slice(0, -'+tools'.length) : name).split('@')
  const embedder = rest.join('@')
  if (rest.length > 0 && embedder === '') throw invalidOption('--configuration', CONFIGURATION_USAGE, name)
  const [kind, amount, ...more] = policy.split(':')
  if (more.length > 0) throw invalidOption('--configuration', CONFIGURATION_USAGE, name)
  const judge = kind === 'judged' ? localJudge() : undefined
  const decision = decisionOf(name, kind, amount, judge)
  if (decision === 'none' && (withTools || embedder !== '')) {
    throw invalidOption('--configuration', 'none without embedder and tools', name)
  }
  if (decision === 'exact' && embedder !== '')
    throw invalidOption('--configuration', 'exact without embedder, because it embeds nothing', name)
  return { name, decision, embedder: embedder || 'static', withTools, ...(judge && { judge }) }
}

function decisionOf(name: string, kind?: string, amount?: string, judge?: LocalJudge): Configuration['decision'] {
  if ((kind === 'none' || kind === 'exact') && amount === undefined) return kind
  if (amount !== '' && (kind === 'threshold' || kind === 'calibrated' || kind === 'judged')) {
    const value = Number(amount ?? Number.NaN)
    if (kind === 'threshold') return similarityThreshold({ minSimilarity: value })
    const policy = calibrated(amount === undefined ? {} : { maxFalseHitRate: value })
    return judge ? verified(policy, { verifier: judge }) : policy
  }
  throw invalidOption('--configuration', CONFIGURATION_USAGE, name)
}
