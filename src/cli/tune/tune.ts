import { createHash } from 'node:crypto'
import type { Embedder } from '../../embeddings/embedder.ts'
import { fitFor, shippedFits } from '../../semantic-cache/decision/fits/index.ts'
import type { CalibratedParameters } from '../../semantic-cache/decision/parameters.ts'
import {
  digestOf,
  TUNED_FORMAT,
  TUNED_VERSION,
  type TunedParameters,
} from '../../semantic-cache/decision/tuned-parameters.ts'
import { type BaselineRow, measureBaseline } from './baseline.ts'
import { type Fitted, fitPolicy } from './fit-policy.ts'
import { languageIn, readableFor } from './foreign-language.ts'
import { countOf, type LabelledPair, UnusableInput } from './labelled-pairs.ts'
import { type MeasuredPair, type MeasureOptions, measurePairs } from './measured-pairs.ts'
import { reusesNeeded } from './statistics.ts'

/** The rates of the tables. */
const SHOWN_RATES: readonly number[] = [0.005, 0.01, 0.02, 0.05]
/** Fewer look-alikes than this say too little of what goes wrong. */
const MIN_DIFFERENT = 30

export interface Tuned {
  readonly parameters: TunedParameters
  readonly pairs: readonly MeasuredPair[]
  readonly foreign: number
  readonly rates: readonly number[]
  readonly asked: number
  readonly fitted: Fitted
  /** The best that a cut-off on the similarity alone can do. */
  readonly similarityOnly: Fitted
  readonly baseline: { readonly name: string; readonly rows: readonly BaselineRow[] }
}

export interface TuneOptions extends Pick<MeasureOptions, 'report'> {
  readonly maxFalseHitRate: number
  /** What to compare with. */
  readonly decision: string
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Calibrates the shipped fit of an embedder anew on labelled pairs.
 *
 * @throws UnusableInput
 */
export async function tune(
  given: readonly LabelledPair[],
  embedder: Embedder,
  { maxFalseHitRate, decision, report, onProgress }: TuneOptions,
): Promise<Tuned> {
  checkLabels(given, maxFalseHitRate)
  const { id, dimensions } = await embedder.describe()
  const { pairs: readable, foreign } = readableFor(id, given)
  checkLabels(readable, maxFalseHitRate)
  const total = 3 * readable.length
  const pairs = await measurePairs(readable, embedder, {
    ...(report && { report }),
    onProgress: (done) => onProgress?.(Math.floor(done), total),
  })
  const rates = [...new Set([...SHOWN_RATES, maxFalseHitRate])].sort((a, b) => a - b)
  const fit = { guardsAt: maxFalseHitRate, rates }
  const fitted = fitPolicy(pairs, { ...fit, usesScore: true })
  const similarityOnly = fitPolicy(pairs, { ...fit, usesScore: false })
  if (fitted.policy.limits.length === 0) {
    throw new UnusableInput(
      'no score parts these labels well enough to show any false hit rate up to 50 %: the labels, or the embedder, do not fit the questions',
    )
  }
  const languages = (['en', 'zh'] as const).filter((language) =>
    pairs.some(({ asked }) => languageIn(asked) === language),
  )
  const base = fitFor(shippedFits(), id, languages[0] ?? 'en') as CalibratedParameters
  const parameters: TunedParameters = {
    format: TUNED_FORMAT,
    version: TUNED_VERSION,
    embedder: { id, dimensions },
    languages,
    base: { name: base.name, digest: digestOf(base) },
    ...fitted.policy,
    labels: {
      same: pairs.filter(({ isSame }) => isSame).length,
      different: pairs.filter(({ isSame }) => !isSame).length,
      digest: digestOfLabels(pairs),
    },
    measured: fitted.figures.flatMap(({ maxFalseHitRate: rate, covered, wrong }) =>
      covered && wrong ? [{ maxFalseHitRate: rate, covered, wrong }] : [],
    ),
  }
  const measured = (done: number) => onProgress?.(2 * pairs.length + done, total)
  const baseline = { name: decision, rows: await measureBaseline(decision, pairs, rates, measured) }
  return { parameters, pairs, foreign, rates, asked: maxFalseHitRate, fitted, similarityOnly, baseline }
}

function checkLabels(pairs: readonly LabelledPair[], rate: number): void {
  const same = pairs.filter(({ isSame }) => isSame).length
  const different = pairs.length - same
  if (same === 0 || different === 0) {
    const [only, absent] = same === 0 ? ['false', 'true'] : ['true', 'false']
    throw new UnusableInput(
      `all ${countOf(pairs.length, 'pair')} are labelled ${only}: what parts the two can only be learned from both, add pairs labelled ${absent}`,
    )
  }
  const needed = reusesNeeded(rate)
  const flaws: string[] = []
  if (same < needed) {
    const shown = Math.ceil((3 / same) * 1_000) / 1_000
    const instead = shown <= 0.5 ? `; ${same} can show ${percent(shown)} at best (--max-false-hit-rate ${shown})` : ''
    flaws.push(
      `too few labels for a false hit rate of ${percent(rate)}: it takes ${needed} right reuses without a wrong one to show it ` +
        `(rule of three: 3 ÷ ${rate}), so at least ${needed} pairs labelled true, got ${same}${instead}`,
    )
  }
  if (different < MIN_DIFFERENT) {
    flaws.push(`too few pairs labelled false: at least ${MIN_DIFFERENT} are needed, got ${different}`)
  }
  if (flaws.length > 0) throw new UnusableInput(flaws.join('\n'))
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

/** Of the labels in any order. */
function digestOfLabels(pairs: readonly LabelledPair[]): string {
  const lines = pairs.map(({ asked, stored, isSame }) => JSON.stringify([[asked, stored].sort(), isSame])).sort()
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)
}
