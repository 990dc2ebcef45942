import type { CacheStats, FalseHitEstimate } from '../core/stats.ts'
import type { Cell, ReportSection } from './sections.ts'

/** What the ledger knows of false hits, as a table: each kind of evidence by itself. */
export function falseHitsSection({ falseHits }: Pick<CacheStats, 'falseHits'>): ReportSection {
  const { feedback, judge, judgeUnstated, nearMisses, advisory, unsure, failed, skipped } = falseHits
  const rows: Cell[][] = [
    row('Shadow checks, by a judge that states its error rate', judge),
    row('Feedback', feedback),
    row('Shadow checks, by a judge that states none', judgeUnstated),
    row('Near misses (kept out by the bar)', nearMisses),
  ]
  const advised = advisory.alike + advisory.unlike
  const notes = [
    'Share of wrong answers among those reused by meaning, with 95 % bounds that allow for the errors a judge states.',
    ...(advised > 0 ? [`Advice of the embedder, no verdict: ${advisory.alike} alike, ${advisory.unlike} unlike.`] : []),
    ...(unsure + failed + skipped > 0
      ? [`Checks without a verdict: ${unsure} unsure, ${failed} failed, ${skipped} left out.`]
      : []),
  ]
  return {
    kind: 'table',
    heading: 'False hits',
    note: notes.join(' '),
    columns: [
      { title: 'Evidence' },
      { title: 'Verdicts', format: 'count' },
      { title: 'Called wrong', format: 'count' },
      { title: 'False hit rate', format: 'share' },
      { title: 'At least', format: 'share' },
      { title: 'At most', format: 'share' },
    ],
    rows,
  }
}

function row(name: string, { observations, wrong, rate, low, high }: FalseHitEstimate): Cell[] {
  return [name, observations, wrong, rate, low, high]
}
