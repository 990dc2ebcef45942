import { CacheError } from '../core/errors.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { type BatchResult, batchingOptions } from './batching.ts'
import type { Embedder } from './embedder.ts'
import { hostedEmbedder } from './hosted-embedder.ts'
import {
  apiKeyOption,
  baseUrlOption,
  missingKey,
  PROVIDER_NAMES,
  type ProviderOptions,
  providerOptions,
} from './provider-options.ts'
import { isAboutTheTexts, requestJson } from './provider-request.ts'
import { field, listOfLists } from './wire.ts'

export interface CohereEmbedderOptions extends ProviderOptions {
  /** Default `'embed-v4.0'`. */
  readonly model?: string
  /** Default: the environment's CO_API_KEY or COHERE_API_KEY. */
  readonly apiKey?: string
  /** Default https://api.cohere.com. */
  readonly baseUrl?: string
  /** What the texts are; questions are compared with questions here, so both sides are of one type. Default `'search_query'`. */
  readonly inputType?: 'search_query' | 'clustering'
  /** Asked of the service, for embed-v4 and later. */
  readonly dimensions?: number
}

const NATIVE_DIMENSIONS: Readonly<Record<string, number>> = {
  'embed-v4.0': 1536,
  'embed-english-v3.0': 1024,
  'embed-multilingual-v3.0': 1024,
  'embed-english-light-v3.0': 384,
  'embed-multilingual-light-v3.0': 384,
}
const KEYS = ['CO_API_KEY', 'COHERE_API_KEY']
const COHERE = 'https://api.cohere.com'
const NAMES = ['model', 'apiKey', 'baseUrl', 'inputType', 'dimensions', ...PROVIDER_NAMES]

/**
 * Cohere's embeddings (v2 API). The service cuts texts that are too long without saying so.
 *
 * @throws CacheError INVALID_OPTION
 */
export function cohereEmbedder(options: CohereEmbedderOptions = {}): Embedder {
  knownOptions('cohereEmbedder', options, NAMES)
  const model = stringOption('model', options.model, 'embed-v4.0')
  const inputType = options.inputType ?? 'search_query'
  if (!['search_query', 'clustering'].includes(inputType)) {
    throw invalidOption('inputType', "'search_query' or 'clustering'", inputType)
  }
  const asked = options.dimensions
  if (asked !== undefined) numberOption('dimensions', asked, { min: 1, integer: true, default: 1 })
  const baseUrl = baseUrlOption('baseUrl', options.baseUrl ?? COHERE)
  const apiKey = apiKeyOption(options.apiKey, KEYS)
  if (apiKey === undefined) throw missingKey(KEYS)
  const { deadlineMs, headers } = providerOptions(options)
  const provider = baseUrl === COHERE ? 'cohere' : `cohere@${baseUrl.replace(/^https?:\/\//, '')}`

  const embedBatch = async (texts: readonly string[], signal: AbortSignal): Promise<BatchResult> => {
    const answer = await requestJson({
      of: 'cohereEmbedder',
      url: `${baseUrl}/v2/embed`,
      headers: { ...headers, authorization: `Bearer ${apiKey}` },
      body: {
        model,
        texts,
        input_type: inputType,
        embedding_types: ['float'],
        truncate: 'END',
        ...(asked !== undefined && { output_dimension: asked }),
      },
      deadlineMs,
      signal,
      secrets: [apiKey, ...Object.values(headers)],
      cures: {
        400: `it refused the request: check model ${JSON.stringify(model)} and dimensions`,
        401: `it did not accept the key: check apiKey or ${KEYS.join(' or ')}`,
        404: `it knows no model ${JSON.stringify(model)}: check model and baseUrl`,
        429: 'rate limit or trial quota reached, and no retry before the deadline: lower maxConcurrentBatches',
      },
    })
    const vectors = listOfLists(field(field(answer, 'embeddings'), 'float'))
    if (!vectors) {
      throw new CacheError(
        'EMBEDDER_FAILED',
        'cohereEmbedder: the answer must hold embeddings.float as a list of lists',
      )
    }
    const tokens = field(field(field(answer, 'meta'), 'billed_units'), 'input_tokens')
    return { vectors, ...(typeof tokens === 'number' && tokens >= 0 && { tokens }) }
  }

  return hostedEmbedder({
    dimensions: asked ?? NATIVE_DIMENSIONS[model],
    idOf: (dimensions) => `${provider}/${model}/${dimensions}/${inputType}`,
    billedAs: { provider: 'cohere', name: model, baseUrl },
    batching: batchingOptions(options, { maxBatch: 96 }),
    embedBatch,
    worthSplitting: isAboutTheTexts,
  })
}
