import type { CacheEntry, Origin } from '../core/entry.ts'
import type { LookupEvent } from '../core/events.ts'
import type { BypassReason, CacheRecord, MissReason, Tier } from '../core/outcome.ts'
import type { ReadCall, RefusedCall, WriteCall } from './prepare-call.ts'
import type { ToolCacheSettings } from './settings.ts'
import type { ToolResult } from './tool-cache.ts'

/** Where a lookup ended. */
export type ToolOutcome =
  | { readonly outcome: 'hit' | 'stale'; readonly tier: Tier; readonly entry: CacheEntry<ToolResult> }
  | { readonly outcome: 'miss'; readonly reason: MissReason }
  | { readonly outcome: 'bypass'; readonly reason: BypassReason }

export interface CallReport {
  readonly record: CacheRecord
  readonly event: LookupEvent
}

/** A call that was looked up; `joined` when it waited for an identical one, with what that had cost. */
export function reportOutcome(
  asked: ReadCall,
  outcome: ToolOutcome,
  durationMs: number,
  settings: ToolCacheSettings,
  joined?: { readonly avoided?: Origin },
): CallReport {
  const now = settings.now()
  const entry = 'entry' in outcome ? outcome.entry : undefined
  const facts = entry
    ? {
        outcome: outcome.outcome,
        ...('tier' in outcome && { tier: outcome.tier }),
        similarity: 1,
        ageMs: Math.max(0, now - entry.createdAt),
        entryKey: entry.key,
      }
    : { outcome: outcome.outcome, ...('reason' in outcome && { reason: outcome.reason }) }
  const origin = entry?.origin ?? joined?.avoided
  const usd = origin?.costUsd
  const collapsed = joined ? ({ collapsed: true } as const) : {}
  return {
    record: { key: asked.key, ...facts, ...collapsed, ...(usd !== undefined && { avoidedUsd: usd }) },
    event: {
      ...contextOf(asked, settings),
      key: asked.key,
      ...facts,
      ...collapsed,
      durationMs,
      ...(origin && { avoided: { ...origin, ...(usd !== undefined && { usd }) } }),
      overhead: { usd: 0, tokens: 0, durationMs: joined && !entry ? 0 : durationMs },
    },
  }
}

/** A call the cache stayed out of. */
export function reportRefused(
  asked: RefusedCall | WriteCall,
  durationMs: number,
  settings: ToolCacheSettings,
): CallReport {
  const bypass: BypassReason = asked.kind === 'write' ? 'tool-not-cacheable' : asked.bypass
  const rule = asked.kind === 'write' ? 'policy' : asked.rule
  const { detail } = asked
  const record = { outcome: 'bypass', reason: bypass, key: '' } as const
  return {
    record,
    event: {
      ...contextOf(asked, settings),
      ...record,
      durationMs,
      ...(rule && { findings: [{ guard: rule, verdict: 'differ' }] }),
      ...(detail !== undefined && { detail }),
      overhead: { usd: 0, tokens: 0, durationMs },
    },
  }
}

function contextOf(asked: ReadCall | RefusedCall | WriteCall, { now, namespace }: ToolCacheSettings) {
  return {
    type: 'lookup',
    at: now(),
    cache: 'tool',
    namespace,
    ...(asked.tenant !== undefined && { tenant: asked.tenant }),
    provider: 'tool',
    name: asked.name,
  } as const
}
