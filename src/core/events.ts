import type { Origin } from './entry.ts'
import type { CacheErrorCode } from './errors.ts'
import type { JudgeErrorRate } from './judge-error.ts'
import type { BypassReason, MissReason, NotSemanticReason, Tier } from './outcome.ts'
import type { Usage } from './response.ts'

/**
 * A function of one event. It must not throw and is not awaited; one that throws is ignored and counted.
 * Counters, ledger, loggers and exporters are all listeners: telemetry has no other seam.
 */
export type CacheEventListener = (event: CacheEvent) => void

/** Events never carry text of prompts, answers, arguments or results. */
export type CacheEvent =
  | LookupEvent
  | WriteEvent
  | InvalidateEvent
  | FeedbackEvent
  | VerifyEvent
  | ShadowEvent
  | StoreEvent
  | EmbedderEvent

export interface EventContext {
  /** Epoch milliseconds. */
  readonly at: number
  readonly cache: 'semantic' | 'tool'
  readonly namespace: string
  readonly tenant?: string
}

/** What a guard or policy saw, by name only; the texts stay with `explain`. */
export interface FindingSummary {
  readonly guard: string
  readonly verdict: 'agree' | 'differ' | 'unsure'
}

/** Cost of the cache's own work on the way to a decision. `usd` is absent when the price is unknown. */
export interface Overhead {
  readonly usd?: number
  readonly tokens: number
  readonly durationMs: number
}

/** Exactly one for every lookup. */
export interface LookupEvent extends EventContext {
  readonly type: 'lookup'
  /** Provider of the model, or `'tool'`. */
  readonly provider: string
  /** Model or tool. */
  readonly name: string
  readonly key: string
  readonly outcome: 'hit' | 'stale' | 'miss' | 'bypass'
  readonly tier?: Tier
  readonly reason?: MissReason | BypassReason
  readonly notSemantic?: NotSemanticReason
  /** Of the reused entry, or of the closest candidate on a miss. */
  readonly similarity?: number
  /** Of an entry reused by meaning: probability of being right, 0…1, and log-odds above the policy's bar. */
  readonly probability?: number
  readonly margin?: number
  readonly entryKey?: string
  readonly ageMs?: number
  readonly collapsed?: true
  /** The whole lookup, without the model's call, in milliseconds. */
  readonly durationMs: number
  readonly findings?: readonly FindingSummary[]
  /** On a hit, a stale hit, or a call that joined another: how the value had been made, that is what was avoided. */
  readonly avoided?: Origin & { readonly usd?: number }
  readonly overhead: Overhead
  /** What was wrong, without any user's text. */
  readonly detail?: string
}

/** One for every answer a lookup's miss led to, stored or not. */
export interface WriteEvent extends EventContext {
  readonly type: 'write'
  readonly provider: string
  readonly name: string
  readonly key: string
  readonly outcome: 'stored' | 'refused' | 'failed' | 'dropped'
  /** Why it was not stored. */
  readonly reason?: WriteRefusal
  readonly errorCode?: CacheErrorCode
  /** What was wrong with an answer that is none, without any user's text. */
  readonly detail?: string
  /** Size of the answer as JSON in UTF-8, when it was measured. */
  readonly bytes?: number
  /** What the call cost: spent, not saved. */
  readonly call?: { readonly usage?: Usage; readonly usd?: number; readonly durationMs: number }
}

export type WriteRefusal =
  | 'truncated'
  | 'filtered'
  | 'failed'
  | 'unfinished'
  | 'aborted'
  | 'empty'
  | 'schema-mismatch'
  | 'too-large'
  | 'not-encodable'
  /** A tag, the tenant or the namespace was cleared while the call was under way. */
  | 'cleared'
  | 'queue-full'
  | 'store-failed'
  | 'store-late'
  | 'breaker-open'
  | 'closed'
  | 'refresh-failed'
  /** Tool cache: an error result, or a kind of result that is never stored. */
  | 'error-result'
  /** Also of the semantic cache: what `call` gave is no ModelResponse; the event's detail says what is wrong. */
  | 'not-a-result'
  | 'negative-result'

export interface InvalidateEvent extends EventContext {
  readonly type: 'invalidate'
  readonly by: readonly ('keys' | 'tags' | 'tenant' | 'namespace')[]
  readonly outcome: 'done' | 'failed'
  readonly removed: number
  readonly durationMs: number
}

