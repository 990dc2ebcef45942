import { wilson } from '../../src/core/wilson.ts'
import { htmlReport } from '../../src/report/html-report.ts'
import type { Cell, ReportSection } from '../../src/report/sections.ts'
import type { PairCount } from './judge-pairs.ts'
import type { Report } from './markdown.ts'

/** The same report as a page: one table and one chart a set, the kinds of difference, the streams. */
export function html(report: Report): string {
  const { node, processor, at, absent, embedders } = report
  const sections: ReportSection[] = []
  if (absent.length > 0) sections.push({ kind: 'text', heading: 'Not run', paragraphs: absent })
  for (const { name, id, rows } of embedders) {
    sections.push({
      kind: 'text',
      heading: name,
      paragraphs: [`Embedder ${id}. Shares with their 95 % Wilson intervals.`],
    })
    for (const set of Object.keys(rows[0]?.sets ?? {})) {
      const counts = rows.flatMap(({ policy, sets }) => (sets[set] ? [{ policy, count: sets[set] }] : []))
      sections.push(
        {
          kind: 'table',
          heading: `${name}: ${set}`,
          columns: [
            { title: 'policy' },
            { title: 'true pairs served' },
            { title: 'look-alikes served' },
            { title: 'wrong among served' },
            { title: 'true pairs vetoed' },
            { title: '\u00b5s a decision', format: 'count' },
          ],
          rows: counts.map(({ policy, count }) => [policy, ...cells(count)]),
        },
        {
          kind: 'barChart',
          heading: `${name}: ${set}`,
          x: { label: 'policy' },
          categories: counts.map(({ policy }) => policy),
          y: { label: 'share of the pairs', format: 'share', min: 0 },
          series: [
            { name: 'true pairs served', values: counts.map(({ count }) => part(count.servedSame, count.same)) },
            {
              name: 'look-alikes served',
              values: counts.map(({ count }) => part(count.servedDifferent, count.different)),
            },
          ],
        },
      )
      const kinds = counts.find(({ policy }) => policy === 'calibrated(0.05)')?.count.kinds ?? {}
      if (Object.keys(kinds).length > 1) {
        sections.push({
          kind: 'table',
          heading: `${name}: ${set}, calibrated(0.05) by kind of difference`,
          columns: [{ title: 'kind' }, { title: 'look-alikes', format: 'count' }, { title: 'served' }],
          rows: Object.entries(kinds).map(([kind, { different, served }]) => [
            kind,
            different,
            share(served, different),
          ]),
        })
      }
    }
    sections.push({
      kind: 'table',
      heading: `${name}: as a cache`,
      note: 'GPTCache publishes for its table: .95 \u2192 425 right, 25 wrong, 549 missed; .9 \u2192 804, 77, 118; .8 \u2192 904, 92, 3. Merged: origins of equal text count as one.',
      columns: [
        { title: 'policy' },
        ...['right', 'wrong', 'missed'].map((title) => ({ title: `families: ${title}`, format: 'count' as const })),
        ...['right', 'right, merged', 'wrong', 'missed'].map((title) => ({
          title: `GPTCache table: ${title}`,
          format: 'count' as const,
        })),
        { title: 'other history: wrong' },
      ],
      rows: rows.map(({ policy, stream, mock, context }): Cell[] => [
        policy,
        stream?.right,
        stream?.wrong,
        stream?.missed,
        mock?.right,
        mock?.rightMerged,
        mock?.wrong,
        mock?.missed,
        context && share(context.wrong, context.asked),
      ]),
    })
  }
  return htmlReport({
    title: 'Quality of decisions',
    subtitle: 'What a cache serves, and how much of it is wrong, under each decision policy',
    stamp: { at: Date.parse(at), machine: processor, versions: { node } },
    sections,
  })
}

function cells({ same, servedSame, different, servedDifferent, falseVetoes, milliseconds }: PairCount): Cell[] {
  return [
    share(servedSame, same),
    share(servedDifferent, different),
    share(servedDifferent, servedSame + servedDifferent),
    share(falseVetoes, same),
    (1000 * milliseconds) / Math.max(1, same + different),
  ]
}

function part(count: number, of: number): number | undefined {
  return of === 0 ? undefined : count / of
}

function share(count: number, of: number): string {
  if (of === 0) return '\u2013'
  const [low, high] = wilson(count, of)
  const percent = (value: number) => (100 * value).toFixed(1)
  return `${percent(count / of)} % (${percent(low)}\u2013${percent(high)})`
}
