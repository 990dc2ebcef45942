import type { Usage } from './response.ts'

/** Says whether the answer to `stored` may be given to `asked`. A failure or a late verdict is a miss, never an error. */
export interface Verifier {
  /** Short name for events and reports. Verdicts are remembered under it: change it when the verdicts change. */
  readonly name: string
  verify(asked: string, stored: string, context: { readonly signal: AbortSignal }): Promise<Verdict>
  /**
   * Where an accepting verdict is remembered: `'process'` when judging again costs no more than a read of the store,
   * `'store'` (the default) when it costs money or seconds.
   */
  readonly remember?: 'process' | 'store'
}

/** A verifier as a plain function; true and false are verdicts beyond doubt, a number is a probability, 0…1. */
export type VerifierFunction = (
  asked: string,
  stored: string,
  context: { readonly signal: AbortSignal },
) => Promise<Verdict | boolean | number> | Verdict | boolean | number

export interface Verdict {
  /**
   * Probability that the stored answer may be given, 0…1; 0 and 1 are beyond doubt. Absent: it came to no verdict, though
   * it may have cost something. That counts as a failure.
   */
  readonly probability?: number
  /** The kind of difference seen, where the verifier names one. */
  readonly kind?: string
  /** Why there is no verdict, without any user's text. */
  readonly detail?: string
  /** How this probability is put together with that of a policy, where that was measured. */
  readonly combination?: VerdictCombination
  readonly overhead: VerdictOverhead
}

/** How two probabilities go together, and how for the embedders that were measured by themselves. */
export interface VerdictCombination extends CombinationWeights {
  readonly byEmbedder?: readonly EmbedderCombination[]
}

export interface EmbedderCombination extends CombinationWeights {
  /** Any of them found in an embedder's id, ignoring case. */
  readonly embedders: readonly string[]
}

/** The logarithms of the odds of both probabilities are added with these weights. */
export interface CombinationWeights {
  readonly policy: number
  readonly verifier: number
  readonly bias: number
  /**
   * For rates of wrong among reused, rising: the least combined probability to reuse from, measured on pairs nobody was
   * fitted on; a rate below them is kept by reusing nothing. Without it a reuse must be right with a probability of
   * 1 − rate each by itself.
   */
  readonly limits?: readonly (readonly [maxFalseHitRate: number, probability: number])[]
}

/** What a verdict cost. Without `usd` the cache looks the price up, by `billedAs` and `usage`. */
export interface VerdictOverhead {
  readonly usd?: number
  readonly tokens: number
  readonly usage?: Usage
  readonly billedAs?: { readonly provider: string; readonly name: string; readonly baseUrl?: string }
}
