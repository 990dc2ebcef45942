import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type { ChatGenerationChunk } from '@langchain/core/outputs'
import type { ModelResponse, StreamPart } from '../../core/response.ts'
import { assembleResponse, isFinish } from '../../semantic-cache/stream-parts.ts'
import { chunkForFollower, toChunks } from './chunks.ts'
import { FreshIds, freshMessageId } from './fresh-ids.ts'
import { fromModelResponse } from './response.ts'
import { recordChunk, reported } from './run-reporting.ts'
import { originalChunk } from './stream-recording.ts'
import type { ToolNames } from './tool-names.ts'

/**
 * What the cache hands out, as LangChain's chunks: the model's own where this caller's model was asked, copies where
 * another caller's was, and pieces of the stored answer where none was.
 *
 * @param isOwnCall asked for each part, because the model is called after the stream has begun
 * @param accepts whether a stored answer may be handed out; false is returned when it may not, and nothing was
 * @param onModelDone called when no chunk of a model comes any more; a call that still runs is a renewal
 */
export async function* streamedAnswer(
  parts: AsyncIterable<StreamPart>,
  {
    names,
    accepts,
    isOwnCall,
    onModelDone,
    runManager,
  }: {
    names: ToolNames
    accepts: (reused: ModelResponse) => Promise<boolean>
    isOwnCall: () => boolean
    onModelDone: () => void
    runManager: CallbackManagerForLLMRun | undefined
  },
): AsyncGenerator<ChatGenerationChunk, boolean, undefined> {
  const own = { id: freshMessageId(), ids: new FreshIds() }
  const withoutChunk: StreamPart[] = []
  let isLive = false
  for await (const part of parts) {
    const original = originalChunk(part)
    if (!original) {
      withoutChunk.push(part)
      continue
    }
    isLive = true
    const { chunk, names: theirs } = original
    // The model itself has told the run of its own chunks.
    if (isOwnCall()) yield chunk
    else {
      const nameOf = (name: string) => names.translated(name, theirs)
      yield* reported([chunkForFollower(chunk, { ...own, nameOf })], runManager)
    }
  }
  onModelDone()
  const last = withoutChunk.at(-1)
  const record = last && isFinish(last) ? last.record : undefined
  if (!record) return true
  if (isLive) {
    yield* reported([recordChunk(record)], runManager)
    return true
  }
  const response = names.fromStore(assembleResponse(withoutChunk))
  if (!(await accepts(response))) return false
  yield* reported(toChunks(fromModelResponse(response, record)), runManager)
  return true
}
