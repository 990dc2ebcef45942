import type { Part, ToolCall } from '../core/request.ts'
import type { ModelResponse, StreamPart } from '../core/response.ts'

type FinishPart = Extract<StreamPart, { type: 'finish' }>

export function isFinish(part: StreamPart): part is FinishPart {
  return part.type === 'finish'
}

/** The whole answer of a stream; one that was cut short has the finish reason `other` and must not be stored. */
export function assembleResponse(parts: readonly StreamPart[]): ModelResponse {
  const last = parts.at(-1)
  const finish: FinishPart = last && isFinish(last) ? last : { type: 'finish', finishReason: 'other' }
  const content: Part[] = []
  const toolCalls: ToolCall[] = []
  for (const part of parts) {
    if (part.type !== 'delta') continue
    append(content, part.part)
    if (part.part.type === 'toolCall') {
      const { type: _type, ...call } = part.part
      toolCalls.push(call)
    }
  }
  const { finishReason, usage, structured, metadata } = finish
  return {
    content: content.filter((part) => !isEmptyText(part)),
    toolCalls,
    finishReason,
    ...(usage && { usage }),
    ...(structured !== undefined && { structured }),
    ...(metadata && { metadata }),
  }
}

/** Pieces of a stored text, so that a replay looks like a stream: cut after white space or at 24 characters of script without it. */
const PIECE = /\S{1,24}\s*|\s+/gu

/** A stored answer as the stream it could have come from. */
export function* replayParts(response: ModelResponse): Generator<StreamPart, void, undefined> {
  for (const part of response.content) {
    if (part.type !== 'text' && part.type !== 'reasoning') yield { type: 'delta', part }
    else for (const [piece] of part.text.matchAll(PIECE)) yield { type: 'delta', part: { ...part, text: piece } }
  }
  const inContent = response.content.filter((part) => part.type === 'toolCall').length
  // Adapters may give tool calls beside the content only.
  if (inContent === 0)
    for (const call of response.toolCalls) yield { type: 'delta', part: { type: 'toolCall', ...call } }
  const { finishReason, usage, structured, metadata } = response
  yield {
    type: 'finish',
    finishReason,
    ...(usage && { usage }),
    ...(structured !== undefined && { structured }),
    ...(metadata && { metadata }),
  }
}

function append(content: Part[], part: Part): void {
  const last = content.at(-1)
  if ((part.type === 'text' || part.type === 'reasoning') && last?.type === part.type) {
    content[content.length - 1] = { ...last, ...part, text: last.text + part.text }
  } else {
    content.push(part)
  }
}

function isEmptyText(part: Part): boolean {
  return (part.type === 'text' || part.type === 'reasoning') && part.text === ''
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<StreamPart> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
