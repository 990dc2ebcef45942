import type { CacheRecord } from './outcome.ts'
import type { Part, ToolCall } from './request.ts'

export type FinishReason = 'stop' | 'tool-calls' | 'length' | 'content-filter' | 'error' | 'other'

/** Tokens of one call, as the provider reports them. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** The part of `inputTokens` that the provider's own prompt cache served. */
  readonly cachedInputTokens?: number
}

/** The framework-neutral answer: plain data, so that it can be stored and copied. */
export interface ModelResponse {
  readonly content: readonly Part[]
  readonly toolCalls: readonly ToolCall[]
  readonly finishReason: FinishReason
  readonly usage?: Usage
  /** The parsed answer, when a `responseFormat` was asked for and the framework parsed it. */
  readonly structured?: unknown
  /** What an adapter needs to rebuild its framework's answer; stored as it is. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** The further answers of a call with n > 1. */
  readonly alternatives?: readonly Pick<ModelResponse, 'content' | 'toolCalls' | 'finishReason'>[]
}

/**
 * One part of a streamed answer. Text and reasoning deltas are pieces to be appended; any other part is whole.
 * A stream without a `finish` was cut short and is never stored.
 */
export type StreamPart =
  | { readonly type: 'delta'; readonly part: Part }
  | {
      readonly type: 'finish'
      readonly finishReason: FinishReason
      readonly usage?: Usage
      readonly structured?: unknown
      readonly metadata?: Readonly<Record<string, unknown>>
      /** Set by `getOrStream` on what it yields; a value given by the model's side is replaced. */
      readonly record?: CacheRecord
    }
