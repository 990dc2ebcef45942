import { fingerprint } from '../../core/fingerprint.ts'
import { withoutCredentials } from '../../semantic-cache/scope.ts'
import { isRecord } from './content.ts'

/** Headers that hold credentials, and those that name the caller or the single request: they choose no answer. */
const CREDENTIAL_HEADER =
  /(^|[-_])(authorization|auth|cookie|token|secret|password|credentials?|signature|(api|access)[-_]?key)($|[-_])/
const CALLER_HEADER =
  /^(user-agent|x-stainless-.*|accept.*|content-.*|host|connection|referer|http-referer|origin|x-title|traceparent|tracestate|baggage|idempotency-key|(x-)?(client-)?(request|correlation|trace|span)-id)$/

/**
 * What a client was told to send with every request, beside the body: gateways choose the model by it. Query parameters
 * as they are, without secrets; headers as a fingerprint, because any of them may be private. A `fetch` of one's own
 * cannot be looked into: what it adds to requests does not count.
 */
export function endpointSettings(holders: readonly unknown[]): Record<string, unknown> {
  const [headers, query] = ['defaultHeaders', 'defaultQuery'].map((name) =>
    holders.flatMap((holder) => (isRecord(holder) ? entriesOf(holder[name]) : [])),
  )
  const counting = (headers ?? [])
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !CREDENTIAL_HEADER.test(name) && !CALLER_HEADER.test(name))
  const parameters = queryText(query ?? [])
  return {
    ...(counting.length > 0 && { endpointHeaders: fingerprint('endpoint-headers', sorted(counting)) }),
    ...(parameters !== '' && { endpointQuery: parameters }),
  }
}

type Entry = readonly [name: string, value: string]

/** Of a record, a list of pairs or a Headers object. Null means that a header is not sent. */
function entriesOf(given: unknown): Entry[] {
  if (typeof given !== 'object' || given === null) return []
  const pairs: Iterable<unknown> = Symbol.iterator in given ? (given as Iterable<unknown>) : Object.entries(given)
  return [...pairs].flatMap((pair) => {
    const [name, value] = Array.isArray(pair) ? pair : []
    return typeof name !== 'string' || value === undefined || value === null ? [] : [[name, String(value)] as const]
  })
}

function queryText(entries: readonly Entry[]): string {
  const pairs = entries.map(([name, value]): [string, string] => [name, value])
  const url = withoutCredentials(`https://endpoint.invalid/?${new URLSearchParams(pairs)}`)
  return new URL(url).search.slice(1)
}

/** A header that two holders name is the same one. */
function sorted(entries: readonly Entry[]): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
