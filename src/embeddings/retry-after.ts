/**
 * How long the service asks to wait before the next attempt, in milliseconds; undefined when it does not ask for one.
 * Seconds or an HTTP date (RFC 9110 §10.2.3), or the milliseconds of `retry-after-ms` that OpenAI and Azure send.
 */
export function retryDelayMs(answer: Response, now: number = Date.now()): number | undefined {
  if (answer.status !== 429 && answer.status !== 503) return undefined
  const exact = answer.headers.get('retry-after-ms')
  if (exact !== null && /^\d+(\.\d+)?$/.test(exact)) return Number(exact)
  const value = answer.headers.get('retry-after')
  if (value === null) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
