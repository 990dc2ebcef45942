import type { Increment } from './increment.ts'

/** Whole-number counts by name, and how much of each is in the store. */
export class Counts {
  readonly #counted = new Map<string, number>()
  readonly #flushed = new Map<string, number>()

  add({ counts, by = 1, takenBack }: Pick<Increment, 'counts' | 'by' | 'takenBack'>): void {
    for (const name of counts) this.#counted.set(name, (this.#counted.get(name) ?? 0) + by)
    for (const name of takenBack ?? []) this.#counted.set(name, (this.#counted.get(name) ?? 0) - 1)
  }

  /** What the store does not have yet. */
  pending(): Map<string, number> {
    const pending = new Map<string, number>()
    for (const [name, count] of this.#counted) {
      const ahead = count - (this.#flushed.get(name) ?? 0)
      if (ahead !== 0) pending.set(name, ahead)
    }
    return pending
  }

  /** Notes that the store has taken these. */
  settle(taken: Iterable<readonly [string, number]>): void {
    for (const [name, count] of taken) this.#flushed.set(name, (this.#flushed.get(name) ?? 0) + count)
  }

  counted(): Map<string, number> {
    return new Map(this.#counted)
  }
}
