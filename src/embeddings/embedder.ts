/** Turns texts into vectors of one space. */
export interface Embedder {
  /** May load the model. Settles the same way every time once it has resolved. */
  describe(): Promise<EmbedderDescription>

  /**
   * One unit-length vector per text, in order. Rejects as a whole: on a text it cannot read (NOT_EMBEDDABLE), on a vector that is
   * zero, not finite or of the wrong length, on abort (with the signal's reason).
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>

  /**
   * Vectors of the single words of a text, where the model has such (static models). Synchronous, because policies
   * call it while comparing; usable after `describe` has resolved.
   */
  wordVectors?(text: string): readonly WordVector[]
}

export interface EmbedderDescription {
  /**
   * Names provider, model, revision, dimensions and whatever else changes the space (prefix, pooling, normalisation,
   * quantisation). It selects the index, and is no part of scope or key.
   */
  readonly id: string
  readonly dimensions: number
  readonly maxTokens?: number
  /**
   * Who bills it and under which name, in the words of `PriceOf`: the cache prices reported tokens by it. Absent for
   * embedders that cost nothing (they report `usd: 0`) and for those whose price is unknown.
   */
  readonly billedAs?: { readonly provider: string; readonly name: string; readonly baseUrl?: string }
}

export interface EmbedOptions {
  readonly signal?: AbortSignal
  /** Takes usage, truncation and download notices, which the cache turns into events. */
  readonly report?: (notice: EmbedderNotice) => void
}

export type EmbedderNotice =
  | { readonly what: 'usage'; readonly texts: number; readonly tokens: number; readonly usd?: number }
  | { readonly what: 'truncated'; readonly texts: number }
  | { readonly what: 'cache-hit'; readonly texts: number }
  | { readonly what: 'download'; readonly file: string; readonly loadedBytes: number; readonly totalBytes?: number }

export interface WordVector {
  readonly word: string
  readonly vector: Float32Array
  /** How much the word tells: higher for rarer words, > 0. */
  readonly weight: number
}
