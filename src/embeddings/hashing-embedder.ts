import { CacheError } from '../core/errors.ts'
import { knownOptions, numberOption } from '../core/options.ts'
import { unitVector } from '../core/vector.ts'
import type { Embedder, EmbedderDescription } from './embedder.ts'
import { eachFeature } from './hashing-features.ts'
import { reportTo } from './report.ts'

export interface HashingEmbedderOptions {
  /** 16…8192, an integer; default 384. Fewer dimensions mean more words that collide. */
  readonly dimensions?: number
}

/**
 * A lexical embedder: hashed words, pairs of words and pieces of words (pairs of characters for scripts without
 * spaces), signed, with sublinear counts. It needs no model, key or network and takes any language, and it knows
 * spelling only: "car" and "automobile" are strangers to it, "turn on" and "turn off" are close. For development, tests
 * and as a baseline.
 *
 * @throws CacheError INVALID_OPTION; `embed` rejects with NOT_EMBEDDABLE for a text without a letter, digit or symbol
 */
export function hashingEmbedder(options: HashingEmbedderOptions = {}): Embedder {
  knownOptions('hashingEmbedder', options, ['dimensions'])
  const dimensions = numberOption('dimensions', options.dimensions, { min: 16, max: 8192, integer: true, default: 384 })
  // Raise the version with every change of the features: it is another space then.
  const description: EmbedderDescription = { id: `hashing/v1/${dimensions}`, dimensions }

  return {
    describe: async () => description,
    async embed(texts, { signal, report } = {}) {
      signal?.throwIfAborted()
      const vectors = texts.map((text, position) => hashedVector(text, dimensions, position))
      // One turn of the microtask queue, so that an abort right after the call is honoured here as everywhere.
      await undefined
      signal?.throwIfAborted()
      if (texts.length > 0) reportTo(report, { what: 'usage', texts: texts.length, tokens: 0, usd: 0 })
      return vectors
    },
  }
}

function hashedVector(text: string, dimensions: number, position: number): Float32Array {
  const features = new Map<number, { weight: number; count: number }>()
  eachFeature(text, (feature, weight) => {
    const hash = hash32(feature)
    const seen = features.get(hash)
    if (seen) seen.count++
    else features.set(hash, { weight, count: 1 })
  })
  if (features.size === 0) {
    throw new CacheError(
      'NOT_EMBEDDABLE',
      `a text must hold at least one letter, digit or symbol, number ${position + 1} of the list holds none`,
    )
  }
  const sums = new Float64Array(dimensions)
  for (const [hash, { weight, count }] of features) {
    const amount = weight * (1 + Math.log(count))
    // The sign makes colliding features cancel out on average instead of adding up to false closeness.
    const index = (hash >>> 1) % dimensions
    sums[index] = (sums[index] as number) + (hash & 1 ? amount : -amount)
  }
  return unitVector(sums, dimensions)
}

/** FNV-1a over UTF-16 code units, then the finaliser of MurmurHash3, which spreads its weak low bits. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