export interface FeedbackEvent extends EventContext {
  readonly type: 'feedback'
  readonly entryKey: string
  readonly correct: boolean
  readonly similarity?: number
  readonly tier?: Tier
  /** `repeated`: the same verdict was given on the same record before; it changes nothing and counts once. */
  readonly outcome: 'recorded' | 'repeated' | 'unknown-entry' | 'failed'
  /** The opposite verdict was given on the same record before, and is taken back. */
  readonly changed?: true
}

/** One for every candidate a verifier was asked about, and for every one it could not be asked about. */
export interface VerifyEvent extends EventContext {
  readonly type: 'verify'
  /** Provider and model of the call whose question it was about. */
  readonly provider: string
  readonly name: string
  readonly verifier: string
  /**
   * `accepted`: reused, or with `after`: would have been. `unsure`: more likely right than wrong, and not likely enough.
   * `breaker-open`: not asked, because it failed too often just now. `dropped`: not asked, because too many verdicts wait.
   */
  readonly outcome: 'accepted' | 'refused' | 'unsure' | 'failed' | 'late' | 'breaker-open' | 'dropped'
  readonly entryKey: string
  readonly similarity: number
  /** The verifier's own; that of the decision, which counts the policy in, is in no event. */
  readonly probability?: number
  /** The kind of difference, where the verifier names one. */
  readonly kind?: string
  /** An earlier verdict on the same two texts, which cost nothing now. */
  readonly remembered?: true
  /** This verdict opened or closed the verifier's circuit breaker. */
  readonly breaker?: 'opened' | 'closed'
  /** Made after the answer, so that its overhead is part of no lookup and counts here. */
  readonly after?: true
  /** Without `after` also part of the overhead of the lookup, where the ledger counts it. */
  readonly overhead: Overhead
  /** Why it failed, without any user's text. */
  readonly detail?: string
}

/** One for every shadow check that was begun or had to be left out. */
export interface ShadowEvent extends EventContext {
  readonly type: 'shadow'
  readonly provider: string
  /** The model. */
  readonly name: string
  readonly key: string
  readonly entryKey: string
  readonly judge: string
  readonly errorRate?: JudgeErrorRate
  /** `hit`: the entry answered, and the model was called beside. `miss`: it came near, and the model was called anyway. */
  readonly of: 'hit' | 'miss'
  /**
   * `alike`, `unlike`: of the embedder's similarity, which is advice and no verdict. `failed`, `late`: the model or the
   * judge gave nothing to compare or no verdict. `skipped`: too many checks were under way.
   */
  readonly outcome: 'correct' | 'wrong' | 'unsure' | 'alike' | 'unlike' | 'failed' | 'late' | 'skipped'
  /** Of the questions. */
  readonly similarity?: number
  readonly probability?: number
  readonly margin?: number
  /** Of the answers, where the embedder compared them: −1…1. */
  readonly answerSimilarity?: number
  /** Of the judge, and of the model where it was called for the check alone. */
  readonly overhead: Overhead
}

/** Something about the store that an operator wants to know. */
export interface StoreEvent {
  readonly type: 'store'
  readonly at: number
  readonly namespace?: string
  readonly store: string
  readonly what:
    | 'failed'
    | 'late'
    | 'breaker-opened'
    | 'breaker-closed'
    | 'recovered'
    | 'record-corrupt'
    | 'record-foreign'
    | 'torn-tail'
    | 'compacted'
    | 'evicted'
    | 'index-created'
    | 'index-mismatch'
    | 'no-vector-search'
    | 'near-miss-sink-failed'
  readonly operation?: string
  readonly errorCode?: string
  readonly count?: number
  /** A message without any user's text. */
  readonly detail?: string
}

export interface EmbedderEvent {
  readonly type: 'embedder'
  readonly at: number
  readonly namespace?: string
  readonly embedderId?: string
  readonly what:
    | 'usage'
    | 'truncated'
    | 'download'
    | 'failed'
    | 'late'
    | 'breaker-opened'
    | 'breaker-closed'
    | 'cache-hit'
  readonly texts?: number
  /** Of `usage`; also part of the overhead of the lookup, where the ledger counts it. */
  readonly tokens?: number
  readonly usd?: number
  readonly progress?: { readonly file: string; readonly loadedBytes: number; readonly totalBytes?: number }
  readonly detail?: string
}
