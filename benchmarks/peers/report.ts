import type { ReportSection } from '../../src/report/sections.ts'
import { CHECKS } from './checks.ts'
import type { AbsentPeer } from './peer.ts'
import type { StreamResult } from './quality.ts'
import type { PeerRow } from './run.ts'

interface Result {
  readonly rows: readonly PeerRow[]
  readonly absent: readonly AbsentPeer[]
  readonly streams: readonly string[]
}
type Interval = (count: number, of: number) => readonly [number, number]
type Table = { readonly heading: string; readonly note: string; readonly head: string[]; readonly rows: string[][] }

export function reportMarkdown(result: Result, interval: Interval): string {
  const lines = ['# Reprise beside the others', '']
  for (const { heading, note, head, rows } of tables(result, interval)) {
    lines.push(`## ${heading}`, '', note, '', `| ${head.join(' | ')} |`, `|${head.map(() => '-').join('|')}|`)
    for (const row of rows) lines.push(`| ${row.join(' | ')} |`)
    lines.push('')
  }
  return `${lines.join('\n')}\n`
}

export function reportSections(result: Result, interval: Interval): ReportSection[] {
  return tables(result, interval).map(({ heading, note, head, rows }) => ({
    kind: 'table',
    heading,
    note,
    columns: head.map((title) => ({ title })),
    rows,
  }))
}

function tables({ rows, absent, streams }: Result, interval: Interval): Table[] {
  const baseline = rows.find(({ name }) => name === 'LangChain InMemoryCache')?.speed?.medianMicroseconds
  return [
    {
      heading: 'Who shares what must not be shared',
      note: 'right: shared where it may be, kept apart where it must be. WRONG: gave the answer to another call. no hit: the model was asked again. no API: the peer never sees this part of a call, so it is up to the application.',
      head: ['', ...rows.map(({ name }) => name)],
      rows: [
        ...CHECKS.map(({ name }) => [name, ...rows.map(({ checks }) => checks[name] ?? '–')]),
        ['wrong', ...rows.map(({ checks }) => String(Object.values(checks).filter((one) => one === 'WRONG').length))],
      ],
    },
    ...streams.map((stream) => ({
      heading: `Quality: ${stream}`,
      note: 'Questions in order of arrival, misses stored. 95 % Wilson intervals.',
      head: ['', 'asked', 'right', 'wrong', 'missed', 'wrong among served'],
      rows: rows.flatMap(({ name, quality }) => (quality[stream] ? [[name, ...cells(quality[stream], interval)]] : [])),
    })),
    {
      heading: 'A hit',
      note: 'Microseconds of a call answered from the cache, inside the process of the peer; ratio to LangChain InMemoryCache in the same run.',
      head: ['', 'hits', 'median µs', 'p95 µs', 'ratio'],
      rows: rows.map(({ name, speed }) => [
        name,
        String(speed?.hits ?? 0),
        digits(speed?.medianMicroseconds),
        digits(speed?.p95Microseconds),
        speed && baseline ? (speed.medianMicroseconds / baseline).toFixed(2) : '–',
      ]),
    },
    {
      heading: 'What was run',
      note: 'Each as its own documentation shows.',
      head: ['peer', 'version', 'setup'],
      rows: [
        ...rows.map(({ name, version, setup }) => [name, version, setup]),
        ...absent.map(({ name, reason }) => [name, 'not run', reason]),
      ],
    },
  ]
}

function cells({ asked, right, wrong, missed }: StreamResult, interval: Interval): string[] {
  const served = right + wrong
  const [low, high] = interval(wrong, served)
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const share = served === 0 ? '–' : `${percent(wrong / served)} (${percent(low)} – ${percent(high)})`
  return [String(asked), String(right), String(wrong), String(missed), share]
}

function digits(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(0)
}
