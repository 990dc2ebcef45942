import { copyData } from '../core/copy.ts'
import { dataSize } from '../core/data-size.ts'
import type { CacheEntry } from '../core/entry.ts'
import { CacheError } from '../core/errors.ts'
import type { WriteEvent, WriteRefusal } from '../core/events.ts'
import type { MemoryTier } from '../core/memory-tier.ts'
import { storeReason } from '../core/store-reason.ts'
import type { WriteQueue } from '../core/write-queue.ts'
import type { EffectivenessCounters } from './effectiveness.ts'
import type { ReadWatch } from './pending-invalidations.ts'
import type { ReadCall } from './prepare-call.ts'
import { refusalOf, resultKind } from './result-kind.ts'
import type { ToolCacheSettings } from './settings.ts'
import type { ToolResult } from './tool-cache.ts'

/** What a lookup knows that the write of its result needs. */
export interface WriteTicket {
  readonly generation: string
  /** Of the memory tier when the lookup began. */
  readonly epoch: number
  readonly watch: ReadWatch
}

/** Checks a result and stores it off the hot path. Every result ends in one write event. */
export class ResultWriter {
  readonly #settings: ToolCacheSettings
  readonly #memory: MemoryTier<ToolResult>
  readonly #queue: WriteQueue
  readonly #counters: EffectivenessCounters

  constructor(
    settings: ToolCacheSettings,
    memory: MemoryTier<ToolResult>,
    queue: WriteQueue,
    counters: EffectivenessCounters,
  ) {
    this.#settings = settings
    this.#memory = memory
    this.#queue = queue
    this.#counters = counters
  }

  /**
   * Queues the result. True when callers that joined may have copies of it. `settled` is called once, when the store
   * has it or never will.
   */
  write(asked: ReadCall, ticket: WriteTicket, result: ToolResult, durationMs: number, settled: () => void): boolean {
    const finish = () => {
      ticket.watch.end()
      settled()
    }
    const finished = this.#finish(asked, ticket, result, durationMs)
    if ('refusal' in finished) {
      this.refuse(asked, finished.refusal, durationMs, finished.bytes)
      finish()
      return finished.shareable
    }
    const { entry, bytes } = finished
    if (keptInMemory(asked)) this.#memory.put(asked.key, entry, this.#settings.now(), ticket.epoch)
    const queued = this.#queue.add(() => this.#store(asked, ticket, entry, bytes).finally(finish), [asked.key])
    if (!queued) {
      this.#memory.delete(asked.key)
      this.#emit(asked, { outcome: 'dropped', reason: 'queue-full', bytes, ...this.#call(asked, durationMs) })
      finish()
    }
    return true
  }

  refuse(asked: ReadCall, reason: WriteRefusal, durationMs: number, bytes?: number): void {
    const measured = bytes === undefined ? {} : { bytes }
    this.#emit(asked, { outcome: 'refused', reason, ...measured, ...this.#call(asked, durationMs) })
  }

