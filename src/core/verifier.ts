/** Says whether the answer to `stored` may be given to `asked`. A failure or a late verdict is a miss, never an error. */
export interface Verifier {
  /** Short name for events and reports. */
  readonly name: string
  verify(asked: string, stored: string, context: { readonly signal: AbortSignal }): Promise<Verdict>
}

export interface Verdict {
  /** Probability that the stored answer may be given, 0…1. */
  readonly probability: number
  /** The kind of difference seen, where the verifier names one. */
  readonly kind?: string
  readonly overhead: { readonly usd?: number; readonly tokens: number }
}
