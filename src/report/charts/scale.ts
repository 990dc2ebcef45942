import { formatTick } from '../format-value.ts'
import type { Axis } from '../sections.ts'

/** Where values of an axis lie, as a share 0…1 of its length, and the ticks that a reader expects. */
export interface Scale {
  readonly min: number
  readonly max: number
  at(value: number): number
  /** The value at a share of the length. */
  valueAt(share: number): number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

const TIME_STEPS_MS = [
  1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000,
].map((seconds) => seconds * 1_000)

interface ScaleOptions {
  /** About so many. */
  readonly ticks: number
  readonly fromZero?: boolean
  /** Ends where the data ends, instead of at the next tick. */
  readonly isTight?: boolean
}

/** A scale that holds all the values; undefined when there is none it can show. */
export function scaleOf(axis: Axis, values: Iterable<number>, options: ScaleOptions): Scale | undefined {
  const isLog = axis.scale === 'log'
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!fits(axis, value)) continue
    const seen = Math.abs(value) < SMALLEST ? 0 : value
    if (seen < min) min = seen
    if (seen > max) max = seen
  }
  if (fits(axis, axis.min)) min = axis.min
  if (fits(axis, axis.max)) max = axis.max
  if (!(min <= max)) return undefined
  if (isLog) return logScale(axis, min, max, options.ticks)
  return linearScale(
    axis,
    options.fromZero ? Math.min(0, min) : min,
    options.fromZero ? Math.max(0, max) : max,
    options,
  )
}

/** Nothing that is measured is smaller or larger: beyond them lie the rounding errors of doubles, and broken input. */
const SMALLEST = 1e-15
const LARGEST = 1e18

/** True for a value that the axis can show. */
export function fits(axis: Pick<Axis, 'scale'>, value: number | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST && (axis.scale !== 'log' || value >= SMALLEST)
}

function linearScale(axis: Axis, min: number, max: number, { ticks: count, isTight = false }: ScaleOptions): Scale {
  const isTime = axis.format === 'time'
  // Doubles this close have no room for ticks between them.
  const [low, high] = max - min <= Math.abs(max) * 1e-12 ? spread(min, isTime) : [min, max]
  const step = (isTime ? timeStep : niceStep)((high - low) / count)
  const from = axis.min ?? (isTight ? low : Math.floor(low / step + 1e-9) * step)
  const to = axis.max ?? (isTight ? high : Math.ceil(high / step - 1e-9) * step)
  const ticks = []
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    ticks.push({ value: i * step, label: formatTick(i * step, axis.format, step) })
  }
  return {
    min: from,
    max: to,
    at: (value) => (value - from) / (to - from),
    valueAt: (share) => from + share * (to - from),
    ticks,
  }
}

/** A single value gets room on both sides, and 0 a scale up to 1. */
function spread(value: number, isTime: boolean): [number, number] {
  if (isTime) return [value - 1_800_000, value + 1_800_000]
  return value === 0 ? [0, 1] : [Math.min(0, value * 2), Math.max(0, value * 2)]
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const share = rough / power
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power
}

function timeStep(rough: number): number {
  return TIME_STEPS_MS.find((step) => step >= rough) ?? niceStep(rough)
}

function logScale(axis: Axis, min: number, max: number, count: number): Scale {
  const low = axis.min === undefined || axis.min <= 0 ? Math.floor(Math.log10(min) + 1e-9) : Math.log10(axis.min)
  const top = axis.max === undefined || axis.max <= 0 ? Math.ceil(Math.log10(max) - 1e-9) : Math.log10(axis.max)
  const high = top > low ? top : low + 1
  const decades = high - low
  const every = Math.max(1, Math.ceil(decades / count))
  const parts = decades <= count / 3 ? [1, 2, 5] : [1]
  const ticks = []
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const part of parts) {
      const value = part * 10 ** power
      const log = Math.log10(value)
      if (log < low - 1e-9 || log > high + 1e-9 || (power - Math.floor(low)) % every !== 0) continue
      ticks.push({ value, label: formatTick(value, axis.format) })
    }
  }
  return {
    min: 10 ** low,
    max: 10 ** high,
    at: (value) => (Math.log10(value) - low) / (high - low),
    valueAt: (share) => 10 ** (low + share * (high - low)),
    ticks,
  }
}
