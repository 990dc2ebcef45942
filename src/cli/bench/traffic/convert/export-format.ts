/** A line of the traffic log, before it is checked. */
export type LogLine = Readonly<Record<string, unknown>>

/** Something of an export that is no call of a model or tool: a chain, a span, a score. */
export interface LeftOut {
  readonly leftOut: string
}

/**
 * What one record of an export becomes.
 *
 * @throws CacheError INVALID_OPTION for a record that should be a call and cannot be read as one
 */
export type ConvertRecord = (record: Readonly<Record<string, unknown>>) => LogLine | readonly LogLine[] | LeftOut

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The first of some fields that holds a number. */
export function numberIn(value: unknown, ...names: readonly string[]): number | undefined {
  if (!isObject(value)) return undefined
  for (const name of names) {
    const held = value[name]
    if (typeof held === 'number' && Number.isFinite(held) && held >= 0) return held
  }
  return undefined
}

export function textIn(value: unknown, ...names: readonly string[]): string | undefined {
  if (!isObject(value)) return undefined
  for (const name of names) {
    const held = value[name]
    if (typeof held === 'string' && held !== '') return held
  }
  return undefined
}

/** Without the fields that are undefined. */
export function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Milliseconds between two times, where both are there and in order. */
export function spanOf(start: unknown, end: unknown): number | undefined {
  const ms = instantOf(end) - instantOf(start)
  return ms >= 0 ? ms : undefined
}

function instantOf(value: unknown): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(zoned(value)) : Number.NaN
}

/** LangSmith writes UTC without saying so. */
export function zoned(time: string): string {
  return /T\d.*(Z|[+-]\d\d:?\d\d)$/.test(time) || !time.includes('T') ? time : `${time}Z`
}
