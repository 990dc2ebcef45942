import type { StoreEvent } from '../core/events.ts'
import type { ObservableStore } from './store.ts'

/** Events kept until somebody listens; a store tells most of what it has to tell while it is opened. */
const MAX_KEPT = 100

/** The listeners of one store, for stores that implement `ObservableStore`. */
export class StoreNotices implements ObservableStore {
  readonly #store: string
  readonly #now: () => number
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  #kept: StoreEvent[] | undefined = []

  constructor(store: string, now: () => number) {
    this.#store = store
    this.#now = now
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    const kept = this.#kept ?? []
    this.#kept = undefined
    for (const event of kept) hand(event, listener)
    return () => void this.#listeners.delete(listener)
  }

  tell(notice: Omit<StoreEvent, 'type' | 'at' | 'store'>): void {
    const event: StoreEvent = { type: 'store', at: this.#now(), store: this.#store, ...notice }
    for (const listener of this.#listeners) hand(event, listener)
    if (this.#kept && this.#kept.length < MAX_KEPT) this.#kept.push(event)
  }
}

/** What goes wrong with telling must not go wrong with storing. */
function hand(event: StoreEvent, listener: (event: StoreEvent) => void): void {
  try {
    listener(event)
  } catch {
    // Listeners of a cache are counted by its dispatcher when they throw.
  }
}
