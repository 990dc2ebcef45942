import type { ModelRequest } from '../../../core/request.ts'
import { type OpenaiBody, toModelRequest } from './openai-body.ts'
import { wrong } from './wrong-value.ts'

/** One call of a model in a log of traffic. */
export interface ModelLine {
  readonly id: string
  /** Epoch milliseconds. */
  readonly at?: number
  readonly tenant?: string
  /** Calls with the same value may share one answer; absent where nobody labelled it. */
  readonly answerId?: string
  /** What this call tests, for tables: first, repeat, paraphrase, look-alike, follow-up. */
  readonly kind?: string
  readonly lang?: string
  /** The call as the provider gets it. */
  readonly body: OpenaiBody
  readonly request: ModelRequest
  readonly answer?: RecordedAnswer
}

/** What the log knows of the answer; whatever is absent is asked of the model or drawn. */
export interface RecordedAnswer {
  readonly text?: string
  readonly toolCalls?: readonly { readonly name: string; readonly args: unknown }[]
  readonly finishReason?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cachedInputTokens?: number
  readonly latencyMs?: number
}

/** One call of a tool. */
export interface ToolLine {
  readonly id: string
  readonly at?: number
  readonly tenant?: string
  readonly tool: string
  readonly args: unknown
  readonly result: unknown
  readonly isError?: boolean
  readonly durationMs?: number
  readonly costUsd?: number
}

export type TrafficLine = ModelLine | ToolLine

export function isToolLine(line: TrafficLine): line is ToolLine {
  return 'tool' in line
}

/** Fields of ours beside those of the provider's body; docs/cost-benchmark.md describes them. */
const OWN_FIELDS: readonly string[] = ['id', 'at', 'tenant', 'provider', 'answerId', 'kind', 'lang', 'answer']
const TOOL_FIELDS: readonly string[] = [
  ...['id', 'at', 'tenant', 'tool', 'args', 'result', 'isError', 'durationMs', 'costUsd'],
]
const ANSWER_FIELDS: readonly string[] = [
  ...['text', 'toolCalls', 'finishReason', 'inputTokens', 'outputTokens', 'cachedInputTokens', 'latencyMs'],
]

/**
 * One line of a log: an OpenAI chat-completions body (only `messages` is needed) with a few fields of ours, or a call of a
 * tool.
 *
 * @throws CacheError INVALID_OPTION: what, allowed, actual
 */
export function parseTrafficLine(
  value: unknown,
  { number, model }: { readonly number: number; readonly model: string },
): TrafficLine {
  const line = objectAt('a line', value)
  const common = {
    id: line.id === undefined ? `line-${number}` : text('id', line.id),
    ...(line.at !== undefined && { at: instant(line.at) }),
    ...(line.tenant !== undefined && { tenant: text('tenant', line.tenant) }),
  }
  if ('tool' in line && !('messages' in line)) return { ...common, ...toolPart(line) }
  if (!('messages' in line)) throw wrong('a line', 'an object with messages, or with tool, args and result', line)
  const labels = Object.fromEntries(
    ['answerId', 'kind', 'lang'].flatMap((name) => (line[name] === undefined ? [] : [[name, text(name, line[name])]])),
  )
  const body = Object.fromEntries(Object.entries(line).filter(([name]) => !OWN_FIELDS.includes(name)))
  if (body.model !== undefined) text('model', body.model)
  const withModel = { ...body, model: body.model ?? model } as OpenaiBody
  const provider = line.provider === undefined ? 'openai' : text('provider', line.provider)
  return {
    ...common,
    ...labels,
    body: withModel,
    request: toModelRequest(withModel, provider),
    ...(line.answer !== undefined && { answer: answerPart(line.answer) }),
  }
}

function toolPart(line: Record<string, unknown>): Omit<ToolLine, 'id'> {
  onlyNames('a tool line', line, TOOL_FIELDS)
  if (!('result' in line)) throw wrong('result', 'what the tool gave', undefined)
  if (line.isError !== undefined && typeof line.isError !== 'boolean')
    throw wrong('isError', 'true or false', line.isError)
  return {
    tool: text('tool', line.tool),
    args: line.args ?? {},
    result: line.result,
    ...(line.isError === true && { isError: true }),
    ...(line.durationMs !== undefined && { durationMs: amount('durationMs', line.durationMs) }),
    ...(line.costUsd !== undefined && { costUsd: amount('costUsd', line.costUsd) }),
  }
}

function answerPart(value: unknown): RecordedAnswer {
  const answer = objectAt('answer', value)
  onlyNames('answer', answer, ANSWER_FIELDS)
  for (const name of ['text', 'finishReason']) {
    if (answer[name] !== undefined && typeof answer[name] !== 'string')
      throw wrong(`answer.${name}`, 'a string', answer[name])
  }
  for (const name of ['inputTokens', 'outputTokens', 'cachedInputTokens', 'latencyMs']) {
    if (answer[name] !== undefined) amount(`answer.${name}`, answer[name])
  }
  const { toolCalls } = answer
  const areCalls =
    toolCalls === undefined ||
    (Array.isArray(toolCalls) && toolCalls.every((call) => typeof call?.name === 'string' && call.name !== ''))
  if (!areCalls) throw wrong('answer.toolCalls', 'a list of { name, args }', toolCalls)
  return answer as RecordedAnswer
}

function instant(value: unknown): number {
  const at = typeof value === 'string' ? Date.parse(value) : value
  if (typeof at !== 'number' || !(at >= 0 && at <= 8.64e15))
    throw wrong('at', 'epoch milliseconds or an ISO 8601 time', value)
  return at
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw wrong(name, 'a non-empty string', value)
  return value
}

function amount(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0 && Number.isFinite(value)))
    throw wrong(name, 'a number ≥ 0 and finite', value)
  return value
}

function objectAt(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'a JSON object', value)
  return value as Record<string, unknown>
}

function onlyNames(of: string, value: Record<string, unknown>, names: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined) throw wrong(`a field of ${of}`, `one of ${names.join(', ')}`, unknown)
}
