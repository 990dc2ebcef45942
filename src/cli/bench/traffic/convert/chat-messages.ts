import { wrong } from '../wrong-value.ts'
import { defined, isObject, type LogLine, textIn } from './export-format.ts'

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  HumanMessage: 'user',
  ai: 'assistant',
  assistant: 'assistant',
  model: 'assistant',
  AIMessage: 'assistant',
  AIMessageChunk: 'assistant',
  system: 'system',
  developer: 'developer',
  SystemMessage: 'system',
  tool: 'tool',
  function: 'function',
  ToolMessage: 'tool',
}

/**
 * Messages of OpenAI's form, of LangChain's (serialised or `[role, text]`), or one text, as OpenAI's form.
 *
 * @throws CacheError INVALID_OPTION
 */
export function chatMessages(input: unknown): LogLine[] {
  if (typeof input === 'string' && input !== '') return [{ role: 'user', content: input }]
  const held = isObject(input) ? (input.messages ?? input.input ?? input.prompt ?? input.question) : input
  if (isObject(input) && typeof held === 'string') return chatMessages(held)
  if (isObject(input) && held === undefined && 'content' in input) return [chatMessage(input)]
  if (!Array.isArray(held) || held.length === 0) throw wrong('the input', 'a text or a list of messages', input)
  // LangChain hands over a list of conversations, of which a call has one.
  const list = Array.isArray(held[0]) && (held.length === 1 || !isPair(held[0])) ? (held[0] as unknown[]) : held
  return list.map(chatMessage)
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && Object.hasOwn(ROLES, value[0])
}

function chatMessage(value: unknown): LogLine {
  if (Array.isArray(value) && isPair(value)) return { role: ROLES[value[0]], content: value[1] }
  if (!isObject(value)) throw wrong('a message', 'an object with role and content', value)
  const fields = isObject(value.kwargs) ? value.kwargs : isObject(value.data) ? value.data : value
  const named = Array.isArray(value.id) ? value.id.at(-1) : undefined
  const kind = [value.role, named, fields.type, value.type].find(
    (one) => typeof one === 'string' && Object.hasOwn(ROLES, one),
  )
  if (typeof kind !== 'string')
    throw wrong('the role of a message', `one of ${Object.keys(ROLES).join(', ')}`, value.role ?? named ?? value.type)
  const calls = toolCallsOf(fields)
  return defined({
    role: ROLES[kind],
    content: fields.content ?? null,
    name: textIn(fields, 'name'),
    tool_call_id: textIn(fields, 'tool_call_id'),
    tool_calls: calls.length > 0 ? calls : undefined,
  })
}

/** In OpenAI's form; LangChain has name and args at the top. */
export function toolCallsOf(fields: LogLine): LogLine[] {
  const more = isObject(fields.additional_kwargs) ? fields.additional_kwargs.tool_calls : undefined
  const calls = Array.isArray(fields.tool_calls) && fields.tool_calls.length > 0 ? fields.tool_calls : more
  if (!Array.isArray(calls)) return []
  return calls.filter(isObject).map((call) => {
    if (isObject(call.function)) return call
    const args = typeof call.args === 'string' ? call.args : JSON.stringify(call.args ?? {})
    return defined({ id: call.id, type: 'function', function: { name: call.name, arguments: args } })
  })
}
