import type { JudgeErrorRate } from './judge-error.ts'
import type { VerdictOverhead } from './verifier.ts'

/** Two answers to one question: the model's own now, and the stored one that was given or might have been. */
export interface AnswerComparison {
  readonly asked: string
  /** The question the reused answer was made for; absent with `storeQueryText: false`. */
  readonly stored?: string
  /** The model's own answer to `asked`. */
  readonly fresh: string
  readonly reused: string
}

export interface AnswerVerdict {
  /** Whether the reused answer serves whoever asked as well as the fresh one does; absent: it cannot be told. */
  readonly correct?: boolean
  readonly overhead?: VerdictOverhead
}

/** Compares answers in shadow checks. A failure or a late verdict counts as no verdict, never as an error of a call. */
export interface AnswerJudge {
  /** Short name for events and reports. */
  readonly name: string
  /** How often it is wrong. Without it its verdicts count for the entry, but no bound rests on them. */
  readonly errorRate?: JudgeErrorRate
  judge(comparison: AnswerComparison, context: { readonly signal: AbortSignal }): Promise<AnswerVerdict>
}
