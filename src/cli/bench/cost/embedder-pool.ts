import { invalidOption } from '../../../core/options.ts'
import type { PriceOf } from '../../../core/stats.ts'
import { type Embedder, openaiEmbedder, staticEmbedder } from '../../../embeddings/index.ts'
import type { PriceOverrides } from '../../../metrics/prices.ts'
import { embedderChoice } from '../../embed/embedder-choice.ts'
import { hostedUsdPerMillionTokens } from './break-even.ts'
import type { Configuration } from './configuration.ts'
import { type EmbeddingsServer, startEmbeddingsServer } from './embeddings-server.ts'
import { lognormal, seedOf } from './random.ts'
import { RememberedEmbedder } from './remembered-embedder.ts'

export interface PoolOptions {
  readonly live: boolean
  readonly prices: PriceOverrides
  readonly priceOf: PriceOf
  readonly seed: number
  /** Median of what a hosted embedder takes, where a local server stands in for it. */
  readonly embeddingLatencyMs: number
}

const LATENCY_SPREAD = 0.4
const HOSTED = ['openai', 'cohere']

/** The embedders of a benchmark, each made once; a hosted one is a local stand-in unless the run is live. */
export class EmbedderPool {
  readonly #options: PoolOptions
  readonly #made = new Map<string, RememberedEmbedder>()
  #server: EmbeddingsServer | undefined

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Undefined where nothing is embedded. Loads the model, so that no lookup pays for that. */
  async get({ decision, embedder: name }: Configuration): Promise<RememberedEmbedder | undefined> {
    if (typeof decision === 'string') return undefined
    const known = this.#made.get(name)
    if (known) return known
    const made = await this.#make(name)
    await made.describe()
    this.#made.set(name, made)
    return made
  }

  /** Prices, with that of the hosted model also under the address of its stand-in. */
  async prices(configurations: readonly Configuration[]): Promise<PriceOverrides> {
    const { live, prices, priceOf } = this.#options
    if (live) return prices
    const own = { ...prices }
    for (const { embedder, decision } of configurations) {
      const [kind, hostedModel = ''] = embedder.split(':')
      if (kind !== 'openai' || typeof decision === 'string' || Object.hasOwn(own, hostedModel)) continue
      const usd = hostedUsdPerMillionTokens({ priceOf, hostedModel })
      if (usd === undefined) throw invalidOption('the model of openai:MODEL', 'one with a known price', hostedModel)
      own[hostedModel] = { inputUsdPerMillionTokens: usd }
    }
    return own
  }

  /** Those whose time was measured here. */
  local(): [string, RememberedEmbedder][] {
    return [...this.#made].filter(([name]) => !HOSTED.includes(name.split(':')[0] ?? ''))
  }

  async close(): Promise<void> {
    for (const embedder of this.#made.values()) await embedder.close()
    await this.#server?.close()
  }

  async #make(name: string): Promise<RememberedEmbedder> {
    const { live, seed, embeddingLatencyMs } = this.#options
    const [kind = '', model = ''] = name.split(':')
    if (live || !HOSTED.includes(kind)) return warmedUp(embedderChoice(name))
    if (kind !== 'openai') throw invalidOption('--configuration', `one with @${kind} in live runs only`, name)
    this.#server ??= await startEmbeddingsServer(staticEmbedder())
    const standIn = openaiEmbedder({ model, baseUrl: this.#server.baseUrl, dimensions: await staticDimensions() })
    return new RememberedEmbedder(standIn, (text) =>
      lognormal(embeddingLatencyMs, LATENCY_SPREAD, seedOf(seed, `${name} ${text}`)),
    )
  }
}

/** The first text of an embedder pays for threads and caches that no later one pays for. */
async function warmedUp(embedder: Embedder): Promise<RememberedEmbedder> {
  for (let i = 0; i < 3; i++) await embedder.embed([`How do I warm up number ${i}?`])
  return new RememberedEmbedder(embedder)
}

async function staticDimensions(): Promise<number> {
  return (await staticEmbedder().describe()).dimensions
}
