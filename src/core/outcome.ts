import type { CacheEntry } from './entry.ts'

export type Tier = 'memory' | 'exact' | 'semantic'

/** Why a lookup that could be made found nothing to reuse. */
export type MissReason =
  /** Nothing stored under the key, and the semantic tier was not asked (see `NotSemanticReason` in the event). */
  | 'not-found'
  | 'no-candidate'
  | 'below-threshold'
  /** The decision policy saw candidates and refused them all. */
  | 'policy-refused'
  | 'guard-veto'
  /** With `history: 'semantic'`: like questions were asked, but after other conversations. */
  | 'history-differs'
  | 'verifier-refused'
  /** The verifier failed, was late, or is left alone because it failed too often just now. */
  | 'verifier-failed'
  /** The verifier is asked after the answer (`mode: 'after'`); the same question will find its verdict. */
  | 'verifier-pending'
  /** The policy would have reused, but verdicts on this traffic have raised the bar (`learned`). */
  | 'below-learned-bar'
  /** What was found went wrong before: the answer itself, or on other questions more often than expected. */
  | 'quarantined'
  | 'no-query-text'
  | 'embedder-failed'
  | 'embedder-late'
  | 'policy-failed'
  /** The policy, with any verifier inside it, took longer than `verifierDeadlineMs`. */
  | 'policy-late'
  /** The vector search failed after the exact tier had answered. */
  | 'search-failed'
  | 'record-corrupt'
  | 'record-foreign'
  /** Entries were found but older than `maxAgeMs`. */
  | 'too-old'
  /** The call asked for a fresh answer with `mode: 'refresh'`. */
  | 'refresh'

/** Why the cache was not consulted, or could not answer at all. */
export type BypassReason =
  | 'mode-bypass'
  /** A control of the call is wrong; the event's detail says which. */
  | 'invalid-controls'
  /** The request has not the shape of a ModelRequest; the event's detail says what is wrong. */
  | 'invalid-request'
  | 'aborted'
  | 'tenant-required'
  | 'tenant-failed'
  | 'request-not-canonical'
  | 'asks-about-now'
  | 'store-failed'
  | 'store-late'
  | 'breaker-open'
  | 'closed'
  /** Tool cache: the tool is not one whose results may be reused; the event's findings say by which rule. */
  | 'tool-not-cacheable'
  | 'arguments-not-canonical'
  /** Tool cache: an invalidation of one of the tags read is still to be delivered to the store. */
  | 'invalidation-pending'

/** Why a lookup did not go on to the semantic tier. */
export type NotSemanticReason =
  | 'exact-only'
  | 'last-message-not-user'
  | 'no-text'
  | 'query-too-long'
  | 'store-without-vectors'

/** The closest candidate of a lookup that reused nothing. */
export interface Nearest {
  readonly key: string
  readonly similarity: number
}

export type Outcome<Value> =
  | { readonly outcome: 'hit'; readonly tier: Tier; readonly similarity: number; readonly entry: CacheEntry<Value> }
  | { readonly outcome: 'stale'; readonly tier: Tier; readonly similarity: number; readonly entry: CacheEntry<Value> }
  | {
      readonly outcome: 'miss'
      readonly reason: MissReason
      readonly nearest?: Nearest
      readonly notSemantic?: NotSemanticReason
    }
  | { readonly outcome: 'bypass'; readonly reason: BypassReason }

/** The short account on every answer, hit or not; holds no text. */
export interface CacheRecord {
  readonly outcome: Outcome<unknown>['outcome']
  readonly tier?: Tier
  /** Of the reused entry on a hit, of the closest candidate on a miss. */
  readonly similarity?: number
  readonly reason?: MissReason | BypassReason
  /** The call joined an identical one in flight. */
  readonly collapsed?: true
  /** Age of the reused entry in milliseconds. */
  readonly ageMs?: number
  /** Estimated by the policy, of the entry reused by meaning: 0…1. */
  readonly probability?: number
  /** How far that entry lay above the policy's bar, in log-odds. */
  readonly margin?: number
  /** The key of this call; empty when none could be made. */
  readonly key: string
  /** The key of the reused entry, or of the closest candidate on a miss. */
  readonly entryKey?: string
  /** What the avoided call would have cost in US dollars; absent when the price is unknown. */
  readonly avoidedUsd?: number
  /** Names this record among all others, so that `feedback` given on it twice is one verdict. Semantic cache only. */
  readonly id?: string
}
