import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { AIMessageChunk } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import type { CacheRecord } from '../../core/outcome.ts'

type RunManager = CallbackManagerForLLMRun | undefined

/**
 * The manager of a run as the model may use it: tokens of a call that goes on after the run has its answer (a refresh in
 * the background, a call others still wait for) are nobody's tokens.
 */
export function whileOpen(runManager: RunManager, isOver: () => boolean): RunManager {
  if (!runManager) return undefined
  const handleLLMNewToken: CallbackManagerForLLMRun['handleLLMNewToken'] = async (...token) => {
    if (!isOver()) await runManager.handleLLMNewToken(...token)
  }
  return Object.assign(Object.create(runManager), { handleLLMNewToken }) as CallbackManagerForLLMRun
}

/** Hands out chunks and tells the run of each, as models do. */
export async function* reported(
  chunks: Iterable<ChatGenerationChunk>,
  runManager: RunManager,
): AsyncGenerator<ChatGenerationChunk, void, undefined> {
  for (const chunk of chunks) {
    yield chunk
    const { prompt = 0, completion = 0 } = chunk.generationInfo ?? {}
    const indices = { prompt, completion }
    await runManager?.handleLLMNewToken(chunk.text, indices, undefined, undefined, undefined, { chunk })
  }
}

/** The model's own chunks pass through untouched, so the record comes in one of its own. */
export function recordChunk(record: CacheRecord): ChatGenerationChunk {
  return new ChatGenerationChunk({
    text: '',
    message: new AIMessageChunk({ content: '', response_metadata: { reprise: record } }),
  })
}
