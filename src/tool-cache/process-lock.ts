import type { CacheEntry } from '../core/entry.ts'
import { holdsLease, noteLease } from '../core/own-work.ts'
import type { LockStore } from '../stores/store.ts'
import type { ToolResult } from './tool-cache.ts'

/** What a process found when it asked to be the one that calls. */
export type Turn =
  /** Another process called meanwhile, and this is what it stored. */
  | { readonly entry: CacheEntry<ToolResult> }
  /** This process calls. `release` is to be called when the result was stored, or will not be. */
  | { readonly release: () => void }

const FIRST_POLL_MS = 15
const LAST_POLL_MS = 200
/** Waiting longer than this for another process is worse than calling. */
const MAX_WAIT_MS = 30_000

const NOTHING_TO_RELEASE = { release: () => undefined }

/** Makes identical calls of several processes one, by leases in a store that they share. */
export class ProcessLock {
  readonly #store: LockStore
  readonly #leaseMs: number

  constructor(store: LockStore, leaseMs: number) {
    this.#store = store
    this.#leaseMs = leaseMs
  }

  /**
   * Waits while another process holds the lease; `lookAgain` reads the entry it may have stored. A waiter that wakes to
   * no entry calls by itself, without the lease: the others that waited must not queue up behind it. Never rejects for
   * the store; rejects with the signal's reason.
   */
  async turn(
    key: string,
    lookAgain: () => Promise<CacheEntry<ToolResult> | undefined>,
    signal: AbortSignal,
  ): Promise<Turn> {
    const lockKey = `tool-call:${key}`
    // Asked from inside the very call that holds it.
    if (holdsLease(lockKey)) return NOTHING_TO_RELEASE
    const token = await this.#acquire(lockKey)
    if (token !== 'held') {
      if (token === undefined) return NOTHING_TO_RELEASE
      noteLease(lockKey)
      return this.#lease(lockKey, token)
    }

    const giveUpAt = performance.now() + MAX_WAIT_MS
    for (let pollMs = FIRST_POLL_MS; performance.now() < giveUpAt; pollMs = Math.min(pollMs * 1.5, LAST_POLL_MS)) {
      await pause(pollMs, signal)
      const before = await lookAgain()
      if (before) return { entry: before }
      const won = await this.#acquire(lockKey)
      if (won === 'held') continue
      // The holder may have stored between the look and the lease.
      const after = await lookAgain()
      if (won !== undefined) void this.#release(lockKey, won)
      return after ? { entry: after } : NOTHING_TO_RELEASE
    }
    return NOTHING_TO_RELEASE
  }

  /** Takes the lease only when it is free. */
  async tryTurn(key: string): Promise<{ readonly release: () => void } | undefined> {
    const lockKey = `tool-call:${key}`
    const token = await this.#acquire(lockKey)
    if (token === 'held') return undefined
    return token === undefined ? NOTHING_TO_RELEASE : this.#lease(lockKey, token)
  }

  /** The token, `held` by another, or undefined when the store could not say. */
  async #acquire(lockKey: string): Promise<string | 'held' | undefined> {
    try {
      return (await this.#store.acquire(lockKey, this.#leaseMs)) ?? 'held'
    } catch {
      return undefined
    }
  }

  #lease(lockKey: string, token: string): { readonly release: () => void } {
    const renewal = setInterval(() => {
      this.#store.renew(lockKey, token, this.#leaseMs).catch(() => undefined)
    }, this.#leaseMs / 3)
    renewal.unref()
    let released = false
    return {
      release: () => {
        if (released) return
        released = true
        clearInterval(renewal)
        void this.#release(lockKey, token)
      },
    }
  }

  async #release(lockKey: string, token: string): Promise<void> {
    // A lease that could not be given back runs out by itself.
    await this.#store.release(lockKey, token).catch(() => undefined)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
