import type { CacheStats, StatsDimension, StatsRow } from '../core/stats.ts'
import { type CounterRow, statsRow } from './counters.ts'
import { falseHitsOf } from './false-hits.ts'

export interface Sums {
  readonly whole: CounterRow
  readonly process: CounterRow
  readonly counts: ReadonlyMap<string, number>
  readonly by: Readonly<Record<StatsDimension, ReadonlyMap<string, CounterRow>>>
}

/** Sums as people and programs read them. */
export function statsOf({ whole, process, counts, by }: Sums): Omit<CacheStats, 'listenerErrors'> {
  return {
    ...statsRow(whole),
    ...countsOf(counts),
    by: {
      namespace: rowsOf(by.namespace),
      tenant: rowsOf(by.tenant),
      model: rowsOf(by.model),
      tool: rowsOf(by.tool),
      day: rowsOf(by.day),
    },
    process: statsRow(process),
  }
}

export function countsOf(
  counts: ReadonlyMap<string, number>,
): Pick<
  CacheStats,
  'tiers' | 'reasons' | 'collapsed' | 'writes' | 'writeReasons' | 'feedback' | 'falseHits' | 'texts'
> {
  const count = (name: string) => counts.get(name) ?? 0
  return {
    tiers: { memory: count('tier:memory'), exact: count('tier:exact'), semantic: count('tier:semantic') },
    reasons: countsUnder(counts, 'reason:'),
    collapsed: count('collapsed'),
    writes: {
      stored: count('write:stored'),
      refused: count('write:refused'),
      failed: count('write:failed'),
      dropped: count('write:dropped'),
    },
    writeReasons: countsUnder(counts, 'writeReason:'),
    falseHits: falseHitsOf(counts),
    feedback: { correct: count('feedback:correct'), wrong: count('feedback:wrong') },
    texts: { embedded: count('texts:embedded'), cached: count('texts:cached') },
  }
}

function countsUnder(counts: ReadonlyMap<string, number>, prefix: string): Record<string, number> {
  const under = [...counts].filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(under.map(([name, count]) => [name.slice(prefix.length), count]))
}

function rowsOf(rows: ReadonlyMap<string, CounterRow>): Record<string, StatsRow> {
  return Object.fromEntries([...rows].map(([name, row]) => [name, statsRow(row)]))
}
