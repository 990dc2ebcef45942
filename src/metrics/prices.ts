import { calcPrice, findProvider, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import { invalidOption, knownOptions } from '../core/options.ts'
import type { Usage } from '../core/response.ts'
import type { PriceOf } from '../core/stats.ts'

/** A price of your own, in US dollars per million tokens; each ≥ 0 and finite. */
export interface PriceOverride {
  readonly inputUsdPerMillionTokens: number
  /** May be left out for embedding models; a call with output tokens is then unpriced. */
  readonly outputUsdPerMillionTokens?: number
  /** Price of input tokens that the provider's prompt cache served. Default: the input price. */
  readonly cachedInputUsdPerMillionTokens?: number
}

/** By model (`'gpt-4o-mini'`), or by provider and model (`'openai/gpt-4o-mini'`), which goes first. */
export type PriceOverrides = Readonly<Record<string, PriceOverride>>

/** US dollars of one usage; undefined where this model has no price for it. */
type Tariff = (usage: Usage, at: number) => number | undefined

const MILLION = 1_000_000
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Model names come from callers; beyond so many the memo starts anew. */
const MAX_MEMOISED = 1_000

/** Names that adapters and frameworks give, where they are no id of the catalogue; a local server is unknown on purpose. */
const CATALOGUE_ID: ReadonlyMap<string, string> = new Map([
  ['amazon-bedrock', 'aws'],
  ['bedrock', 'aws'],
  ['bedrock-converse', 'aws'],
  ['azure-openai', 'azure'],
  ['azure-ai', 'azure'],
  ['claude', 'anthropic'],
  ['gemini', 'google'],
  ['google-ai', 'google'],
  ['google-genai', 'google'],
  ['google-generative-ai', 'google'],
  ['google-generativeai', 'google'],
  ['google-vertex', 'google'],
  ['google-vertexai', 'google'],
  ['vertex', 'google'],
  ['vertexai', 'google'],
  ['mistralai', 'mistral'],
  ['moonshot', 'moonshotai'],
  ['togetherai', 'together'],
  ['together-ai', 'together'],
  ['fireworks-ai', 'fireworks'],
  ['voyage', 'voyageai'],
  ['xai', 'x-ai'],
  ['zhipu', 'zhipuai'],
  ['z-ai', 'zai'],
])

/**
 * Prices of the bundled catalogue `@pydantic/genai-prices`, with overrides. A model it does not know, a call without
 * usage and a local server have no price: undefined, never 0. A base URL of a known provider decides over the
 * provider's name, because OpenAI's client is used for many of them.
 *
 * @throws CacheError INVALID_OPTION for an override that is no price
 */
export function createPriceOf(overrides: PriceOverrides = {}): PriceOf {
  const own = checkedOverrides(overrides)
  const memo = new Map<string, Tariff>()
  return ({ provider, name, baseUrl, usage, at }) => {
    if (!usage || !isUsage(usage)) return undefined
    const key = `${provider}\n${baseUrl ?? ''}\n${name}`
    let tariff = memo.get(key)
    if (!tariff) {
      if (memo.size >= MAX_MEMOISED) memo.clear()
      tariff = own.get(`${provider}/${name}`) ?? own.get(name) ?? catalogueTariff(provider, name, baseUrl)
      memo.set(key, tariff)
    }
    return tariff(usage, at)
  }
}

function checkedOverrides(overrides: PriceOverrides): Map<string, Tariff> {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    throw invalidOption('prices', 'an object of prices by model', overrides)
  }
  const tariffs = new Map<string, Tariff>()
  for (const [model, price] of Object.entries(overrides)) {
    const of = `prices[${JSON.stringify(model)}]`
    knownOptions(of, price, ['inputUsdPerMillionTokens', 'outputUsdPerMillionTokens', 'cachedInputUsdPerMillionTokens'])
    const input = dollars(of, 'inputUsdPerMillionTokens', price.inputUsdPerMillionTokens)
    const output = optionalDollars(of, 'outputUsdPerMillionTokens', price.outputUsdPerMillionTokens)
    const cached = optionalDollars(of, 'cachedInputUsdPerMillionTokens', price.cachedInputUsdPerMillionTokens)
    const rates: ModelPrice = { input_mtok: input, output_mtok: output, cache_read_mtok: cached }
    tariffs.set(model, (usage) => usdOf(rates, usage))
  }
  return tariffs
}

