import { type Observation, quantileOf } from '../../src/cli/bench/replay.ts'
import type { CacheEvent, CacheStats, LookupEvent } from '../../src/index.ts'
import type { TableSection } from '../../src/report/sections.ts'

export interface DemoRun {
  readonly name: string
  readonly observations: readonly Observation[]
  readonly events: readonly CacheEvent[]
  /** Absent without a cache. */
  readonly stats?: CacheStats
}

type Row = readonly [label: string, value: (run: DemoRun) => string | number | undefined]

const ROWS: readonly Row[] = [
  [
    'asked of the model',
    ({ observations }) => observations.filter(({ record }) => !record || calledModel(record)).length,
  ],
  ['answered from memory', ({ stats }) => stats?.tiers.memory],
  ['answered from the store, same question', ({ stats }) => stats?.tiers.exact],
  ['answered from the store, by meaning', ({ stats }) => stats?.tiers.semantic],
  ['joined an identical call in flight', ({ stats }) => stats?.collapsed],
  ['asked about now, never cached', ({ stats }) => stats && (stats.reasons['asks-about-now'] ?? 0)],
  ['hit rate', ({ stats }) => percent(stats?.hitRate)],
  ['false hits (by the labels)', (run) => run.stats && falseHitsOf(run).length],
  ['  of all answers by meaning', (run) => percent(share(falseHitsOf(run).length, run.stats?.tiers.semantic))],
  ['avoided', ({ stats }) => usd(stats?.avoided.usd)],
  ['overhead (embedding, deciding)', ({ stats }) => usd(stats?.overhead.usd)],
  ['net', ({ stats }) => usd(stats?.net.usd)],
  ['tokens avoided', ({ stats }) => stats?.avoided.tokens],
  ['latency, median', ({ observations }) => milliseconds(quantileOf(latencies(observations), 0.5))],
  ['latency, 95th percentile', ({ observations }) => milliseconds(quantileOf(latencies(observations), 0.95))],
]

/** Outcomes, money and latency, one column a run. */
export function outcomesTable(runs: readonly DemoRun[]): Pick<TableSection, 'columns' | 'rows'> {
  return {
    columns: [{ title: '' }, ...runs.map(({ name }) => ({ title: name }))],
    rows: ROWS.map(([label, value]) => [label, ...runs.map(value)]),
  }
}

/** The closest candidates that were not reused, with both texts and whether that was right. */
export function nearMissesOf(run: DemoRun, limit = 8): Pick<TableSection, 'columns' | 'rows'> {
  return {
    columns: [
      { title: 'similarity' },
      { title: 'asked' },
      { title: 'stored' },
      { title: 'why not' },
      { title: 'may share' },
    ],
    rows: nearMissEvents(run)
      .slice(0, limit)
      .map(({ event, asked, stored }) => [
        event.similarity?.toFixed(3),
        shorten(textOf(asked)),
        shorten(textOf(stored)),
        event.reason,
        asked.request.answerId === stored.request.answerId ? 'yes' : 'no',
      ]),
  }
}

interface NearMiss {
  readonly event: LookupEvent
  readonly asked: Observation
  readonly stored: Observation
}

function nearMissEvents({ observations, events }: DemoRun): NearMiss[] {
  const byKey = new Map(observations.flatMap((seen) => (seen.record ? [[seen.record.key, seen] as const] : [])))
  return events
    .flatMap((event) => {
      if (event.type !== 'lookup' || event.outcome !== 'miss' || event.collapsed || event.similarity === undefined)
        return []
      const asked = byKey.get(event.key)
      const stored = byKey.get(event.entryKey ?? '')
      return asked && stored ? [{ event, asked, stored }] : []
    })
    .sort((a, b) => (b.event.similarity ?? 0) - (a.event.similarity ?? 0))
}

export function falseHitsOf({ observations }: DemoRun): Observation[] {
  return observations.filter(({ isFalseHit }) => isFalseHit)
}

export function calledModel({ outcome, collapsed }: NonNullable<Observation['record']>): boolean {
  return (outcome === 'miss' || outcome === 'bypass') && !collapsed
}

export function latencies(observations: readonly Observation[]): number[] {
  return observations.map(({ latencyMs }) => latencyMs)
}

export function textOf({ request }: Observation): string {
  return request.messages.at(-1)?.content ?? ''
}

function shorten(text: string): string {
  return text.length > 44 ? `${text.slice(0, 43)}…` : text
}

function share(part: number, whole: number | undefined): number | undefined {
  return whole ? part / whole : undefined
}

const percent = (value: number | undefined) => (value === undefined ? undefined : `${(value * 100).toFixed(1)} %`)
const usd = (value: number | undefined) => (value === undefined ? undefined : `$${value.toFixed(5)}`)
const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
