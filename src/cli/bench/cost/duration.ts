import { invalidOption } from '../../../core/options.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds of `90s`, `15m`, `24h`, `7d` or `250ms`.
 *
 * @throws CacheError INVALID_OPTION
 */
export function durationMs(option: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  const ms = Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
  if (!(ms >= 1 && ms <= 400 * 86_400_000)) throw invalidOption(option, 'a time such as 90s, 15m, 24h or 7d', text)
  return ms
}

/** `15 min`, `24 h`: the exact length, for names of rows. */
export function durationName(ms: number): string {
  for (const [unit, name] of [
    ['d', 'd'],
    ['h', 'h'],
    ['m', 'min'],
    ['s', 's'],
  ] as const) {
    const amount = ms / (UNIT_MS[unit] as number)
    if (amount >= 1 && (unit !== 'd' || amount >= 2)) return `${Number(amount.toFixed(1))} ${name}`
  }
  return `${Math.round(ms)} ms`
}
