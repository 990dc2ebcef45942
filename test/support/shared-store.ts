import { randomUUID } from 'node:crypto'
import type { CacheStore, LockStore } from '../../src/stores/store.ts'

/** A store with leases beside it, as one that several processes share has them. */
export function sharedStore(store: CacheStore, now: () => number = Date.now): CacheStore & LockStore {
  const leases = new Map<string, { readonly token: string; until: number }>()
  const held = (key: string) => {
    const lease = leases.get(key)
    return lease && lease.until > now() ? lease : undefined
  }
  const shared: CacheStore & LockStore = {
    name: 'shared',
    get: (key, about) => store.get(key, about),
    set: (entry, options) => store.set(entry, options),
    update: (key, change) => store.update(key, change),
    delete: (keys, about) => store.delete(keys, about),
    clear: (filter) => store.clear(filter),
    flush: () => store.flush(),
    close: () => store.close(),
    async acquire(key, leaseMs) {
      if (held(key)) return undefined
      const token = randomUUID()
      leases.set(key, { token, until: now() + leaseMs })
      return token
    },
    async renew(key, token, leaseMs) {
      const lease = held(key)
      if (lease?.token !== token) return false
      lease.until = now() + leaseMs
      return true
    },
    async release(key, token) {
      if (held(key)?.token === token) leases.delete(key)
    },
  }
  return shared
}
