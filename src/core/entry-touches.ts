import type { WriteQueue } from './write-queue.ts'

/** Where entries lie; every store is one. */
export interface TouchedStore {
  update(
    key: string,
    change: { readonly namespace: string; readonly addHits: number; readonly expiresAt?: number },
  ): Promise<boolean>
}

/** Hits are counted together for this long before the store hears of them: a hot entry must not become a write a hit. */
const COLLECT_MS = 250

/** Hit counts and sliding expiry, written behind. */
export class EntryTouches {
  readonly #store: TouchedStore
  readonly #queue: WriteQueue
  readonly #namespace: string
  #waiting = new Map<string, { addHits: number; expiresAt?: number }>()
  #timer: NodeJS.Timeout | undefined

  constructor(store: TouchedStore, queue: WriteQueue, namespace: string) {
    this.#store = store
    this.#queue = queue
    this.#namespace = namespace
  }

  /** `expiresAt` moves the end of the entry, for a sliding TTL. */
  touch(key: string, expiresAt?: number): void {
    const waiting = this.#waiting.get(key)
    if (waiting) {
      waiting.addHits++
      if (expiresAt !== undefined) waiting.expiresAt = expiresAt
    } else {
      this.#waiting.set(key, { addHits: 1, ...(expiresAt !== undefined && { expiresAt }) })
    }
    this.#timer ??= setTimeout(() => this.send(), COLLECT_MS).unref()
  }

  /** Hands everything collected to the write queue now. A full queue loses counts, never answers. */
  send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const touched = this.#waiting
    if (touched.size === 0) return
    this.#waiting = new Map()
    this.#queue.add(async () => {
      const updates = [...touched].map(([key, change]) =>
        this.#store.update(key, { namespace: this.#namespace, ...change }),
      )
      await Promise.allSettled(updates)
    })
  }
}
