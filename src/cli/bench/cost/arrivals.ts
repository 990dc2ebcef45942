import { CacheError } from '../../../core/errors.ts'
import { parsedJson, readTextFile } from '../traffic/read-traffic.ts'
import { wrong } from '../traffic/wrong-value.ts'

/** When a call comes, in milliseconds since the first, and how long it is where the trace knows. */
export interface Arrival {
  readonly afterMs: number
  readonly inputTokens?: number
  readonly outputTokens?: number
}

/** Calls that come independently of each other, evenly over the span. */
export function evenArrivals(count: number, spanMs: number, random: () => number): Arrival[] {
  return sortedArrivals(Array.from({ length: count }, () => random() * spanMs))
}

/**
 * The same with the tide of a working day: at 15:00 five times the traffic of 03:00. An assumption, not a measurement.
 */
export function dayArrivals(count: number, spanMs: number, random: () => number): Arrival[] {
  const times: number[] = []
  while (times.length < count) {
    const at = random() * spanMs
    const hour = (at / 3_600_000) % 24
    const rate = (1 + (2 / 3) * Math.cos((2 * Math.PI * (hour - 15)) / 24)) / (5 / 3)
    if (random() < rate) times.push(at)
  }
  return sortedArrivals(times)
}

function sortedArrivals(times: number[]): Arrival[] {
  return times.sort((a, b) => a - b).map((afterMs) => ({ afterMs }))
}

/**
 * A recorded trace: JSON lines of `{ timestamp, input_length, output_length }`, milliseconds and tokens, as Mooncake
 * publishes its own. Longer than needed: its first part; shorter: it begins again after its end.
 *
 * @throws CacheError INVALID_OPTION naming file and line
 */
export async function traceArrivals(path: string, count: number): Promise<{ arrivals: Arrival[]; text: string }> {
  const text = await readTextFile(path)
  const trace = text.split('\n').flatMap((raw, index) => (raw.trim() === '' ? [] : [arrivalOf(raw, path, index + 1)]))
  const last = trace.at(-1)
  if (!last) throw new CacheError('INVALID_OPTION', `${path} must have at least one arrival, got none`)
  trace.sort((a, b) => a.afterMs - b.afterMs)
  const startMs = trace[0]?.afterMs ?? 0
  const roundMs = (trace.at(-1)?.afterMs ?? 0) - startMs + 1_000
  const arrivals = Array.from({ length: count }, (_, index) => {
    const arrival = trace[index % trace.length] as Arrival
    return { ...arrival, afterMs: arrival.afterMs - startMs + Math.floor(index / trace.length) * roundMs }
  })
  return { arrivals, text }
}

function arrivalOf(raw: string, path: string, line: number): Arrival {
  try {
    const value = parsedJson(raw) as Record<string, unknown>
    const number = (name: string) => {
      const held = value?.[name]
      if (typeof held !== 'number' || !(held >= 0 && Number.isFinite(held)))
        throw wrong(name, 'a number ≥ 0 and finite', held)
      return held
    }
    return {
      afterMs: number('timestamp'),
      ...(value.input_length !== undefined && { inputTokens: number('input_length') }),
      ...(value.output_length !== undefined && { outputTokens: number('output_length') }),
    }
  } catch (error) {
    throw new CacheError('INVALID_OPTION', `${path}:${line}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The same order and shape, drawn out or pressed together to a span. */
export function stretched(arrivals: readonly Arrival[], spanMs: number): Arrival[] {
  const last = arrivals.at(-1)?.afterMs ?? 0
  const factor = last > 0 ? spanMs / last : 0
  return arrivals.map((arrival) => ({ ...arrival, afterMs: arrival.afterMs * factor }))
}
