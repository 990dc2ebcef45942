import { setTimeout as delay } from 'node:timers/promises'
import { withDeadline } from '../core/deadline.ts'
import { CacheError } from '../core/errors.ts'
import { retryDelayMs } from './retry-after.ts'

export interface ProviderRequest {
  /** The factory's name, for messages. */
  readonly of: string
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** For all attempts together, in milliseconds. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
  /** Removed from whatever a service says about a failure. */
  readonly secrets: readonly string[]
  /** What to do about a status, in the words of the embedder's own options. */
  readonly cures: Readonly<Record<number, string>>
  /** What to do when nobody answers. */
  readonly unreachable?: string
}

/**
 * What the service said, for the `cause` of the CacheError: it may quote the text that was sent, so it is no part of the
 * message, which goes into events. Without a status nobody answered.
 */
function providerFailure(message: string, status?: number): Error {
  return Object.assign(new Error(message), { status })
}

/** The status of the answer behind an error of `requestJson`; undefined when nobody answered or it is another error. */
export function failureStatus(error: unknown): number | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : undefined
}

/** True when a part of the batch may pass alone: the service answered, and did not refuse all of us. */
export function isAboutTheTexts(error: unknown): boolean {
  if (!CacheError.is(error, 'EMBEDDER_FAILED')) return false
  if (!(error.cause instanceof Error && 'status' in error.cause)) return true
  return [400, 413, 422, 500].includes(failureStatus(error) ?? 0)
}

/**
 * One JSON request to a service. 429 and 503 are tried again when the answer has `Retry-After` and the wait ends before
 * the deadline.
 *
 * @throws CacheError EMBEDDER_FAILED, DEADLINE_EXCEEDED; the signal's reason
 */
export function requestJson(request: ProviderRequest): Promise<unknown> {
  const endsAt = performance.now() + request.deadlineMs
  const attempts = async (signal: AbortSignal): Promise<unknown> => {
    for (;;) {
      const answer = await send(request, signal)
      if (answer.ok) return parsed(request, await bodyText(request, answer))
      const waitMs = retryDelayMs(answer)
      if (waitMs === undefined || performance.now() + waitMs >= endsAt) throw await refused(request, answer)
      await answer.body?.cancel()
      await delay(waitMs, undefined, { signal })
    }
  }
  return withDeadline(`${request.of}: the request`, request.deadlineMs, attempts, request.signal)
}

async function send(request: ProviderRequest, signal: AbortSignal): Promise<Response> {
  const { method = 'POST', body } = request
  try {
    return await fetch(request.url, {
      method,
      signal,
      // A redirect would carry the key to another host.
      redirect: 'error',
      headers: {
        accept: 'application/json',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...request.headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw unanswered(request, error)
  }
}

async function bodyText(request: ProviderRequest, answer: Response): Promise<string> {
  try {
    return await answer.text()
  } catch (error) {
    request.signal?.throwIfAborted()
    throw unanswered(request, error)
  }
}

function unanswered({ of, url, secrets, unreachable }: ProviderRequest, error: unknown): CacheError {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = inner instanceof Error && 'code' in inner ? ` (${String(inner.code)})` : ''
  const cause = providerFailure(redacted(inner instanceof Error ? inner.message : String(inner), secrets))
  const cure = unreachable ? `: ${unreachable}` : ''
  return new CacheError('EMBEDDER_FAILED', `${of}: no answer from ${new URL(url).host}${code}${cure}`, { cause })
}

async function refused(request: ProviderRequest, answer: Response): Promise<CacheError> {
  const { of, url, cures, secrets } = request
  const text = await answer.text().catch(() => '')
  const cure = cures[answer.status] ?? (answer.status >= 500 ? 'the service failed; try again later' : undefined)
  const message = `${of}: ${new URL(url).host} answered ${answer.status}${cure ? `: ${cure}` : ''}`
  const cause = providerFailure(redacted(text.slice(0, 2_000), secrets), answer.status)
  return new CacheError('EMBEDDER_FAILED', message, { cause })
}

function parsed({ of, url }: ProviderRequest, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CacheError(
      'EMBEDDER_FAILED',
      `${of}: ${new URL(url).host} must answer with JSON, got ${text.length} characters of something else`,
    )
  }
}

function redacted(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '[redacted]')
  return clean
}
