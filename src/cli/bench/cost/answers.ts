import { canonicalText } from '../../../core/canonical.ts'
import type { FinishReason, ModelResponse, Usage } from '../../../core/response.ts'
import { latencySampler } from '../latency.ts'
import { estimatePromptTokens, estimateTokens } from '../token-estimate.ts'
import type { ModelLine } from '../traffic/traffic-line.ts'
import type { Arrival } from './arrivals.ts'
import { seedOf } from './random.ts'

/** What a call of the model gives and costs, whoever makes it. */
export interface CallResult {
  readonly response: ModelResponse
  readonly usage: Usage
  readonly latencyMs: number
}

/** What a model said when it was really asked; without `latencyMs` the time is drawn. */
export interface BoughtAnswer {
  readonly text: string
  readonly toolCalls?: readonly { readonly name: string; readonly args: unknown }[]
  readonly finishReason: string
  readonly usage: Usage
  readonly latencyMs?: number
}

/** Two calls with the same body are bought once. */
export function bodyKey({ body }: Pick<ModelLine, 'body'>): string {
  return canonicalText(body)
}

/** True when the log itself says everything about the answer that a replay needs. */
export function isRecorded({ answer }: ModelLine): boolean {
  return answer !== undefined && (answer.outputTokens !== undefined || answer.text !== undefined)
}

export interface ResultOptions {
  readonly seed: number
  /** Tokens of instructions and context that each call carries beside what the log shows. */
  readonly contextTokens: number
}

/** What the log says goes first, then the arrival trace, then what was bought; the rest is estimated or drawn. */
export function callResult(
  line: ModelLine,
  arrival: Arrival | undefined,
  bought: BoughtAnswer | undefined,
  { seed, contextTokens }: ResultOptions,
): CallResult {
  const { answer = {} } = line
  const text = answer.text ?? bought?.text ?? ''
  const toolCalls = answer.toolCalls ?? bought?.toolCalls ?? []
  const said = text + (toolCalls.length > 0 ? JSON.stringify(toolCalls) : '')
  const inputTokens =
    answer.inputTokens ??
    arrival?.inputTokens ??
    (bought?.usage.inputTokens ?? estimatePromptTokens(line.body)) + contextTokens
  const outputTokens =
    answer.outputTokens ?? arrival?.outputTokens ?? bought?.usage.outputTokens ?? estimateTokens(said)
  const cached = answer.cachedInputTokens ?? bought?.usage.cachedInputTokens
  const usage: Usage = {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cached !== undefined && { cachedInputTokens: cached }),
  }
  const draw = latencySampler('realistic', seedOf(seed, bodyKey(line)))
  const { firstTokenMs, perTokenMs } = draw(outputTokens)
  const response: ModelResponse = {
    content: text === '' ? [] : [{ type: 'text', text }],
    toolCalls: toolCalls.map(({ name, args }) => ({ name, args })),
    finishReason: finishReason(answer.finishReason ?? bought?.finishReason, toolCalls.length > 0),
    usage,
  }
  // A log without texts is still a log of money: some text has to be stored for an answer that had one.
  const stored =
    text === '' && toolCalls.length === 0 ? { content: [{ type: 'text' as const, text: '(not logged)' }] } : {}
  return {
    response: { ...response, ...stored },
    usage,
    latencyMs: answer.latencyMs ?? bought?.latencyMs ?? firstTokenMs + perTokenMs * outputTokens,
  }
}

function finishReason(reason: string | undefined, hasCalls: boolean): FinishReason {
  switch (reason) {
    case undefined:
      return hasCalls ? 'tool-calls' : 'stop'
    case 'stop':
    case 'length':
    case 'tool-calls':
    case 'content-filter':
    case 'error':
      return reason
    case 'tool_calls':
    case 'function_call':
    case 'tool_use':
      return 'tool-calls'
    case 'content_filter':
      return 'content-filter'
    case 'end_turn':
    case 'stop_sequence':
      return 'stop'
    case 'max_tokens':
      return 'length'
    default:
      return 'other'
  }
}
