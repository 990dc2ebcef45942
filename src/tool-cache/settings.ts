import type { CacheEvent } from '../core/events.ts'
import type { Fingerprint } from '../core/fingerprint.ts'
import type { MemoryTierOptions } from '../core/memory-tier.ts'
import type { Totals } from '../core/stats.ts'
import type { CacheStore } from '../stores/store.ts'
import type { DecisionRules } from './decision.ts'
import type { ToolPolicy } from './tool-policy.ts'

/** What the composition root hands over: every value checked, every default filled in. */
export interface ToolCacheSettings {
  readonly namespace: string
  /** Guarded: with deadline and breaker. */
  readonly store: CacheStore
  /** The store as the caller gave it: caches of one process on the same one know of each other's writes. */
  readonly storeIdentity: object
  readonly fingerprint: Fingerprint
  readonly emit: (event: CacheEvent) => void
  readonly now: () => number
  /** In [0, 1); spreads expiry. */
  readonly random: () => number
  readonly totals: Totals

  readonly tenant?: string | ((context: unknown) => string | undefined)
  readonly requireTenant: boolean
  readonly shared: boolean
  readonly policies: ReadonlyMap<string, ToolPolicy>
  readonly rules: DecisionRules
  readonly ignoredPaths: readonly string[]
  readonly ttlMs: number
  readonly ttlJitter: number
  readonly staleWhileRevalidateMs: number
  readonly memory: MemoryTierOptions
  readonly maxEntryBytes: number
  /** How long a tool that writes waits for its invalidation. */
  readonly invalidationDeadlineMs: number
  readonly maxPendingWrites: number
  /** Life of the lease that makes identical calls of several processes one; 0: each process calls by itself. */
  readonly lockLeaseMs: number
}
