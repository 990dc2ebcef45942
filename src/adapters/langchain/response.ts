import { AIMessage, type BaseMessage, type UsageMetadata } from '@langchain/core/messages'
import type { ChatGeneration, ChatResult } from '@langchain/core/outputs'
import type { CacheRecord } from '../../core/outcome.ts'
import type { Part, ToolCall } from '../../core/request.ts'
import type { FinishReason, ModelResponse, Usage } from '../../core/response.ts'
import { isRecord, partsOf } from './content.ts'
import { reportedFinishReason, reportsOf } from './finish-reason.ts'
import { FreshIds, freshMessageId } from './fresh-ids.ts'
import { portableKwargs, portableMetadata, withoutItemIds } from './provider-items.ts'
import { type Answer, type StoredAnswer, type StoredGeneration, storedAnswer } from './stored-answer.ts'

/** The neutral answer of a call that came back; one that is of no known form is never stored. */
export function toModelResponse(result: ChatResult): ModelResponse {
  try {
    return modelResponse(result)
  } catch {
    return { content: [], toolCalls: [], finishReason: 'other' }
  }
}

function modelResponse({ generations, llmOutput }: ChatResult): ModelResponse {
  const [first, ...others] = generations.map(answerOf)
  // A model that gives no generation gives nothing to store; the core refuses an empty answer.
  if (!first) return { content: [], toolCalls: [], finishReason: 'other' }
  const usage = usageOf({ generations, llmOutput })
  const alternatives = others.length > 0 ? { alternatives: others } : {}
  const langchain: StoredAnswer = {
    generations: generations.map(storedGeneration),
    ...alternatives,
    ...(llmOutput && { llmOutput: portableMetadata(llmOutput) }),
  }
  return { ...first, ...(usage && { usage }), metadata: { langchain }, ...alternatives }
}

/** The answer as LangChain's result: new objects, fresh ids, no usage, and the record. */
export function fromModelResponse(response: ModelResponse, record: CacheRecord): ChatResult {
  const { generations, alternatives, llmOutput } = storedAnswer(response.metadata)
  const answers = [response, ...(response.alternatives ?? alternatives ?? [])]
  return {
    generations: answers.map((answer, index) => generationOf(answer, generations[index] ?? {}, record)),
    ...(llmOutput && { llmOutput: withoutUsage(llmOutput) as Record<string, unknown> }),
  }
}

/** Puts the record on the model's own answer. */
export function withRecord(result: ChatResult, record: CacheRecord): ChatResult {
  for (const { message } of result.generations) {
    message.response_metadata = { ...message.response_metadata, reprise: record }
  }
  return result
}

export const NO_USAGE: UsageMetadata = { input_tokens: 0, output_tokens: 0, total_tokens: 0 }

