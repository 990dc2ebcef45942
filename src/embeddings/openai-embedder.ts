import { CacheError } from '../core/errors.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { type BatchResult, batchingOptions } from './batching.ts'
import type { Embedder } from './embedder.ts'
import { hostedEmbedder } from './hosted-embedder.ts'
import { type AzureOptions, type OpenaiEndpoint, openaiEndpoint } from './openai-endpoint.ts'
import { readOpenaiAnswer } from './openai-wire.ts'
import { PROVIDER_NAMES, type ProviderOptions, providerOptions } from './provider-options.ts'
import { failureStatus, isAboutTheTexts, requestJson } from './provider-request.ts'
import { cutToBytes } from './text-content.ts'

export interface OpenaiEmbedderOptions extends ProviderOptions {
  /** Such as `'text-embedding-3-small'`; with Azure the model behind the deployment. */
  readonly model: string
  /** Default: the environment's OPENAI_API_KEY, with `azure` AZURE_OPENAI_API_KEY. Not needed with another `baseUrl`. */
  readonly apiKey?: string
  /** Gives a bearer token for each request instead of a key (Microsoft Entra ID, gateways). */
  readonly tokenProvider?: () => Promise<string>
  /** Any OpenAI-compatible endpoint; default OPENAI_BASE_URL or https://api.openai.com/v1. */
  readonly baseUrl?: string
  /** Azure OpenAI: `baseUrl` (or AZURE_OPENAI_ENDPOINT) is then https://NAME.openai.azure.com. */
  readonly azure?: AzureOptions
  /** Asked of the service, which must be able to shorten its vectors. */
  readonly dimensions?: number
  /** Put before each text, such as `'query: '` for e5 models behind a compatible endpoint. */
  readonly prefix?: string
  /** Length at which a text that the service calls too long is cut; default 8,191. */
  readonly maxTokens?: number
}

const NATIVE_DIMENSIONS: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
}
const NAMES = [
  'model',
  'apiKey',
  'tokenProvider',
  'baseUrl',
  'azure',
  'dimensions',
  'prefix',
  'maxTokens',
  ...PROVIDER_NAMES,
]

/**
 * OpenAI's embeddings, or those of any service that speaks its format (Azure OpenAI, vLLM, LiteLLM, llama.cpp, …).
 * Texts that the service calls too long are cut and sent again, with a notice.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * openaiEmbedder({ model: 'text-embedding-3-small', dimensions: 512 })
 */
export function openaiEmbedder(options: OpenaiEmbedderOptions): Embedder {
  knownOptions('openaiEmbedder', options, NAMES)
  const model = stringOption('model', options.model, '')
  if (model === '') throw invalidOption('model', 'the name of an embedding model', options.model)
  const { prefix = '' } = options
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string', prefix)
  const asked = options.dimensions
  if (asked !== undefined) numberOption('dimensions', asked, { min: 1, integer: true, default: 1 })
  const maxTokens = numberOption('maxTokens', options.maxTokens, { min: 1, integer: true, default: 8191 })
  const { deadlineMs, headers } = providerOptions(options)
  const endpoint = openaiEndpoint(options, model)

  const request = async (texts: readonly string[], signal: AbortSignal): Promise<BatchResult> => {
    const { headers: authorization, secrets } = await endpoint.authorization()
    const answer = await requestJson({
      of: 'openaiEmbedder',
      url: endpoint.url,
      headers: { ...headers, ...authorization },
      body: {
        model,
        input: texts.map((text) => prefix + text),
        encoding_format: 'base64',
        ...(asked !== undefined && { dimensions: asked }),
      },
      deadlineMs,
      signal,
      secrets: [...secrets, ...Object.values(headers)],
      cures: cures(endpoint, model),
    })
    return readOpenaiAnswer(answer, texts.length)
  }

  const embedBatch = async (texts: readonly string[], signal: AbortSignal): Promise<BatchResult> => {
    try {
      return await request(texts, signal)
    } catch (error) {
      if (!isTooLong(error)) throw error
      // A token is never shorter than a byte, so this cut always fits; which text was too long is not said.
      const cut = texts.map((text) => cutToBytes(text, Math.max(1, maxTokens - Buffer.byteLength(prefix) - 2)))
      const truncated = texts.flatMap((text, i) => (cut[i] === text ? [] : [i]))
      if (texts.length > 1 || truncated.length === 0) throw error
      return { ...(await request(cut, signal)), truncated }
    }
  }

  return hostedEmbedder({
    dimensions: asked ?? NATIVE_DIMENSIONS[model],
    idOf: (dimensions) =>
      `${endpoint.provider}/${model}/${dimensions}${prefix === '' ? '' : `/prefix=${JSON.stringify(prefix)}`}`,
    maxTokens,
    billedAs: { provider: endpoint.billedBy, name: model, baseUrl: endpoint.baseUrl },
    batching: batchingOptions(options, { maxBatch: 256 }),
    embedBatch,
    worthSplitting: isAboutTheTexts,
  })
}

/** OpenAI, Azure and vLLM say it in different words and with one status. */
function isTooLong(error: unknown): boolean {
  const status = failureStatus(error)
  if ((status !== 400 && status !== 413) || !CacheError.is(error) || !(error.cause instanceof Error)) return false
  return /maximum (context|input) length|context_length|too (long|many tokens|large)|max(imum)? (of )?\d+ tokens/i.test(
    error.cause.message,
  )
}

function cures({ keyHint, baseUrl }: OpenaiEndpoint, model: string): Readonly<Record<number, string>> {
  return {
    400: `it refused the request: check model ${JSON.stringify(model)} and dimensions`,
    401: `it did not accept the key: ${keyHint}`,
    403: `the key may not use ${JSON.stringify(model)}: ${keyHint}`,
    404: `it knows no embedding model ${JSON.stringify(model)} there: check model and baseUrl ${baseUrl}`,
    413: 'the request was too large: lower maxBatch',
    429: 'rate limit or quota reached, and no retry before the deadline: lower maxConcurrentBatches or raise the quota',
  }
}
