import type { TotalsStore } from '../../src/stores/store.ts'

/** A totals store in a Map whose additions can be held up or made to fail. */
export class MemoryTotals implements TotalsStore {
  readonly keys = new Map<string, Record<string, number>>()
  readonly ttls = new Map<string, number>()
  adds = 0
  /** Keys of the next additions that fail; a predicate. */
  fails: (key: string) => boolean = () => false
  readsFail = false

  async add(key: string, amounts: Readonly<Record<string, number>>, ttlMs: number): Promise<void> {
    this.adds++
    await Promise.resolve()
    if (this.fails(key)) throw new Error('down')
    const record = this.keys.get(key) ?? {}
    for (const [name, amount] of Object.entries(amounts)) record[name] = (record[name] ?? 0) + amount
    this.keys.set(key, record)
    this.ttls.set(key, ttlMs)
  }

  async read(keys: readonly string[]): Promise<readonly Readonly<Record<string, number>>[]> {
    await Promise.resolve()
    if (this.readsFail) throw new Error('down')
    return keys.map((key) => ({ ...this.keys.get(key) }))
  }
}
