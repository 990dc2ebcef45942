import { LRUCache } from 'lru-cache'
import { copyData } from '../core/copy.ts'
import type { CacheEntry } from '../core/entry.ts'
import { CacheError } from '../core/errors.ts'
import type { WriteEvent, WriteRefusal } from '../core/events.ts'
import type { MemoryTier } from '../core/memory-tier.ts'
import type { ModelResponse } from '../core/response.ts'
import { storeReason } from '../core/store-reason.ts'
import type { WriteQueue } from '../core/write-queue.ts'
import { isSemanticAnswer, responseFlaw, storeRefusal } from './eligibility.ts'
import type { WriteSlot } from './semantic-cache.ts'
import type { SemanticCacheSettings } from './settings.ts'

type Finished =
  | { readonly entry: CacheEntry<ModelResponse>; readonly bytes: number }
  | { readonly refusal: WriteRefusal; readonly detail?: string }

/** Checks an answer and stores it off the hot path. Every answer ends in one write event. */
export class EntryWriter {
  readonly #settings: SemanticCacheSettings
  readonly #memory: MemoryTier<ModelResponse>
  readonly #queue: WriteQueue
  /** Keys invalidated by name have no generation of their own; enough of them for the calls that can be under way. */
  readonly #deleted = new LRUCache<string, number>({ max: 10_000 })

  constructor(settings: SemanticCacheSettings, memory: MemoryTier<ModelResponse>, queue: WriteQueue) {
    this.#settings = settings
    this.#memory = memory
    this.#queue = queue
  }

  /** `call` is what the answer cost; empty where another event has told it. */
  write(
    slot: WriteSlot,
    response: ModelResponse,
    durationMs: number,
    call: Pick<WriteEvent, 'call'> = this.#call(slot, response, durationMs),
  ): void {
    if (this.#wasDeletedSince(slot)) return this.#emit(slot, { outcome: 'refused', reason: 'cleared', ...call })
    const finished = this.#finish(slot, response, durationMs)
    if ('refusal' in finished) {
      const { refusal: reason, detail } = finished
      return this.#emit(slot, { outcome: 'refused', reason, ...(detail !== undefined && { detail }), ...call })
    }
    const { entry, bytes } = finished
    this.#memory.put(slot.key, entry, this.#settings.now(), slot.epoch)
    const queued = this.#queue.add(() => this.#store(slot, entry, bytes, call), [slot.key, slot.scope])
    if (!queued) {
      this.#memory.delete(slot.key)
      this.#emit(slot, { outcome: 'dropped', reason: 'queue-full', bytes, ...call })
    }
  }

  /** Answers of calls that began before this moment are no longer stored under these keys. */
  noteDeleted(keys: readonly string[], epoch: number): void {
    for (const key of keys) this.#deleted.set(key, epoch)
  }

  refuse(slot: WriteSlot, reason: WriteRefusal, response: ModelResponse | undefined, durationMs: number): void {
    this.#emit(slot, { outcome: 'refused', reason, ...(response && this.#call(slot, response, durationMs)) })
  }

  async #store(
    slot: WriteSlot,
    entry: CacheEntry<ModelResponse>,
    bytes: number,
    call: Pick<WriteEvent, 'call'>,
  ): Promise<void> {
    if (this.#wasDeletedSince(slot)) return this.#emit(slot, { outcome: 'refused', reason: 'cleared', bytes, ...call })
    try {
      const written = await this.#settings.store.set(entry, { ifGeneration: slot.generation })
      if (written.stored) return this.#emit(slot, { outcome: 'stored', bytes, ...call })
      this.#memory.delete(slot.key)
      this.#emit(slot, { outcome: 'refused', reason: written.reason, bytes, ...call })
    } catch (error) {
      this.#memory.delete(slot.key)
      const errorCode = CacheError.is(error) ? { errorCode: error.code } : {}
      if (CacheError.is(error, 'NOT_ENCODABLE')) {
        return this.#emit(slot, { outcome: 'refused', reason: 'not-encodable', bytes, ...errorCode, ...call })
      }
      this.#emit(slot, { outcome: 'failed', reason: storeReason(error), bytes, ...errorCode, ...call })
    }
  }

  #finish(slot: WriteSlot, response: ModelResponse, durationMs: number): Finished {
    try {
      const detail = responseFlaw(response)
      if (detail !== undefined) return { refusal: 'not-a-result', detail }
      const refusal = storeRefusal(response, slot.responseFormat)
      if (refusal) return { refusal }
    } catch {
      // An answer may have getters that throw.
      return { refusal: 'not-a-result' }
    }
    let value: ModelResponse
    let bytes: number
    try {
      value = copyData(response)
      bytes = Buffer.byteLength(JSON.stringify(value))
    } catch {
      return { refusal: 'not-encodable' }
    }
    const { maxEntryBytes, namespace, now, random, staleWhileRevalidateMs, storeQueryText, ttlJitter } = this.#settings
    if (bytes > maxEntryBytes) return { refusal: 'too-large' }
    const createdAt = now()
    const lifeMs = slot.ttlMs * (1 - ttlJitter * random())
    const semantic = slot.vector && slot.embedderId !== undefined && isSemanticAnswer(response)
    const entry: CacheEntry<ModelResponse> = {
      key: slot.key,
      namespace,
      ...(slot.tenant !== undefined && { tenant: slot.tenant }),
      tags: slot.tags,
      scope: slot.scope,
      value,
      origin: {
        provider: slot.provider,
        name: slot.model,
        ...(value.usage && { usage: value.usage }),
        durationMs,
        ttlMs: slot.ttlMs,
      },
      ...(semantic && { vector: slot.vector, embedderId: slot.embedderId }),
      ...(semantic && slot.history && { history: slot.history }),
      ...(semantic && storeQueryText && slot.query !== undefined && { queryText: slot.query }),
      createdAt,
      expiresAt: createdAt + lifeMs + staleWhileRevalidateMs,
      staleMs: staleWhileRevalidateMs,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    return { entry, bytes }
  }

  #wasDeletedSince({ key, epoch }: WriteSlot): boolean {
    return (this.#deleted.get(key) ?? 0) > epoch
  }

  #call(slot: WriteSlot, response: ModelResponse, durationMs: number): Pick<WriteEvent, 'call'> {
    const usage = usageOf(response)
    const { provider, model: name, baseUrl } = slot
    const usd = this.#settings.priceOf({
      provider,
      name,
      ...(baseUrl !== undefined && { baseUrl }),
      ...(usage && { usage }),
      at: this.#settings.now(),
    })
    return { call: { durationMs, ...(usage && { usage }), ...(usd !== undefined && { usd }) } }
  }

  #emit(
    slot: WriteSlot,
    event: Pick<WriteEvent, 'outcome' | 'reason' | 'detail' | 'bytes' | 'call' | 'errorCode'>,
  ): void {
    const { emit, now, namespace } = this.#settings
    emit({
      type: 'write',
      at: now(),
      cache: 'semantic',
      namespace,
      ...(slot.tenant !== undefined && { tenant: slot.tenant }),
      provider: slot.provider,
      name: slot.model,
      key: slot.key,
      ...event,
    })
  }
}

function usageOf(response: ModelResponse): ModelResponse['usage'] {
  try {
    return response.usage
  } catch {
    return undefined
  }
}
