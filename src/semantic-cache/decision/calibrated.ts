import type { Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import { invalidOption, knownOptions } from '../../core/options.ts'
import { assess } from './assessment.ts'
import { isVetoedBy } from './guards/index.ts'
import { type CalibratedParameters, calibrationOf, leastScore, probabilityOf, recalibrated } from './parameters.ts'
import type { Decision, DecisionPolicy, DecisionQuery, Finding } from './policy.ts'
import { logOdds } from './traffic-evidence.ts'
import { readParameters, type TunedParameters } from './tuned-parameters.ts'

export interface CalibratedOptions {
  /**
   * The share of wrong answers among reused ones to stay under, in [0.001, 0.5]; default 0.01. It holds on the published
   * calibration mix (docs: half true pairs, half look-alikes); other traffic needs `feedback` to be known.
   */
  readonly maxFalseHitRate?: number
  /**
   * What `reprise tune` wrote: the path of its file, its content, or several of either (one an embedder). Bound to the
   * embedder they were made with: under any other nothing is reused. Fits of your own making are taken too, and tried
   * before the shipped ones.
   */
  readonly parameters?: Parameters | readonly Parameters[]
}

type Parameters = string | TunedParameters | CalibratedParameters

/**
 * A candidate this much further away than one that no guard objects to is not reused: where the closer one is in doubt, so
 * is the further one.
 */
const MARGIN = 0.02

/** An embedder without its own fit is held to a rate this many times lower: its mix was never measured. */
const UNKNOWN_CAUTION = 2

const NO_OVERHEAD = { usd: 0, tokens: 0 }

/**
 * Reuses the candidate whose answer most probably fits, when that is probable enough and no guard objects. Compares the
 * two texts, not their vectors alone: numbers, dates, names, negation, opposites, order, and the words that differ. Each
 * embedder has its own fit; one that has none is judged by the texts alone, and a finding says so. English and Chinese;
 * in other languages only rewordings that keep every word are reused.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * calibrated({ maxFalseHitRate: 0.01 })
 */
export function calibrated(options: CalibratedOptions = {}): DecisionPolicy {
  knownOptions('calibrated', options, ['maxFalseHitRate', 'parameters'])
  const { maxFalseHitRate = 0.01, parameters = [] } = options
  if (Array.isArray(options.parameters) && options.parameters.length === 0) {
    throw invalidOption('parameters', 'left out for the shipped fits, or at least one file or object', parameters)
  }
  if (!(typeof maxFalseHitRate === 'number' && maxFalseHitRate >= 0.001 && maxFalseHitRate <= 0.5)) {
    throw new CacheError(
      'INVALID_OPTION',
      `maxFalseHitRate must be a number in [0.001, 0.5], got ${String(maxFalseHitRate)}`,
    )
  }
  const own = readParameters(parameters, maxFalseHitRate)
  const bound = own.flatMap(({ recalibration }) => (recalibration ? [recalibration.embedderId] : []))
  return {
    name: `calibrated(${maxFalseHitRate})`,
    maxFalseHitRate,
    async decide(query, candidates, { signal }) {
      signal.throwIfAborted()
      if (candidates.length === 0) return { reason: 'no-candidate', findings: [], overhead: NO_OVERHEAD }
      const readable = candidates.filter(({ entry }) => entry.queryText !== undefined)
      if (readable.length === 0) return { reason: 'no-query-text', findings: [], overhead: NO_OVERHEAD }
      if (bound.length > 0 && !bound.includes(query.embedderId)) {
        const finding = {
          guard: 'calibration',
          verdict: 'differ',
          asked: query.embedderId,
          stored: bound.join(', '),
        } as const
        return { reason: 'policy-refused', findings: [finding], overhead: NO_OVERHEAD }
      }
      return choose(readable.map((candidate) => judge(query, candidate, own, maxFalseHitRate)))
    },
  }
}

interface Judgement<Value> {
  readonly candidate: Candidate<Value>
  readonly probability: number
  /** Above the bar, in log-odds. */
  readonly margin: number
  readonly isVetoed: boolean
  readonly findings: readonly Finding[]
}

/** The most probable candidate that may be reused; else the reason of the most probable one. */
function choose<Value>(judgements: readonly Judgement<Value>[]): Decision<Value> {
  const ranked = [...judgements].sort((a, b) => b.probability - a.probability)
  const closest = Math.max(
    ...judgements.filter(({ isVetoed }) => !isVetoed).map(({ candidate }) => candidate.similarity),
  )
  const isEligible = ({ candidate, isVetoed }: Judgement<Value>) =>
    !isVetoed && candidate.similarity >= closest - MARGIN
  const best = ranked.find((judgement) => isEligible(judgement) && judgement.margin >= 0)
  if (best) {
    const { candidate: reuse, probability, margin, findings } = best
    return { reuse, probability, margin, findings, overhead: NO_OVERHEAD }
  }
  const [probable] = ranked as [Judgement<Value>]
  const [nearest] = [...judgements].sort((a, b) => b.candidate.similarity - a.candidate.similarity) as [
    Judgement<Value>,
  ]
  // Where the closest is vetoed, the guard's reason tells more than that another was not probable either.
  const refused = nearest.isVetoed && probable.probability < 0.5 ? nearest : probable
  const { probability, findings, isVetoed, margin } = refused
  return {
    reason: isVetoed ? 'guard-veto' : 'policy-refused',
    probability: isVetoed ? 0 : probability,
    ...(isEligible(refused) && { considered: refused.candidate, margin }),
    findings,
    overhead: NO_OVERHEAD,
  }
}

function judge<Value>(
  query: DecisionQuery,
  candidate: Candidate<Value>,
  own: readonly CalibratedParameters[],
  maxFalseHitRate: number,
): Judgement<Value> {
  const { kind, findings, fit, score, sameWords, language } = assess(query, candidate, own, isVetoedBy)
  const isVetoed = isVetoedBy(findings, fit)
  const settled = (probability: number): Judgement<Value> => ({
    candidate,
    probability,
    margin: logOdds(probability),
    isVetoed,
    findings,
  })
  if (kind === 'texts-equal') return { ...settled(1), isVetoed: false }
  if (kind === 'languages-differ') return settled(0)
  if (!fit) return settled(sameWords ? 0.99 : 0)
  if (kind === 'vetoed') return settled(0)
  const adjusted = recalibrated(fit, score, candidate.similarity)
  const rate = fit.embedders.length > 0 ? maxFalseHitRate : maxFalseHitRate / UNKNOWN_CAUTION
  const calibration = calibrationOf(fit, language)
  return {
    candidate,
    probability: probabilityOf(calibration, adjusted),
    margin: adjusted - leastScore(calibration, rate),
    isVetoed,
    findings,
  }
}
