import type { BaseMessage } from '@langchain/core/messages'

const USAGE = ['usage', 'tokenUsage', 'usage_metadata', 'estimatedTokenUsage']

/** Everything of a message that a hit must have in common with its miss: all but ids, usage and the record. */
export function comparable(message: BaseMessage): unknown {
  const { content, additional_kwargs, response_metadata, name } = message
  const more = message as { tool_calls?: unknown; invalid_tool_calls?: unknown; tool_call_chunks?: unknown }
  return stripped({
    type: message.getType(),
    content,
    name,
    additional_kwargs,
    response_metadata: { ...response_metadata, reprise: undefined },
    tool_calls: more.tool_calls,
    invalid_tool_calls: more.invalid_tool_calls,
  })
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, held]) => name !== 'id' && held !== undefined && !USAGE.includes(name))
      .map(([name, held]) => [name, stripped(held)]),
  )
}
