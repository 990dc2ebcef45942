import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { isLockStore, type LockStore } from '../../stores/store.ts'
import type { Subject } from './subject.ts'

/** Far beyond any test. */
const LONG_MS = 60_000

/** Leases run by the clock of the server, so what expires here is waited for by asking again. */
export function locksContract(subject: () => Promise<Subject>): void {
  const locksOf = async (): Promise<{ locks: LockStore; key: string }> => {
    const { store } = await subject()
    if (!isLockStore(store)) throw new TypeError(`the ${store.name} store has no acquire()`)
    return { locks: store, key: randomUUID() }
  }

  it('gives a lease to one of many who ask at once', async () => {
    const { locks, key } = await locksOf()
    const tokens = await Promise.all(Array.from({ length: 20 }, () => locks.acquire(key, LONG_MS)))
    expect(tokens.filter((token) => token !== undefined)).toHaveLength(1)
    expect(await locks.acquire(`${key}2`, LONG_MS)).toBeTypeOf('string')
  })

  it('gives it again after its release', async () => {
    const { locks, key } = await locksOf()
    const token = (await locks.acquire(key, LONG_MS)) as string
    await locks.release(key, token)
    expect(await locks.acquire(key, LONG_MS)).toBeTypeOf('string')
  })

  it('is released and renewed by its holder only', async () => {
    const { locks, key } = await locksOf()
    const token = (await locks.acquire(key, LONG_MS)) as string
    await locks.release(key, 'somebody else')
    expect(await locks.acquire(key, LONG_MS)).toBeUndefined()
    expect(await locks.renew(key, 'somebody else', LONG_MS)).toBe(false)
    expect(await locks.renew(key, token, LONG_MS)).toBe(true)
  })

  it('passes on when the lease ends, and the former holder can neither renew nor release it', async () => {
    const { locks, key } = await locksOf()
    const former = (await locks.acquire(key, 30)) as string
    await expect.poll(() => locks.acquire(key, LONG_MS), { timeout: 5_000 }).toBeTypeOf('string')
    expect(await locks.renew(key, former, LONG_MS)).toBe(false)
    await locks.release(key, former)
    expect(await locks.acquire(key, LONG_MS)).toBeUndefined()
  })

  it('does not renew what was released', async () => {
    const { locks, key } = await locksOf()
    const token = (await locks.acquire(key, LONG_MS)) as string
    await locks.release(key, token)
    expect(await locks.renew(key, token, LONG_MS)).toBe(false)
  })
}
