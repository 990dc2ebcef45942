import type { BaseMessage } from '@langchain/core/messages'
import type { Message, Part, ToolCallPart } from '../../core/request.ts'
import { foreign, isRecord, partsOf } from './content.ts'

/** LangChain messages as neutral ones; message ids and what the framework noted about them stay behind. */
export function toMessages(messages: readonly BaseMessage[]): Message[] {
  return messages.map(toMessage)
}

function toMessage(message: BaseMessage): Message {
  const name = typeof message.name === 'string' ? { name: message.name } : {}
  const kwargs = additionalParts(message)
  switch (message.getType()) {
    case 'system':
      return { role: 'system', content: [...partsOf(message.content), ...kwargs], ...name }
    case 'human':
      return { role: 'user', content: [...partsOf(message.content), ...kwargs], ...name }
    case 'ai':
      return { role: 'assistant', content: [...assistantParts(message), ...kwargs], ...name }
    case 'tool':
      return { role: 'tool', content: [toolResult(message), ...kwargs], ...name }
    default:
      return genericMessage(message, [...partsOf(message.content), ...kwargs], name)
  }
}

/** ChatMessage has a role of its own, FunctionMessage none we know; both names count. */
function genericMessage(message: BaseMessage, content: Part[], name: { name?: string }): Message {
  const type = message.getType()
  const given = 'role' in message && typeof message.role === 'string' ? message.role : type
  const role = ROLES[given]
  if (role) return { role, content, ...name }
  return { role: 'user', content: [...content, foreign({ role: given, type })], ...name }
}

const ROLES: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  ai: 'assistant',
}

/** The tool calls of an assistant stand once, whatever copies of them the provider's blocks hold. */
function assistantParts(message: BaseMessage): Part[] {
  const calls = recordsOf('tool_calls' in message ? message.tool_calls : undefined)
  const invalid = recordsOf('invalid_tool_calls' in message ? message.invalid_tool_calls : undefined)
  const ids = new Set([...calls, ...invalid].map((call) => call.id))
  const { content } = message
  const said = typeof content === 'string' ? content : content.filter((block) => !isCopyOfCall(block, ids))
  const parts = partsOf(said)
  for (const { type: _type, id, name, args, ...more } of calls) {
    const call: ToolCallPart = { ...more, type: 'toolCall', ...identified(id), name: String(name), args }
    parts.push(call)
  }
  for (const { id, name, args } of invalid) {
    parts.push({ type: 'toolCall', ...identified(id), name: String(name), args: { invalid: args } })
  }
  return parts
}

const CALL_BLOCKS: ReadonlySet<unknown> = new Set([
  'tool_use',
  'tool_call',
  'tool_call_chunk',
  'input_json_delta',
  'function_call',
])

function isCopyOfCall(block: unknown, ids: ReadonlySet<unknown>): boolean {
  if (!isRecord(block) || !CALL_BLOCKS.has(block.type)) return false
  return block.type === 'input_json_delta' || ids.has(block.id) || ids.has(block.call_id)
}

function toolResult(message: BaseMessage): Part {
  const { tool_call_id: toolCallId, status } = message as { tool_call_id?: unknown; status?: unknown }
  return {
    type: 'toolResult',
    ...(typeof toolCallId === 'string' && { toolCallId }),
    content: typeof message.content === 'string' ? message.content : partsOf(message.content),
    ...(status === 'error' && { isError: true }),
  }
}

/**
 * `additional_kwargs` may reach the provider (function calls, reasoning, signatures), so an unknown one counts. Left out
 * are copies of what stands elsewhere, raw responses, and maps of provider ids.
 */
function additionalParts(message: BaseMessage): Part[] {
  const hasCalls = 'tool_calls' in message && recordsOf(message.tool_calls).length > 0
  const isDerived = (name: string) =>
    DERIVED_KWARGS.has(name) ||
    (hasCalls && name === 'tool_calls') ||
    (message.getType() === 'ai' && ANSWER_FRAME.has(name))
  const kept = Object.entries(message.additional_kwargs ?? {}).filter(
    ([name, value]) => value !== undefined && !isDerived(name),
  )
  return kept.length > 0 ? [foreign({ additional_kwargs: Object.fromEntries(kept) })] : []
}

const DERIVED_KWARGS: ReadonlySet<string> = new Set([
  '__raw_response',
  '__openai_function_call_ids__',
  '__openai_custom_tool_call_ids__',
  'parsed',
  // The provider's own reasoning item: bound to its id, and absent after a hit.
  'reasoning',
])

/** The frame of an answer, as Anthropic's integration keeps it with the message. */
const ANSWER_FRAME: ReadonlySet<string> = new Set([
  ...['id', 'type', 'role', 'model', 'usage', 'stop_reason', 'stop_sequence', 'stop_details'],
])

function identified(id: unknown): { id?: string } {
  return typeof id === 'string' ? { id } : {}
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
