import type { Embedder, WordVector } from '../../../embeddings/index.ts'
import { estimateTokens } from '../token-estimate.ts'

interface Remembered {
  readonly vector: Float32Array
  /** As the embedder reported them. */
  readonly tokens: number
  readonly usd?: number
  /** What the caller waited for it: measured, or drawn for a stand-in. */
  readonly waitMs: number
  readonly estimatedTokens: number
}

/**
 * Embeds each text once and alone, as a cache does, measures that, and gives the same again in every further replay: with
 * the same usage, because a cache would have paid for it again.
 */
export class RememberedEmbedder implements Embedder {
  readonly describe: Embedder['describe']
  readonly wordVectors?: NonNullable<Embedder['wordVectors']>
  readonly #embedder: Embedder
  readonly #drawnWaitMs: ((text: string) => number) | undefined
  /** For replays whose time nobody looks at. */
  remembersWords = false
  readonly #texts = new Map<string, Remembered>()
  readonly #words = new Map<string, readonly WordVector[]>()
  #replayedMs = 0
  #elapsedMs = 0

  constructor(embedder: Embedder, drawnWaitMs?: (text: string) => number) {
    this.#embedder = embedder
    this.#drawnWaitMs = drawnWaitMs
    this.describe = () => embedder.describe()
    const { wordVectors } = embedder
    if (!wordVectors) return
    this.wordVectors = (text) => {
      const known = this.remembersWords ? this.#words.get(text) : undefined
      const words = known ?? wordVectors.call(embedder, text)
      if (this.remembersWords && !known) this.#words.set(text, words)
      return words
    }
  }

  async embed(texts: readonly string[], options: Parameters<Embedder['embed']>[1] = {}): Promise<Float32Array[]> {
    const startedAt = performance.now()
    const found: Remembered[] = []
    for (const text of texts) {
      const known = this.#texts.get(text) ?? (await this.#embed(text, options.signal))
      this.#texts.set(text, known)
      this.#replayedMs += known.waitMs
      found.push(known)
    }
    const tokens = found.reduce((sum, one) => sum + one.tokens, 0)
    const usd = found.every((one) => one.usd !== undefined)
      ? { usd: found.reduce((sum, one) => sum + (one.usd ?? 0), 0) }
      : {}
    options.report?.({ what: 'usage', texts: texts.length, tokens, ...usd })
    this.#elapsedMs += performance.now() - startedAt
    return found.map(({ vector }) => vector)
  }

  /** Since the last look: what a caller would have waited, and what this replay spent. */
  takeWait(): { readonly replayedMs: number; readonly elapsedMs: number } {
    const taken = { replayedMs: this.#replayedMs, elapsedMs: this.#elapsedMs }
    this.#replayedMs = 0
    this.#elapsedMs = 0
    return taken
  }

  get remembered(): readonly Pick<Remembered, 'waitMs' | 'tokens' | 'usd' | 'estimatedTokens'>[] {
    return [...this.#texts.values()]
  }

  /**
   * Processor time of one text in milliseconds, all threads of the process, over up to `count` of the texts, one after
   * the other: asking for it costs more than a fast embedder does.
   */
  async cpuMsPerText(count = 300): Promise<number> {
    const texts = [...this.#texts.keys()].slice(0, count)
    const before = process.cpuUsage()
    for (const text of texts) await this.#embedder.embed([text])
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000 / Math.max(1, texts.length)
  }

  async close(): Promise<void> {
    await (this.#embedder as { close?: () => Promise<void> }).close?.()
  }

  async #embed(text: string, signal: AbortSignal | undefined): Promise<Remembered> {
    let tokens = 0
    let usd: number | undefined
    const startedAt = performance.now()
    const [vector] = await this.#embedder.embed([text], {
      ...(signal && { signal }),
      report: (notice) => {
        if (notice.what !== 'usage') return
        tokens += notice.tokens
        if (notice.usd !== undefined) usd = (usd ?? 0) + notice.usd
      },
    })
    const waitMs = this.#drawnWaitMs?.(text) ?? performance.now() - startedAt
    return {
      vector: vector as Float32Array,
      tokens,
      ...(usd !== undefined && { usd }),
      waitMs,
      estimatedTokens: estimateTokens(text),
    }
  }
}
