import type { CacheEventListener } from '../core/events.ts'
import { numberOption } from '../core/options.ts'
import type { CacheStats, Totals } from '../core/stats.ts'
import type { TotalsStore } from '../stores/store.ts'
import { Flusher } from './flusher.ts'
import { Tally } from './tally.ts'

export interface LedgerOptions {
  /** Where totals are added up with those of other processes and earlier runs. Without it they end with the process. */
  readonly store?: TotalsStore
  /** Epoch milliseconds. */
  readonly now?: () => number
  /** How many events listeners failed on; shown in the snapshot. */
  readonly listenerErrors?: () => number
  /** Tenants with a row of their own, 1…100 000; the rest is summed under `'(other)'`. First come, first kept. Default 1 000. */
  readonly maxTenants?: number
  /** How long counted amounts may wait for the store, in milliseconds, 0…86 400 000; 0 leaves it to `flush`. Default 10 000. */
  readonly flushEveryMs?: number
}

export interface Ledger {
  readonly listener: CacheEventListener
  readonly totals: Totals
}

/**
 * Keeps the account of hits, money, tokens and time, from events alone.
 *
 * With a store, amounts are added to it some seconds after they were counted, and on `flush`. A failing store loses
 * nothing: what it did not take is kept and tried again with the next flush. What is lost: a process that is killed
 * takes with it what it counted since the last flush. What is counted twice: an addition that the store carried out but
 * reported as failed (an answer that came after the deadline). One that is killed in the middle of a flush leaves the
 * whole ahead of its parts by that flush.
 *
 * @throws CacheError INVALID_OPTION
 */
export function createLedger(options: LedgerOptions = {}): Ledger {
  const { store, now = Date.now, listenerErrors = () => 0 } = options
  const maxTenants = numberOption('maxTenants', options.maxTenants, {
    min: 1,
    max: 100_000,
    integer: true,
    default: 1_000,
  })
  const flushEveryMs = numberOption('flushEveryMs', options.flushEveryMs, { min: 0, max: 86_400_000, default: 10_000 })
  const tally = new Tally({ now, maxTenants, isStored: store !== undefined })
  const flusher = new Flusher({ tally, store, now })
  let timer: NodeJS.Timeout | undefined

  // The timer runs only while something waits: it keeps no process alive, and a store that is gone is left alone until
  // there is something new to tell it.
  const flushSoon = () => {
    if (timer || !store || flushEveryMs === 0) return
    timer = setTimeout(() => {
      timer = undefined
      void flusher.flush()
    }, flushEveryMs)
    timer.unref()
  }

  return {
    listener: (event) => {
      if (tally.add(event)) flushSoon()
    },
    totals: {
      flush: () => {
        clearTimeout(timer)
        timer = undefined
        return flusher.flush()
      },
      snapshot: async (): Promise<CacheStats> => ({ ...(await flusher.snapshot()), listenerErrors: listenerErrors() }),
    },
  }
}
