import { CacheError } from '../core/errors.ts'

/** Clears tags in the store; rejects when the store cannot. */
export type ClearTags = (tags: readonly string[]) => Promise<number>

/** A read under way, which learns whether a write came between. */
export interface ReadWatch {
  /** True once a write of one of its tags has begun since the read did. */
  readonly isOvertaken: boolean
  end(): void
}

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 10_000
const TAGS_PER_CLEAR = 500

/**
 * Tags that may not be read in this process now: a tool that writes them is under way, or the store has not yet been
 * told that it was. All tool caches of a process on one store and namespace share one of these.
 */
export class PendingInvalidations {
  readonly #blocked = new Map<string, number>()
  readonly #reads = new Set<{ readonly tags: readonly string[]; isOvertaken: boolean }>()
  /** Each tag with the number of blocks to lift when it is delivered. */
  readonly #undelivered = new Map<string, number>()
  #clear: ClearTags | undefined
  #timer: NodeJS.Timeout | undefined
  #retryMs = FIRST_RETRY_MS
  #delivering: Promise<void> | undefined

  /** Tags whose invalidation the store has not taken yet. */
  get undelivered(): number {
    return this.#undelivered.size
  }

  isBlocked(tags: readonly string[]): boolean {
    return this.#blocked.size > 0 && tags.some((tag) => this.#blocked.has(tag))
  }

  watch(tags: readonly string[]): ReadWatch {
    const read = { tags, isOvertaken: false, end: () => void this.#reads.delete(read) }
    if (tags.length > 0) this.#reads.add(read)
    return read
  }

  /** Blocks the tags from now until `lift` is called. */
  block(tags: readonly string[]): () => void {
    for (const tag of tags) this.#blocked.set(tag, (this.#blocked.get(tag) ?? 0) + 1)
    for (const read of this.#reads) {
      if (read.tags.some((tag) => tags.includes(tag))) read.isOvertaken = true
    }
    return () => {
      for (const tag of tags) this.#lift(tag, 1)
    }
  }

  /** Takes over the block of tags that could not be cleared, and clears them again and again until that succeeds. */
  retry(tags: readonly string[], clear: ClearTags): void {
    this.#clear = clear
    for (const tag of tags) this.#undelivered.set(tag, (this.#undelivered.get(tag) ?? 0) + 1)
    this.#schedule()
  }

  /** Tries once, now, to deliver what is left. Never rejects. */
  async deliver(): Promise<void> {
    this.#delivering ??= this.#deliver().finally(() => {
      this.#delivering = undefined
    })
    await this.#delivering
  }

  /** Gives up retrying; the tags stay blocked. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #deliver(): Promise<void> {
    this.stop()
    while (this.#undelivered.size > 0 && this.#clear) {
      const batch = [...this.#undelivered].slice(0, TAGS_PER_CLEAR)
      try {
        await this.#clear(batch.map(([tag]) => tag))
      } catch (error) {
        // A closed store stays closed; a cache that writes later brings its own way to clear.
        if (!CacheError.is(error, 'CLOSED')) this.#schedule()
        return
      }
      for (const [tag, count] of batch) {
        const left = (this.#undelivered.get(tag) ?? 0) - count
        if (left > 0) this.#undelivered.set(tag, left)
        else this.#undelivered.delete(tag)
        this.#lift(tag, count)
      }
    }
    this.#retryMs = FIRST_RETRY_MS
  }

  #schedule(): void {
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.deliver()
    }, this.#retryMs)
    this.#timer.unref()
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }

  #lift(tag: string, count: number): void {
    const left = (this.#blocked.get(tag) ?? 0) - count
    if (left > 0) this.#blocked.set(tag, left)
    else this.#blocked.delete(tag)
  }
}

const shared = new WeakMap<object, Map<string, PendingInvalidations>>()

/** The one of a store and namespace in this process: a second cache on the same store must not read what the first blocks. */
export function pendingInvalidationsOf(store: object, namespace: string): PendingInvalidations {
  const ofStore = shared.get(store) ?? new Map<string, PendingInvalidations>()
  shared.set(store, ofStore)
  const known = ofStore.get(namespace)
  if (known) return known
  const pending = new PendingInvalidations()
  ofStore.set(namespace, pending)
  return pending
}
