import { Validator } from '@cfworker/json-schema'
import type { WriteRefusal } from '../core/events.ts'
import type { NotSemanticReason } from '../core/outcome.ts'
import type { ModelRequest } from '../core/request.ts'
import { textOf } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'

/**
 * Why only the exact tier may answer this request; undefined when similarity may be asked. After a tool result the last
 * message is not the user's, and an empty or endless text has no meaning a vector could hold.
 */
export function notSemantic(request: ModelRequest, maxQueryChars: number): NotSemanticReason | undefined {
  const last = request.messages.at(-1)
  if (last?.role !== 'user') return 'last-message-not-user'
  if (typeof last.content !== 'string' && last.content.some((part) => part.type === 'toolResult')) {
    return 'last-message-not-user'
  }
  const text = textOf(last)
  if (text.trim() === '') return 'no-text'
  return text.length > maxQueryChars ? 'query-too-long' : undefined
}

/** An answer with tool calls asks for an action in its own context: it is reused for the very same request only. */
export function isSemanticAnswer(response: ModelResponse): boolean {
  return response.toolCalls.length === 0 && !response.content.some((part) => part.type === 'toolCall')
}

/** Only complete answers are reused: a truncated, filtered or failed one would be served again and again. */
export function storeRefusal(response: ModelResponse, responseFormat?: unknown): WriteRefusal | undefined {
  const answers = [response, ...(response.alternatives ?? [])]
  for (const { finishReason, content, toolCalls } of answers) {
    if (finishReason === 'length') return 'truncated'
    if (finishReason === 'content-filter') return 'filtered'
    if (finishReason !== 'stop' && finishReason !== 'tool-calls') return 'failed'
    const says = content.some((part) => part.type !== 'reasoning' && (part.type !== 'text' || part.text.trim() !== ''))
    if (!says && toolCalls.length === 0) return 'empty'
  }
  if (responseFormat !== undefined && isSemanticAnswer(response) && !fitsFormat(response, responseFormat)) {
    return 'schema-mismatch'
  }
  return undefined
}

/** True when what came back is an answer at all; models behind `call` are the caller's, so anything may come. */
export function isModelResponse(value: unknown): value is ModelResponse {
  return responseFlaw(value) === undefined
}

/** What keeps a value from being a ModelResponse, without any of its text. */
export function responseFlaw(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `a response must be a ModelResponse, got ${kindOf(value)}`
  const { content, toolCalls, finishReason, alternatives } = value as Partial<ModelResponse>
  if (!Array.isArray(content) || !content.every(isPart)) {
    return `content must be an array of parts such as { type: 'text', text }, got ${kindOf(content)}`
  }
  if (!Array.isArray(toolCalls) || !toolCalls.every((call) => typeof call === 'object' && call !== null)) {
    return `toolCalls must be an array of calls, empty without any, got ${kindOf(toolCalls)}`
  }
  if (typeof finishReason !== 'string')
    return `finishReason must be a string such as 'stop', got ${kindOf(finishReason)}`
  if (alternatives === undefined) return undefined
  if (!Array.isArray(alternatives)) return `alternatives must be an array of answers, got ${kindOf(alternatives)}`
  return alternatives.map(responseFlaw).find((flaw) => flaw !== undefined)
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  return Array.isArray(value)
    ? 'an array of something else'
    : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}

function isPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false
  const { type, text } = part as { type?: unknown; text?: unknown }
  return typeof type === 'string' && ((type !== 'text' && type !== 'reasoning') || typeof text === 'string')
}

function fitsFormat(response: ModelResponse, responseFormat: unknown): boolean {
  const wanted = jsonSchemaOf(responseFormat)
  if (!wanted) return true
  let value = response.structured
  if (value === undefined) {
    try {
      value = JSON.parse(textOf({ content: response.content }))
    } catch {
      return false
    }
  }
  if (wanted.schema === undefined) return true
  try {
    return new Validator(wanted.schema, '2020-12', true).validate(value).valid
  } catch {
    // A schema this validator does not know: that the answer is JSON is all that can be said.
    return true
  }
}

/**
 * The JSON schema inside the forms providers and frameworks use; without `schema` any JSON will do; undefined when the
 * format is not about JSON.
 */
function jsonSchemaOf(format: unknown): { schema?: Record<string, unknown> } | undefined {
  if (!isRecord(format)) return undefined
  if (isRecord(format.json_schema) && isRecord(format.json_schema.schema)) return { schema: format.json_schema.schema }
  if (isRecord(format.schema)) return { schema: format.schema }
  if (format.type === 'json_object' || format.type === 'json' || format.type === 'json_schema') return {}
  const isSchema =
    '$schema' in format || isRecord(format.properties) || (format.type === 'object' && !('text' in format))
  return isSchema ? { schema: format } : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
