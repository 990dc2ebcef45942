import { wrong } from '../wrong-value.ts'
import { type ConvertRecord, defined, isObject, type LogLine, numberIn, textIn } from './export-format.ts'

/**
 * Logged calls of OpenAI's API: `{ request, response }` (a proxy's log), a line of a batch file (`{ custom_id, body }`), a
 * stored completion with its messages, or a request body alone.
 */
export const fromOpenai: ConvertRecord = (record) => {
  const request = [record.request, record.body, record].find((held) => isObject(held) && Array.isArray(held.messages))
  if (!isObject(request))
    throw wrong('a record', 'one with messages, or with request.messages or body.messages', record)
  const response = [record.response, record.completion, record].find(
    (held) => isObject(held) && Array.isArray(held.choices),
  )
  const { stream: _stream, choices: _choices, usage: _usage, object: _object, created: _created, ...body } = request
  const fields = request === record ? withoutEnvelope(body) : body
  return {
    ...defined({
      id: textIn(record, 'custom_id', 'id', 'request_id'),
      at: timeOf(record, response),
      answer: isObject(response)
        ? completionAnswer(response, numberIn(record, 'latency_ms', 'latencyMs', 'duration_ms', 'durationMs'))
        : undefined,
    }),
    ...fields,
  }
}

const ENVELOPE = [
  'id',
  'custom_id',
  'request_id',
  'timestamp',
  'created_at',
  'time',
  'latency_ms',
  'latencyMs',
  'duration_ms',
  'durationMs',
  'response',
  'completion',
  'system_fingerprint',
  'service_tier',
]

function withoutEnvelope(body: LogLine): LogLine {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !ENVELOPE.includes(name)))
}

function timeOf(record: LogLine, response: unknown): number | string | undefined {
  const given = record.timestamp ?? record.created_at ?? record.time
  if (typeof given === 'string') return given
  const seconds = typeof given === 'number' ? given : numberIn(response, 'created')
  if (seconds === undefined) return undefined
  // Epoch seconds until the year 5138 are below this bound, milliseconds since 1973 above it.
  return seconds < 1e11 ? seconds * 1_000 : seconds
}

/** The `answer` of a chat completion. */
function completionAnswer(response: LogLine, latencyMs: number | undefined): LogLine | undefined {
  const [choice] = response.choices as unknown[]
  if (!isObject(choice)) return undefined
  const { message } = choice
  const calls = isObject(message) && Array.isArray(message.tool_calls) ? message.tool_calls : []
  return defined({
    text: textIn(message, 'content') ?? textIn(choice, 'text'),
    toolCalls:
      calls.length > 0
        ? calls.map((call) => ({ name: call?.function?.name, args: call?.function?.arguments }))
        : undefined,
    finishReason: textIn(choice, 'finish_reason'),
    inputTokens: numberIn(response.usage, 'prompt_tokens', 'input_tokens'),
    outputTokens: numberIn(response.usage, 'completion_tokens', 'output_tokens'),
    cachedInputTokens: numberIn(
      isObject(response.usage) ? response.usage.prompt_tokens_details : undefined,
      'cached_tokens',
    ),
    latencyMs,
  })
}
