import { isRunOption, plainCopy } from './plain-settings.ts'

/** Ways of delivery and the provider's own bookkeeping: in the body of a request, but nothing an answer depends on. */
const DELIVERY: ReadonlySet<string> = new Set([
  ...['stream', 'streaming', 'stream_options', 'streamOptions', 'streamUsage', 'disableStreaming', 'metadata'],
  ...['promptCacheKey', 'promptCacheRetention', 'prompt_cache_key', 'prompt_cache_retention'],
  ...['cache_control', 'cacheControl', 'cachePoint'],
])

/** Names under which a body holds a credential. Whole names: a `token` or a `key` may well be part of the question. */
const CREDENTIALS =
  /^((x[-_])?api[-_]?key|(proxy[-_])?authorization|access[-_]?token|client[-_]?secret|secret[-_]?access[-_]?key|aws_secret_access_key|session[-_]?token|password)$/i

/** Names the core leaves out of settings, of which it cannot know that they are sent. */
const IGNORED_BY_CORE: ReadonlySet<string> = new Set([
  ...['abortSignal', 'headers', 'defaultHeaders', 'fetch', 'fetchOptions', 'httpAgent', 'credentials'],
  ...['timeoutMs', 'max_retries', 'run_id', 'run_name'],
])

/**
 * What `invocationParams` says goes into the body of the request, as settings. All of it counts, whatever its name, save
 * credentials and delivery; what is named like an option of the run stands under `sent`, where nobody takes it for one.
 * An option of the run that the integration merely handed through is none the less one.
 */
export function sentSettings(
  params: Readonly<Record<string, unknown>>,
  options: Readonly<Record<string, unknown>>,
  taken: ReadonlySet<string>,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  const sent: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || taken.has(name) || DELIVERY.has(name) || isCredential(name, value)) continue
    const isNamedLikeRun = isRunOption(name)
    if (isNamedLikeRun && options[name] === value) continue
    const target = isNamedLikeRun || name === 'sent' || IGNORED_BY_CORE.has(name) ? sent : settings
    target[name] = plainCopy(value, isCredential)
  }
  return Object.keys(sent).length > 0 ? { ...settings, sent } : settings
}

function isCredential(name: string, value: unknown): boolean {
  return typeof value === 'string' && CREDENTIALS.test(name)
}
