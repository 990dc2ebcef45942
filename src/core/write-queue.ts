/**
 * Work that must not delay an answer. Bounded: a task over the bound is refused rather than kept, because a store that
 * does not keep up would otherwise hold every answer in memory.
 */
export class WriteQueue {
  readonly #maxPending: number
  readonly #pending = new Set<Promise<void>>()
  readonly #byGroup = new Map<string, Set<Promise<void>>>()

  constructor(maxPending: number) {
    this.#maxPending = maxPending
  }

  get pending(): number {
    return this.#pending.size
  }

  /**
   * Runs the task after the current answer has gone out; false when the queue is full. A task handles its own errors.
   * `groups` are names under which `settled` waits for it.
   */
  add(task: () => Promise<void>, groups: readonly string[] = []): boolean {
    if (this.#pending.size >= this.#maxPending) return false
    const done: Promise<void> = new Promise<void>((resolve) => setImmediate(resolve))
      .then(task)
      .catch(() => undefined)
      .finally(() => {
        this.#pending.delete(done)
        for (const group of groups) this.#leave(group, done)
      })
    this.#pending.add(done)
    for (const group of groups) {
      const members = this.#byGroup.get(group)
      if (members) members.add(done)
      else this.#byGroup.set(group, new Set([done]))
    }
    return true
  }

  /** True when a task of the group is under way. */
  has(group: string): boolean {
    return this.#byGroup.has(group)
  }

  /** Waits for the tasks of a group that are queued now, so that a process reads its own writes. */
  async settled(group: string): Promise<void> {
    const members = this.#byGroup.get(group)
    if (members) await Promise.all(members)
  }

  /** Waits until nothing is queued, what was added meanwhile included. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  #leave(group: string, done: Promise<void>): void {
    const members = this.#byGroup.get(group)
    members?.delete(done)
    if (members?.size === 0) this.#byGroup.delete(group)
  }
}
