import type { StatsDimension } from '../core/stats.ts'
import { addRow, COUNTERS, type CounterRow, emptyRow } from './counters.ts'

const DAY_MS = 86_400_000

/** Life of a key without any flush; also how far back days are shown. */
export const TOTALS_LIFE_DAYS = 400
export const TOTALS_TTL_MS = TOTALS_LIFE_DAYS * DAY_MS

/** The `1` is the version of the layout. One key for the whole, one per dimension, one per month of days. */
export const WHOLE_KEY = 'ledger:1:whole'

export function dimensionKey(dimension: Exclude<StatsDimension, 'day'>): string {
  return `ledger:1:by:${dimension}`
}

/** Days are kept by month, so that old ones expire by themselves and 400 of them are read with 15 keys. */
export function monthKey(day: string): string {
  return `ledger:1:days:${day.slice(0, 7)}`
}

/** UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** The keys of all months whose days may still be there; one day ahead, because clocks differ. */
export function monthKeys(now: number): string[] {
  const keys = new Set<string>()
  for (let days = TOTALS_LIFE_DAYS; days >= -1; days--) keys.add(monthKey(dayOf(now - days * DAY_MS)))
  return [...keys]
}

/** Fields of one row: `counter` in the whole, `counter:name` in a dimension; the counter comes first, because it has no colon. */
function encodeRow(row: CounterRow, name: string | undefined, into: Record<string, number>): void {
  for (let i = 0; i < COUNTERS.length; i++) {
    const value = row[i] as number
    if (value !== 0) into[name === undefined ? (COUNTERS[i] as string) : `${COUNTERS[i]}:${name}`] = value
  }
}

export function encodeRows(rows: ReadonlyMap<string, CounterRow>): Record<string, number> {
  const fields: Record<string, number> = {}
  for (const [name, row] of rows) encodeRow(row, name, fields)
  return fields
}

/** Unknown counters are of a later version, and other values damaged: both are left out. */
export function decodeRows(fields: Readonly<Record<string, number>>): Map<string, CounterRow> {
  const rows = new Map<string, CounterRow>()
  for (const [field, value] of Object.entries(fields)) {
    const colon = field.indexOf(':')
    const at = COUNTER_AT.get(field.slice(0, colon))
    if (colon < 0 || at === undefined || !Number.isFinite(value)) continue
    addAt(rowOf(rows, field.slice(colon + 1)), at, value)
  }
  return rows
}

/** The whole: its row, and the counts, which are stored as `count:name`. */
export function decodeWhole(fields: Readonly<Record<string, number>>): {
  row: CounterRow
  counts: Map<string, number>
} {
  const row = emptyRow()
  const counts = new Map<string, number>()
  for (const [field, value] of Object.entries(fields)) {
    if (!Number.isFinite(value)) continue
    const at = COUNTER_AT.get(field)
    if (at !== undefined) addAt(row, at, value)
    else if (field.startsWith(COUNT_PREFIX)) counts.set(field.slice(COUNT_PREFIX.length), value)
  }
  return { row, counts }
}

export function encodeWhole(row: CounterRow, counts: ReadonlyMap<string, number>): Record<string, number> {
  const fields: Record<string, number> = {}
  encodeRow(row, undefined, fields)
  for (const [name, count] of counts) fields[`${COUNT_PREFIX}${name}`] = count
  return fields
}

/** Adds rows to sums by name. */
export function addRows(sums: Map<string, CounterRow>, rows: ReadonlyMap<string, CounterRow>): void {
  for (const [name, row] of rows) addRow(rowOf(sums, name), row)
}

const COUNT_PREFIX = 'count:'
const COUNTER_AT: ReadonlyMap<string, number> = new Map(COUNTERS.map((name, at) => [name, at]))

function rowOf(rows: Map<string, CounterRow>, name: string): CounterRow {
  let row = rows.get(name)
  if (!row) {
    row = emptyRow()
    rows.set(name, row)
  }
  return row
}

function addAt(row: CounterRow, at: number, value: number): void {
  row[at] = (row[at] as number) + value
}
