import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import { AIMessageChunk } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import type { FinishReason } from '../../core/response.ts'
import { isRecord } from './content.ts'
import { reportedFinishReason, reportsOf } from './finish-reason.ts'

type EventReason = Extract<ChatModelStreamEvent, { event: 'message-finish' }>['reason']

const REASONS: Readonly<Partial<Record<FinishReason, EventReason>>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filter',
}

/**
 * Mends what LangChain's own way from chunks to events leaves out: it gives text and the first tool call one place,
 * always finishes with `stop`, and drops the metadata (the record with it). Models with events of their own do better,
 * and a wrapped one must not be worse.
 */
export class EventMending {
  #reason: FinishReason | undefined
  readonly #metadata: Record<string, unknown> = {}

  /** The chunks on their way to becoming events. */
  async *watched(chunks: AsyncIterable<ChatGenerationChunk>): AsyncGenerator<ChatGenerationChunk, void, undefined> {
    for await (const chunk of chunks) {
      this.#note(chunk)
      yield withToolsAfterText(chunk)
    }
  }

  mended(event: ChatModelStreamEvent): ChatModelStreamEvent {
    if (event.event !== 'message-finish') return event
    const reason = (this.#reason && REASONS[this.#reason]) ?? event.reason
    return { ...event, ...(reason && { reason }), responseMetadata: { ...this.#metadata } }
  }

  #note(chunk: ChatGenerationChunk): void {
    const { generationInfo, message } = chunk
    this.#reason = reportedFinishReason(...reportsOf(chunk)) ?? this.#reason
    const { prompt: _prompt, completion: _completion, ...info } = generationInfo ?? {}
    for (const [name, value] of Object.entries({ ...info, ...message.response_metadata })) {
      const isEmpty = value === undefined || value === null || (isRecord(value) && Object.keys(value).length === 0)
      if (!isEmpty && name !== 'usage') this.#metadata[name] = value
    }
  }
}

/** Text given as a string is the first block; calls come after it. Content in blocks has numbers of its own. */
function withToolsAfterText(chunk: ChatGenerationChunk): ChatGenerationChunk {
  const { message } = chunk
  if (!(message instanceof AIMessageChunk) || typeof message.content !== 'string') return chunk
  const calls = message.tool_call_chunks ?? []
  if (calls.length === 0) return chunk
  const { content, id, additional_kwargs, response_metadata, usage_metadata } = message
  const moved = calls.map((call) => ({ ...call, ...(call.index !== undefined && { index: Number(call.index) + 1 }) }))
  return new ChatGenerationChunk({
    text: chunk.text,
    message: new AIMessageChunk({
      content,
      id,
      additional_kwargs,
      response_metadata,
      ...(usage_metadata && { usage_metadata }),
      tool_call_chunks: moved,
    }),
    ...(chunk.generationInfo && { generationInfo: chunk.generationInfo }),
  })
}
