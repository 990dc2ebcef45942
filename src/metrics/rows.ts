import { addRow, type CounterRow, emptyRow } from './counters.ts'

/** Takes the traffic of names beyond the bound. */
const OTHER = '(other)'

/** Longer names are cut: they come from callers and become field names in the store. */
const MAX_NAME_LENGTH = 200

interface Row {
  readonly counted: CounterRow
  /** The part of `counted` that the store has. Kept as a mark, so that a failed flush needs no undoing. */
  readonly flushed: CounterRow
}

/** The rows of one dimension: what this process counted by name, and how much of it is in the store. */
export class Rows {
  readonly #maxNames: number
  readonly #room: number
  readonly #rows = new Map<string, Row>()
  /** Names that have a row in the store, as far as this process knows. */
  readonly #stored = new Set<string>()

  /**
   * `room` bounds the names held here, at least `maxNames`, besides those that have a row in the store: with a store it
   * is larger, because only a flush can tell whether a name has its row there already.
   */
  constructor(maxNames: number, room = maxNames) {
    this.#maxNames = maxNames
    this.#room = room
  }

  add(name: string, increment: CounterRow): void {
    addRow((this.#rows.get(name) ?? this.#open(name)).counted, increment)
  }

  #open(name: string): Row {
    const short = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH)}…` : name
    const hasRoom = this.#stored.has(short) || this.#rows.size < this.#room
    const key = hasRoom ? short : OTHER
    const known = this.#rows.get(key)
    if (known) return known
    const row = { counted: emptyRow(), flushed: emptyRow() }
    this.#rows.set(key, row)
    return row
  }

  /** True when a flush would make rows in the store, so that it must know those that are there. */
  get hasNewNames(): boolean {
    for (const [name, row] of this.#rows) if (this.#isNew(name, row)) return true
    return false
  }

  /** Takes note of the names in the store; new names beyond the bound are summed under `'(other)'`. */
  admit(storedNames: Iterable<string>): void {
    for (const name of storedNames) if (name !== OTHER) this.#stored.add(name)
    for (const [name, row] of [...this.#rows]) {
      if (!this.#isNew(name, row)) continue
      if (this.#stored.size < this.#maxNames) {
        this.#stored.add(name)
      } else {
        this.#rows.delete(name)
        addRow((this.#rows.get(OTHER) ?? this.#open(OTHER)).counted, row.counted)
      }
    }
  }

  #isNew(name: string, row: Row): boolean {
    return name !== OTHER && !this.#stored.has(name) && isAhead(row)
  }

  /** Keeps the latest names in order of the alphabet, for rows that are days. */
  keepLatest(count: number): void {
    if (this.#rows.size <= count) return
    for (const name of [...this.#rows.keys()].sort().slice(0, -count)) this.#rows.delete(name)
  }

  /** What the store does not have yet, by name. */
  pending(): Map<string, CounterRow> {
    const pending = new Map<string, CounterRow>()
    for (const [name, row] of this.#rows) if (isAhead(row)) pending.set(name, difference(row))
    return pending
  }

  /** Notes that the store has taken these amounts. */
  settle(taken: Iterable<readonly [string, CounterRow]>): void {
    for (const [name, amounts] of taken) {
      const row = this.#rows.get(name)
      if (row) addRow(row.flushed, amounts)
    }
  }

  /** Everything this process counted, by name. */
  counted(): Map<string, CounterRow> {
    return new Map([...this.#rows].map(([name, row]) => [name, row.counted]))
  }
}

function isAhead({ counted, flushed }: Row): boolean {
  for (let i = 0; i < counted.length; i++) if (counted[i] !== flushed[i]) return true
  return false
}

function difference({ counted, flushed }: Row): CounterRow {
  return counted.map((value, i) => value - (flushed[i] as number))
}
