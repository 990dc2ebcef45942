/** One that waits; opaque. */
export interface Waiting {
  dueAt: number
  extensions: number
  late: (() => void) | undefined
  next: Waiting | undefined
}

/** A timer that comes so many of its own lengths too late says that the process stood still. */
const STALLED_FROM = 0.25
/** A bound of its own: a process that never gets to its work must not wait for ever either. */
const MAX_EXTENSIONS = 3

/**
 * The same deadline for many, by one timer: a timer for each costs more than the calls it is to watch over. Those that
 * began first are due first, so they are a plain list.
 *
 * When the process itself stood still (a first call loads modules and a model), what it waits for could not be read: what
 * is due then has the same time once more, three times at most.
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
    const waiting: Waiting = { dueAt: performance.now() + this.#afterMs, late, extensions: 0, next: undefined }
    this.#append(waiting)
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

  #append(waiting: Waiting): void {
    if (this.#last) this.#last.next = waiting
    else this.#first = waiting
    this.#last = waiting
  }

  #removeFirst(first: Waiting): void {
    this.#first = first.next
    if (!this.#first) this.#last = undefined
    first.next = undefined
  }

  #arm(ms: number): void {
    this.#timer = setTimeout(() => this.#fire(), ms)
  }

  #fire(): void {
    this.#timer = undefined
    // Timers count whole milliseconds and may come a part of one too early.
    const now = performance.now() + 1
    const stalled = this.#first !== undefined && now - this.#first.dueAt > Math.max(1, STALLED_FROM * this.#afterMs)
    while (this.#first && this.#first.dueAt <= now) {
      const first = this.#first
      const { late } = first
      if (late && stalled && first.extensions < MAX_EXTENSIONS) {
        first.dueAt = now + this.#afterMs
        first.extensions++
        this.#removeFirst(first)
        this.#append(first)
        continue
      }
      this.settle(first)
      // Settled ones among others may have been moved behind those that are due.
      if (this.#first === first) this.#removeFirst(first)
      late?.()
    }
    if (this.#first && !this.#timer) this.#arm(Math.max(1, Math.ceil(this.#first.dueAt - performance.now())))
  }
}
