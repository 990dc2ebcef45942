import { CacheError } from '../../core/errors.ts'
import type { TotalsRecord } from './log-records.ts'

/** Adding so many keys between two sweeps of expired ones. */
const SWEEP_EVERY = 1_000

/** The sums of the ledger, each key with its own life. */
export class RunningTotals {
  readonly #now: () => number
  readonly #totals = new Map<string, { readonly sums: Map<string, number>; expiresAt: number }>()
  #addsUntilSweep = SWEEP_EVERY

  constructor(now: () => number) {
    this.#now = now
  }

  /** @returns the sums as they are then */
  add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): TotalsRecord {
    if (!(ttlMs > 0)) throw new CacheError('INVALID_OPTION', `ttlMs of totals must be > 0, got ${ttlMs}`)
    for (const [name, amount] of Object.entries(amounts)) {
      if (!Number.isFinite(amount)) {
        throw new CacheError('INVALID_OPTION', `an amount must be a finite number, got ${amount} for ${name}`)
      }
    }
    const total = this.#alive(key) ?? { sums: new Map<string, number>(), expiresAt: 0 }
    for (const [name, amount] of Object.entries(amounts)) total.sums.set(name, (total.sums.get(name) ?? 0) + amount)
    total.expiresAt = this.#now() + ttlMs
    this.#totals.set(key, total)
    if (--this.#addsUntilSweep <= 0) this.#sweep()
    return { key, sums: Object.fromEntries(total.sums), expiresAt: total.expiresAt }
  }

  read(key: string): Record<string, number> {
    return Object.fromEntries(this.#alive(key)?.sums ?? [])
  }

  restore({ key, sums, expiresAt }: TotalsRecord): void {
    this.#totals.set(key, { sums: new Map(Object.entries(sums)), expiresAt })
  }

  all(): TotalsRecord[] {
    this.#sweep()
    return [...this.#totals].map(([key, { sums, expiresAt }]) => ({ key, sums: Object.fromEntries(sums), expiresAt }))
  }

  #alive(key: string) {
    const total = this.#totals.get(key)
    if (total && total.expiresAt > this.#now()) return total
    if (total) this.#totals.delete(key)
    return undefined
  }

  #sweep(): void {
    this.#addsUntilSweep = SWEEP_EVERY
    for (const key of this.#totals.keys()) this.#alive(key)
  }
}
