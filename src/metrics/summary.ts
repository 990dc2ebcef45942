import type { CacheEventListener } from '../core/events.ts'
import { invalidOption, knownOptions, numberOption } from '../core/options.ts'
import type { CacheStats, StatsRow } from '../core/stats.ts'
import { addRow, emptyRow, statsRow } from './counters.ts'
import { Counts } from './counts.ts'
import { formatCount, formatDuration, formatShare, formatUsd } from './format.ts'
import { incrementReader } from './increment.ts'
import { countsOf } from './stats-of.ts'

/**
 * The account in one line, such as
 * `reprise: hit rate 61.7 % of 120 lookups (3 memory, 40 exact, 31 semantic) · net $0.0123, 12,400 tokens, 1 min 3 s · unknown price for 4 calls`.
 */
export function summaryOf(
  stats: Pick<CacheStats, keyof StatsRow | 'tiers' | 'collapsed'> & Partial<Pick<CacheStats, 'falseHits'>>,
): string {
  const lookups = stats.hits + stats.stale + stats.misses
  const { net } = stats
  const parts = [
    lookups === 0
      ? 'no traffic'
      : `hit rate ${formatShare(stats.hitRate)} of ${formatCount(lookups)} ${lookups === 1 ? 'lookup' : 'lookups'} (${tiers(stats)})`,
  ]
  if (stats.bypasses > 0) parts.push(`${formatCount(stats.bypasses)} bypassed`)
  if (stats.collapsed > 0) parts.push(`${formatCount(stats.collapsed)} joined a call in flight`)
  if (lookups > 0)
    parts.push(`net ${formatUsd(net.usd)}, ${formatCount(net.tokens)} tokens, ${formatDuration(net.durationMs)}`)
  if (net.unpricedCalls > 0) {
    parts.push(`unknown price for ${formatCount(net.unpricedCalls)} ${net.unpricedCalls === 1 ? 'call' : 'calls'}`)
  }
  const checked = stats.falseHits && (stats.falseHits.judge.observations > 0 ? 'judge' : 'feedback')
  const estimate = checked && stats.falseHits?.[checked]
  if (checked && estimate && estimate.observations > 0) {
    const by = checked === 'judge' ? 'checked' : 'told by feedback'
    parts.push(
      `false hits ${formatShare(estimate.rate)} (${formatShare(estimate.low)}–${formatShare(estimate.high)}, ${formatCount(estimate.observations)} ${by})`,
    )
  }
  return `reprise: ${parts.join(' · ')}`
}

function tiers({ tiers, stale }: Pick<CacheStats, 'tiers' | 'stale'>): string {
  const byTier = `${formatCount(tiers.memory)} memory, ${formatCount(tiers.exact)} exact, ${formatCount(tiers.semantic)} semantic`
  return stale > 0 ? `${byTier}, of these ${formatCount(stale)} stale` : byTier
}

export interface SummaryListenerOptions {
  /** Takes each line. Default: standard error, because standard output may be a protocol. */
  readonly print?: (line: string) => void
  /** A line when the clock of the events has moved on so far since the last, in milliseconds, ≥ 1. Default 60 000 without `everyEvents`. */
  readonly everyMs?: number
  /** A line after so many events, ≥ 1. */
  readonly everyEvents?: number
}

/**
 * A listener that prints the account of this process in one line, as a sum since it was made. It runs no timer: after
 * the last event nothing more is printed.
 *
 * @throws CacheError INVALID_OPTION
 */
export function summaryListener(options: SummaryListenerOptions = {}): CacheEventListener {
  knownOptions('summaryListener', options, ['print', 'everyMs', 'everyEvents'])
  const { print = (line) => process.stderr.write(`${line}\n`) } = options
  if (typeof print !== 'function') throw invalidOption('print', 'a function', print)
  const everyEvents = numberOption('everyEvents', options.everyEvents, {
    min: 1,
    integer: true,
    default: Number.POSITIVE_INFINITY,
  })
  const everyMs = numberOption('everyMs', options.everyMs, {
    min: 1,
    default: options.everyEvents === undefined ? 60_000 : Number.POSITIVE_INFINITY,
  })
  const read = incrementReader()
  const sum = emptyRow()
  const counts = new Counts()
  let events = 0
  let since: number | undefined
  return (event) => {
    const increment = read(event)
    if (increment) {
      addRow(sum, increment.row)
      counts.add(increment)
    }
    events++
    since ??= event.at
    if (events < everyEvents && event.at - since < everyMs) return
    events = 0
    since = event.at
    print(summaryOf({ ...statsRow(sum), ...countsOf(counts.counted()) }))
  }
}
