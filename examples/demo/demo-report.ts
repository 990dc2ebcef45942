import { falseHitsSection } from '../../src/report/false-hits-section.ts'
import { htmlReport, type ReportStamp } from '../../src/report/html-report.ts'
import type { ReportSection } from '../../src/report/sections.ts'
import { type DemoRun, falseHitsOf, latencies, nearMissesOf, outcomesTable, textOf } from './outcomes.ts'

/** The page with the charts people look at: hit rate over time, similarities, money, latency. */
export function demoReport(
  runs: readonly DemoRun[],
  { standIn, stamp }: { readonly standIn?: string; readonly stamp: ReportStamp },
): string {
  const cached = runs.filter(({ stats }) => stats)
  const shown = cached.at(-1) as DemoRun
  const sections: ReportSection[] = [
    ...cached.map(keyFigures),
    { kind: 'table', heading: 'What the questions cost', ...outcomesTable(runs), ...(standIn && { note: standIn }) },
    {
      kind: 'lineChart',
      heading: 'Hit rate over time',
      note: 'Share of the questions so far that were answered from the cache.',
      x: { label: 'questions asked', format: 'count' },
      y: { label: 'hit rate so far', format: 'share', min: 0 },
      series: cached.map(({ name, observations }) => ({ name, points: runningHitRate(observations) })),
    },
    {
      kind: 'histogram',
      heading: `Similarity of hits and near misses: ${shown.name}`,
      note: 'Where right hits, false hits and near misses overlap, no threshold can tell them apart.',
      x: { label: 'cosine similarity of the closest stored question', min: 0, max: 1 },
      y: { label: 'questions' },
      series: similaritySeries(shown),
      bins: 40,
    },
    {
      kind: 'barChart',
      heading: 'Money',
      x: { label: 'configuration' },
      categories: cached.map(({ name }) => name),
      y: { label: 'US dollars', format: 'usd' },
      series: [
        { name: 'spent on the model', values: cached.map(({ stats }) => stats?.spent.usd) },
        { name: 'avoided', values: cached.map(({ stats }) => stats?.avoided.usd) },
        { name: 'overhead', values: cached.map(({ stats }) => stats?.overhead.usd) },
      ],
    },
    {
      kind: 'histogram',
      heading: 'What a caller waits',
      x: { label: 'milliseconds', format: 'ms', scale: 'log' },
      y: { label: 'questions' },
      series: runs.map(({ name, observations }) => ({ name, values: latencies(observations) })),
      bins: 40,
    },
    { kind: 'table', heading: `What nearly hit: ${shown.name}`, ...nearMissesOf(shown, 25) },
    ...(falseHitsOf(shown).length > 0 ? [falseHits(shown)] : []),
    ...(shown.stats ? [falseHitsSection(shown.stats)] : []),
  ]
  return htmlReport({
    title: 'Reprise demo',
    subtitle: 'The same questions, without a cache and with one',
    stamp,
    sections,
  })
}

function keyFigures({ name, stats, observations }: DemoRun): ReportSection {
  const wrong = observations.filter(({ isFalseHit }) => isFalseHit).length
  return {
    kind: 'keyFigures',
    heading: name,
    figures: [
      { label: 'hit rate', value: stats?.hitRate, format: 'share' },
      { label: 'false hits', value: wrong, format: 'count', tone: wrong > 0 ? 'bad' : 'good' },
      { label: 'net saved', value: stats?.net.usd, format: 'usd' },
      { label: 'tokens not bought', value: stats?.avoided.tokens, format: 'count' },
    ],
  }
}

function runningHitRate(observations: DemoRun['observations']): [number, number][] {
  let hits = 0
  let lookups = 0
  return observations.flatMap(({ record }, index) => {
    if (!record || record.outcome === 'bypass') return []
    lookups++
    if (record.outcome !== 'miss') hits++
    return [[index + 1, hits / lookups] as [number, number]]
  })
}

function similaritySeries({ observations }: DemoRun) {
  const semantic = observations.filter(
    ({ record }) => record?.similarity !== undefined && record.tier !== 'memory' && record.tier !== 'exact',
  )
  const of = (chosen: (typeof semantic)[number][]) => chosen.map(({ record }) => record?.similarity ?? 0)
  return [
    {
      name: 'right hits',
      values: of(semantic.filter(({ record, isFalseHit }) => record?.outcome === 'hit' && !isFalseHit)),
    },
    { name: 'false hits', values: of(semantic.filter(({ isFalseHit }) => isFalseHit)) },
    { name: 'misses', values: of(semantic.filter(({ record }) => record?.outcome === 'miss')) },
  ]
}

function falseHits(run: DemoRun): ReportSection {
  const byKey = new Map(run.observations.flatMap((seen) => (seen.record ? [[seen.record.key, seen] as const] : [])))
  return {
    kind: 'examples',
    heading: `False hits: ${run.name}`,
    note: 'Answers that the labels say must not be shared.',
    examples: falseHitsOf(run)
      .slice(0, 20)
      .map((seen) => {
        const stored = byKey.get(seen.record?.entryKey ?? '')
        return {
          tone: 'bad' as const,
          title: `similarity ${seen.record?.similarity?.toFixed(3)}`,
          fields: [
            { label: 'asked', text: textOf(seen) },
            { label: 'got the answer to', text: stored ? textOf(stored) : '' },
          ],
        }
      }),
  }
}
