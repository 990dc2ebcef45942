import { invalidOption } from '../../../core/options.ts'
import { startModelServer } from '../model-server.ts'
import { standInAnswers } from './stand-in-answer.ts'

/** Where the answers come from. */
export interface Endpoint {
  readonly baseUrl: string
  readonly apiKey?: string
  close(): Promise<void>
}

/**
 * The real endpoint with `live`, else a local stand-in on the loopback interface.
 *
 * @throws CacheError INVALID_OPTION
 */
export async function openEndpoint(options: {
  readonly live: boolean
  readonly baseUrl?: string
  readonly answerTokens: number
  readonly seed: number
}): Promise<Endpoint> {
  const { live, baseUrl = process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1' } = options
  if (!live) {
    if (options.baseUrl !== undefined) throw invalidOption('--base-url', 'given with --live only', options.baseUrl)
    const answer = standInAnswers({ medianTokens: options.answerTokens, seed: options.seed })
    return startModelServer({ answer, latency: 'off' })
  }
  if (!URL.canParse(baseUrl)) throw invalidOption('--base-url', 'a URL such as https://api.openai.com/v1', baseUrl)
  const apiKey = process.env.OPENAI_API_KEY
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(baseUrl).hostname)
  if (!apiKey && !isLocal) throw invalidOption('OPENAI_API_KEY', 'set for --live', undefined)
  return { baseUrl, ...(apiKey && { apiKey }), close: async () => undefined }
}
