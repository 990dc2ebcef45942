import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages'
import { fakeModel } from '@langchain/core/testing'

export interface Called {
  readonly name: string
  readonly args: Record<string, unknown>
  readonly id: string
}

/** A model that asks for the given tool calls, turn by turn, and then says "done". */
export function modelThatCalls(...turns: readonly (readonly Called[])[]) {
  let model = fakeModel()
  for (const calls of turns) model = model.respondWithTools(calls.map((call) => ({ ...call })))
  return model.respond(new AIMessage('done'))
}

export function toolMessages(messages: readonly BaseMessage[]): ToolMessage[] {
  return messages.filter((message): message is ToolMessage => ToolMessage.isInstance(message))
}

/** A message without what differs from call to call by design. */
export function comparable(message: ToolMessage | undefined) {
  if (!message) return undefined
  const { content, artifact, status, name, metadata, tool_call_id, additional_kwargs } = message
  const { reprise: _record, ...response_metadata } = message.response_metadata as Record<string, unknown>
  return { content, artifact, status, name, metadata, tool_call_id, additional_kwargs, response_metadata }
}
