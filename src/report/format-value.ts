import { formatCount, formatDuration, formatShare, formatUsd } from '../metrics/format.ts'
import type { Cell, NumberFormat } from './sections.ts'

/** A number or text as people read it; what is not known is a dash. */
export function formatValue(value: Cell, format: NumberFormat = 'number'): string {
  if (typeof value === 'string') return value
  if (value === undefined || !Number.isFinite(value)) return '–'
  switch (format) {
    case 'count':
      return formatCount(value)
    case 'usd':
      return formatUsd(value)
    case 'share':
      return formatShare(value)
    case 'ms':
      return formatDuration(value)
    case 'time':
      return isoTime(value, 0, 19).replace('T', ' ')
    default:
      if (value !== 0 && (Math.abs(value) < 1e-6 || Math.abs(value) >= 1e15)) return value.toExponential(3)
      return value.toLocaleString('en-US', { maximumSignificantDigits: 4 }).replace('-', '−')
  }
}

/** The same for the tick of an axis, whose step says how many digits matter. */
export function formatTick(value: number, format: NumberFormat = 'number', step = 0): string {
  const decimals = step > 0 ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 0
  switch (format) {
    case 'share':
      return `${trimmed(value * 100, Math.max(0, decimals - 2))} %`
    case 'usd':
      return step > 0
        ? `${value < 0 ? '−' : ''}$${trimmed(Math.abs(value), step < 1 ? Math.max(2, decimals) : 0)}`
        : formatUsd(value)
    case 'ms':
      return tickDuration(value)
    case 'time':
      return isoTime(value, ...timeRange(step))
    case 'count':
      return compact(value, step)
    default:
      return step > 0 && Math.abs(value) < 10_000 ? trimmed(value, decimals) : compact(value, step)
  }
}

function trimmed(value: number, decimals: number): string {
  const rounded = Number(value.toFixed(decimals))
  return (rounded === 0 ? 0 : rounded)
    .toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    .replace('-', '−')
}

function compact(value: number, step: number): string {
  const size = Math.abs(value)
  const [scale, suffix] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 10_000 ? [1e3, 'k'] : [1, '']
  const decimals = step > 0 ? Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9)) : 3
  return `${Number((value / scale).toFixed(Math.min(decimals, 6)))
    .toLocaleString('en-US', { maximumFractionDigits: 6 })
    .replace('-', '−')}${suffix}`
}

function tickDuration(ms: number): string {
  const [value, unit] =
    Math.abs(ms) >= 3_600_000
      ? [ms / 3_600_000, 'h']
      : Math.abs(ms) >= 60_000
        ? [ms / 60_000, 'min']
        : Math.abs(ms) >= 1_000
          ? [ms / 1_000, 's']
          : [ms, 'ms']
  return ms === 0 ? '0' : `${Number(value.toPrecision(3)).toLocaleString('en-US').replace('-', '−')} ${unit}`
}

/** Beyond what a Date can be there is no time to write. */
function isoTime(value: number, from: number, to: number): string {
  return Math.abs(value) <= 8.64e15 ? new Date(value).toISOString().slice(from, to) : '–'
}

function timeRange(step: number): [number, number] {
  if (step >= 86_400_000) return [0, 10]
  return step >= 60_000 ? [11, 16] : [11, 19]
}
