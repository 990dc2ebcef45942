import { wilson } from '../../core/wilson.ts'
import { formatShare } from '../../metrics/format.ts'
import { htmlReport, type ReportStamp } from '../../report/html-report.ts'
import type { Cell, ReportSection, TableSection } from '../../report/sections.ts'
import { VETOES } from '../../semantic-cache/decision/guards/index.ts'
import type { CountOf } from '../../semantic-cache/decision/tuned-parameters.ts'
import type { Outcome, RateFigures } from './fit-policy.ts'
import type { MeasuredPair } from './measured-pairs.ts'
import { percent, type Tuned } from './tune.ts'

const EXAMPLES = 12
const BINS = 10

/** The table of the terminal and the head of the page. */
export function coverageTable({ rates, fitted, similarityOnly, baseline, parameters, asked }: Tuned): TableSection {
  const limits = new Map(parameters.limits)
  const rows: Cell[][] = []
  for (const [i, rate] of rates.entries()) {
    const mark = rate === asked ? ' ←' : ''
    const rowOf = (name: string, figures: RateFigures | undefined, limit?: number): Cell[] => [
      `${percent(rate)}${mark}`,
      name,
      shareCell(figures?.covered),
      shareCell(figures?.wrong),
      limit === undefined ? undefined : Number(limit.toFixed(3)),
    ]
    rows.push(rowOf('tuned', fitted.figures[i], limits.get(rate)))
    rows.push(rowOf(baseline.name, baseline.rows[i]?.figures))
    const cut = similarityOnly.policy.limits.find(([of]) => of === rate)?.[1]
    rows.push(
      rowOf(
        'similarity alone',
        similarityOnly.figures[i],
        cut === undefined ? undefined : cosineOf(cut, similarityOnly.policy.weights),
      ),
    )
  }
  return {
    kind: 'table',
    columns: [
      { title: 'max false hits' },
      { title: 'decision' },
      { title: 'true pairs reused (95 %)' },
      { title: 'wrong among reused (95 %)' },
      { title: 'limit' },
    ],
    rows,
  }
}

/** The cosine at which a score of similarity alone is reached. */
function cosineOf(limit: number, { intercept, similarity }: { intercept: number; similarity: number }): number {
  return Math.min(1, (limit - intercept) / similarity)
}

function shareCell(counted: CountOf | undefined): string | undefined {
  if (!counted) return undefined
  const { count, of } = counted
  const [low, high] = wilson(count, of)
  return of === 0 ? `0 of 0` : `${formatShare(count / of)} (${formatShare(low)}–${formatShare(high)})`
}

/** The lowest rate of the tables, from the asked one on, that the labels show. */
export function recommendedRate({ parameters, asked }: Tuned): number {
  const rates = parameters.limits.map(([rate]) => rate)
  return rates.find((rate) => rate >= asked) ?? (rates.at(-1) as number)
}

export function recommendation(tuned: Tuned, out: string): string {
  return `createSemanticCache({ decision: calibrated({ maxFalseHitRate: ${recommendedRate(tuned)}, parameters: '${out}' }) })`
}

