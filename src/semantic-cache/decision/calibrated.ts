import type { Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import { compare, featuresOf } from './features.ts'
import { fitFor, shippedFits } from './fits/index.ts'
import type { Comparison } from './guards/guard.ts'
import { guards } from './guards/index.ts'
import { metricScore } from './learned-metric.ts'
import { type CalibratedParameters, leastScore, probabilityOf } from './parameters.ts'
import type { Decision, DecisionPolicy, DecisionQuery, Finding } from './policy.ts'
import type { Analysis } from './text/analysis.ts'
import { scoreOf } from './trees.ts'

export interface CalibratedOptions {
  /**
   * The share of wrong answers among reused ones to stay under, in [0.001, 0.5]; default 0.01. It holds on the published
   * calibration mix (docs: half true pairs, half look-alikes); other traffic needs `feedback` to be known.
   */
  readonly maxFalseHitRate?: number
  /** Fits of your own, tried before the shipped ones. */
  readonly parameters?: readonly CalibratedParameters[]
}

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
  const { maxFalseHitRate = 0.01, parameters = [] } = options
  if (!(typeof maxFalseHitRate === 'number' && maxFalseHitRate >= 0.001 && maxFalseHitRate <= 0.5)) {
    throw new CacheError(
      'INVALID_OPTION',
      `maxFalseHitRate must be a number in [0.001, 0.5], got ${String(maxFalseHitRate)}`,
    )
  }
  if (!Array.isArray(parameters)) {
    throw new CacheError('INVALID_OPTION', `parameters must be an array of fits, got ${typeof parameters}`)
  }
  for (const fit of parameters) checkFit(fit)
  return {
    name: `calibrated(${maxFalseHitRate})`,
    maxFalseHitRate,
    async decide(query, candidates, { signal }) {
      signal.throwIfAborted()
      if (candidates.length === 0) return { reason: 'no-candidate', findings: [], overhead: NO_OVERHEAD }
      const readable = candidates.filter(({ entry }) => entry.queryText !== undefined)
      if (readable.length === 0) return { reason: 'no-query-text', findings: [], overhead: NO_OVERHEAD }
      const fits = [...parameters, ...shippedFits()]
      return choose(readable.map((candidate) => judge(query, candidate, fits, maxFalseHitRate)))
    },
  }
}

interface Judgement<Value> {
  readonly candidate: Candidate<Value>
  readonly probability: number
  readonly isProbable: boolean
  readonly isVetoed: boolean
  readonly findings: readonly Finding[]
}

/** The most probable candidate that may be reused; else the reason of the most probable one. */
function choose<Value>(judgements: readonly Judgement<Value>[]): Decision<Value> {
  const ranked = [...judgements].sort((a, b) => b.probability - a.probability)
  const closest = Math.max(
    ...judgements.filter(({ isVetoed }) => !isVetoed).map(({ candidate }) => candidate.similarity),
  )
  const best = ranked.find(
    ({ candidate, isProbable, isVetoed }) => isProbable && !isVetoed && candidate.similarity >= closest - MARGIN,
  )
  if (best) {
    return { reuse: best.candidate, probability: best.probability, findings: best.findings, overhead: NO_OVERHEAD }
  }
  const [refused] = ranked as [Judgement<Value>]
  const { probability, findings, isVetoed } = refused
  // A vetoed candidate counts as vetoed even if it would not have been probable: the guard's reason tells more.
  return {
    reason: isVetoed ? 'guard-veto' : 'policy-refused',
    probability: isVetoed ? 0 : probability,
    findings,
    overhead: NO_OVERHEAD,
  }
}

function judge<Value>(
  { text, vector, embedderId, wordVectors }: DecisionQuery,
  candidate: Candidate<Value>,
  fits: readonly CalibratedParameters[],
  maxFalseHitRate: number,
): Judgement<Value> {
  const stored = candidate.entry.queryText as string
  const comparison = compare(text, stored)
  const findings: Finding[] = guards.map((guard) => guard.inspect(comparison))
  const isVetoed = findings.some(({ verdict }, index) => verdict === 'differ' && guards[index]?.vetoes === true)
  const settled = (probability: number): Judgement<Value> => ({
    candidate,
    probability,
    isProbable: probability > 0.5,
    isVetoed,
    findings,
  })
  if (sameText(comparison)) return { ...settled(1), isVetoed: false }
  if (comparison.asked.language !== comparison.stored.language) return settled(0)
  const { language } = comparison.asked
  const fit = fitFor(fits, embedderId, language)
  if (!fit) {
    findings.push({ guard: 'calibration', verdict: 'unsure', asked: 'a language without a fit' })
    return settled(sameWords(comparison) ? 0.99 : 0)
  }
  const isOwn = fit.embedders.length > 0
  if (!isOwn)
    findings.push({
      guard: 'calibration',
      verdict: 'unsure',
      asked: `no fit for embedder ${embedderId}: judged by the texts alone`,
    })
  const words = wordVectors ? ([wordVectors(text), wordVectors(stored)] as const) : undefined
  const row = featuresOf(comparison, isOwn ? candidate.similarity : Number.NaN, words)
  const { vector: storedVector } = candidate.entry
  if (fit.metric && storedVector) row.set('vectors.learned', metricScore(fit.metric, vector, storedVector))
  const score = scoreOf(
    fit.trees,
    fit.features.map((name) => row.get(name) ?? Number.NaN),
  )
  return {
    candidate,
    probability: probabilityOf(fit, score),
    isProbable: score >= leastScore(fit, isOwn ? maxFalseHitRate : maxFalseHitRate / UNKNOWN_CAUTION),
    isVetoed,
    findings,
  }
}

/** Equal but for space, case and final signs. */
function sameText({ asked, stored }: Comparison): boolean {
  return plain(asked) === plain(stored)
}

function plain({ folded, quantities }: Analysis): string {
  // With numbers or quotations a sign may carry the meaning (-5, 1.5, "…").
  const lower = folded.toLowerCase().replace(/\s+/g, ' ').trim()
  return quantities.length > 0 || /["'`\p{S}]/u.test(lower) ? lower : lower.replace(/[.?!。,，！？]+$/u, '')
}

function sameWords({ asked, stored }: Comparison): boolean {
  return (
    asked.units.length === stored.units.length &&
    asked.units.every((unit, index) => unit.text === stored.units[index]?.text)
  )
}

function checkFit(fit: unknown): void {
  const parts = fit as Partial<CalibratedParameters> | null
  const good =
    typeof parts === 'object' &&
    parts !== null &&
    typeof parts.name === 'string' &&
    Array.isArray(parts.embedders) &&
    Array.isArray(parts.languages) &&
    Array.isArray(parts.features) &&
    Array.isArray(parts.trees) &&
    Array.isArray(parts.curve) &&
    Array.isArray(parts.limits)
  if (!good) throw new CacheError('INVALID_OPTION', 'parameters must be fits as scripts/calibration/fit.py writes them')
}
