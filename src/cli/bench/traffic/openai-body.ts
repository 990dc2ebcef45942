import { createHash } from 'node:crypto'
import type { Message, ModelRequest, Part, ToolDefinition } from '../../../core/request.ts'
import { wrong } from './wrong-value.ts'

/** A request body of OpenAI's chat completions, as far as a log must have it. */
export interface OpenaiBody {
  readonly model: string
  readonly messages: readonly Record<string, unknown>[]
  readonly [more: string]: unknown
}

const ROLES: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
}

/**
 * The neutral request of a body. Every field that has no place of its own is a setting, and settings count.
 *
 * @throws CacheError INVALID_OPTION: what, allowed, actual
 */
export function toModelRequest(body: OpenaiBody, provider: string): ModelRequest {
  const { model, messages, tools, response_format: responseFormat, ...settings } = body
  if (!Array.isArray(messages) || messages.length === 0) throw wrong('messages', 'a non-empty array', messages)
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) throw wrong('tools', 'an array', tools)
  return {
    provider,
    model,
    messages: messages.map((message, index) => toMessage(message, `messages[${index}]`)),
    ...(Array.isArray(tools) && { tools: tools.map(toTool) }),
    ...(responseFormat !== undefined && { responseFormat }),
    settings,
  }
}

function toMessage(value: unknown, at: string): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object', value)
  const message = value as Record<string, unknown>
  const role = typeof message.role === 'string' && Object.hasOwn(ROLES, message.role) ? ROLES[message.role] : undefined
  if (!role) throw wrong(`${at}.role`, `one of ${Object.keys(ROLES).join(', ')}`, message.role)
  const name = typeof message.name === 'string' ? { name: message.name } : {}
  if (role === 'tool') {
    const toolCallId = typeof message.tool_call_id === 'string' ? { toolCallId: message.tool_call_id } : {}
    return { role, ...name, content: [{ type: 'toolResult', ...toolCallId, content: message.content ?? '' }] }
  }
  const content = contentParts(message.content, `${at}.content`)
  const calls = toolCalls(message.tool_calls, `${at}.tool_calls`)
  if (calls.length === 0) return { role, ...name, content }
  const text: readonly Part[] =
    typeof content === 'string' ? (content ? [{ type: 'text', text: content }] : []) : content
  return { role, ...name, content: [...text, ...calls] }
}

function contentParts(content: unknown, at: string): string | Part[] {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) throw wrong(at, 'a string or an array of parts', content)
  return content.map((part, index) => toPart(part, `${at}[${index}]`))
}

function toPart(value: unknown, at: string): Part {
  const part = value as Record<string, unknown> | null
  if (typeof part !== 'object' || part === null || typeof part.type !== 'string')
    throw wrong(at, 'a part with a type', value)
  if (part.type === 'text' || part.type === 'input_text' || part.type === 'output_text') {
    if (typeof part.text !== 'string') throw wrong(`${at}.text`, 'a string', part.text)
    return { type: 'text', text: part.text }
  }
  if (part.type === 'image_url') {
    const held = part.image_url
    const url = typeof held === 'string' ? held : (held as { url?: unknown } | null)?.url
    if (typeof url !== 'string') throw wrong(`${at}.image_url.url`, 'a string', url)
    return url.startsWith('data:') ? { type: 'image', digest: digestOf(url) } : { type: 'image', url }
  }
  // Audio, files and what providers add later: their bytes must match, whatever they are.
  return { type: 'file', digest: digestOf(JSON.stringify(part)) }
}

function toolCalls(value: unknown, at: string): Part[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrong(at, 'an array', value)
  return value.map((call, index) => {
    const named = call?.function
    if (typeof named?.name !== 'string') throw wrong(`${at}[${index}].function.name`, 'a string', named?.name)
    const id = typeof call.id === 'string' ? { id: call.id } : {}
    return { type: 'toolCall', ...id, name: named.name, args: parsed(named.arguments) }
  })
}

function toTool(tool: unknown): ToolDefinition {
  const named = (tool as { function?: Record<string, unknown> } | null)?.function
  if (typeof named?.name !== 'string') return tool as ToolDefinition
  const { name, description, parameters, ...more } = named
  return {
    ...more,
    name: name as string,
    ...(typeof description === 'string' && { description }),
    ...(parameters !== undefined && { parameters }),
  } as ToolDefinition
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
