import { randomUUID } from 'node:crypto'

/** What a clear was asked for. */
export interface ClearFilter {
  readonly namespace: string
  readonly tenant?: string
  readonly tags?: readonly string[]
}

/** What of the marks outlives the process. */
export interface SavedMarks {
  readonly life: string
  readonly clears: number
  readonly floor: number
  readonly clearedAt: readonly (readonly [string, number])[]
}

/** Beyond it the oldest mark is forgotten, and generations as old as it count as cleared. */
const MAX_MARKS = 10_000

/**
 * Remembers what was cleared when, so that a write of a call that began before is refused. A generation is the count of
 * clears so far, with a random token of this memory: reading one costs nothing, and one of another life never matches.
 */
export class ClearMarks {
  #life = randomUUID() as string
  #clears = 0
  /** Generations below this are refused whatever they are about. */
  #floor = 0
  #clearedAt = new Map<string, number>()

  get generation(): string {
    return `${this.#life}:${this.#clears}`
  }

  saved(): SavedMarks {
    return { life: this.#life, clears: this.#clears, floor: this.#floor, clearedAt: [...this.#clearedAt] }
  }

  /** Takes up a former life. */
  restore({ life, clears, floor, clearedAt }: SavedMarks): void {
    this.#life = life
    this.#clears = clears
    this.#floor = floor
    this.#clearedAt = new Map(clearedAt)
  }

  /** After a loss: no generation that was given so far is accepted any more. */
  beginNewLife(): void {
    this.#life = randomUUID()
    this.#clearedAt.clear()
  }

  /** @returns the count of clears with this one, which may be given to repeat it after a restart */
  mark({ namespace, tenant, tags }: ClearFilter, at = this.#clears + 1): number {
    this.#clears = Math.max(this.#clears, at)
    const names =
      tags === undefined ? [markName(namespace, tenant)] : tags.map((tag) => markName(namespace, tenant, tag))
    for (const name of names) {
      this.#clearedAt.delete(name)
      this.#clearedAt.set(name, at)
      if (this.#clearedAt.size > MAX_MARKS) this.#forgetOldest()
    }
    return at
  }

  /** True when what the entry belongs to was cleared since the generation was read, or when that cannot be told. */
  isCleared(generation: string, { namespace, tenant, tags = [] }: ClearFilter): boolean {
    const separator = generation.lastIndexOf(':')
    if (separator < 0 || generation.slice(0, separator) !== this.#life) return true
    const readAt = Number(generation.slice(separator + 1))
    if (!(readAt >= this.#floor && readAt <= this.#clears)) return true
    if (readAt === this.#clears) return false
    const since = (name: string) => (this.#clearedAt.get(name) ?? 0) > readAt
    if (since(markName(namespace))) return true
    if (tenant !== undefined && since(markName(namespace, tenant))) return true
    return tags.some(
      (tag) =>
        since(markName(namespace, undefined, tag)) || (tenant !== undefined && since(markName(namespace, tenant, tag))),
    )
  }

  #forgetOldest(): void {
    for (const [name, at] of this.#clearedAt) {
      this.#clearedAt.delete(name)
      this.#floor = Math.max(this.#floor, at)
      return
    }
  }
}

/** Unambiguous whatever characters the names hold. */
function markName(namespace: string, tenant?: string, tag?: string): string {
  return JSON.stringify([namespace, tenant ?? null, tag ?? null])
}
