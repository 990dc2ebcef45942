/** Dollars with as many digits as they need: `$1,234.50`, `$0.0123`, `−$0.000020`. */
export function formatUsd(usd: number): string {
  const size = Math.abs(usd)
  const digits = size === 0 || size >= 1 ? 2 : Math.min(9, 1 - Math.floor(Math.log10(size)) + 1)
  return `${usd < 0 ? '−' : ''}$${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`
}

/** `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US').replace('-', '−')
}

/** `61.7 %`; a share of nothing is not known. */
export function formatShare(share: number | undefined): string {
  return share === undefined ? 'n/a' : `${(share * 100).toFixed(1)} %`
}

/** `0.42 ms`, `870 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`. */
export function formatDuration(durationMs: number): string {
  const sign = durationMs < 0 ? '−' : ''
  const ms = Math.abs(durationMs)
  if (ms < 9.995) return `${sign}${Number(ms.toFixed(2))} ms`
  if (ms < 999.5) return `${sign}${Math.round(ms)} ms`
  if (ms < 59_950) return `${sign}${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${sign}${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}
