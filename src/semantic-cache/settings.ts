import type { CacheEvent } from '../core/events.ts'
import type { Fingerprint } from '../core/fingerprint.ts'
import type { MemoryTierOptions } from '../core/memory-tier.ts'
import type { ModelRequest } from '../core/request.ts'
import type { PriceOf, Totals } from '../core/stats.ts'
import type { Embedder } from '../embeddings/embedder.ts'
import type { CacheStore } from '../stores/store.ts'
import type { DecisionPolicy } from './decision/policy.ts'
import type { ShadowSettings } from './learning/shadow-checks.ts'
import type { TrafficLearner } from './learning/traffic-learner.ts'
import type { NearMissSink } from './near-misses.ts'

/** What the composition root hands over: every value checked, every default filled in. */
export interface SemanticCacheSettings {
  readonly namespace: string
  /** Guarded: with deadline and breaker. */
  readonly store: CacheStore
  /** Guarded: with deadline and breaker, vectors checked. */
  readonly embedder: Embedder
  /** Absent: exact only. */
  readonly decision?: DecisionPolicy
  readonly fingerprint: Fingerprint
  readonly emit: (event: CacheEvent) => void
  readonly now: () => number
  /** In [0, 1); spreads expiry. */
  readonly random: () => number
  readonly priceOf: PriceOf
  readonly totals: Totals
  readonly nearMisses?: NearMissSink
  /** For a decision that learns. */
  readonly learner?: TrafficLearner
  readonly shadow?: ShadowSettings

  readonly tenant?: string | ((request: ModelRequest) => string | undefined)
  readonly requireTenant: boolean
  readonly shared: boolean
  readonly ttlMs: number
  readonly slidingTtl: boolean
  readonly ttlJitter: number
  readonly staleWhileRevalidateMs: number
  readonly memory: MemoryTierOptions
  readonly maxEntryBytes: number
  readonly maxQueryChars: number
  readonly candidates: number
  readonly storeQueryText: boolean
  /** Whether earlier turns must be equal, or may mean the same. */
  readonly history: 'exact' | 'semantic'
  readonly questionsAboutNow: 'bypass' | { readonly ttlMs: number }
  readonly verifierDeadlineMs: number
  readonly maxPendingWrites: number
}
