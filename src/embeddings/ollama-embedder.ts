import { CacheError } from '../core/errors.ts'
import { invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { type BatchResult, batchingOptions } from './batching.ts'
import type { Embedder } from './embedder.ts'
import { hostedEmbedder } from './hosted-embedder.ts'
import { baseUrlOption, PROVIDER_NAMES, type ProviderOptions, providerOptions } from './provider-options.ts'
import { isAboutTheTexts, type ProviderRequest, requestJson } from './provider-request.ts'
import { field, listOfLists } from './wire.ts'

export interface OllamaEmbedderOptions extends ProviderOptions {
  /** Such as `'nomic-embed-text'`; it must have been pulled. */
  readonly model: string
  /** Default: the environment's OLLAMA_HOST or http://127.0.0.1:11434. */
  readonly baseUrl?: string
  /** Asked of the service, for models that can shorten their vectors. */
  readonly dimensions?: number
  /** Put before each text, as some models want it: `'clustering: '` or `'search_query: '` for nomic-embed-text. */
  readonly prefix?: string
  /** How long the model stays in memory, such as `'10m'`; default the server's. */
  readonly keepAlive?: string
}

const NAMES = ['model', 'baseUrl', 'dimensions', 'prefix', 'keepAlive', ...PROVIDER_NAMES]

/**
 * A model on an Ollama server (`/api/embed`). The digest of the model is part of the id, so that a tag that is pulled
 * anew does not mix two spaces. The server cuts texts that are too long without saying so.
 *
 * @throws CacheError INVALID_OPTION
 */
export function ollamaEmbedder(options: OllamaEmbedderOptions): Embedder {
  knownOptions('ollamaEmbedder', options, NAMES)
  const named = stringOption('model', options.model, '')
  if (named === '') throw invalidOption('model', 'the name of a model', options.model)
  const model = named.includes(':') ? named : `${named}:latest`
  const { prefix = '', keepAlive, dimensions: asked } = options
  if (typeof prefix !== 'string') throw invalidOption('prefix', 'a string', prefix)
  if (asked !== undefined) numberOption('dimensions', asked, { min: 1, integer: true, default: 1 })
  const baseUrl = baseUrlOption('baseUrl', options.baseUrl ?? environmentUrl())
  const { deadlineMs, headers } = providerOptions(options)
  const common: Omit<ProviderRequest, 'url'> = {
    of: 'ollamaEmbedder',
    headers,
    deadlineMs,
    secrets: Object.values(headers),
    unreachable: 'is it running (`ollama serve`)?',
    cures: { 400: `it cannot embed with ${model}`, 404: `it has no model ${model}: run \`ollama pull ${model}\`` },
  }

  const embedBatch = async (texts: readonly string[], signal: AbortSignal): Promise<BatchResult> => {
    const answer = await requestJson({
      ...common,
      url: `${baseUrl}/api/embed`,
      body: {
        model,
        input: texts.map((text) => prefix + text),
        truncate: true,
        ...(asked !== undefined && { dimensions: asked }),
        ...(keepAlive !== undefined && { keep_alive: keepAlive }),
      },
      signal,
    })
    const vectors = listOfLists(field(answer, 'embeddings'))
    if (!vectors)
      throw new CacheError('EMBEDDER_FAILED', 'ollamaEmbedder: the answer must hold embeddings as a list of lists')
    const tokens = field(answer, 'prompt_eval_count')
    return { vectors, tokens: typeof tokens === 'number' && tokens >= 0 ? tokens : 0, usd: 0 }
  }

  const digest = async (): Promise<string> => {
    const tags = field(await requestJson({ ...common, url: `${baseUrl}/api/tags`, method: 'GET' }), 'models')
    const known = Array.isArray(tags)
      ? tags.find((tag) => field(tag, 'name') === model || field(tag, 'model') === model)
      : undefined
    const found = field(known, 'digest')
    if (typeof found === 'string' && found !== '') return found.replace(/^sha256:/, '').slice(0, 16)
    throw new CacheError(
      'EMBEDDER_FAILED',
      `ollamaEmbedder: ${baseUrl} has no model ${model}: run \`ollama pull ${model}\``,
    )
  }

  return hostedEmbedder({
    dimensions: asked,
    idOf: async (dimensions) => {
      const suffix = prefix === '' ? '' : `/prefix=${JSON.stringify(prefix)}`
      return `ollama/${model}@${await digest()}/${dimensions}${suffix}`
    },
    batching: batchingOptions(options, { maxBatch: 32 }),
    embedBatch,
    worthSplitting: isAboutTheTexts,
  })
}

/** OLLAMA_HOST as Ollama itself reads it: scheme and port may be missing, and 0.0.0.0 means every interface. */
function environmentUrl(): string {
  const host = process.env.OLLAMA_HOST?.trim()
  if (!host) return 'http://127.0.0.1:11434'
  const url = /^https?:\/\//.test(host) ? host : `http://${/:\d+$/.test(host) ? host : `${host}:11434`}`
  return url.replace('//0.0.0.0', '//127.0.0.1')
}
