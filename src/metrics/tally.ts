import type { CacheEvent, LookupEvent, ShadowEvent, VerifyEvent, WriteEvent } from '../core/events.ts'
import type { StatsDimension } from '../core/stats.ts'
import type { CounterRow } from './counters.ts'
import { Counts } from './counts.ts'
import { incrementReader } from './increment.ts'
import { Rows } from './rows.ts'
import { dayOf, TOTALS_LIFE_DAYS } from './totals-keys.ts'

/** The row of the anonymous tenant. */
const NONE = '(none)'

/** More names than this are a mistake of the caller (a model name with a timestamp in it), tenants apart. */
const MAX_NAMES = 1_000
const DAY_MS = 86_400_000
const LAST_DAY_MS = 253_402_300_799_999

interface TallyOptions {
  readonly now: () => number
  readonly maxTenants: number
  /** The tally is flushed to a store. */
  readonly isStored: boolean
}

/** What one process counted, as a whole and by dimension. The rows of a dimension add up to the whole (model and tool together). */
export class Tally {
  /** One row, under the empty name. */
  readonly whole = new Rows(1)
  readonly counts = new Counts()
  readonly by: Readonly<Record<StatsDimension, Rows>>
  readonly #read = incrementReader()
  readonly #now: () => number
  #dayNumber = Number.NaN
  #day = ''

  constructor({ now, maxTenants, isStored }: TallyOptions) {
    this.#now = now
    const bounded = (maxNames: number) => new Rows(maxNames, isStored ? 2 * maxNames : maxNames)
    this.by = {
      namespace: bounded(MAX_NAMES),
      tenant: bounded(maxTenants),
      model: bounded(MAX_NAMES),
      tool: bounded(MAX_NAMES),
      day: new Rows(Number.POSITIVE_INFINITY),
    }
  }

  /** False when the event counts nothing. */
  add(event: CacheEvent): boolean {
    const increment = this.#read(event)
    if (!increment) return false
    const { row } = increment
    this.counts.add(increment)
    if (event.type === 'lookup' || event.type === 'write' || event.type === 'verify' || event.type === 'shadow') {
      this.#addToRows(event, row)
    }
    return true
  }

  #addToRows(event: LookupEvent | WriteEvent | VerifyEvent | ShadowEvent, row: CounterRow): void {
    if (!row.some((value) => value !== 0)) return
    this.whole.add('', row)
    this.by.namespace.add(event.namespace, row)
    this.by.tenant.add(event.tenant ?? NONE, row)
    this.by[event.cache === 'tool' ? 'tool' : 'model'].add(event.name, row)
    this.by.day.add(this.#dayOf(event.at), row)
  }

  #dayOf(at: number): string {
    const instant = at >= 0 && at <= LAST_DAY_MS ? at : this.#now()
    const dayNumber = Math.floor(instant / DAY_MS)
    if (dayNumber !== this.#dayNumber) {
      this.#dayNumber = dayNumber
      this.#day = dayOf(instant)
      this.by.day.keepLatest(TOTALS_LIFE_DAYS)
    }
    return this.#day
  }
}
