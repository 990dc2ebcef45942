import type { Candidate } from '../../core/entry.ts'
import type { VerifyEvent } from '../../core/events.ts'
import type { MissReason } from '../../core/outcome.ts'
import type { VerdictOverhead } from '../../core/verifier.ts'
import type { WordVector } from '../../embeddings/embedder.ts'
import type { TrafficEvidence } from './traffic-evidence.ts'

/**
 * Decides whether one of the candidates may answer the query. A function of its inputs: no store, no clock, no
 * telemetry. A doubt is a refusal. A policy that rejects or throws is a miss with reason `policy-failed`.
 */
export interface DecisionPolicy {
  /** Short name for reports, such as `'similarityThreshold(0.92)'`. */
  readonly name: string
  /** The share of wrong answers among reused ones that it stays under, where it aims at one. */
  readonly maxFalseHitRate?: number
  /** It reads `traffic`, which the cache then keeps; `'closed'`: it reuses nothing before there is some. */
  readonly learns?: 'calibration' | 'closed'
  decide<Value>(
    query: DecisionQuery,
    candidates: readonly Candidate<Value>[],
    context: DecisionContext,
  ): Promise<Decision<Value>>
}

export interface DecisionContext {
  /** Aborts at the deadline; a policy that ends with a decision then still has its say. */
  readonly signal: AbortSignal
  /** An accepting verdict that was kept in the store, for the text of this query and an entry. Never rejects. */
  readonly recall?: (verifier: string, entryKey: string) => Promise<RememberedVerdict | undefined>
  /** What verdicts on this cache's traffic said so far; for a policy that learns. */
  readonly traffic?: TrafficEvidence
}

export interface RememberedVerdict {
  /** The verifier's own, 0…1. */
  readonly probability: number
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
  | {
      readonly reuse?: undefined
      readonly reason: MissReason
      readonly probability?: number
      /** The candidate that came nearest to reuse and that no guard objects to; `probability` and `margin` are its own. */
      readonly considered?: Candidate<Value>
    }
) & {
  /** How far the candidate lies above the policy's own bar, in log-odds of being right; below 0: under it. */
  readonly margin?: number
  /** What each guard saw, on the candidate that was reused or refused last. */
  readonly findings: readonly Finding[]
  /** Of the policy itself; that of its verifications the cache adds, because it knows the prices. */
  readonly overhead: { readonly usd?: number; readonly tokens: number }
  /** What a verifier was asked on the way; the cache tells its listeners. */
  readonly verifications?: readonly Verification[]
  /** Verifications to be made after the answer, one at a time until one accepts. They never reject. */
  readonly later?: readonly LaterVerification[]
}

/** What came of asking a verifier about one candidate. */
export type Verification = Pick<
  VerifyEvent,
  | 'verifier'
  | 'outcome'
  | 'entryKey'
  | 'similarity'
  | 'probability'
  | 'kind'
  | 'remembered'
  | 'breaker'
  | 'after'
  | 'detail'
> & {
  readonly overhead: VerdictOverhead & { readonly durationMs: number }
  /** Worth a place in the store, so that no process asks the same again. */
  readonly keep?: true
}

export interface LaterVerification {
  readonly verifier: string
  readonly entryKey: string
  readonly similarity: number
  run(signal: AbortSignal): Promise<Verification>
}

/** What one guard saw in two texts. */
export interface Finding {
  readonly guard: string
  readonly verdict: 'agree' | 'differ' | 'unsure'
  /** What was seen in the asked and in the stored text; printed by `explain`, never part of an event. */
  readonly asked?: string
  readonly stored?: string
}
