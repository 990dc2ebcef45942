import { orAborted } from '../core/deadline.ts'
import type { CacheEntry } from '../core/entry.ts'
import type { MemoryTier } from '../core/memory-tier.ts'
import { storeReason } from '../core/store-reason.ts'
import type { WriteQueue } from '../core/write-queue.ts'
import type { ToolOutcome } from './call-report.ts'
import type { PendingInvalidations } from './pending-invalidations.ts'
import type { ReadCall } from './prepare-call.ts'
import { isToolResult, keptInMemory, type WriteTicket } from './result-writer.ts'
import type { ToolCacheSettings } from './settings.ts'
import type { ToolResult } from './tool-cache.ts'

/** A lookup that reached the store, with what the write of its result will need. */
export interface Found {
  readonly outcome: ToolOutcome
  readonly ticket: WriteTicket
}

/** Finds stored results: in memory where that is safe, and in the store. */
export class ToolLookup {
  readonly #settings: ToolCacheSettings
  readonly #memory: MemoryTier<ToolResult>
  readonly #queue: WriteQueue
  readonly #pending: PendingInvalidations

  constructor(
    settings: ToolCacheSettings,
    memory: MemoryTier<ToolResult>,
    queue: WriteQueue,
    pending: PendingInvalidations,
  ) {
    this.#settings = settings
    this.#memory = memory
    this.#queue = queue
    this.#pending = pending
  }

  /** The memory tier alone; a repeat of an untagged call costs no round trip. */
  inMemory(asked: ReadCall): Extract<ToolOutcome, { entry: unknown }> | undefined {
    if (asked.mode === 'refresh' || !keptInMemory(asked)) return undefined
    const now = this.#settings.now()
    const entry = this.#memory.get(asked.key, now)
    // A stale one goes the whole way, because its refresh needs the generation that only the store knows.
    if (!entry || isTooOld(entry, asked, now) || isStale(entry, now)) return undefined
    return { outcome: 'hit', tier: 'memory', entry }
  }

  /** Never rejects. */
  async find(asked: ReadCall, signal: AbortSignal | undefined): Promise<Found> {
    const { now } = this.#settings
    const watch = this.#pending.watch(asked.tags)
    const epoch = this.#memory.epoch
    const bypass = (reason: Extract<ToolOutcome, { outcome: 'bypass' }>['reason']): Found => {
      watch.end()
      return { outcome: { outcome: 'bypass', reason }, ticket: { generation: '', epoch, watch } }
    }
    if (this.#pending.isBlocked(asked.tags)) return bypass('invalidation-pending')
    try {
      if (this.#queue.has(asked.key)) await orAborted(this.#queue.settled(asked.key), signal)
      const { entry, generation, problem } = await orAborted(this.#get(asked), signal)
      if (watch.isOvertaken) return bypass('invalidation-pending')
      const ticket = { generation, epoch, watch }
      const miss = (reason: Extract<ToolOutcome, { outcome: 'miss' }>['reason']): Found => ({
        outcome: { outcome: 'miss', reason },
        ticket,
      })
      if (asked.mode === 'refresh') return miss('refresh')
      const flaw = problem ?? (entry && flawOf(entry, asked))
      if (flaw) return miss(`record-${flaw}`)
      if (!entry) return miss('not-found')
      if (isTooOld(entry, asked, now())) return miss('too-old')
      if (keptInMemory(asked)) this.#memory.put(asked.key, entry, now(), epoch)
      return { outcome: { outcome: isStale(entry, now()) ? 'stale' : 'hit', tier: 'exact', entry }, ticket }
    } catch (error) {
      return bypass(signal?.aborted ? 'aborted' : storeReason(error))
    }
  }

  /** What another process may have stored meanwhile. Never rejects. */
  async lookAgain(asked: ReadCall): Promise<CacheEntry<ToolResult> | undefined> {
    try {
      const { entry, problem } = await this.#get(asked)
      const isUsable = entry && !problem && !flawOf(entry, asked) && !isTooOld(entry, asked, this.#settings.now())
      return isUsable ? entry : undefined
    } catch {
      return undefined
    }
  }

  #get({ key, tenant, tags }: ReadCall) {
    const about = { namespace: this.#settings.namespace, ...(tenant !== undefined && { tenant }), tags }
    return this.#settings.store.get<ToolResult>(key, about)
  }
}

/** What comes out of a store is checked: another program may write there, and another version may have written. */
function flawOf(entry: CacheEntry, { scope }: ReadCall): 'corrupt' | 'foreign' | undefined {
  if (entry.scope !== scope) return 'foreign'
  return isToolResult(entry.value) ? undefined : 'corrupt'
}

function isTooOld(entry: CacheEntry, { maxAgeMs }: ReadCall, now: number): boolean {
  return maxAgeMs !== undefined && now - entry.createdAt > maxAgeMs
}

function isStale(entry: CacheEntry, now: number): boolean {
  return entry.staleMs > 0 && now >= entry.expiresAt - entry.staleMs
}
