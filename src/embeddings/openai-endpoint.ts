import { invalidOption, knownOptions, stringOption } from '../core/options.ts'
import { apiKeyOption, baseUrlOption, missingKey } from './provider-options.ts'

export interface AzureOptions {
  /** Default: the model's name. */
  readonly deployment?: string
  /** Such as `'2024-10-21'`. */
  readonly apiVersion: string
}

/** Where the requests of `openaiEmbedder` go, and how they prove who sends them. */
export interface OpenaiEndpoint {
  readonly url: string
  readonly baseUrl: string
  /** For the id: the same model name behind another address may be another model. */
  readonly provider: string
  readonly billedBy: string
  readonly keyHint: string
  readonly authorization: () => Promise<{ headers: Record<string, string>; secrets: string[] }>
}

interface EndpointOptions {
  readonly apiKey?: string
  readonly tokenProvider?: () => Promise<string>
  readonly baseUrl?: string
  readonly azure?: AzureOptions
}

const OPENAI = 'https://api.openai.com/v1'

export function openaiEndpoint(options: EndpointOptions, model: string): OpenaiEndpoint {
  const { tokenProvider, azure } = options
  if (tokenProvider !== undefined && typeof tokenProvider !== 'function') {
    throw invalidOption('tokenProvider', 'a function that gives a token', tokenProvider)
  }
  const variables = [azure ? 'AZURE_OPENAI_API_KEY' : 'OPENAI_API_KEY']
  const keyHint = tokenProvider ? 'check tokenProvider' : `check apiKey or ${variables.join(' or ')}`
  const { url, baseUrl, provider } = azure ? azureAddress(options.baseUrl, azure, model) : plainAddress(options.baseUrl)
  // The environment's key is OpenAI's: another service must not get it unasked.
  const foreign = provider !== 'openai' && !azure
  const apiKey = apiKeyOption(options.apiKey, foreign ? [] : variables)
  if (apiKey === undefined && !tokenProvider && !foreign) throw missingKey(variables)

  return {
    url,
    baseUrl,
    provider,
    billedBy: azure ? 'azure' : provider === 'openai' ? 'openai' : new URL(baseUrl).hostname,
    keyHint,
    async authorization() {
      const secret = tokenProvider ? await tokenProvider() : apiKey
      if (secret === undefined) return { headers: {}, secrets: [] }
      const headers: Record<string, string> =
        azure && !tokenProvider ? { 'api-key': secret } : { authorization: `Bearer ${secret}` }
      return { headers, secrets: [secret] }
    },
  }
}

function plainAddress(option: string | undefined) {
  const baseUrl = baseUrlOption('baseUrl', option ?? process.env.OPENAI_BASE_URL ?? OPENAI)
  const provider = baseUrl === OPENAI ? 'openai' : `openai@${baseUrl.replace(/^https?:\/\//, '')}`
  return { url: `${baseUrl}/embeddings`, baseUrl, provider }
}

function azureAddress(option: string | undefined, azure: AzureOptions, model: string) {
  knownOptions('azure', azure, ['deployment', 'apiVersion'])
  const apiVersion = stringOption('azure.apiVersion', azure.apiVersion, '')
  if (apiVersion === '') throw invalidOption('azure.apiVersion', "a version such as '2024-10-21'", azure.apiVersion)
  const baseUrl = baseUrlOption('baseUrl', option ?? process.env.AZURE_OPENAI_ENDPOINT)
  const deployment = stringOption('azure.deployment', azure.deployment, model)
  const path = `openai/deployments/${encodeURIComponent(deployment)}/embeddings`
  // Azure serves OpenAI's own models: the model, not the resource, is the space.
  return { url: `${baseUrl}/${path}?api-version=${encodeURIComponent(apiVersion)}`, baseUrl, provider: 'openai' }
}
