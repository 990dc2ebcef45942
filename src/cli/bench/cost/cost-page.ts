import { htmlReport } from '../../../report/html-report.ts'
import type { ReportSection } from '../../../report/sections.ts'
import type { CostResult, SweepPoint } from './cost-benchmark.ts'
import { advice, breakEvenTable, latencyTable, monthlyTable, outcomeTable, remarks, sweepTable } from './cost-tables.ts'

/** The page of a cost benchmark. */
export function costPage(result: CostResult): string {
  const { configurations, monthly, stamp, options } = result
  const cached = configurations.filter(({ hitRate }) => hitRate !== undefined)
  const best = [...monthly].sort((a, b) => b.netUsd - a.netUsd)[0]
  const ofBest = configurations.find(({ name }) => name === best?.name)
  const sections: ReportSection[] = [
    {
      kind: 'keyFigures',
      heading: `Most saved: ${best?.name ?? 'nothing'}`,
      figures: [
        { label: 'net a month', value: best?.netUsd, format: 'usd' },
        { label: 'hit rate', value: ofBest?.hitRate, format: 'share' },
        {
          label: 'false hits among labelled reuses',
          value: ofBest?.falseHits.all.rate,
          format: 'share',
          tone: (ofBest?.falseHits.all.wrong ?? 0) > 0 ? 'bad' : 'good',
        },
        { label: 'calls a month', value: Number(options.monthlyCalls), format: 'count' },
      ],
    },
    { kind: 'text', heading: 'What was replayed', paragraphs: remarks(result) },
    {
      kind: 'table',
      heading: 'What each configuration saves and breaks',
      note: '“Of what repeats”: right reuses among the calls whose answer had been given before, by the labels.',
      ...outcomeTable(result),
    },
    {
      kind: 'lineChart',
      heading: 'Hit rate over time',
      x: { label: 'virtual time', format: 'time' },
      y: { label: 'hit rate so far', format: 'share', min: 0 },
      series: cached.map(({ name, overTime }) => ({
        name,
        points: overTime.map(([at, soFar]) => [at, soFar] as const),
      })),
    },
    {
      kind: 'lineChart',
      heading: 'Hit rate in each sixtieth of the time',
      x: { label: 'virtual time', format: 'time' },
      y: { label: 'hit rate', format: 'share', min: 0 },
      series: cached.map(({ name, overTime }) => ({
        name,
        points: overTime.flatMap(([at, , own]) => (own === undefined ? [] : [[at, own] as const])),
      })),
    },
    ...sweep('Hit rate by entries kept', 'entries kept', 'count', result.bySize),
    ...(result.bySize.length > 0
      ? [{ kind: 'table' as const, heading: 'By entries kept', ...sweepTable(result.bySize, 'entries') }]
      : []),
    ...sweep('Hit rate by life of an entry', 'life', 'ms', result.byTtl),
    ...(result.byTtl.length > 0
      ? [{ kind: 'table' as const, heading: 'By life of an entry', ...sweepTable(result.byTtl, 'life') }]
      : []),
    {
      kind: 'barChart',
      heading: 'Money a month',
      note: `At ${Number(options.monthlyCalls).toLocaleString('en-US')} calls of the model a month.`,
      x: { label: 'configuration' },
      categories: monthly.map(({ name }) => name),
      y: { label: 'US dollars', format: 'usd' },
      series: [
        { name: 'model', values: monthly.map(({ modelUsd }) => modelUsd) },
        { name: 'tools', values: monthly.map(({ toolUsd }) => toolUsd) },
        { name: 'embedding and deciding', values: monthly.map(({ embeddingUsd }) => embeddingUsd) },
        { name: 'store', values: monthly.map(({ redisUsd }) => redisUsd) },
        { name: 'compute', values: monthly.map(({ computeUsd }) => computeUsd) },
      ],
      stacked: true,
    },
    { kind: 'table', heading: 'Monthly cost report', ...monthlyTable(result) },
    { kind: 'text', paragraphs: advice(result) },
    {
      kind: 'lineChart',
      heading: 'What a caller waits',
      note: 'Time in the cache is measured on this machine; the time of model and tools is logged, bought or drawn.',
      x: { label: 'share of the calls that wait no longer', format: 'share' },
      y: { label: 'milliseconds', format: 'ms', scale: 'log' },
      series: configurations.map(({ name, measured }) => ({
        name,
        points: measured.latencyPercentilesMs.map((ms, i) => [(i + 0.5) / 100, ms] as const),
      })),
    },
    { kind: 'table', ...latencyTable(result) },
    ...falseHitChart(result),
    {
      kind: 'table',
      heading: 'Hosted or local embeddings',
      note: `Measured on this machine, one text at a time; hosted: ${options.hostedModel}; a machine of ${options.machineProcessors} processors at $${options.machineUsdPerHour} an hour. In process: the processor time alone, at the same price.`,
      ...breakEvenTable(result),
    },
    ...breakEvenChart(result),
  ]
  return htmlReport({
    title: 'Reprise cost benchmark',
    subtitle: `${result.source.name}: what a cache would save, and what it may break`,
    stamp,
    sections,
  })
}

