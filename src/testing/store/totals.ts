import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { isTotalsStore, type TotalsStore } from '../../stores/store.ts'
import { HOUR_MS, ODD_NAMES, type Subject } from './subject.ts'

export function totalsContract(subject: () => Promise<Subject>): void {
  const totalsOf = async (): Promise<{ totals: TotalsStore; about: Subject; key: string }> => {
    const about = await subject()
    if (!isTotalsStore(about.store)) throw new TypeError(`the ${about.store.name} store has no add() and read()`)
    return { totals: about.store, about, key: randomUUID() }
  }

  it('adds to named counters, fractions and negative amounts included', async () => {
    const { totals, key } = await totalsOf()
    await totals.add(key, { hits: 1, usd: 0.25 }, HOUR_MS)
    await totals.add(key, { hits: 2, misses: 5, usd: -0.125 }, HOUR_MS)
    expect(await totals.read([key])).toEqual([{ hits: 3, misses: 5, usd: 0.125 }])
  })

  it('reads several keys in their order, and nothing for an absent one', async () => {
    const { totals, key } = await totalsOf()
    await totals.add(`${key}:a`, { n: 1 }, HOUR_MS)
    await totals.add(`${key}:b`, { n: 2 }, HOUR_MS)
    expect(await totals.read([`${key}:b`, key, `${key}:a`])).toEqual([{ n: 2 }, {}, { n: 1 }])
    expect(await totals.read([])).toEqual([])
  })

  it('loses no amount of many at once', async () => {
    const { totals, key } = await totalsOf()
    await Promise.all(Array.from({ length: 200 }, () => totals.add(key, { n: 1, m: 2 }, HOUR_MS)))
    expect(await totals.read([key])).toEqual([{ n: 200, m: 400 }])
  })

  it('keeps counters apart, whatever their names', async () => {
    const { totals, key } = await totalsOf()
    const amounts = Object.fromEntries(ODD_NAMES.map((name, i) => [name, i + 1]))
    await totals.add(key, amounts, HOUR_MS)
    for (const [i, name] of ODD_NAMES.entries()) await totals.add(`${key}${name}`, { n: i }, HOUR_MS)
    expect(Object.entries((await totals.read([key]))[0] ?? {}).sort()).toEqual(Object.entries(amounts).sort())
    expect(await totals.read(ODD_NAMES.map((name) => `${key}${name}`))).toEqual(ODD_NAMES.map((_, n) => ({ n })))
  })

  it('is not touched by clearing entries', async () => {
    const { totals, about, key } = await totalsOf()
    await totals.add(key, { n: 1 }, HOUR_MS)
    await about.store.clear({ namespace: about.namespace })
    expect(await totals.read([key])).toEqual([{ n: 1 }])
  })

  it('hands out copies', async () => {
    const { totals, key } = await totalsOf()
    await totals.add(key, { n: 1 }, HOUR_MS)
    const [first] = (await totals.read([key])) as [Record<string, number>]
    first.n = 99
    expect(await totals.read([key])).toEqual([{ n: 1 }])
  })
}
