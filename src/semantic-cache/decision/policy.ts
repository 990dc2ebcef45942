import type { Candidate } from '../../core/entry.ts'
import type { MissReason } from '../../core/outcome.ts'
import type { WordVector } from '../../embeddings/embedder.ts'

/**
 * Decides whether one of the candidates may answer the query. A function of its inputs: no store, no clock, no
 * telemetry. A doubt is a refusal. A policy that rejects or throws is a miss with reason `policy-failed`.
 */
export interface DecisionPolicy {
  /** Short name for reports, such as `'similarityThreshold(0.92)'`. */
  readonly name: string
  decide<Value>(
    query: DecisionQuery,
    candidates: readonly Candidate<Value>[],
    context: { readonly signal: AbortSignal },
  ): Promise<Decision<Value>>
}

export interface DecisionQuery {
  readonly text: string
  /** Unit length. */
  readonly vector: Float32Array
  readonly embedderId: string
  /** The words of a text with their vectors, where the embedder has such. */
  readonly wordVectors?: (text: string) => readonly WordVector[]
}

export type Decision<Value> = (
  | {
      readonly reuse: Candidate<Value>
      readonly reason?: undefined
      /** Estimated probability that the reuse is right, 0…1. */
      readonly probability?: number
    }
  | { readonly reuse?: undefined; readonly reason: MissReason; readonly probability?: number }
) & {
  /** What each guard saw, on the candidate that was reused or refused last. */
  readonly findings: readonly Finding[]
  readonly overhead: { readonly usd?: number; readonly tokens: number }
}

/** What one guard saw in two texts. */
export interface Finding {
  readonly guard: string
  readonly verdict: 'agree' | 'differ' | 'unsure'
  /** What was seen in the asked and in the stored text; printed by `explain`, never part of an event. */
  readonly asked?: string
  readonly stored?: string
}
