import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { TotalsStore } from '../../src/stores/store.ts'
import { NOON } from './events.ts'

/** The totals of a real store, whose calls are noted and can be made to fail. */
export class WatchedTotals implements TotalsStore {
  /** Life of each key as last asked for. */
  readonly ttls = new Map<string, number>()
  adds = 0
  fails: (key: string) => boolean = () => false
  readsFail = false
  readonly #store = embeddedStore({ now: () => NOON })

  async add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    this.adds++
    if (this.fails(key)) throw new Error('down')
    this.ttls.set(key, ttlMs)
    await this.#store.add(key, amounts, ttlMs)
  }

  async read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    if (this.readsFail) throw new Error('down')
    return this.#store.read(keys)
  }
}
