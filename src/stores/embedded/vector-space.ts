import type { VectorQuery } from '../store.ts'
import { Groups } from './groups.ts'
import type { StoredEntry } from './stored-entry.ts'
import { VectorRows } from './vector-rows.ts'

export interface Neighbour {
  readonly entry: StoredEntry
  readonly similarity: number
}

/** Members from which on a scope has rows of its own, which the scan passes over without visiting entries. */
const OWN_ROWS_FROM = 64

/**
 * The vectors of one embedder, by scope. Small scopes share their rows: a typed array of its own would cost a scope of
 * one entry (the usual case with an exact history) 600 bytes beside its vector.
 */
export class VectorSpace {
  readonly dimensions: number
  readonly #shared: VectorRows<StoredEntry>
  readonly #small = new Groups<StoredEntry>()
  readonly #large = new Map<string, VectorRows<StoredEntry>>()

  constructor(dimensions: number) {
    this.dimensions = dimensions
    this.#shared = new VectorRows(dimensions)
  }

  get isEmpty(): boolean {
    return this.#small.size === 0 && this.#large.size === 0
  }

  add(entry: StoredEntry, vector: Float32Array): void {
    entry.rows = this.#large.get(entry.scope) ?? this.#shared
    entry.rows.add(entry, vector)
    if (entry.rows !== this.#shared) return
    this.#small.add(entry.scope, entry)
    if (this.#small.count(entry.scope) >= OWN_ROWS_FROM) this.#separate(entry.scope)
  }

  remove(entry: StoredEntry): void {
    const { rows } = entry
    rows?.remove(entry)
    entry.rows = undefined
    if (rows === this.#shared) this.#small.remove(entry.scope, entry)
    else if (rows?.size === 0) this.#large.delete(entry.scope)
  }

  /** The closest of the scope, closest first. */
  closest({ scope, vector, limit }: VectorQuery, isLive: (entry: StoredEntry) => boolean): Neighbour[] {
    const found: Neighbour[] = []
    const offer = (entry: StoredEntry, similarity: number): number => {
      const bar = found.length === limit ? (found[limit - 1] as Neighbour).similarity : Number.NEGATIVE_INFINITY
      if (similarity <= bar || !isLive(entry)) return bar
      let at = found.length
      while (at > 0 && (found[at - 1] as Neighbour).similarity < similarity) at--
      found.splice(at, 0, { entry, similarity })
      if (found.length > limit) found.pop()
      return found.length === limit ? (found[limit - 1] as Neighbour).similarity : Number.NEGATIVE_INFINITY
    }
    const own = this.#large.get(scope)
    if (own) own.scan(vector, offer)
    else for (const entry of this.#small.members(scope)) offer(entry, this.#shared.similarity(entry.row, vector))
    return found
  }

  #separate(scope: string): void {
    const own = new VectorRows<StoredEntry>(this.dimensions)
    for (const entry of this.#small.members(scope)) {
      const { row } = entry
      own.add(entry, this.#shared.view(row))
      this.#shared.remove({ row })
      entry.rows = own
    }
    this.#small.removeAll(scope)
    this.#large.set(scope, own)
  }
}
