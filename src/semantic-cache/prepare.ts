import type { CallControls } from '../core/controls.ts'
import { checkControls, checkTenant, UnknownTenant } from '../core/controls.ts'
import type { HistoryTurn } from '../core/entry.ts'
import { CacheError } from '../core/errors.ts'
import type { BypassReason, NotSemanticReason } from '../core/outcome.ts'
import type { ModelRequest } from '../core/request.ts'
import { textOf } from '../core/request.ts'
import { isVectorStore } from '../stores/store.ts'
import { notSemantic } from './eligibility.ts'
import { asksAboutNow } from './freshness.ts'
import type { Sharing } from './scope.ts'
import { scopeOf } from './scope.ts'
import type { SemanticCacheSettings } from './settings.ts'

/** A call the cache can look up. */
export interface Prepared {
  readonly request: ModelRequest
  readonly mode: NonNullable<CallControls['mode']>
  readonly scope: string
  readonly key: string
  readonly query: string
  /** Earlier turns that the semantic tier compares. */
  readonly turns?: readonly HistoryTurn[]
  readonly notSemantic?: NotSemanticReason
  readonly tenant?: string
  readonly tags: readonly string[]
  readonly ttlMs: number
  readonly maxAgeMs?: number
  readonly minSimilarity?: number
}

/** A call the cache stays out of. */
export interface Refused {
  readonly bypass: BypassReason
  readonly tenant?: string
  readonly detail?: string
}

/** Eligibility, tenant, scope and key of a call: the part of a lookup that needs no store. Never throws. */
export function prepare(
  request: ModelRequest,
  controls: CallControls,
  settings: SemanticCacheSettings,
): Prepared | Refused {
  const { tenant: given } = (controls ?? {}) as { readonly tenant?: unknown }
  if (given instanceof UnknownTenant) return { bypass: 'tenant-failed', detail: messageOf(given.cause) }
  try {
    checkControls(controls)
  } catch (error) {
    return { bypass: 'invalid-controls', detail: messageOf(error) }
  }
  if (controls.mode === 'bypass') return { bypass: 'mode-bypass' }
  const flaw = safeFlawOf(request)
  if (flaw) return { bypass: 'invalid-request', detail: flaw }

  let sharing: Sharing
  try {
    sharing = sharingOf(request, controls, settings)
  } catch (error) {
    return { bypass: 'tenant-failed', detail: messageOf(error) }
  }
  if (sharing.kind === 'anonymous' && settings.requireTenant) return { bypass: 'tenant-required' }
  const tenant = sharing.kind === 'tenant' ? { tenant: sharing.tenant } : {}

  const last = request.messages.at(-1)
  const aboutNow = last?.role === 'user' && asksAboutNow(textOf(last))
  if (aboutNow && settings.questionsAboutNow === 'bypass') return { bypass: 'asks-about-now', ...tenant }

  try {
    const { namespace, fingerprint, history, maxQueryChars } = settings
    const reason = semanticObstacle(request, settings)
    return {
      request,
      mode: controls.mode ?? 'default',
      ...scopeOf(request, {
        namespace,
        sharing,
        fingerprint,
        ...(history === 'semantic' && !reason && { maxTurnChars: maxQueryChars }),
      }),
      ...(reason && { notSemantic: reason }),
      ...tenant,
      tags: controls.tags ? [...controls.tags] : [],
      ttlMs: ttlOf(controls, settings, aboutNow),
      ...maxAgeOf(controls, settings, aboutNow),
      ...(controls.minSimilarity !== undefined && { minSimilarity: controls.minSimilarity }),
    }
  } catch (error) {
    return { bypass: 'request-not-canonical', detail: messageOf(error), ...tenant }
  }
}

function sharingOf(request: ModelRequest, controls: CallControls, settings: SemanticCacheSettings): Sharing {
  if (controls.shared ?? settings.shared) return { kind: 'shared' }
  const tenant = controls.tenant ?? (typeof settings.tenant === 'function' ? settings.tenant(request) : settings.tenant)
  if (tenant === undefined) return { kind: 'anonymous' }
  checkTenant(tenant)
  return { kind: 'tenant', tenant }
}

function ttlOf(controls: CallControls, settings: SemanticCacheSettings, aboutNow: boolean): number {
  const ttlMs = controls.ttlMs ?? settings.ttlMs
  if (!aboutNow || settings.questionsAboutNow === 'bypass') return ttlMs
  return Math.min(ttlMs, settings.questionsAboutNow.ttlMs)
}

/** What a question about now may be answered with is as young as what it may write. */
function maxAgeOf(controls: CallControls, settings: SemanticCacheSettings, aboutNow: boolean): { maxAgeMs?: number } {
  const { maxAgeMs } = controls
  if (!aboutNow || settings.questionsAboutNow === 'bypass') return maxAgeMs === undefined ? {} : { maxAgeMs }
  return { maxAgeMs: Math.min(maxAgeMs ?? Number.POSITIVE_INFINITY, settings.questionsAboutNow.ttlMs) }
}

function semanticObstacle(request: ModelRequest, settings: SemanticCacheSettings): NotSemanticReason | undefined {
  if (!settings.decision) return 'exact-only'
  if (!isVectorStore(settings.store)) return 'store-without-vectors'
  return notSemantic(request, settings.maxQueryChars)
}

function safeFlawOf(request: ModelRequest): string | undefined {
  try {
    return flawOf(request)
  } catch (error) {
    return `the request cannot be read: ${messageOf(error)}`
  }
}

/** Requests come from adapters and from hand-written code; a wrong one must not become a TypeError of the call. */
function flawOf(request: ModelRequest): string | undefined {
  if (typeof request !== 'object' || request === null) return `a request must be an object, got ${typeof request}`
  if (typeof request.provider !== 'string') return `provider must be a string, got ${typeof request.provider}`
  if (typeof request.model !== 'string') return `model must be a string, got ${typeof request.model}`
  if (!Array.isArray(request.messages) || request.messages.length === 0) return 'messages must be a non-empty array'
  for (const message of request.messages) {
    if (typeof message !== 'object' || message === null) return 'a message must be an object'
    const { content } = message
    const fits = typeof content === 'string' || (Array.isArray(content) && content.every(isPartLike))
    if (!fits) return 'the content of a message must be a string or an array of parts with a type'
  }
  return undefined
}

function isPartLike(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false
  const { type, text } = part as { type?: unknown; text?: unknown }
  return typeof type === 'string' && (type !== 'text' || typeof text === 'string')
}

function messageOf(error: unknown): string {
  // Only our own messages are known to hold no text of the user.
  return CacheError.is(error) ? error.message : `a ${error instanceof Error ? error.name : typeof error} was thrown`
}
