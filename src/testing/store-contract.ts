import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { CacheError } from '../core/errors.ts'
import { type CacheStore, isLockStore, isTotalsStore, isVectorStore } from '../stores/store.ts'
import { clearingContract, generationsContract } from './store/clearing.ts'
import { entriesContract } from './store/entries.ts'
import { locksContract } from './store/locks.ts'
import { entryFor, type Subject, testClock } from './store/subject.ts'
import { totalsContract } from './store/totals.ts'
import { vectorsContract } from './store/vectors.ts'

export interface StoreContractOptions {
  /** What the store is able to do beside keeping entries; checked. Default: vectors and totals, no locks. */
  readonly capabilities?: { readonly vectors?: boolean; readonly totals?: boolean; readonly locks?: boolean }
  /** Entries of the test of size, default 10 000. */
  readonly manyEntries?: number
}

/**
 * Declares vitest tests for everything that the store port promises. The factory gives an open store for each test;
 * stores may share one server, because every test uses a namespace of its own and the store is closed after it.
 * `now` is the clock by which the store judges `expiresAt`.
 *
 * @example
 * storeContract('my store', ({ now }) => myStore({ url, now }))
 */
export function storeContract(
  name: string,
  factory: (context: { readonly now: () => number }) => CacheStore | Promise<CacheStore>,
  {
    capabilities: { vectors = true, totals = true, locks = false } = {},
    manyEntries = 10_000,
  }: StoreContractOptions = {},
): void {
  describe(name, () => {
    const opened: Subject[] = []

    const subject = async (): Promise<Subject> => {
      const clock = testClock()
      const about = { store: await factory({ now: clock.now }), namespace: `contract-${randomUUID()}`, clock }
      opened.push(about)
      return about
    }

    afterEach(async () => {
      for (const { store, namespace } of opened.splice(0)) {
        await store.clear({ namespace }).catch(() => undefined)
        await store.close()
      }
    })

    it('has a name and the capabilities it declares', async () => {
      const { store } = await subject()
      expect(store.name).toMatch(/\S/)
      expect({ vectors: isVectorStore(store), totals: isTotalsStore(store), locks: isLockStore(store) }).toEqual({
        vectors,
        totals,
        locks,
      })
    })

    describe('entries', () => entriesContract(subject))
    describe('clearing', () => clearingContract(subject))
    describe('generations', () => generationsContract(subject))
    describe('closing', () => closingContract(subject))
    if (vectors) describe('vectors', () => vectorsContract(subject, manyEntries))
    if (totals) describe('totals', () => totalsContract(subject))
    if (locks) describe('locks', () => locksContract(subject))
  })
}

function closingContract(subject: () => Promise<Subject>): void {
  it('flushes, also when there is nothing to do', async () => {
    const about = await subject()
    await about.store.flush()
    const entry = entryFor(about)
    await about.store.set(entry)
    await about.store.flush()
    expect((await about.store.get(entry.key, { namespace: about.namespace })).entry).toEqual(entry)
  })

  it('rejects calls with CLOSED after it was closed, and can be closed twice', async () => {
    const about = await subject()
    const { store, namespace } = about
    await store.close()
    await store.close()
    const calls = [
      () => store.get('k', { namespace }),
      () => store.set(entryFor(about)),
      () => store.update('k', { namespace, addHits: 1 }),
      () => store.delete(['k'], { namespace }),
      () => store.clear({ namespace }),
    ]
    for (const call of calls) {
      await expect(call()).rejects.toSatisfy((error) => CacheError.is(error, 'CLOSED'))
    }
  })
}
