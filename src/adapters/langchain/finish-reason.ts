import type { ChatGeneration } from '@langchain/core/outputs'
import type { FinishReason } from '../../core/response.ts'
import { isRecord } from './content.ts'

/** The providers' words for the ways an answer ends. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  complete: 'stop',
  completed: 'stop',
  eos: 'stop',
  finish: 'stop',
  finished: 'stop',
  tool_calls: 'tool-calls',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  max_length: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  incomplete: 'length',
  content_filter: 'content-filter',
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
  refusal: 'content-filter',
  safety: 'content-filter',
  recitation: 'content-filter',
  blocklist: 'content-filter',
  prohibited_content: 'content-filter',
  spii: 'content-filter',
  error: 'error',
  failed: 'error',
  cancelled: 'error',
  malformed_function_call: 'error',
}

const FIELDS = ['finish_reason', 'finishReason', 'stop_reason', 'stopReason', 'done_reason'] as const

/**
 * Why the model stopped, as its integration reports it in one of these records; undefined when none of them says. A
 * word that is not known is `'other'`, which is never stored.
 */
export function reportedFinishReason(...records: readonly unknown[]): FinishReason | undefined {
  for (const record of records) {
    if (!isRecord(record)) continue
    const word = wordOf(record) ?? statusOf(record)
    if (word !== undefined) return REASONS[word.toLowerCase()] ?? 'other'
  }
  return undefined
}

/** Where integrations put the reason; Anthropic's, streamed, in `additional_kwargs`. */
export function reportsOf({ generationInfo, message }: Pick<ChatGeneration, 'generationInfo' | 'message'>): unknown[] {
  return [generationInfo, message.response_metadata, message.additional_kwargs]
}

function wordOf(record: Record<string, unknown>): string | undefined {
  for (const name of FIELDS) {
    const word = record[name]
    if (typeof word === 'string' && word !== '') return word
  }
  // Bedrock's Converse API, streamed.
  return isRecord(record.messageStop) ? wordOf(record.messageStop) : undefined
}

/** OpenAI's responses say a status, and a reason only when it is not `completed`. */
function statusOf({ status, incomplete_details: details }: Record<string, unknown>): string | undefined {
  if (typeof status !== 'string' || status === 'in_progress' || status === 'queued') return undefined
  return isRecord(details) && typeof details.reason === 'string' ? details.reason : status
}
