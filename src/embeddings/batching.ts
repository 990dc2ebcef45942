import { orAborted } from '../core/deadline.ts'
import { CacheError } from '../core/errors.ts'
import { numberOption } from '../core/options.ts'
import { unitVector } from '../core/vector.ts'
import type { EmbedOptions } from './embedder.ts'
import { reportTo } from './report.ts'

export interface BatchingOptions {
  /** How long a text waits for company, in milliseconds, 0…1000. 0 sends each call at once. */
  readonly batchMs?: number
  /** Texts per request, an integer ≥ 1. */
  readonly maxBatch?: number
  /** Requests under way at once, an integer 1…64. */
  readonly maxConcurrentBatches?: number
}

/** What a service gave for one batch. */
export interface BatchResult {
  /** One per text, in order; checked and scaled by the batcher. */
  readonly vectors: readonly ArrayLike<number>[]
  /** Absent when the service does not say. */
  readonly tokens?: number
  readonly usd?: number
  /** Positions of texts that were cut. */
  readonly truncated?: readonly number[]
}

export interface BatcherSettings extends Required<BatchingOptions> {
  readonly embedBatch: (texts: readonly string[], signal: AbortSignal) => Promise<BatchResult>
  /** Every vector must have so many. */
  readonly dimensions: number
  /** False for failures that each text alone would meet as well (a wrong key, a service that is down). */
  readonly worthSplitting: (error: unknown) => boolean
}

export const BATCHING_NAMES = ['batchMs', 'maxBatch', 'maxConcurrentBatches'] as const

export function batchingOptions(options: BatchingOptions, defaults: { maxBatch: number }): Required<BatchingOptions> {
  return {
    batchMs: numberOption('batchMs', options.batchMs, { min: 0, max: 1000, default: 5 }),
    maxBatch: numberOption('maxBatch', options.maxBatch, { min: 1, integer: true, default: defaults.maxBatch }),
    maxConcurrentBatches: numberOption('maxConcurrentBatches', options.maxConcurrentBatches, {
      min: 1,
      max: 64,
      integer: true,
      default: 4,
    }),
  }
}

/** One call of `embed`; `left` once it has its answer or has aborted. */
interface Caller {
  readonly report: EmbedOptions['report']
  left: boolean
}

interface Waiting {
  readonly caller: Caller
  readonly resolve: (vector: Float32Array) => void
  readonly reject: (error: unknown) => void
}

/** One distinct text on its way, with everybody who waits for it. */
interface Item {
  readonly text: string
  readonly waiting: Waiting[]
}

/**
 * Gathers the texts of calls that come close together into batches. A text asked for twice is sent once; a batch that
 * fails is tried text by text once, so that one bad text does not fail its neighbours; a caller who leaves takes only
 * its own texts along.
 */
export class Batcher {
  readonly #settings: BatcherSettings
  #gathering = new Map<string, Item>()
  #timer: NodeJS.Timeout | undefined
  readonly #queue: Item[][] = []
  readonly #running = new Map<readonly Item[], AbortController>()

  constructor(settings: BatcherSettings) {
    this.#settings = settings
  }

  /** Rejects with the first error among the texts, or with the signal's reason. */
  async embed(texts: readonly string[], { signal, report }: EmbedOptions = {}): Promise<Float32Array[]> {
    signal?.throwIfAborted()
    const caller: Caller = { report, left: false }
    const onAbort = () => {
      caller.left = true
      this.#stopDeserted()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    const vectors = Promise.all(texts.map((text) => this.#enqueue(text, caller)))
    if (this.#settings.batchMs === 0) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), this.#settings.batchMs)
    try {
      return await orAborted(vectors, signal)
    } finally {
      caller.left = true
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #enqueue(text: string, caller: Caller): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      const item = this.#gathering.get(text) ?? { text, waiting: [] }
      item.waiting.push({ caller, resolve, reject })
      this.#gathering.set(text, item)
      if (this.#gathering.size >= this.#settings.maxBatch) this.#flush()
    })
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batch = [...this.#gathering.values()]
    this.#gathering = new Map()
    if (batch.length > 0) this.#queue.push(batch)
    this.#next()
  }

  #next(): void {
    while (this.#running.size < this.#settings.maxConcurrentBatches) {
      const batch = this.#queue.shift()?.filter(isWanted)
      if (!batch) return
      if (batch.length > 0) void this.#run(batch)
    }
  }

  async #run(batch: readonly Item[]): Promise<void> {
    const controller = new AbortController()
    this.#running.set(batch, controller)
    try {
      const texts = batch.map(({ text }) => text)
      const result = await this.#settings.embedBatch(texts, controller.signal)
      const vectors = this.#checked(result.vectors, batch.length)
      shareNotices(batch, result)
      for (const [i, { waiting }] of batch.entries()) {
        // Copies, because a vector belongs to the caller who gets it.
        for (const { resolve } of waiting) resolve((vectors[i] as Float32Array).slice())
      }
    } catch (error) {
      if (batch.length > 1 && this.#settings.worthSplitting(error)) {
        this.#queue.unshift(...batch.map((item) => [item]))
      } else {
        for (const { waiting } of batch) for (const { reject } of waiting) reject(error)
      }
    } finally {
      this.#running.delete(batch)
      this.#next()
    }
  }

  #checked(vectors: BatchResult['vectors'], count: number): readonly Float32Array[] {
    if (vectors.length !== count) {
      throw new CacheError('EMBEDDER_FAILED', `an embedder must give ${count} vectors, got ${vectors.length}`)
    }
    return vectors.map((vector) => unitVector(vector, this.#settings.dimensions))
  }

  /** Requests that nobody waits for any more are not worth their money. */
  #stopDeserted(): void {
    for (const [batch, controller] of this.#running) if (!batch.some(isWanted)) controller.abort()
  }
}

function isWanted({ waiting }: Item): boolean {
  return waiting.some(({ caller }) => !caller.left)
}

/** Each caller hears of its own texts; tokens are shared out by length, so that they add up to what was billed. */
function shareNotices(batch: readonly Item[], { tokens, usd, truncated = [] }: BatchResult): void {
  const shares = new Map<Caller, { texts: number; characters: number; truncated: number }>()
  let characters = 0
  for (const [i, { text, waiting }] of batch.entries()) {
    const payer = (waiting.find(({ caller }) => !caller.left) ?? waiting[0])?.caller
    if (!payer) continue
    const share = shares.get(payer) ?? { texts: 0, characters: 0, truncated: 0 }
    share.texts++
    share.characters += text.length
    if (truncated.includes(i)) share.truncated++
    shares.set(payer, share)
    characters += text.length
  }
  let passed = 0
  for (const [{ report }, share] of shares) {
    if (tokens !== undefined) {
      const before = Math.round((tokens * passed) / characters)
      passed += share.characters
      const own = Math.round((tokens * passed) / characters) - before
      const cost = usd === undefined ? {} : { usd: (usd * share.characters) / characters }
      reportTo(report, { what: 'usage', texts: share.texts, tokens: own, ...cost })
    }
    if (share.truncated > 0) reportTo(report, { what: 'truncated', texts: share.truncated })
  }
}
