import { randomUUID } from 'node:crypto'

/** What an entry belongs to, and what a clear was asked for. */
export interface Belonging {
  readonly tenant?: string
  readonly tags?: readonly string[]
}

/** Marks kept per namespace; beyond it the oldest is forgotten, and generations as old as it count as cleared. */
const MAX_MARKS = 10_000

/**
 * Remembers what was cleared when, so that a write of a call that began before is refused. Generations are a count of
 * clears with a random token of this memory: reading one costs nothing, and one of another life never matches.
 */
export class ClearMarks {
  readonly #life = randomUUID()
  readonly #clearedAt = new Map<string, number>()
  #clears = 0
  /** Generations below this are refused whatever they are about. */
  #floor = 0

  get generation(): string {
    return `${this.#life}:${this.#clears}`
  }

  mark({ tenant, tags }: Belonging): void {
    const at = ++this.#clears
    if (tags === undefined && tenant === undefined) {
      this.#floor = at
      this.#clearedAt.clear()
      return
    }
    for (const name of tags === undefined ? [markName(tenant)] : tags.map((tag) => markName(tenant, tag))) {
      this.#clearedAt.delete(name)
      this.#clearedAt.set(name, at)
      if (this.#clearedAt.size > MAX_MARKS) this.#forgetOldest()
    }
  }

  /** True when what the entry belongs to was cleared since the generation was read, or when that cannot be told. */
  isCleared(generation: string, { tenant, tags = [] }: Belonging): boolean {
    const separator = generation.lastIndexOf(':')
    if (separator < 0 || generation.slice(0, separator) !== this.#life) return true
    const readAt = Number(generation.slice(separator + 1))
    if (!(readAt >= this.#floor && readAt <= this.#clears)) return true
    if (this.#clearedAt.size === 0) return false
    const since = (name: string) => (this.#clearedAt.get(name) ?? 0) > readAt
    if (tenant !== undefined && since(markName(tenant))) return true
    return tags.some((tag) => since(markName(undefined, tag)) || (tenant !== undefined && since(markName(tenant, tag))))
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
function markName(tenant: string | undefined, tag?: string): string {
  return JSON.stringify([tenant ?? null, tag ?? null])
}