function answerOf(generation: ChatGeneration): Answer {
  const { message } = generation
  const toolCalls = callsOf(message).map(({ id, name, args }): ToolCall => ({ ...(id && { id }), name, args }))
  const content = partsOf(message.content).filter((part) => !isBlockOfCall(part))
  const reported = reportedFinishReason(...reportsOf(generation))
  return {
    content,
    toolCalls,
    finishReason: judged(message, reported ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')),
  }
}

/** Calls whose arguments are no JSON and refusals are answers nobody wants again, however the model ended. */
function judged(message: BaseMessage, reason: FinishReason): FinishReason {
  if (
    'invalid_tool_calls' in message &&
    Array.isArray(message.invalid_tool_calls) &&
    message.invalid_tool_calls.length > 0
  ) {
    return 'error'
  }
  if (message.additional_kwargs?.refusal) return 'content-filter'
  return reason
}

/** Tool calls stand beside the content; the provider's blocks of them are kept with the stored generation. */
function isBlockOfCall(part: Part): boolean {
  return 'block' in part && isRecord(part.block) && CALL_BLOCKS.has(part.block.type)
}

const CALL_BLOCKS: ReadonlySet<unknown> = new Set([
  'tool_use',
  'tool_call',
  'tool_call_chunk',
  'function_call',
  'input_json_delta',
])

function storedGeneration({ message, generationInfo }: ChatGeneration): StoredGeneration {
  const { content } = message
  return {
    ...(typeof content !== 'string' && { blocks: withoutItemIds(content) as unknown[] }),
    ...(message.name !== undefined && { name: message.name }),
    ...(message.lc_kwargs?.type === 'ai' && { saysType: true }),
    kwargs: portableKwargs(message.additional_kwargs ?? {}),
    responseMetadata: portableMetadata(message.response_metadata ?? {}),
    ...(generationInfo && { info: streamless(portableMetadata(generationInfo)) }),
  }
}

/** Where a chunk belongs in its stream says nothing of the answer. */
function streamless({ prompt: _prompt, completion: _completion, ...info }: Record<string, unknown>) {
  return info
}

function generationOf(answer: Answer, stored: StoredGeneration, record: CacheRecord): ChatGeneration {
  const ids = new FreshIds()
  const toolCalls = answer.toolCalls.map(({ id, name, args }) => ({
    type: 'tool_call' as const,
    id: ids.of(id),
    name,
    args: args as Record<string, unknown>,
  }))
  const text = textOfParts(answer.content)
  const message = new AIMessage({
    id: freshMessageId(),
    ...(stored.name !== undefined && { name: stored.name }),
    ...(stored.saysType && { type: 'ai' as const }),
    content: stored.blocks ? (ids.rename(stored.blocks).map(withoutStreamIndex) as AIMessage['content']) : text,
    tool_calls: toolCalls,
    invalid_tool_calls: [],
    additional_kwargs: wholeKwargs(withoutUsage(ids.rename({ ...stored.kwargs })) as Record<string, unknown>),
    response_metadata: {
      ...(withoutUsage(ids.rename({ ...stored.responseMetadata })) as Record<string, unknown>),
      reprise: record,
    },
    usage_metadata: { ...NO_USAGE },
  })
  return { text, message, ...(stored.info && { generationInfo: { ...stored.info } }) }
}

/** Streams number the provider's own tool calls too. */
function wholeKwargs(kwargs: Record<string, unknown>): Record<string, unknown> {
  const { tool_calls: calls } = kwargs
  return Array.isArray(calls) ? { ...kwargs, tool_calls: calls.map(withoutStreamIndex) } : kwargs
}

/** Streams number their blocks; a whole answer does not. */
function withoutStreamIndex(block: unknown): unknown {
  if (!isRecord(block) || typeof block.index !== 'number') return block
  const { index: _index, ...kept } = block
  return kept
}

export function textOfParts(content: readonly Part[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

const USAGE_FIELDS: ReadonlySet<string> = new Set([
  ...['usage', 'tokenUsage', 'estimatedTokenUsage', 'token_usage', 'usage_metadata', 'usageMetadata'],
  ...['prompt_eval_count', 'eval_count', 'total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration'],
  ...['amazon-bedrock-invocationMetrics', 'metrics'],
])

/** The same fields with zeros: whoever adds up tokens must not count those of the first call again. */
export function withoutUsage(value: unknown, isUsage = false): unknown {
  if (typeof value === 'number') return isUsage ? 0 : value
  if (Array.isArray(value)) return value.map((held) => withoutUsage(held, isUsage))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, withoutUsage(held, isUsage || USAGE_FIELDS.has(name))]),
  )
}

function usageOf({ generations, llmOutput }: ChatResult): Usage | undefined {
  const message = generations[0]?.message
  const usage =
    message && 'usage_metadata' in message ? (message.usage_metadata as UsageMetadata | undefined) : undefined
  // An endpoint that sends an empty usage has told nothing: no call costs no tokens at all.
  if (usage && typeof usage.total_tokens === 'number' && (usage.total_tokens > 0 || usage.input_tokens > 0)) {
    const cached = usage.input_token_details?.cache_read
    return {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      totalTokens: usage.total_tokens,
      ...(cached && { cachedInputTokens: cached }),
    }
  }
  const counted: unknown = llmOutput?.tokenUsage
  if (!isRecord(counted) || typeof counted.totalTokens !== 'number') return undefined
  return {
    inputTokens: Number(counted.promptTokens ?? 0),
    outputTokens: Number(counted.completionTokens ?? 0),
    totalTokens: counted.totalTokens,
  }
}

function callsOf(message: BaseMessage): { id?: string; name: string; args: unknown }[] {
  return 'tool_calls' in message && Array.isArray(message.tool_calls) ? message.tool_calls : []
}
