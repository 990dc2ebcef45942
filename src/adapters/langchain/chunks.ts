import { AIMessageChunk, type AIMessageChunkFields } from '@langchain/core/messages'
import { type ChatGeneration, ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import { isRecord } from './content.ts'
import type { FreshIds } from './fresh-ids.ts'
import { NO_USAGE, withoutUsage } from './response.ts'

/** Pieces of a text as a stream brings them: cut after white space, or at 24 characters of script without it. */
const PIECE = /\S{1,24}\s*|\s+/gu

/** A whole result as the chunks of a stream, such that their sum is the result again. */
export function* toChunks({ generations }: ChatResult): Generator<ChatGenerationChunk, void, undefined> {
  for (const [completion, generation] of generations.entries()) yield* generationChunks(generation, completion)
}

function* generationChunks(
  { message, generationInfo }: ChatGeneration,
  completion: number,
): Generator<ChatGenerationChunk, void, undefined> {
  const { id, content, additional_kwargs: kwargs, response_metadata: metadata, name } = message
  const info = { prompt: 0, completion }
  const everywhere = metadataOfPieces(metadata)
  const chunk = (fields: AIMessageChunkFields, more: Record<string, unknown> = {}) =>
    new ChatGenerationChunk({
      text: typeof fields.content === 'string' ? fields.content : textOfBlocks(fields.content),
      message: new AIMessageChunk({
        content: '',
        id,
        ...(name !== undefined && { name }),
        response_metadata: { ...everywhere },
        ...fields,
      }),
      generationInfo: { ...info, ...more },
    })

  const { tool_calls: _raw, ...plainKwargs } = kwargs ?? {}
  yield chunk({ content: typeof content === 'string' ? '' : [], additional_kwargs: plainKwargs })
  if (typeof content === 'string') {
    for (const [piece] of content.matchAll(PIECE)) yield chunk({ content: piece })
  } else {
    for (const block of numbered(content)) {
      for (const piece of blockPieces(block)) yield chunk({ content: [piece] as AIMessageChunk['content'] })
    }
  }
  const calls = 'tool_calls' in message && Array.isArray(message.tool_calls) ? message.tool_calls : []
  for (const [index, call] of calls.entries()) {
    const { id: callId, name: callName, args } = call
    const raw = rawCall(kwargs?.tool_calls, index)
    yield chunk({
      content: typeof content === 'string' ? '' : [],
      tool_call_chunks: [{ type: 'tool_call_chunk', index, id: callId, name: callName, args: JSON.stringify(args) }],
      additional_kwargs: raw ? { tool_calls: [raw as never] } : {},
    })
  }
  yield chunk(
    { content: typeof content === 'string' ? '' : [], response_metadata: metadata, usage_metadata: { ...NO_USAGE } },
    generationInfo,
  )
}

/** What integrations say in every chunk, not in the last one alone: `contentBlocks` of a piece is read by it. */
function metadataOfPieces({ model_provider: provider }: Readonly<Record<string, unknown>> = {}): {
  model_provider?: string
} {
  return typeof provider === 'string' ? { model_provider: provider } : {}
}

/** The provider's own wording of one call, numbered, so that the copies of a stream join to the right one. */
function rawCall(raw: unknown, index: number): Record<string, unknown> | undefined {
  const call: unknown = Array.isArray(raw) ? raw[index] : undefined
  return isRecord(call) ? { ...call, index } : undefined
}

/** Blocks of a stream have numbers, by which their pieces join again. */
function numbered(content: readonly unknown[]): unknown[] {
  return content.map((block, index) => (isRecord(block) && block.index === undefined ? { ...block, index } : block))
}

function* blockPieces(block: unknown): Generator<unknown, void, undefined> {
  if (!isRecord(block) || block.type !== 'text' || typeof block.text !== 'string') return yield block
  const { type, text, index, ...more } = block
  const pieces = [...text.matchAll(PIECE)].map(([piece]) => piece)
  if (pieces.length < 2) return yield block
  for (const [at, piece] of pieces.entries()) yield { ...(at === 0 && more), type, text: piece, index }
}

function textOfBlocks(content: unknown): string {
  if (!Array.isArray(content)) return ''
  return content.map((block) => (isRecord(block) && typeof block.text === 'string' ? block.text : '')).join('')
}

/** A chunk for another caller of the same stream: an object of its own, with ids and tool names of its own, no usage. */
export function chunkForFollower(
  chunk: ChatGenerationChunk,
  { id, ids, nameOf }: { id: string; ids: FreshIds; nameOf: (name: string) => string },
): ChatGenerationChunk {
  const { message, text, generationInfo } = chunk
  const calls = message instanceof AIMessageChunk ? (message.tool_call_chunks ?? []) : []
  const renamed = calls.map((call) => ({
    ...call,
    ...(call.id && { id: ids.of(call.id) }),
    ...(call.name && { name: nameOf(call.name) }),
  }))
  const usage = message instanceof AIMessageChunk ? message.usage_metadata : undefined
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk({
      id,
      ...(message.name !== undefined && { name: message.name }),
      content: ids.rename(message.content),
      additional_kwargs: ids.rename({ ...message.additional_kwargs }),
      response_metadata: withoutUsage({ ...message.response_metadata }) as Record<string, unknown>,
      ...(renamed.length > 0 && { tool_call_chunks: renamed }),
      ...(usage && { usage_metadata: { ...NO_USAGE } }),
    }),
    ...(generationInfo && { generationInfo: { ...generationInfo } }),
  })
}
