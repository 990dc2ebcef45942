import { holdsLease, noteLease } from './own-work.ts'

/** Leases across processes; a store that can lock is one. */
export interface Leases {
  acquire(key: string, leaseMs: number): Promise<string | undefined>
  renew(key: string, token: string, leaseMs: number): Promise<boolean>
  release(key: string, token: string): Promise<void>
}

export interface Lease {
  /** Somebody else held it before: their work may be done. */
  readonly waited: boolean
  /** Never rejects; may be called twice. */
  release(): Promise<void>
}

/** How long a holder that died delays the others at most. */
const LEASE_MS = 5_000
/** Longer than most calls of a model; a caller who waited so long does the work by itself. */
const WAIT_MS = 30_000
const FIRST_POLL_MS = 20
const LAST_POLL_MS = 200

/**
 * Identical work in several processes is done once: whoever holds the lease does it, the others wait for their turn
 * and then look whether it is done. A lease is renewed for as long as its holder lives. Nothing here ever rejects:
 * without leases everybody works alone.
 */
export class SharedFlight {
  readonly #leases: Leases

  constructor(leases: Leases) {
    this.#leases = leases
  }

  /** The lease; undefined when it could not be had in time, or at all. */
  async take(key: string, signal: AbortSignal): Promise<Lease | undefined> {
    // Asked from inside the very work that holds it.
    if (holdsLease(key)) return undefined
    const giveUpAt = performance.now() + WAIT_MS
    let pauseMs = FIRST_POLL_MS
    for (let waited = false; !signal.aborted; waited = true) {
      let token: string | undefined
      try {
        token = await this.#leases.acquire(key, LEASE_MS)
      } catch {
        return undefined
      }
      if (token !== undefined) {
        noteLease(key)
        return this.#hold(key, token, waited, signal)
      }
      if (performance.now() >= giveUpAt) return undefined
      // Spread, so that those who wait for one lease do not ask all at once.
      await pause(pauseMs * (0.5 + Math.random()), signal)
      pauseMs = Math.min(LAST_POLL_MS, pauseMs * 1.5)
    }
    return undefined
  }

  #hold(key: string, token: string, waited: boolean, signal: AbortSignal): Lease {
    let released: Promise<void> | undefined
    const timer = setInterval(() => {
      this.#leases.renew(key, token, LEASE_MS).then(
        (isOurs) => {
          if (!isOurs) clearInterval(timer)
        },
        () => undefined,
      )
    }, LEASE_MS / 3)
    timer.unref()
    const release = (): Promise<void> => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
      released ??= this.#leases.release(key, token).catch(() => undefined)
      return released
    }
    const onAbort = () => void release()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    return { waited, release }
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, delayMs)
    signal.addEventListener('abort', end, { once: true })
  })
}
