import type { Origin } from '../core/entry.ts'
import type { LookupEvent } from '../core/events.ts'
import type { CacheRecord, Outcome } from '../core/outcome.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Found } from './lookup-pipeline.ts'
import type { Prepared, Refused } from './prepare.ts'
import type { SemanticCacheSettings } from './settings.ts'

/** What is said about a lookup: the record for the caller and the event for listeners, made of the same facts. */
export interface LookupReport {
  readonly record: CacheRecord
  readonly event: LookupEvent
}

/** A lookup that reached its outcome; `joined` is what a call that joined another one avoided, once that is known. */
export function reportFound(
  asked: Prepared,
  found: Found,
  durationMs: number,
  settings: SemanticCacheSettings,
  joined?: { readonly avoided?: Origin },
): LookupReport {
  const { outcome, overhead } = found
  const now = settings.now()
  const facts = factsOf(outcome, now)
  const origin = 'entry' in outcome ? outcome.entry.origin : joined?.avoided
  const usd = origin && priceOfOrigin(origin, asked.request, settings)
  const collapsed = joined ? ({ collapsed: true } as const) : {}
  return {
    record: { key: asked.key, ...facts, ...collapsed, ...(usd !== undefined && { avoidedUsd: usd }) },
    event: {
      ...contextOf(asked.request, asked.tenant, settings),
      key: asked.key,
      ...facts,
      ...collapsed,
      ...('notSemantic' in outcome && outcome.notSemantic && { notSemantic: outcome.notSemantic }),
      durationMs,
      ...(found.findings.length > 0 && {
        findings: found.findings.map(({ guard, verdict }) => ({ guard, verdict })),
      }),
      ...(origin && { avoided: { ...origin, ...(usd !== undefined && { usd }) } }),
      // A call that joined did no work of its own.
      overhead: joined ? { usd: 0, tokens: 0, durationMs: 0 } : { ...overhead, durationMs },
    },
  }
}

/** A call the cache stayed out of. */
export function reportRefused(
  request: ModelRequest,
  { bypass, tenant, detail }: Refused,
  settings: SemanticCacheSettings,
): LookupReport {
  const record = { outcome: 'bypass', reason: bypass, key: '' } as const
  return {
    record,
    event: {
      ...contextOf(request, tenant, settings),
      ...record,
      durationMs: 0,
      ...(detail !== undefined && { detail }),
      overhead: { usd: 0, tokens: 0, durationMs: 0 },
    },
  }
}

function factsOf(outcome: Outcome<ModelResponse>, now: number) {
  switch (outcome.outcome) {
    case 'hit':
    case 'stale': {
      const { tier, similarity, entry } = outcome
      const ageMs = Math.max(0, now - entry.createdAt)
      return { outcome: outcome.outcome, tier, similarity, ageMs, entryKey: entry.key }
    }
    case 'miss': {
      const { reason, nearest } = outcome
      return {
        outcome: outcome.outcome,
        reason,
        ...(nearest && { similarity: nearest.similarity, entryKey: nearest.key }),
      }
    }
    case 'bypass':
      return { outcome: outcome.outcome, reason: outcome.reason }
  }
}

function contextOf(request: ModelRequest, tenant: string | undefined, { now, namespace }: SemanticCacheSettings) {
  return {
    type: 'lookup',
    at: now(),
    cache: 'semantic',
    namespace,
    ...(tenant !== undefined && { tenant }),
    // A refused request may have any shape.
    provider: String(request?.provider ?? ''),
    name: String(request?.model ?? ''),
  } as const
}

function priceOfOrigin(origin: Origin, { baseUrl }: ModelRequest, { priceOf, now }: SemanticCacheSettings) {
  if (origin.costUsd !== undefined) return origin.costUsd
  const { provider, name, usage } = origin
  return priceOf({ provider, name, ...(baseUrl !== undefined && { baseUrl }), ...(usage && { usage }), at: now() })
}
