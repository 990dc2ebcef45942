import { CacheError } from '../core/errors.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { BATCHING_NAMES, type BatchingOptions, type BatchResult, batchingOptions } from './batching.ts'
import type { Embedder } from './embedder.ts'
import { hostedEmbedder } from './hosted-embedder.ts'
import { field } from './wire.ts'

/** The part of LangChain's `Embeddings` that is used. */
export interface LangchainEmbeddings {
  embedDocuments(documents: string[]): Promise<number[][]>
}

export interface LangchainEmbedderOptions extends BatchingOptions {
  /**
   * Names the space; change it whenever model, dimensions or input type change. Default: made of the model's name and
   * dimensions where the embeddings tell their model.
   */
  readonly id?: string
  /** What the vectors must have; default what the first ones have. */
  readonly dimensions?: number
  /** Whose prices count, such as `'openai'`; known for OpenAI's own embeddings. */
  readonly provider?: string
  /** Tokens of a text. LangChain does not tell what was billed; default: a quarter of the UTF-8 bytes, an estimate. */
  readonly countTokens?: (text: string) => number
}

/**
 * Any embeddings of LangChain. All texts go through `embedDocuments`: questions are compared with questions here, so
 * both sides must be embedded the same way.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * langchainEmbedder(new OpenAIEmbeddings({ model: 'text-embedding-3-small' }))
 */
export function langchainEmbedder(embeddings: LangchainEmbeddings, options: LangchainEmbedderOptions = {}): Embedder {
  if (typeof embeddings?.embedDocuments !== 'function') {
    throw invalidOption('embeddings', 'a LangChain Embeddings instance (with embedDocuments)', embeddings)
  }
  knownOptions('langchainEmbedder', options, ['id', 'dimensions', 'provider', 'countTokens', ...BATCHING_NAMES])
  const { dimensions, countTokens = estimatedTokens } = options
  if (dimensions !== undefined) numberOption('dimensions', dimensions, { min: 1, integer: true, default: 1 })
  if (typeof countTokens !== 'function') throw invalidOption('countTokens', 'a function', countTokens)
  const model = field(embeddings, 'model') ?? field(embeddings, 'modelName')
  if (options.id === undefined && (typeof model !== 'string' || model === '')) {
    throw invalidOption('id', 'given for embeddings that do not tell their model', undefined)
  }
  const type = embeddings.constructor.name
  const id = stringOption('id', options.id, `${type}/${model}`)
  const provider =
    options.provider ??
    (type === 'OpenAIEmbeddings' ? 'openai' : type === 'AzureOpenAIEmbeddings' ? 'azure' : undefined)

  const embedBatch = async (texts: readonly string[]): Promise<BatchResult> => {
    const vectors = await embeddings.embedDocuments([...texts]).catch((cause: unknown) => {
      const status = field(cause, 'status')
      const said = typeof status === 'number' ? `status ${status}` : cause instanceof Error ? cause.name : typeof cause
      // Its own message may quote the text or a part of the key.
      throw new CacheError('EMBEDDER_FAILED', `langchainEmbedder: ${type} failed with ${said}; see cause`, { cause })
    })
    if (!Array.isArray(vectors)) {
      throw new CacheError(
        'EMBEDDER_FAILED',
        `langchainEmbedder: ${type} must give a list of vectors, got ${typeof vectors}`,
      )
    }
    return { vectors, tokens: texts.reduce((sum, text) => sum + Math.ceil(countTokens(text)), 0) }
  }

  return hostedEmbedder({
    dimensions,
    idOf: (length) => `langchain/${id}/${length}`,
    ...(provider !== undefined && typeof model === 'string' && { billedAs: { provider, name: model } }),
    batching: batchingOptions(options, { maxBatch: 256 }),
    embedBatch,
    // LangChain has retried by itself; only what looks like a bad text is worth another request.
    worthSplitting: (error) => {
      const status = CacheError.is(error) ? field(error.cause, 'status') : undefined
      return typeof status !== 'number' || [400, 413, 422, 500].includes(status)
    },
  })
}

function estimatedTokens(text: string): number {
  return Buffer.byteLength(text) / 4
}
