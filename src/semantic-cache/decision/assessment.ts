import type { Candidate } from '../../core/entry.ts'
import { compare, featureNames, featuresOf } from './features.ts'
import { fitFor } from './fits/index.ts'
import type { Comparison } from './guards/guard.ts'
import { guards } from './guards/index.ts'
import { metricScore } from './learned-metric.ts'
import type { CalibratedParameters } from './parameters.ts'
import type { DecisionQuery, Finding } from './policy.ts'
import type { Analysis } from './text/analysis.ts'
import type { Language } from './text/language.ts'
import { questionCore } from './text/question-core.ts'
import { scoreOf } from './trees.ts'

/** What is seen in an asked and a stored text before any limit is applied. */
export interface Assessment {
  readonly findings: readonly Finding[]
  /** `texts-equal` (but for greetings and frame) and `languages-differ` need no score; `no-fit`: a language that no fit knows; `vetoed`: not scored. */
  readonly kind: 'scored' | 'texts-equal' | 'languages-differ' | 'no-fit' | 'vetoed'
  /** In log-odds; of `scored` ones. */
  readonly score: number
  readonly fit?: CalibratedParameters
  readonly sameWords: boolean
  /** Of the asked text. */
  readonly language: Language
}

/**
 * Compares a query with a candidate that has its text, by the first fit for embedder and language, `own` before shipped. `isVetoed` spares the
 * score of a candidate that it refuses.
 */
export function assess(
  { text, vector, embedderId }: DecisionQuery,
  { entry, similarity }: Candidate,
  own: readonly CalibratedParameters[],
  isVetoed?: (findings: readonly Finding[], fit: CalibratedParameters) => boolean,
): Assessment {
  const stored = entry.queryText as string
  const comparison = compare(text, stored)
  const findings: Finding[] = guards.map((guard) => guard.inspect(comparison))
  const { language } = comparison.asked
  const settled = { findings, score: Number.NaN, sameWords: sameWords(comparison), language }
  const isOther = findings.some(({ guard, verdict }) => guard === 'signs' && verdict === 'differ')
  if (!isOther && (sameText(comparison) || sameQuestion(comparison))) return { ...settled, kind: 'texts-equal' }
  if (language !== comparison.stored.language) return { ...settled, kind: 'languages-differ' }
  const fit = fitFor(own, embedderId, language)
  if (!fit) {
    findings.push({ guard: 'calibration', verdict: 'unsure', asked: 'a language without a fit' })
    return { ...settled, kind: 'no-fit' }
  }
  if (isVetoed?.(findings, fit)) return { ...settled, kind: 'vetoed', fit }
  const knowsEmbedder = fit.recalibration?.knowsEmbedder ?? fit.embedders.length > 0
  if (fit.embedders.length === 0)
    findings.push({
      guard: 'calibration',
      verdict: 'unsure',
      asked: `no fit for embedder ${embedderId}: judged by the texts alone`,
    })
  const row = featuresOf(comparison, knowsEmbedder ? similarity : Number.NaN)
  const learned = fit.metric && entry.vector ? metricScore(fit.metric, vector, entry.vector) : Number.NaN
  row.push(learned, Number.NaN)
  const score = scoreOf(fit.trees, inOrderOf(fit, row))
  return { ...settled, kind: 'scored', score, fit }
}

const columns = new WeakMap<CalibratedParameters, Int32Array>()

/** The row that `assess` makes in the order of a fit's features; one that no one knows any more is the last, unknown. */
function inOrderOf(fit: CalibratedParameters, row: readonly number[]): Float64Array {
  let order = columns.get(fit)
  if (!order) {
    const names: readonly string[] = [...featureNames(), 'vectors.learned']
    order = Int32Array.from(fit.features, (name) => (names.includes(name) ? names.indexOf(name) : names.length))
    columns.set(fit, order)
  }
  const ordered = new Float64Array(order.length)
  for (let i = 0; i < ordered.length; i++) ordered[i] = row[order[i] as number] as number
  return ordered
}

/** Equal but for space, case and final signs. */
function sameText({ asked, stored }: Comparison): boolean {
  return asked.letters === stored.letters && plain(asked) === plain(stored)
}

/** The same but for greetings, thanks and how it is asked. */
function sameQuestion({ asked, stored }: Comparison): boolean {
  if (asked.language !== stored.language || asked.language === 'other') return false
  const core = questionCore(asked)
  return core !== '' && core === questionCore(stored)
}

function plain({ folded, quantities }: Analysis): string {
  // With numbers or quotations a sign may carry the meaning (-5, 1.5, "…").
  const lower = folded.toLowerCase().replace(/\s+/g, ' ').trim()
  return quantities.length > 0 || /["'`\p{S}]/u.test(lower)
    ? lower
    : lower.replace(/(?<=\p{L}\s?)[.?!。,，！？]+$/u, '')
}

function sameWords({ asked, stored }: Comparison): boolean {
  return (
    asked.units.length > 0 &&
    asked.units.length === stored.units.length &&
    asked.units.every((unit, index) => unit.text === stored.units[index]?.text)
  )
}
