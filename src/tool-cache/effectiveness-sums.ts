import type { TotalsStore } from '../stores/store.ts'
import { addRows, addToRow, decodeRows, type EffectivenessRow, emptyRow, encodeRows } from './effectiveness-row.ts'

/** Figures count for so many months, the current one included: what a tool was like before says little of it now. */
const MONTHS = 3
const LIFE_MS = 100 * 86_400_000
const FLUSH_MS = 10_000
/** Tools of one month and namespace in the store; what comes later is known to its own process only. */
const MAX_STORED_TOOLS = 1_000

/**
 * The rows of all processes on the store and of this one. Without a store that keeps totals they end with the process.
 * Never rejects: what the store did not take is kept and sent again.
 */
export class EffectivenessSums {
  readonly #store: TotalsStore | undefined
  readonly #namespace: string
  readonly #now: () => number
  /** Of this process: not yet in the store, and what the store has already. */
  #pending = new Map<string, EffectivenessRow>()
  readonly #sent = new Map<string, EffectivenessRow>()
  #last: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(of: {
    readonly store: TotalsStore | undefined
    readonly namespace: string
    readonly now: () => number
  }) {
    this.#store = of.store
    this.#namespace = of.namespace
    this.#now = of.now
  }

  /** The row to count on now; not to be kept. */
  row(tool: string): EffectivenessRow {
    if (this.#store && !this.#timer) {
      this.#timer = setTimeout(() => void this.flush(), FLUSH_MS)
      this.#timer.unref()
    }
    const known = this.#pending.get(tool)
    if (known) return known
    const row = emptyRow()
    this.#pending.set(tool, row)
    return row
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const store = this.#store
    return store ? this.#inTurn(() => this.#send(store)) : Promise.resolve()
  }

  /** By tool, of all processes; of this one alone where the store cannot be read. */
  rows(): Promise<Map<string, EffectivenessRow>> {
    return this.#inTurn(async () => {
      const stored = (await this.#stored()) ?? addRows(new Map(), this.#sent)
      return addRows(stored, this.#pending)
    })
  }

  async #send(store: TotalsStore): Promise<void> {
    if (this.#pending.size === 0) return
    const sending = this.#pending
    this.#pending = new Map()
    const kept = new Map<string, EffectivenessRow>()
    try {
      const key = this.#key(0)
      if ([...sending.keys()].some((tool) => !this.#sent.has(tool))) {
        const [fields = {}] = await store.read([key])
        const known = new Set(decodeRows(fields).keys())
        for (const [tool, row] of sending) {
          if (known.size < MAX_STORED_TOOLS) known.add(tool)
          if (!known.has(tool)) kept.set(tool, row)
        }
        for (const tool of kept.keys()) sending.delete(tool)
      }
      if (sending.size > 0) await store.add(key, encodeRows(sending), LIFE_MS)
      addRows(this.#sent, sending)
    } catch {
      for (const [tool, row] of sending) kept.set(tool, row)
    }
    // Counted on meanwhile: the rows may be there again.
    for (const [tool, row] of kept) addToRow(this.#pendingRow(tool), row)
  }

  #pendingRow(tool: string): EffectivenessRow {
    const row = this.#pending.get(tool) ?? emptyRow()
    this.#pending.set(tool, row)
    return row
  }

  async #stored(): Promise<Map<string, EffectivenessRow> | undefined> {
    try {
      const months = await this.#store?.read(Array.from({ length: MONTHS }, (_, ago) => this.#key(ago)))
      return months?.reduce((rows, fields) => addRows(rows, decodeRows(fields)), new Map<string, EffectivenessRow>())
    } catch {
      return undefined
    }
  }

  /** The `1` is the version of the layout; months are UTC, such as `2026-11`. */
  #key(monthsAgo: number): string {
    const date = new Date(this.#now())
    const month = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - monthsAgo)).toISOString().slice(0, 7)
    return `effectiveness:1:${month}:${this.#namespace}`
  }

  /** One after the other, so that nothing is both read and pending. */
  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => undefined)
    return result
  }
}
