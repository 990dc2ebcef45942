import { endpointSettings } from './endpoint-settings.ts'
import { callSettings, isRunOption } from './plain-settings.ts'

/** What a model-level cache of LangChain is told about a model: names and settings, without run state and secrets. */
export interface LlmKey {
  readonly provider: string
  readonly model: string
  readonly baseUrl?: string
  readonly isChat: boolean
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * Reads the `llmKey` of a BaseCache: `name:JSON` pairs joined by commas, the run's state and the API key among them.
 * `undefined` for a text that is not of that make.
 */
export function parseLlmKey(llmKey: string): LlmKey | undefined {
  const fields = fieldsOf(llmKey)
  if (!fields || typeof fields._type !== 'string') return undefined
  const { _type: provider, _model: kind, model, model_name: name, modelName, ...rest } = fields
  const named = [model, name, modelName].find((held): held is string => typeof held === 'string')
  const { baseURL, baseUrl, ...settings } = callSettings(rest, ENDPOINT_FIELDS)
  const sent = Object.entries(rest).filter(([name, value]) => isSentAfterAll(name, value))
  const url = [baseURL, baseUrl].find((held): held is string => typeof held === 'string')
  return {
    provider,
    model: named ?? provider,
    ...(url !== undefined && { baseUrl: url }),
    isChat: kind === 'base_chat_model',
    settings: { ...settings, ...endpointSettings([rest]), ...(sent.length > 0 && { sent: Object.fromEntries(sent) }) },
  }
}

const ENDPOINT_FIELDS: ReadonlySet<string> = new Set(['defaultQuery', 'defaultHeaders'])

/** Options of a run that are text, of LangChain and LangGraph. */
const TEXT_OF_RUNS: ReadonlySet<string> = new Set([
  ...['runId', 'runName', 'runType', 'toolCallId', 'resumeKey', 'durability', 'streamMode', 'outputVersion'],
  ...['promptCacheKey', 'promptCacheRetention', 'prompt_cache_key', 'prompt_cache_retention'],
])

/**
 * The key mixes what is sent with the run's state. A text under a name like `context` or `store` is no state, which is
 * an object there: it goes into the body of the request.
 */
function isSentAfterAll(name: string, value: unknown): boolean {
  const isInternal = /^(ls_|__pregel|lc_)/.test(name)
  return typeof value === 'string' && isRunOption(name) && !isInternal && !TEXT_OF_RUNS.has(name)
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  const fields: [string, unknown][] = []
  let at = 0
  while (at < text.length) {
    const colon = text.indexOf(':', at)
    if (colon < 0) return undefined
    const end = endOfJson(text, colon + 1)
    const value = parsed(text.slice(colon + 1, end))
    if (value === undefined) return undefined
    if (value.json !== undefined) fields.push([text.slice(at, colon), value.json])
    if (end < text.length && text[end] !== ',') return undefined
    at = end + 1
  }
  return Object.fromEntries(fields)
}

/** JSON.stringify gives `undefined` for a function: then there is nothing to know. */
function parsed(text: string): { json?: unknown } | undefined {
  if (text === 'undefined') return {}
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Where the JSON value that starts here ends: at a comma outside of strings and brackets. */
function endOfJson(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const sign = text[at]
    if (sign === '"') at = endOfString(text, at)
    else if (sign === '{' || sign === '[') depth++
    else if (sign === '}' || sign === ']') depth--
    else if (sign === ',' && depth === 0) return at
  }
  return text.length
}

function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}
