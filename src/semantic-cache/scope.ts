import type { HistoryTurn } from '../core/entry.ts'
import type { Fingerprint } from '../core/fingerprint.ts'
import type { Message, ModelRequest, Part } from '../core/request.ts'
import { textOf } from '../core/request.ts'
import { earlierTurns } from './history/earlier-turns.ts'

/** Whose entries a call may share. */
export type Sharing =
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'shared' }

export interface ScopedRequest {
  readonly scope: string
  readonly key: string
  /** The text of the last message; what is embedded. */
  readonly query: string
  /** Earlier turns that may mean the same instead of being equal. */
  readonly turns?: readonly HistoryTurn[]
}

/**
 * Splits a request into what must match exactly (scope), and the question (query). The key is the fingerprint of both.
 *
 * @throws CacheError NOT_CANONICAL
 */
export function scopeOf(
  request: ModelRequest,
  {
    namespace,
    sharing,
    fingerprint,
    maxTurnChars,
  }: {
    namespace: string
    sharing: Sharing
    fingerprint: Fingerprint
    /** Takes earlier turns up to that length out of the scope; without it they must be equal. */
    maxTurnChars?: number
  },
): ScopedRequest {
  const messages = comparableMessages(request.messages)
  const last = messages.at(-1)
  const asked = request.messages.at(-1)
  const earlier = messages.slice(0, -1)
  const parts = {
    namespace,
    sharing,
    provider: request.provider,
    baseUrl: request.baseUrl === undefined ? undefined : withoutCredentials(request.baseUrl),
    model: request.model,
    earlier,
    // Role, name and media of the last message: only its text may be like another.
    last: last && withoutText(last),
    tools: request.tools?.length ? request.tools.map(withoutMarkers) : undefined,
    responseFormat: request.responseFormat,
    settings: comparableSettings(request.settings ?? {}),
  }
  const exact = fingerprint('scope', parts)
  const query = asked ? textOf(asked) : ''
  const said = maxTurnChars === undefined ? undefined : earlierTurns(earlier, maxTurnChars)
  if (!said) return { scope: exact, key: fingerprint('key', { scope: exact, last }), query }
  const scope = fingerprint('scope', { ...parts, earlier: said.frame, history: 'semantic' })
  // The key is of the whole request all the same, and another one than where earlier turns are in the scope.
  return { scope, key: fingerprint('key', { scope: exact, last, history: 'semantic' }), query, turns: said.turns }
}

/**
 * Settings that do not change an answer: signals, callbacks, headers, credentials, timeouts and retries, run metadata,
 * ways of delivery, and markers of the provider's own prompt cache. Everything else counts, known or not.
 */
const IGNORED_SETTINGS: ReadonlySet<string> = new Set(
  [
    ['signal', 'abortSignal', 'callbacks', 'headers', 'defaultHeaders', 'fetch', 'fetchOptions', 'httpAgent'],
    ['apiKey', 'api_key', 'accessToken', 'access_token', 'authorization', 'credentials'],
    ['timeout', 'timeoutMs', 'maxRetries', 'max_retries', 'maxConcurrency'],
    ['metadata', 'tags', 'runId', 'run_id', 'runName', 'run_name', 'recursionLimit'],
    ['stream', 'streaming', 'stream_options', 'streamOptions', 'streamUsage', 'disableStreaming'],
    ['prompt_cache_key', 'promptCacheKey', 'prompt_cache_retention', 'promptCacheRetention'],
    ['cache_control', 'cacheControl', 'cachePoint'],
  ].flat(),
)

const MARKERS: ReadonlySet<string> = new Set(['cache_control', 'cacheControl', 'cachePoint'])
const MESSAGE_IDENTITY: ReadonlySet<string> = new Set([...MARKERS, 'id', 'response_metadata', 'usage_metadata'])

function comparableSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(settings)) {
    // An undefined setting is not sent to a provider, so it means the same as a missing one.
    if (value !== undefined && !IGNORED_SETTINGS.has(name)) kept[name] = value
  }
  return kept
}

/**
 * Messages with what differs from run to run taken out: message ids and prompt-cache markers go, ids of tool calls
 * become their place in the conversation, so that the pairing of call and result stays.
 */
function comparableMessages(messages: readonly Message[]): Record<string, unknown>[] {
  const places = new Map<unknown, number>()
  const placeOf = (id: unknown) => {
    if (id === undefined || id === null) return undefined
    const known = places.get(id)
    if (known !== undefined) return known
    places.set(id, places.size)
    return places.size - 1
  }
  return messages.map((message) => {
    const parts: readonly Part[] =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content
    const content = parts.map((part) => {
      if (part.type === 'toolCall') return { ...without(part, MARKERS), id: placeOf(part.id) }
      if (part.type === 'toolResult')
        return { ...without(part, MESSAGE_IDENTITY), toolCallId: placeOf(part.toolCallId) }
      // The id of a file or image is its content; that of a text is of the run it was made in.
      if (part.type === 'image' || part.type === 'file') return without(part, MARKERS)
      return without(part, MESSAGE_IDENTITY)
    })
    return { ...without(message, MESSAGE_IDENTITY), content }
  })
}

function withoutText(message: Record<string, unknown>): Record<string, unknown> {
  const parts = message.content as readonly Record<string, unknown>[]
  // Whatever a text part says beside its text must match exactly.
  return { ...message, content: parts.map(({ text, ...part }) => (part.type === 'text' ? part : { ...part, text })) }
}

function without(value: object, names: ReadonlySet<string>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const held = (value as Record<string, unknown>)[name]
    if (held === undefined || names.has(name)) continue
    if (name === '__proto__') Object.defineProperty(kept, name, { value: held, enumerable: true })
    else kept[name] = held
  }
  return kept
}

function withoutMarkers(tool: object): Record<string, unknown> {
  return without(tool, MARKERS)
}

const SECRET_PARAMETERS = /^(api[-_]?key|key|token|access[-_]?token|sig|signature|password|secret)$/i

/** The endpoint without user, password, secrets in the query string, and trailing slash. */
export function withoutCredentials(baseUrl: string): string {
  if (!URL.canParse(baseUrl)) return baseUrl
  const url = new URL(baseUrl)
  url.username = ''
  url.password = ''
  for (const name of [...url.searchParams.keys()]) if (SECRET_PARAMETERS.test(name)) url.searchParams.delete(name)
  url.hash = ''
  url.searchParams.sort()
  const search = url.searchParams.size > 0 ? `?${url.searchParams}` : ''
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}${search}`
}
