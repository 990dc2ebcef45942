import { wrong } from '../wrong-value.ts'
import { chatMessages, toolCallsOf } from './chat-messages.ts'
import {
  type ConvertRecord,
  defined,
  isObject,
  type LogLine,
  numberIn,
  spanOf,
  textIn,
  zoned,
} from './export-format.ts'

/** Runs as LangSmith exports them: those of type `llm` and `tool` become lines, chains and retrievers are left out. */
export const fromLangsmith: ConvertRecord = (run) => {
  const kind = textIn(run, 'run_type')
  if (kind === undefined) throw wrong('run_type', 'that of a LangSmith run', run.run_type)
  if (kind !== 'llm' && kind !== 'tool') return { leftOut: `run of type ${kind}` }
  const common = defined({
    id: textIn(run, 'id'),
    at: textIn(run, 'start_time') && zoned(String(run.start_time)),
  })
  const durationMs = spanOf(run.start_time, run.end_time)
  if (kind === 'tool') {
    const { inputs, outputs, error } = run
    return {
      ...common,
      tool: textIn(run, 'name') ?? 'tool',
      args: argumentsOf(inputs),
      result: outputs ?? error ?? null,
      ...defined({ isError: error ? true : undefined, durationMs }),
    }
  }
  if (run.error) return { leftOut: 'failed call of a model' }
  const { messages, ...more } = isObject(run.inputs) ? run.inputs : { messages: run.inputs }
  const extra = isObject(run.extra) ? run.extra : {}
  const parameters = isObject(extra.invocation_params) ? extra.invocation_params : {}
  const metadata = isObject(extra.metadata) ? extra.metadata : {}
  const {
    model,
    model_name: modelName,
    _type: _kind,
    stream: _stream,
    stream_options: _options,
    ...settings
  } = parameters
  return {
    ...common,
    ...defined({
      provider: textIn(metadata, 'ls_provider'),
      model: textIn(metadata, 'ls_model_name') ?? textIn({ model, modelName }, 'model', 'modelName'),
    }),
    ...settings,
    messages: chatMessages(messages ?? more),
    ...defined({ answer: answerOf(run, durationMs) }),
  }
}

/** Tools get `{ input: '…' }` with the arguments as JSON, or as Python wrote them. */
function argumentsOf(inputs: unknown): unknown {
  const given = isObject(inputs) && Object.keys(inputs).length === 1 && 'input' in inputs ? inputs.input : inputs
  if (typeof given !== 'string') return given ?? {}
  try {
    return JSON.parse(given)
  } catch {
    return { input: given }
  }
}

function answerOf(run: LogLine, latencyMs: number | undefined): LogLine | undefined {
  const outputs = isObject(run.outputs) ? run.outputs : {}
  const generation = firstOf(firstOf(outputs.generations)) ?? firstOf(outputs.choices)
  const message = [isObject(generation) ? generation.message : undefined, firstOf(outputs.messages), outputs].find(
    isObject,
  )
  const fields = message && isObject(message.kwargs) ? message.kwargs : (message ?? {})
  const usage = [
    fields.usage_metadata,
    isObject(outputs.llm_output) ? outputs.llm_output.token_usage : undefined,
    outputs.usage,
  ].find(isObject)
  const calls = toolCallsOf(fields)
  const info = isObject(generation) ? generation.generation_info : undefined
  return defined({
    text: textIn(fields, 'content') ?? textIn(generation, 'text'),
    toolCalls:
      calls.length > 0
        ? calls.map((call) => ({ name: (call.function as LogLine).name, args: (call.function as LogLine).arguments }))
        : undefined,
    finishReason: textIn(info, 'finish_reason') ?? textIn(fields.response_metadata, 'finish_reason', 'stop_reason'),
    inputTokens: numberIn(run, 'prompt_tokens') ?? numberIn(usage, 'input_tokens', 'prompt_tokens'),
    outputTokens: numberIn(run, 'completion_tokens') ?? numberIn(usage, 'output_tokens', 'completion_tokens'),
    latencyMs,
  })
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}