  async #store(asked: ReadCall, ticket: WriteTicket, entry: CacheEntry<ToolResult>, bytes: number): Promise<void> {
    const call = this.#call(asked, entry.origin.durationMs)
    try {
      // A write of this process that the store has not heard of yet counts as well.
      const written = ticket.watch.isOvertaken
        ? ({ stored: false, reason: 'cleared' } as const)
        : await this.#settings.store.set(entry, { ifGeneration: ticket.generation })
      if (written.stored) {
        this.#counters.noteStored(asked.name, asked.ttlMs)
        return this.#emit(asked, { outcome: 'stored', bytes, ...call })
      }
      this.#memory.delete(asked.key)
      this.#emit(asked, { outcome: 'refused', reason: written.reason, bytes, ...call })
    } catch (error) {
      this.#memory.delete(asked.key)
      const code = CacheError.is(error) ? { errorCode: error.code } : {}
      const how = CacheError.is(error, 'NOT_ENCODABLE')
        ? ({ outcome: 'refused', reason: 'not-encodable' } as const)
        : ({ outcome: 'failed', reason: storeReason(error) } as const)
      this.#emit(asked, { ...how, bytes, ...code, ...call })
    }
  }

  #finish(
    asked: ReadCall,
    { generation, watch }: WriteTicket,
    result: ToolResult,
    durationMs: number,
  ):
    | { readonly entry: CacheEntry<ToolResult>; readonly bytes: number }
    | { readonly refusal: WriteRefusal; readonly shareable: boolean; readonly bytes?: number } {
    const { now, random, ttlJitter, namespace, fingerprint } = this.#settings
    const { policy } = asked
    if (!isToolResult(result)) return { refusal: 'not-a-result', shareable: false }
    const kind = kindOf(result, policy.isNegative)
    const refusal = refusalOf(kind, policy.negativeTtlMs)
    if (refusal && kind !== 'negative') return { refusal, shareable: false }

    let value: ToolResult
    let bytes: number
    let digest: string
    try {
      // A class instance would come back as something else: what has no canonical form is not stored.
      digest = fingerprint('tool-result', { content: result.content, artifact: result.artifact, extra: result.extra })
      value = copyData(storedForm(result))
      bytes = dataSize(value)
    } catch {
      return { refusal: 'not-encodable', shareable: false }
    }
    if (refusal) return { refusal, shareable: true, bytes }
    if (bytes > asked.maxEntryBytes) return { refusal: 'too-large', shareable: true, bytes }
    if (watch.isOvertaken) return { refusal: 'cleared', shareable: true, bytes }

    const createdAt = now()
    this.#counters.noteResult(
      asked.name,
      asked.key,
      { digest, generation: asked.tags.length > 0 ? generation : '' },
      createdAt,
    )
    const negative = kind === 'negative'
    const lifeMs = (negative ? (policy.negativeTtlMs ?? asked.ttlMs) : asked.ttlMs) * (1 - ttlJitter * random())
    const staleMs = negative ? 0 : asked.staleMs
    const entry: CacheEntry<ToolResult> = {
      key: asked.key,
      namespace,
      ...(asked.tenant !== undefined && { tenant: asked.tenant }),
      tags: asked.tags,
      scope: asked.scope,
      value,
      origin: originOf(asked, durationMs),
      createdAt,
      expiresAt: createdAt + lifeMs + staleMs,
      staleMs,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    return { entry, bytes }
  }

  #call({ policy }: ReadCall, durationMs: number): Pick<WriteEvent, 'call'> {
    return { call: { durationMs, ...(policy.costUsd !== undefined && { usd: policy.costUsd }) } }
  }

  #emit(asked: ReadCall, event: Pick<WriteEvent, 'outcome' | 'reason' | 'bytes' | 'call' | 'errorCode'>): void {
    const { emit, now, namespace } = this.#settings
    emit({
      type: 'write',
      at: now(),
      cache: 'tool',
      namespace,
      ...(asked.tenant !== undefined && { tenant: asked.tenant }),
      provider: 'tool',
      name: asked.name,
      key: asked.key,
      ...event,
    })
  }
}

/**
 * Results with tags never live in the memory tier: another process, or another cache of this one, could write what they
 * read and this memory would not hear of it.
 */
export function keptInMemory({ tags }: Pick<ReadCall, 'tags'>): boolean {
  return tags.length === 0
}

export function originOf({ name, policy }: ReadCall, durationMs: number) {
  return { provider: 'tool', name, ...(policy.costUsd !== undefined && { costUsd: policy.costUsd }), durationMs }
}

/** Tools are the caller's, and other programs may write to a store: anything may come. */
export function isToolResult(result: unknown): result is ToolResult {
  return typeof result === 'object' && result !== null && 'content' in result
}

function kindOf(result: ToolResult, isNegative: ((result: ToolResult) => boolean) | undefined) {
  try {
    return resultKind(result, isNegative)
  } catch {
    // A doubt is a miss: what `isNegative` cannot judge is not stored.
    return 'not-a-result'
  }
}

function storedForm({ content, artifact, status, name, metadata, extra }: ToolResult): ToolResult {
  return {
    content,
    ...(artifact !== undefined && { artifact }),
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(extra !== undefined && { extra }),
  }
}
