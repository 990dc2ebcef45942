import type { CacheEvent, CacheEventListener } from './events.ts'

/** Hands each event to every listener; one that throws is ignored and counted. */
export class EventDispatcher {
  readonly #listeners: readonly CacheEventListener[]
  #errors = 0

  constructor(listeners: readonly CacheEventListener[]) {
    this.#listeners = listeners
  }

  get errors(): number {
    return this.#errors
  }

  readonly emit = (event: CacheEvent): void => {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch {
        this.#errors++
      }
    }
  }
}
