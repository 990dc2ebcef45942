import { orAborted } from '../core/deadline.ts'
import type { ReadCall } from './prepare-call.ts'
import type { ProcessLock } from './process-lock.ts'
import type { ResultWriter, WriteTicket } from './result-writer.ts'
import type { ToolResult, ToolRun } from './tool-cache.ts'

/** Stale results on their way to being renewed. */
export class ResultRefreshes {
  readonly #writer: ResultWriter
  readonly #lock: ProcessLock | undefined
  readonly #refreshes = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>()

  constructor(writer: ResultWriter, lock: ProcessLock | undefined) {
    this.#writer = writer
    this.#lock = lock
  }

  /** Renews a result in the background, once at a time, and by one process only where they share a store. */
  begin(asked: ReadCall, ticket: WriteTicket, run: ToolRun): void {
    if (this.#refreshes.has(asked.key)) return ticket.watch.end()
    const controller = new AbortController()
    const startedAt = performance.now()
    const renew = async () => {
      const turn = this.#lock ? await this.#lock.tryTurn(asked.key) : { release: () => undefined }
      if (!turn) return ticket.watch.end()
      let result: ToolResult
      try {
        result = await orAborted(run(asked.args, controller.signal), controller.signal)
      } catch {
        this.#writer.refuse(asked, 'refresh-failed', performance.now() - startedAt)
        ticket.watch.end()
        return turn.release()
      }
      this.#writer.write(asked, ticket, result, performance.now() - startedAt, turn.release)
    }
    const done = renew().finally(() => this.#refreshes.delete(asked.key))
    this.#refreshes.set(asked.key, { controller, done })
  }

  /** Waits until none is under way. */
  async settled(): Promise<void> {
    while (this.#refreshes.size > 0) await Promise.all([...this.#refreshes.values()].map(({ done }) => done))
  }

  abort(reason: unknown): void {
    for (const { controller } of this.#refreshes.values()) controller.abort(reason)
  }
}
