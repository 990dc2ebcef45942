import type { CacheStats, StatsDimension } from '../core/stats.ts'
import type { TotalsStore } from '../stores/store.ts'
import { addRow, type CounterRow, emptyRow } from './counters.ts'
import type { Rows } from './rows.ts'
import { statsOf } from './stats-of.ts'
import type { Tally } from './tally.ts'
import {
  addRows,
  dayOf,
  decodeRows,
  decodeWhole,
  dimensionKey,
  encodeRows,
  encodeWhole,
  monthKey,
  monthKeys,
  TOTALS_LIFE_DAYS,
  TOTALS_TTL_MS,
  WHOLE_KEY,
} from './totals-keys.ts'

const DIMENSIONS = ['namespace', 'tenant', 'model', 'tool'] as const

/**
 * Moves a tally to the store. Flushes and snapshots go one after the other, so that nothing is sent twice and no
 * snapshot sees an amount both in the store and as pending.
 */
export class Flusher {
  readonly #tally: Tally
  readonly #store: TotalsStore | undefined
  readonly #now: () => number
  #last: Promise<unknown> = Promise.resolve()
  #renewedOn = ''

  constructor({
    tally,
    store,
    now,
  }: { readonly tally: Tally; readonly store?: TotalsStore; readonly now: () => number }) {
    this.#tally = tally
    this.#store = store
    this.#now = now
  }

  /** Never rejects; what the store did not take stays pending. */
  flush(): Promise<void> {
    const store = this.#store
    return store ? this.#inTurn(() => this.#flush(store)) : Promise.resolve()
  }

  snapshot(): Promise<Omit<CacheStats, 'listenerErrors'>> {
    const store = this.#store
    return this.#inTurn(async () => {
      if (!store) return this.#ofProcess()
      try {
        return await this.#withStored(store)
      } catch {
        return { ...this.#ofProcess(), storeUnread: true }
      }
    })
  }

  #inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => undefined)
    return result
  }

  async #flush(store: TotalsStore): Promise<void> {
    // Keys nothing was added to are renewed once a day, so that a quiet dimension outlives its 400 days with the rest.
    const today = dayOf(this.#now())
    const renew = this.#renewedOn !== today
    const whole = await this.#flushWhole(store)
    let done = whole !== 'failed'
    for (const dimension of DIMENSIONS) {
      done = (await this.#flushDimension(store, dimension, renew && whole === 'added')) && done
    }
    await this.#flushDays(store)
    if (done && whole === 'added') this.#renewedOn = today
  }

  async #flushWhole(store: TotalsStore): Promise<'added' | 'nothing' | 'failed'> {
    const { whole, counts } = this.#tally
    const rows = whole.pending()
    const pendingCounts = counts.pending()
    if (rows.size === 0 && pendingCounts.size === 0) return 'nothing'
    const fields = encodeWhole(rows.get('') ?? emptyRow(), pendingCounts)
    const added = await tried(() => store.add(WHOLE_KEY, fields, TOTALS_TTL_MS))
    if (!added) return 'failed'
    whole.settle(rows)
    counts.settle(pendingCounts)
    return 'added'
  }

  async #flushDimension(store: TotalsStore, dimension: (typeof DIMENSIONS)[number], renew: boolean): Promise<boolean> {
    const rows = this.#tally.by[dimension]
    const key = dimensionKey(dimension)
    if (rows.hasNewNames && !(await tried(async () => admitStored(rows, await store.read([key]))))) return false
    return this.#addPending(store, key, rows, rows.pending(), renew)
  }

  async #flushDays(store: TotalsStore): Promise<void> {
    const { day: rows } = this.#tally.by
    const months = new Map<string, Map<string, CounterRow>>()
    for (const [day, row] of rows.pending()) {
      const key = monthKey(day)
      months.set(key, (months.get(key) ?? new Map()).set(day, row))
    }
    for (const [key, days] of months) await this.#addPending(store, key, rows, days, false)
  }

  async #addPending(
    store: TotalsStore,
    key: string,
    rows: Rows,
    pending: Map<string, CounterRow>,
    renew: boolean,
  ): Promise<boolean> {
    if (pending.size === 0 && !renew) return true
    const added = await tried(() => store.add(key, encodeRows(pending), TOTALS_TTL_MS))
    if (added) rows.settle(pending)
    return added
  }

  #ofProcess(): Omit<CacheStats, 'listenerErrors'> {
    const { by, counts } = this.#tally
    const whole = this.#wholeOfProcess()
    const counted = (dimension: StatsDimension) => by[dimension].counted()
    return statsOf({
      whole,
      process: whole,
      counts: counts.counted(),
      by: {
        namespace: counted('namespace'),
        tenant: counted('tenant'),
        model: counted('model'),
        tool: counted('tool'),
        day: counted('day'),
      },
    })
  }

  async #withStored(store: TotalsStore): Promise<Omit<CacheStats, 'listenerErrors'>> {
    const months = monthKeys(this.#now())
    const read = await store.read([WHOLE_KEY, ...DIMENSIONS.map(dimensionKey), ...months])
    const { row: whole, counts } = decodeWhole(read[0] ?? {})
    for (const row of this.#tally.whole.pending().values()) addRow(whole, row)
    for (const [name, count] of this.#tally.counts.pending()) counts.set(name, (counts.get(name) ?? 0) + count)
    const sums = (at: number, dimension: StatsDimension) => {
      const stored = decodeRows(read[at] ?? {})
      const rows = this.#tally.by[dimension]
      rows.admit(stored.keys())
      addRows(stored, rows.pending())
      return stored
    }
    return statsOf({
      whole,
      process: this.#wholeOfProcess(),
      counts,
      by: {
        namespace: sums(1, 'namespace'),
        tenant: sums(2, 'tenant'),
        model: sums(3, 'model'),
        tool: sums(4, 'tool'),
        day: this.#days(read.slice(1 + DIMENSIONS.length)),
      },
    })
  }

  #days(months: readonly Readonly<Record<string, number>>[]): Map<string, CounterRow> {
    const days = new Map<string, CounterRow>()
    for (const month of months) addRows(days, decodeRows(month))
    addRows(days, this.#tally.by.day.pending())
    return new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1)).slice(-TOTALS_LIFE_DAYS))
  }

  #wholeOfProcess(): CounterRow {
    return this.#tally.whole.counted().get('') ?? emptyRow()
  }
}

function admitStored(rows: Rows, [fields = {}]: readonly Readonly<Record<string, number>>[]): void {
  rows.admit(decodeRows(fields).keys())
}

async function tried(step: () => Promise<void>): Promise<boolean> {
  try {
    await step()
    return true
  } catch {
    return false
  }
}