function optionalDollars(of: string, name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : dollars(of, name, value)
}

function dollars(of: string, name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0) || value === Number.POSITIVE_INFINITY) {
    throw invalidOption(`${name} of ${of}`, 'a number ≥ 0 and finite', value)
  }
  return value
}

const UNKNOWN: Tariff = () => undefined

function catalogueTariff(provider: string, name: string, baseUrl: string | undefined): Tariff {
  const providerId = catalogueId(provider, baseUrl)
  const modelId = name.replace(/^models\//, '')
  if (!providerId || !modelId) return UNKNOWN
  const found = pricesAt(providerId, modelId, 0)
  if (!found) return UNKNOWN
  const { model } = found
  if (!Array.isArray(model.prices)) return (usage) => usdOf(found.rates, usage)
  // Some prices begin on a date or differ by the time of day, to the minute. Looking them up again costs a hundred times
  // what pricing does, so the last answer is kept for its minute.
  let minute = Number.NaN
  let rates: ModelPrice | undefined
  return (usage, at) => {
    const current = Math.floor(at / MINUTE_MS)
    if (current !== minute) {
      minute = current
      rates = pricesAt(providerId, modelId, at)?.rates
    }
    return rates && usdOf(rates, usage)
  }
}

function pricesAt(
  providerId: string,
  modelId: string,
  at: number,
): { model: ModelInfo; rates: ModelPrice } | undefined {
  try {
    const timestamp = new Date(Number.isFinite(at) ? at : DAY_MS)
    const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, modelId, { providerId, timestamp })
    return found ? { model: found.model, rates: found.model_price } : undefined
  } catch {
    return undefined
  }
}

/** The catalogue itself matches by substrings, so that `ollama-openai-proxy` would be OpenAI: only exact ids count here. */
function catalogueId(provider: string, baseUrl: string | undefined): string | undefined {
  const byUrl = baseUrl === undefined ? undefined : findProvider({ providerApiUrl: baseUrl })?.id
  if (byUrl) return byUrl
  // The AI SDK names providers `openai.chat`, LangChain `google_genai`.
  const normal = provider.trim().toLowerCase().replaceAll('_', '-')
  const first = normal.split('.', 1)[0] ?? ''
  const vendor = CATALOGUE_ID.get(normal) ?? CATALOGUE_ID.get(first) ?? first
  return [normal, vendor].find((id) => id !== '' && findProvider({ providerId: id })?.id === id)
}

function isUsage({ inputTokens, outputTokens, cachedInputTokens }: Usage): boolean {
  return (
    isCount(inputTokens) && isCount(outputTokens) && (cachedInputTokens === undefined || isCount(cachedInputTokens))
  )
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Number.isFinite(value)
}

/**
 * The catalogue's own sum for plain tokens, without its 60 µs of look-ups; a test compares the two over the whole
 * catalogue. Prices per request count once.
 */
function usdOf(rates: ModelPrice, usage: Usage): number | undefined {
  const { input_mtok: input, output_mtok: output, cache_read_mtok: cached, requests_kcount: requests } = rates
  const cachedTokens = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens)
  if (input === undefined || (output === undefined && usage.outputTokens > 0)) return undefined
  const freshUsd = rateOf(input, usage.inputTokens) * (usage.inputTokens - cachedTokens)
  const cachedUsd = cachedTokens > 0 ? rateOf(cached ?? input, usage.inputTokens) * cachedTokens : 0
  const outputUsd = output === undefined ? 0 : rateOf(output, usage.inputTokens) * usage.outputTokens
  const requestUsd = typeof requests === 'number' ? requests / 1_000 : 0
  return (freshUsd + cachedUsd + outputUsd) / MILLION + requestUsd
}

/** Tiers depend on the size of the whole input, as providers bill them. */
function rateOf(price: NonNullable<ModelPrice[string]>, inputTokens: number): number {
  if (typeof price === 'number') return price
  let rate = price.base
  let reached = Number.NEGATIVE_INFINITY
  for (const { start, price: tierPrice } of price.tiers) {
    if (inputTokens > start && start >= reached) {
      rate = tierPrice
      reached = start
    }
  }
  return rate
}