function sweep(heading: string, label: string, format: 'count' | 'ms', points: readonly SweepPoint[]): ReportSection[] {
  if (points.length === 0) return []
  const names = [...new Set(points.map(({ configuration }) => configuration))]
  return [
    {
      kind: 'lineChart',
      heading,
      x: { label, format, scale: 'log' },
      y: { label: 'hit rate', format: 'share', min: 0 },
      series: names.map((name) => ({
        name,
        points: points
          .filter(({ configuration }) => configuration === name)
          .map(({ value, hitRate }) => [value, hitRate ?? 0] as const),
      })),
    },
  ]
}

function falseHitChart({ configurations }: CostResult): ReportSection[] {
  const labelled = configurations.filter(({ falseHits }) => falseHits.all.labelled > 0)
  if (labelled.length === 0) return []
  return [
    {
      kind: 'barChart',
      heading: 'False hits among reused answers',
      note: 'The share, and the ends of its 95 % Wilson interval.',
      x: { label: 'configuration' },
      categories: labelled.map(({ name }) => name),
      y: { label: 'share of the labelled reuses', format: 'share', min: 0 },
      series: [
        { name: 'low end', values: labelled.map(({ falseHits }) => falseHits.all.interval[0]) },
        { name: 'false hits', values: labelled.map(({ falseHits }) => falseHits.all.rate) },
        { name: 'high end', values: labelled.map(({ falseHits }) => falseHits.all.interval[1]) },
      ],
    },
  ]
}

/** Straight lines, from a thousandth of the break-even volume to a hundred times what is stated. */
function breakEvenChart({ measured: { breakEven } }: CostResult): ReportSection[] {
  const [first] = breakEven
  if (!first) return []
  const volumes = Array.from({ length: 41 }, (_, i) => 10 ** (6 + i / 8))
  const hosted = {
    name: 'hosted',
    points: volumes.map((tokens) => [tokens, (tokens / 1e6) * first.hostedUsdPerMillionTokens] as const),
  }
  const machineUsd = first.machineUsdPerMonth
  return [
    {
      kind: 'lineChart',
      heading: 'Break-even of hosted and local embeddings',
      note: 'A month. A machine of its own is paid whether it embeds or not, and another one is added when it is full; in the application’s own process the processor time alone counts.',
      x: { label: 'tokens embedded a month', format: 'count', scale: 'log' },
      y: { label: 'US dollars a month', format: 'usd', scale: 'log' },
      series: [
        hosted,
        ...breakEven.flatMap((one) => [
          {
            name: `${shortName(one.embedder)}, in process`,
            points: volumes.map((tokens) => [tokens, (tokens / 1e6) * one.localUsdPerMillionTokens] as const),
          },
          {
            name: `${shortName(one.embedder)}, own machine`,
            points: volumes.map(
              (tokens) => [tokens, machineUsd * Math.max(1, Math.ceil(tokens / one.machineTokensPerMonth))] as const,
            ),
          },
        ]),
      ],
    },
  ]
}

function shortName(embedder: string): string {
  return embedder.replace(/^onnx:.*\//, 'onnx:')
}
