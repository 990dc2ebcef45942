import { LRUCache } from 'lru-cache'
import type { CacheEntry } from './entry.ts'
import { lastInvalidation } from './process-invalidations.ts'

export interface MemoryTierOptions {
  /** 0 switches the tier off. */
  readonly maxEntries: number
  /** Bound of staleness after an invalidation in another process, in milliseconds. */
  readonly maxAgeMs: number
}

/**
 * The in-process tier before the store: exact keys only. It is cleared by every invalidation of this process, through
 * whichever cache; what was read from the store before that moment is not let in after it (`epoch`).
 */
export class MemoryTier<Value> {
  readonly #entries: LRUCache<string, { readonly entry: CacheEntry<Value>; readonly heldSince: number }> | undefined
  readonly #maxAgeMs: number
  readonly #namespace: string
  #epoch = 0
  #invalidation: number

  constructor({ maxEntries, maxAgeMs }: MemoryTierOptions, namespace = '') {
    this.#maxAgeMs = maxAgeMs
    this.#namespace = namespace
    this.#invalidation = lastInvalidation(namespace)
    this.#entries = maxEntries > 0 && maxAgeMs > 0 ? new LRUCache({ max: maxEntries }) : undefined
  }

  /** To be read before the store is, and given back to `put`. */
  get epoch(): number {
    this.#hearOfOthers()
    return this.#epoch
  }

  get(key: string, now: number): CacheEntry<Value> | undefined {
    this.#hearOfOthers()
    const held = this.#entries?.get(key)
    if (!held) return undefined
    // A clock set back would otherwise keep an entry beyond the bound.
    const age = now - held.heldSince
    if (age >= 0 && age < this.#maxAgeMs && held.entry.expiresAt > now) return held.entry
    this.#entries?.delete(key)
    return undefined
  }

  put(key: string, entry: CacheEntry<Value>, now: number, epoch: number): void {
    if (epoch === this.epoch) this.#entries?.set(key, { entry, heldSince: now })
  }

  /** Takes a changed copy of an entry that is held; how long it has been held counts on. */
  replace(key: string, entry: CacheEntry<Value>): void {
    const held = this.#entries?.peek(key)
    if (held) this.#entries?.set(key, { ...held, entry })
  }

  delete(key: string): void {
    this.#entries?.delete(key)
  }

  clear(): void {
    this.#epoch++
    this.#entries?.clear()
  }

  #hearOfOthers(): void {
    const invalidation = lastInvalidation(this.#namespace)
    if (invalidation === this.#invalidation) return
    this.#invalidation = invalidation
    this.clear()
  }
}
