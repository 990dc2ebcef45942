import { withDeadline } from '../core/deadline.ts'
import type { CacheEvent } from '../core/events.ts'
import type { PendingInvalidations } from './pending-invalidations.ts'
import type { WriteCall } from './prepare-call.ts'
import type { ToolCacheSettings } from './settings.ts'
import type { ToolResult, ToolRun } from './tool-cache.ts'

type InvalidateEvent = Extract<CacheEvent, { type: 'invalidate' }>

/** Removes what is no longer right, and says so in an event. */
export class ToolInvalidation {
  readonly #settings: ToolCacheSettings
  readonly #pending: PendingInvalidations

  constructor(settings: ToolCacheSettings, pending: PendingInvalidations) {
    this.#settings = settings
    this.#pending = pending
  }

  /**
   * Runs a tool that changes what others read. Its tags cannot be read in this process while it runs, and are cleared in
   * the store when it begins (so that a process that dies half-way leaves little behind) and again when it ended, however
   * it ended: a tool that failed may have changed something before.
   */
  async around({ tags, args }: WriteCall, run: ToolRun, signal: AbortSignal): Promise<ToolResult> {
    if (tags.length === 0) return run(args, signal)
    const { store, namespace, invalidationDeadlineMs } = this.#settings
    const clear = (some: readonly string[]) =>
      withDeadline('an invalidation', invalidationDeadlineMs, () => store.clear({ namespace, tags: some }))
    const lift = this.#pending.block(tags)
    const first = clear(tags).catch(() => 0)
    try {
      return await run(args, signal)
    } finally {
      const removedFirst = await first
      try {
        await this.reported(['tags'], namespace, undefined, async () => removedFirst + (await clear(tags)))
        lift()
      } catch {
        this.#pending.retry(tags, (some) => this.reported(['tags'], namespace, undefined, () => clear(some)))
      }
    }
  }

  async reported(
    by: InvalidateEvent['by'],
    namespace: string,
    tenant: string | undefined,
    remove: () => Promise<number>,
  ): Promise<number> {
    const { emit, now } = this.#settings
    const startedAt = performance.now()
    const report = (outcome: 'done' | 'failed', removed: number) =>
      emit({
        type: 'invalidate',
        at: now(),
        cache: 'tool',
        namespace,
        ...(tenant !== undefined && { tenant }),
        by,
        outcome,
        removed,
        durationMs: performance.now() - startedAt,
      })
    try {
      const removed = await remove()
      report('done', removed)
      return removed
    } catch (error) {
      report('failed', 0)
      throw error
    }
  }
}
