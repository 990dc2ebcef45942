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
        const returned: unknown = listener(event)
        // An async function is taken for a listener by TypeScript; its rejection would end the process.
        if (returned instanceof Promise) returned.catch(() => this.#errors++)
      } catch {
        this.#errors++
      }
    }
  }
}
