/**
 * One source of parts read by several consumers, each from the beginning. The fastest consumer drives the source, so
 * that its own back-pressure is kept. The source ends at the first part for which `isLast` is true, or by itself.
 */
export class SharedStream<Part> {
  readonly #iterator: AsyncIterator<Part>
  readonly #isLast: (part: Part) => boolean
  readonly #parts: Part[] = []
  readonly #copies: Part[] = []
  readonly #copy: (part: Part) => Part
  #pulling: Promise<void> | undefined
  #end: { readonly error?: { readonly cause: unknown } } | undefined
  readonly #onEnd: (parts: readonly Part[], error: { readonly cause: unknown } | undefined) => void

  constructor(
    source: AsyncIterable<Part>,
    isLast: (part: Part) => boolean,
    /** Made at once of every part, for the end: a reader may change what it was handed. */
    copy: (part: Part) => Part,
    /** Called once, before any consumer sees the end. */
    onEnd: (parts: readonly Part[], error: { readonly cause: unknown } | undefined) => void,
  ) {
    this.#iterator = source[Symbol.asyncIterator]()
    this.#isLast = isLast
    this.#copy = copy
    this.#onEnd = onEnd
  }

  /** All parts from the first on, the source's own objects, which an adapter may know again; throws what the source threw, after the parts that came before. */
  async *parts(): AsyncGenerator<Part, void, undefined> {
    for (let next = 0; ; next++) {
      while (next >= this.#parts.length && !this.#end) await this.#pull()
      if (next < this.#parts.length) yield this.#parts[next] as Part
      else if (this.#end?.error) throw this.#end.error.cause
      else return
    }
  }

  /** Reads the source to its end without a consumer of parts. */
  async drain(): Promise<readonly Part[]> {
    while (!this.#end) await this.#pull()
    if (this.#end.error) throw this.#end.error.cause
    return this.#copies
  }

  /** Ends the source early; consumers that still wait get `reason` thrown. */
  stop(reason: unknown): void {
    if (this.#end) return
    this.#finish({ cause: reason })
    this.#closeSource()
  }

  #pull(): Promise<void> {
    this.#pulling ??= this.#pullOnce().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #pullOnce(): Promise<void> {
    try {
      const { done, value } = await this.#iterator.next()
      if (this.#end) return
      if (done) return this.#finish(undefined)
      this.#parts.push(value)
      this.#copies.push(this.#copy(value))
      if (this.#isLast(value)) {
        this.#finish(undefined)
        this.#closeSource()
      }
    } catch (error) {
      if (!this.#end) this.#finish({ cause: error })
    }
  }

  #finish(error: { readonly cause: unknown } | undefined): void {
    this.#end = error ? { error } : {}
    this.#onEnd(this.#copies, error)
  }

  /** The source's own cleaning up may wait or fail; neither concerns the consumers. */
  #closeSource(): void {
    try {
      this.#iterator.return?.()?.then(undefined, () => undefined)
    } catch {
      // A hand-written iterator may throw synchronously.
    }
  }
}
