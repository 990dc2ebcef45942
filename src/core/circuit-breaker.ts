/**
 * Leaves a part alone after so many failures in a row: open for a while, then one call at a time is let through, and
 * its success closes the breaker. Others are refused at once rather than kept waiting for that call.
 */
export class CircuitBreaker {
  readonly #failures: number
  readonly #halfOpenAfterMs: number
  readonly #now: () => number
  #failed = 0
  #openedAt: number | undefined
  #isProbing = false

  /** @param options `failures` in a row that open it, ≥ 1; `halfOpenAfterMs` until one call is tried again, ≥ 0 */
  constructor(options: { readonly failures: number; readonly halfOpenAfterMs: number; readonly now: () => number }) {
    this.#failures = options.failures
    this.#halfOpenAfterMs = options.halfOpenAfterMs
    this.#now = options.now
  }

  get isOpen(): boolean {
    return this.#openedAt !== undefined
  }

  /** Whether a call may be made now; one that may must be followed by `succeed`, `fail` or `giveUp`. */
  tryCall(): boolean {
    if (this.#openedAt === undefined) return true
    if (this.#isProbing || this.#now() - this.#openedAt < this.#halfOpenAfterMs) return false
    this.#isProbing = true
    return true
  }

  /** What the success ended: an open breaker, or failures that had not opened it yet, and how many. */
  succeed(): { readonly closed: boolean; readonly failures: number } {
    const ended = { closed: this.#openedAt !== undefined, failures: this.#failed }
    this.#failed = 0
    this.#openedAt = undefined
    this.#isProbing = false
    return ended
  }

  /** True when this failure opened the breaker; a failed attempt to close it again does not count as that. */
  fail(): boolean {
    this.#failed++
    this.#isProbing = false
    if (this.#openedAt !== undefined) {
      this.#openedAt = this.#now()
      return false
    }
    if (this.#failed < this.#failures) return false
    this.#openedAt = this.#now()
    return true
  }

  /** The call ended without saying anything about the part's health: somebody else may try. */
  giveUp(): void {
    this.#isProbing = false
  }
}
