import { wrong } from '../wrong-value.ts'
import { chatMessages, toolCallsOf } from './chat-messages.ts'
import { type ConvertRecord, defined, isObject, type LogLine, numberIn, spanOf, textIn } from './export-format.ts'

/** Observations as Langfuse exports them: GENERATION and TOOL become lines, spans and events are left out. */
export const fromLangfuse: ConvertRecord = (observation) => {
  // A trace holds its observations.
  if (Array.isArray(observation.observations)) {
    const lines = observation.observations
      .filter(isObject)
      .map((one) => fromLangfuse(defined({ userId: observation.userId, ...one })))
    const kept = lines.flatMap((line): LogLine[] => ('leftOut' in line ? [] : [line as LogLine]))
    return kept.length > 0 ? kept : { leftOut: 'trace without a call of a model' }
  }
  const type = textIn(observation, 'type')?.toUpperCase()
  if (type === undefined) throw wrong('type', 'that of a Langfuse observation', observation.type)
  if (type !== 'GENERATION' && type !== 'TOOL') return { leftOut: `observation of type ${type}` }
  const start = textIn(observation, 'startTime', 'start_time')
  const durationMs = spanOf(start, textIn(observation, 'endTime', 'end_time'))
  const common = defined({ id: textIn(observation, 'id'), at: start, tenant: textIn(observation, 'userId', 'user_id') })
  const input = asJson(observation.input)
  const output = asJson(observation.output)
  const isError = observation.level === 'ERROR'
  if (type === 'TOOL') {
    return {
      ...common,
      tool: textIn(observation, 'name') ?? 'tool',
      args: input ?? {},
      result: output ?? null,
      ...defined({ isError: isError ? true : undefined, durationMs }),
    }
  }
  if (isError) return { leftOut: 'failed call of a model' }
  const parameters = asJson(observation.modelParameters ?? observation.model_parameters)
  return {
    ...common,
    ...defined({ model: textIn(observation, 'model', 'providedModelName', 'provided_model_name') }),
    ...(isObject(parameters) ? parameters : {}),
    ...defined({ tools: isObject(input) && Array.isArray(input.tools) ? input.tools : undefined }),
    messages: chatMessages(input),
    answer: answerOf(observation, output, durationMs),
  }
}

function answerOf(observation: LogLine, output: unknown, latencyMs: number | undefined): LogLine {
  const message = isObject(output) ? output : {}
  const usages = [observation.usageDetails, observation.usage_details, observation.usage].map(asJson)
  const tokens = (...names: string[]) =>
    usages.map((usage) => numberIn(usage, ...names)).find((count) => count !== undefined) ??
    numberIn(observation, ...names)
  const calls = toolCallsOf(message)
  return defined({
    text:
      typeof output === 'string' && output !== '' ? output : textIn(message, 'content', 'text', 'completion', 'answer'),
    toolCalls:
      calls.length > 0
        ? calls.map((call) => ({ name: (call.function as LogLine).name, args: (call.function as LogLine).arguments }))
        : undefined,
    inputTokens: tokens('input', 'promptTokens', 'prompt_tokens', 'input_tokens', 'inputUsage'),
    outputTokens: tokens('output', 'completionTokens', 'completion_tokens', 'output_tokens', 'outputUsage'),
    latencyMs,
  })
}

/** Exports to files hold JSON as text. */
function asJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
