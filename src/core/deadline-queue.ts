/** One that waits; opaque. */
export interface Waiting {
  readonly dueAt: number
  late: (() => void) | undefined
  next: Waiting | undefined
}

/**
 * The same deadline for many, by one timer: a timer for each costs more than the calls it is to watch over. Those that
 * began first are due first, so they are a plain list.
 */
export class DeadlineQueue {
  readonly #afterMs: number
  #first: Waiting | undefined
  #last: Waiting | undefined
  #count = 0
  #timer: NodeJS.Timeout | undefined

  /** @param afterMs milliseconds, 1 … 2 147 483 647 */
  constructor(afterMs: number) {
    this.#afterMs = afterMs
  }

  /** Calls `late` once at the deadline, unless it is settled before. */
  add(late: () => void): Waiting {
    const waiting: Waiting = { dueAt: performance.now() + this.#afterMs, late, next: undefined }
    if (this.#last) this.#last.next = waiting
    else this.#first = waiting
    this.#last = waiting
    if (!this.#timer) this.#arm(this.#afterMs)
    this.#count++
    return waiting
  }

  settle(waiting: Waiting): void {
    if (!waiting.late) return
    waiting.late = undefined
    this.#count--
    while (this.#first && !this.#first.late) this.#first = this.#first.next
    if (!this.#first) this.#last = undefined
    if (this.#count > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#fire(), ms)
  }

  #fire(): void {
    this.#timer = undefined
    // Timers count whole milliseconds and may come a part of one too early.
    const now = performance.now() + 1
    while (this.#first && this.#first.dueAt <= now) {
      const { late } = this.#first
      this.settle(this.#first)
      late?.()
    }
    if (this.#first && !this.#timer) this.#arm(Math.max(1, Math.ceil(this.#first.dueAt - performance.now())))
  }
}