export function tuneReport(tuned: Tuned, out: string, stamp: ReportStamp): string {
  const { parameters, pairs, asked, fitted } = tuned
  const figures = fitted.figures.find(({ maxFalseHitRate }) => maxFalseHitRate === recommendedRate(tuned))
  const sections: ReportSection[] = [
    {
      kind: 'keyFigures',
      figures: [
        {
          label: 'pairs with labels',
          value: pairs.length,
          format: 'count',
          note: `${parameters.labels.same} true, ${parameters.labels.different} false`,
        },
        {
          label: `true pairs reused at ≤ ${percent(recommendedRate(tuned))} false hits`,
          value: figures?.covered && figures.covered.count / figures.covered.of,
          format: 'share',
          note: `95 %: ${intervalOf(figures?.covered)}`,
        },
        {
          label: 'wrong among the reused',
          value: figures?.wrong && (figures.wrong.of === 0 ? 0 : figures.wrong.count / figures.wrong.of),
          format: 'share',
          note: figures?.wrong
            ? `${figures.wrong.count} of ${figures.wrong.of}; 95 %: ${intervalOf(figures.wrong)}`
            : 'not shown',
          tone: figures?.wrong && figures.wrong.count > asked * figures.wrong.of ? 'bad' : 'good',
        },
      ],
    },
    {
      kind: 'text',
      heading: 'Recommended options',
      paragraphs: [
        recommendation(tuned, out),
        `Only with the embedder ${parameters.embedder.id}: its similarities were labelled, and under any other the file reuses nothing.`,
        asked < recommendedRate(tuned)
          ? `These labels do not show ${percent(asked)}. The lowest rate from there on that they show is ${percent(recommendedRate(tuned))}; more labels, or fewer wrong ones, are needed for less.`
          : `The labels show ${percent(asked)} with 95 % confidence, on traffic with the same mix of questions as the labels.`,
      ],
    },
    {
      ...coverageTable(tuned),
      heading: 'What is reused, and how much of it is wrong',
      note: `Tuned and similarity alone: every pair judged by what was learned from the other folds (${10} folds; pairs that share a text stay together). A limit is the least score at which the upper 95 % bound of the false hit rate keeps to the rate. In brackets 95 % Wilson intervals.`,
    },
    {
      kind: 'lineChart',
      heading: 'Risk and coverage',
      note: 'From the surest pair on: of all true pairs those reused, against the share of wrong ones among the reused. Lower and further right is better.',
      x: { label: 'true pairs reused', format: 'share', min: 0, max: 1 },
      y: { label: 'wrong among reused', format: 'share', min: 0 },
      series: [
        { name: 'tuned', points: riskCurve(fitted.outcomes) },
        { name: 'similarity alone', points: riskCurve(tuned.similarityOnly.outcomes) },
      ],
    },
    {
      kind: 'lineChart',
      heading: 'Reliability',
      note: `Probability told against share of true pairs, in tenths; on the diagonal both agree. Expected calibration error ${calibrationError(fitted.outcomes).toFixed(3)} tuned, ${calibrationError(shippedOutcomes(tuned)).toFixed(3)} ${tuned.baseline.name}.`,
      x: { label: 'probability told', format: 'share', min: 0, max: 1 },
      y: { label: 'true pairs', format: 'share', min: 0, max: 1 },
      series: [
        { name: 'tuned', points: reliability(fitted.outcomes) },
        { name: tuned.baseline.name, points: reliability(shippedOutcomes(tuned)) },
        {
          name: 'exact',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
    },
    {
      kind: 'histogram',
      heading: 'Scores',
      note: 'Of pairs that no guard refused; the line is the limit of the recommended rate.',
      x: { label: 'score (log-odds)' },
      y: { label: 'pairs' },
      series: [
        { name: 'labelled true', values: finiteValues(fitted.outcomes, true) },
        { name: 'labelled false', values: finiteValues(fitted.outcomes, false) },
      ],
      markers: parameters.limits
        .filter(([rate]) => rate === recommendedRate(tuned))
        .map(([rate, at]) => ({ at, label: `≤ ${percent(rate)}` })),
    },
    guardTable(tuned),
    ...worstErrors(tuned),
  ]
  return htmlReport({
    title: 'Reprise: tuned decision',
    subtitle: `${parameters.embedder.id} · fit ${parameters.base.name} · ${parameters.languages.join(', ')}`,
    stamp,
    sections,
  })
}

function intervalOf(counted: CountOf | undefined): string {
  if (!counted) return '–'
  const [low, high] = wilson(counted.count, counted.of)
  return `${formatShare(low)}–${formatShare(high)}`
}

function ranked(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.filter(({ value }) => value > Number.NEGATIVE_INFINITY).sort((a, b) => b.value - a.value)
}

function riskCurve(outcomes: readonly Outcome[]): [number, number][] {
  const same = outcomes.filter(({ pair }) => pair.isSame).length
  const points: [number, number][] = []
  let right = 0
  for (const [i, { pair, value }] of ranked(outcomes).entries()) {
    if (pair.isSame) right++
    if (ranked.length > 0 && value !== Number.POSITIVE_INFINITY) points.push([right / same, (i + 1 - right) / (i + 1)])
  }
  return points
}

/** The baseline's own probabilities, at the asked rate. */
function shippedOutcomes({ pairs, baseline, rates, asked }: Tuned): Outcome[] {
  const decisions = baseline.rows[rates.indexOf(asked)]?.decisions ?? []
  return pairs.flatMap((pair, i) => {
    const probability = decisions[i]?.probability
    return probability === undefined ? [] : [{ pair, value: probability, probability }]
  })
}

function bins(outcomes: readonly Outcome[]): Outcome[][] {
  const all: Outcome[][] = Array.from({ length: BINS }, () => [])
  for (const outcome of outcomes) all[Math.min(BINS - 1, Math.floor(outcome.probability * BINS))]?.push(outcome)
  return all.filter((bin) => bin.length > 0)
}

const told = (bin: readonly Outcome[]) => bin.reduce((sum, { probability }) => sum + probability, 0) / bin.length
const seen = (bin: readonly Outcome[]) => bin.filter(({ pair }) => pair.isSame).length / bin.length

function reliability(outcomes: readonly Outcome[]): [number, number][] {
  return bins(outcomes).map((bin) => [told(bin), seen(bin)])
}

function calibrationError(outcomes: readonly Outcome[]): number {
  return bins(outcomes).reduce((sum, bin) => sum + (bin.length / outcomes.length) * Math.abs(told(bin) - seen(bin)), 0)
}

function finiteValues(outcomes: readonly Outcome[], isSame: boolean): number[] {
  return outcomes
    .filter(({ pair, value }) => pair.isSame === isSame && Number.isFinite(value))
    .map(({ value }) => value)
}

function guardTable({ pairs, parameters }: Tuned): ReportSection {
  const names = [...new Set([...VETOES, ...pairs.flatMap(({ differing }) => differing)])]
  return {
    kind: 'table',
    heading: 'Guards',
    note: 'How often each sees a difference. One whose objection costs right reuses and prevents no wrong ones becomes a doubt, which the score weighs.',
    columns: [
      { title: 'guard' },
      { title: 'objection' },
      { title: 'objects to look-alikes', format: 'count' },
      { title: 'objects to true pairs', format: 'count' },
    ],
    rows: names.map((name) => {
      const objected = pairs.filter(({ differing, kind }) => kind !== 'texts-equal' && differing.includes(name))
      const isFinal = parameters.vetoes.includes(name)
      const kind = isFinal ? 'final' : VETOES.includes(name) ? 'a doubt (was final)' : 'a doubt'
      return [
        name,
        kind,
        objected.filter(({ isSame }) => !isSame).length,
        objected.filter(({ isSame }) => isSame).length,
      ]
    }),
  }
}

function worstErrors(tuned: Tuned): ReportSection[] {
  const limit = new Map(tuned.parameters.limits).get(recommendedRate(tuned)) as number
  const all = tuned.fitted.outcomes
  const example = ({ pair, probability }: Outcome, tone: 'good' | 'bad') => ({
    title: `${pair.at} · similarity ${pair.similarity.toFixed(3)} · probability ${probability.toFixed(3)}`,
    tone,
    fields: [{ label: 'asked', text: pair.asked }, { label: 'stored', text: pair.stored }, ...reasonOf(pair)],
  })
  const wrong = ranked(all).filter(({ pair }) => !pair.isSame)
  const missed = all
    .filter(({ pair, value }) => pair.isSame && value < limit)
    .sort((a, b) => b.pair.similarity - a.pair.similarity)
  return [
    {
      kind: 'examples',
      heading: 'The look-alikes nearest to being reused',
      note: `Labelled false, with the highest scores: ${wrong.filter(({ value }) => value >= limit).length} of them are above the limit. A label that is wrong is here, too.`,
      examples: wrong.slice(0, EXAMPLES).map((outcome) => example(outcome, 'bad')),
    },
    {
      kind: 'examples',
      heading: 'True pairs that are not reused',
      note: `Labelled true, with the highest similarities, of ${missed.length} below the limit or refused by a guard.`,
      examples: missed.slice(0, EXAMPLES).map((outcome) => example(outcome, 'good')),
    },
  ]
}

function reasonOf({ kind, differing }: MeasuredPair): { label: string; text: string }[] {
  if (kind === 'texts-equal') return [{ label: 'seen', text: 'equal but for space, case and final signs' }]
  if (kind === 'languages-differ') return [{ label: 'seen', text: 'two languages' }]
  return differing.length > 0 ? [{ label: 'guards that differ', text: differing.join(', ') }] : []
}
