import type { ChatGenerationChunk } from '@langchain/core/outputs'
import type { FinishReason, ModelResponse, StreamPart } from '../../core/response.ts'
import { partsOf } from './content.ts'
import { reportedFinishReason, reportsOf } from './finish-reason.ts'
import { textOfParts, toModelResponse } from './response.ts'
import type { ToolNames } from './tool-names.ts'

/**
 * The chunk that a part of a live stream stands for. Parts pass through the core as the same objects, so the caller of
 * the model gets its own chunks back, and others who joined get copies.
 */
const chunkOfPart = new WeakMap<StreamPart, OriginalChunk>()

export interface OriginalChunk {
  readonly chunk: ChatGenerationChunk
  readonly names: ToolNames
}

export function originalChunk(part: StreamPart): OriginalChunk | undefined {
  return chunkOfPart.get(part)
}

export interface RecordingOptions {
  /** A stream without a reported finish reason was cut off: some clients end quietly when the connection is lost. */
  readonly needsReason: boolean
  readonly names: ToolNames
  /** The last look at the whole answer before it is stored. */
  readonly judge: (response: ModelResponse) => Promise<ModelResponse>
}

/** The chunks of a model as stream parts, with the answer they add up to at the end. */
export async function* recordedParts(
  chunks: AsyncIterable<ChatGenerationChunk>,
  options: RecordingOptions,
): AsyncGenerator<StreamPart, void, undefined> {
  const sums = new Map<number, Sum>()
  for await (const chunk of chunks) {
    const completion = Number(chunk.generationInfo?.completion ?? 0)
    sums.set(completion, added(sums.get(completion), chunk))
    const part: StreamPart = { type: 'delta', part: { type: 'text', text: completion === 0 ? chunkText(chunk) : '' } }
    chunkOfPart.set(part, { chunk, names: options.names })
    yield part
  }
  const ordered = [...sums.entries()].sort(([a], [b]) => a - b).map(([, sum]) => sum)
  yield* summary(ordered, options)
}

interface Sum {
  /** Absent when the chunks cannot be added up. */
  readonly whole?: ChatGenerationChunk
  readonly reason?: FinishReason
}

/** Added up as they come, because LangChain writes ids and metadata into the chunks it has got. */
function added(sum: Sum | undefined, chunk: ChatGenerationChunk): Sum {
  const reason = reportedFinishReason(...reportsOf(chunk)) ?? sum?.reason
  const known = reason === undefined ? {} : { reason }
  if (!sum) return { whole: snapshot(chunk), ...known }
  try {
    return sum.whole ? { whole: sum.whole.concat(chunk), ...known } : known
  } catch {
    return known
  }
}

/** What the core stores: the tool calls and media as parts, and a finish with everything else. */
async function* summary(
  sums: readonly Sum[],
  { needsReason, judge }: RecordingOptions,
): AsyncGenerator<StreamPart, void, undefined> {
  const response = await judge(wholeResponse(sums))
  for (const part of response.content) if (part.type !== 'text') yield { type: 'delta', part }
  for (const call of response.toolCalls) yield { type: 'delta', part: { type: 'toolCall', ...call } }
  const { usage, metadata } = response
  yield {
    type: 'finish',
    finishReason: worstReason(sums, response.finishReason, needsReason),
    ...(usage && { usage }),
    ...(metadata && { metadata }),
  }
}

function wholeResponse(sums: readonly Sum[]): ModelResponse {
  const wholes = sums.map(({ whole }) => whole).filter((whole) => whole !== undefined)
  if (wholes.length < sums.length) return { content: [], toolCalls: [], finishReason: 'other' }
  return toModelResponse({ generations: wholes })
}

/** An answer is as good as the worst of its generations. */
function worstReason(sums: readonly Sum[], judged: FinishReason, needsReason: boolean): FinishReason {
  const reasons = sums.map(({ reason }) => reason ?? (needsReason ? 'other' : 'stop'))
  return [judged, ...reasons].find((reason) => reason !== 'stop' && reason !== 'tool-calls') ?? judged
}

function snapshot(chunk: ChatGenerationChunk): ChatGenerationChunk {
  const message = Object.create(Object.getPrototypeOf(chunk.message), Object.getOwnPropertyDescriptors(chunk.message))
  const copy = Object.create(Object.getPrototypeOf(chunk), Object.getOwnPropertyDescriptors(chunk))
  copy.message = message
  return copy
}

function chunkText({ text, message }: ChatGenerationChunk): string {
  return text || textOfParts(partsOf(message.content))
}
