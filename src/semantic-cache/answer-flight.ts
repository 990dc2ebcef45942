import type { CacheRecord } from '../core/outcome.ts'
import type { Found } from './lookup-pipeline.ts'
import { ModelRun, type RunEnd } from './model-run.ts'
import type { ModelCall } from './semantic-cache.ts'

/** One lookup and, on a miss, one call of the model, shared by every identical request that comes meanwhile. */
export class AnswerFlight {
  /** The lookup and the leader's record of it. Never rejects. */
  readonly found: Promise<{ readonly found: Found; readonly record: CacheRecord }>
  readonly #signal: AbortSignal
  readonly #onEnd: (found: Found, end: RunEnd, durationMs: number) => void
  #run: ModelRun | undefined
  #durationMs = 0

  constructor(
    found: AnswerFlight['found'],
    signal: AbortSignal,
    onEnd: (found: Found, end: RunEnd, durationMs: number) => void,
  ) {
    this.found = found
    this.#signal = signal
    this.#onEnd = onEnd
  }

  /** Calls the model with the first caller's way to it; the others get the same run. */
  start(found: Found, call: ModelCall): ModelRun {
    if (this.#run) return this.#run
    const startedAt = performance.now()
    const run = new ModelRun(call, this.#signal, (end) => {
      this.#durationMs = performance.now() - startedAt
      this.#onEnd(found, end, this.#durationMs)
    })
    this.#run = run
    return run
  }

  /** How long the model took, once it has answered. */
  get durationMs(): number {
    return this.#durationMs
  }
}
