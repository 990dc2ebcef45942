import type { Overhead } from '../core/events.ts'
import type { Amounts, StatsRow } from '../core/stats.ts'

/**
 * What one row of the ledger counts, in the order of its numbers and by the name it has in the store; names are for
 * good, because totals live for 400 days. Everything is a whole number, so that sums come out the same in any order and
 * in any store: money in nano-dollars (one token of the cheapest model costs 20 of them, and a double holds nine
 * million dollars to the last one), time in microseconds.
 */
export const COUNTERS = [
  'hits',
  'stale',
  'misses',
  'bypasses',
  'avoidedNanoUsd',
  'avoidedTokens',
  'avoidedMicros',
  'avoidedUnpriced',
  'overheadNanoUsd',
  'overheadTokens',
  'overheadMicros',
  'overheadUnpriced',
  'spentNanoUsd',
  'spentTokens',
  'spentMicros',
  'spentUnpriced',
] as const

/** Numbers in the order of `COUNTERS`. */
export type CounterRow = Float64Array

export const OUTCOME_AT = { hit: 0, stale: 1, miss: 2, bypass: 3 } as const
export const AVOIDED_AT = 4
const OVERHEAD_AT = 8
export const SPENT_AT = 12

const NANOS_PER_USD = 1e9
const MICROS_PER_MS = 1_000

export function emptyRow(): CounterRow {
  return new Float64Array(COUNTERS.length)
}

export function addRow(sum: CounterRow, row: CounterRow): void {
  for (let i = 0; i < COUNTERS.length; i++) sum[i] = (sum[i] as number) + (row[i] as number)
}

/** Adds the cost of one call to the four numbers that begin at `at`; an unknown price is counted apart, never as 0. */
export function addCall(
  row: CounterRow,
  at: number,
  usd: number | undefined,
  tokens: number,
  durationMs: number,
): void {
  const nanoUsd = wholeNumber(usd, NANOS_PER_USD)
  if (nanoUsd === undefined) increase(row, at + 3, 1)
  else increase(row, at, nanoUsd)
  increase(row, at + 1, wholeNumber(tokens, 1) ?? 0)
  increase(row, at + 2, wholeNumber(durationMs, MICROS_PER_MS) ?? 0)
}

/** Work of the cache itself: without tokens nothing was bought, so that an absent price is no unknown one. */
export function addOverhead(row: CounterRow, { usd, tokens, durationMs }: Overhead): void {
  addCall(row, OVERHEAD_AT, usd ?? (tokens > 0 ? undefined : 0), tokens, durationMs)
}

/** A number that no sum can hold (NaN, infinite, negative) comes from a broken adapter and must not poison the totals. */
function wholeNumber(value: number | undefined, scale: number): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined
  const whole = Math.round(value * scale)
  return Number.isSafeInteger(whole) ? whole : undefined
}

function increase(row: CounterRow, at: number, by: number): void {
  row[at] = (row[at] as number) + by
}

export function statsRow(row: CounterRow): StatsRow {
  const [hits, stale, misses, bypasses] = row as unknown as [number, number, number, number]
  const lookups = hits + stale + misses
  const avoided = amountsAt(row, AVOIDED_AT)
  const overhead = amountsAt(row, OVERHEAD_AT)
  return {
    hits,
    stale,
    misses,
    bypasses,
    ...(lookups > 0 && { hitRate: (hits + stale) / lookups }),
    avoided,
    overhead,
    net: netOf(row, avoided, overhead),
    spent: amountsAt(row, SPENT_AT),
  }
}

function amountsAt(row: CounterRow, at: number): Amounts {
  return {
    usd: (row[at] as number) / NANOS_PER_USD,
    tokens: row[at + 1] as number,
    durationMs: (row[at + 2] as number) / MICROS_PER_MS,
    unpricedCalls: row[at + 3] as number,
  }
}

function netOf(row: CounterRow, avoided: Amounts, overhead: Amounts): Amounts {
  const difference = (at: number) => (row[AVOIDED_AT + at] as number) - (row[OVERHEAD_AT + at] as number)
  return {
    usd: difference(0) / NANOS_PER_USD,
    tokens: difference(1),
    durationMs: difference(2) / MICROS_PER_MS,
    unpricedCalls: avoided.unpricedCalls + overhead.unpricedCalls,
  }
}
