import type { CallControls } from '../core/controls.ts'
import type { CacheEntry, EntryHistory } from '../core/entry.ts'
import type { CacheRecord } from '../core/outcome.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse, StreamPart } from '../core/response.ts'
import type { CacheStats } from '../core/stats.ts'

/**
 * Reuse of model answers. No method but `only-if-cached` misses ever adds an error to a call: whatever happens to store,
 * embedder or policy, the caller gets the model's answer or the model's own error.
 */
export interface SemanticCache {
  /** The name of this cache inside its store. */
  readonly namespace: string

  /** Looks up without calling anything. A miss hands out the `slot` that `write` takes; a stale hit does so too. */
  lookup(request: ModelRequest, controls?: CallControls): Promise<Lookup>

  /** Queues the answer for storing; `flush` awaits it. Answers that may not be reused are refused, with an event. */
  write(slot: WriteSlot, response: ModelResponse): void

  /** Looks up, calls on anything but a hit, and queues the answer. Identical calls in flight are one call. */
  getOrCall(request: ModelRequest, call: ModelCall, controls?: CallControls): Promise<Answer>

  /** The same, part by part: recorded while it passes through, replayed on a hit; the `finish` part carries the record. */
  getOrStream(request: ModelRequest, call: ModelCall, controls?: CallControls): AsyncIterable<StreamPart>

  /**
   * Removes what matches all the given fields (within `keys` and `tags`: any of them) and counts it. Without
   * `namespace` it is this cache's own. Rejects when the store cannot do it.
   *
   * @throws CacheError INVALID_OPTION when no field is given
   */
  invalidate(filter: InvalidateFilter): Promise<number>

  /**
   * Notes whether the answer of a record was right; kept with the entry as evidence. Of several verdicts on one record
   * (by its `id`, for 30 days) the last counts. Never rejects for the store.
   *
   * @throws CacheError INVALID_OPTION for what is no record or no verdict
   */
  feedback(record: CacheRecord, verdict: { readonly correct: boolean }): Promise<void>

  /** What is stored under a key, for people; undefined when nothing is. */
  inspect(key: string): Promise<CacheEntry<ModelResponse> | undefined>

  stats(): Promise<CacheStats>

  /** Waits for queued writes, refreshes, evidence and totals. */
  flush(): Promise<void>

  /** `flush`, then closes the store. Calls that come later go to the model as a bypass. */
  close(): Promise<void>
}

/** The caller's way to the model; `signal` aborts when every caller that waits for this call has gone. */
export type ModelCall = (signal: AbortSignal) => Promise<ModelResponse> | AsyncIterable<StreamPart>

export interface Answer {
  readonly response: ModelResponse
  readonly record: CacheRecord
}

export interface Lookup {
  readonly record: CacheRecord
  readonly response?: ModelResponse
  readonly slot?: WriteSlot
}

/** What a miss already knows, so that the write recomputes nothing and cannot disagree with the lookup. Opaque. */
export interface WriteSlot {
  readonly namespace: string
  readonly key: string
  readonly scope: string
  readonly generation: string
  readonly tenant?: string
  readonly tags: readonly string[]
  readonly ttlMs: number
  readonly provider: string
  readonly model: string
  readonly baseUrl?: string
  readonly responseFormat?: unknown
  readonly query?: string
  readonly vector?: Float32Array
  readonly history?: EntryHistory
  readonly embedderId?: string
  /** Epoch milliseconds; the call is taken to begin here. */
  readonly startedAt: number
  /** Counts the invalidations of this process before the lookup: a later one refuses the write. */
  readonly epoch: number
}

export interface InvalidateFilter {
  readonly keys?: readonly string[]
  readonly tags?: readonly string[]
  readonly tenant?: string
  readonly namespace?: string
}
