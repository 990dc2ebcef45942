import { randomBytes } from 'node:crypto'
import type { ModelAnswer, WireUsage } from './model-server.ts'
import { estimateTokens } from './token-estimate.ts'

interface Completion {
  readonly id: string
  readonly model: string
  readonly usage: WireUsage
  readonly answers: readonly ModelAnswer[]
}

/** The body of a chat completion as OpenAI's API words it. */
export function completion({ id, model, usage, answers }: Completion): object {
  return {
    id,
    object: 'chat.completion',
    created: nowSeconds(),
    model,
    system_fingerprint: 'fp_local',
    choices: answers.map((answer, index) => ({
      index,
      logprobs: null,
      finish_reason: finishReason(answer),
      message: {
        role: 'assistant',
        content: answer.text ?? null,
        refusal: answer.refusal ?? null,
        ...(answer.toolCalls && { tool_calls: answer.toolCalls.map(toolCall) }),
      },
    })),
    usage,
  }
}

export type CompletionChunk =
  | { readonly kind: 'content'; readonly data: object; readonly tokens: number }
  | { readonly kind: 'role' | 'finish' | 'usage'; readonly data: object }

/** The chunks of a streamed completion, in order; the caller decides about the one with the usage. */
export function* completionChunks({
  id,
  model,
  usage,
  answers,
}: Completion): Generator<CompletionChunk, void, undefined> {
  const created = nowSeconds()
  const chunk = (choices: object[], more: object = {}) => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    system_fingerprint: 'fp_local',
    choices,
    ...more,
  })
  const delta = (index: number, content: object, reason: string | null = null) =>
    chunk([{ index, delta: content, logprobs: null, finish_reason: reason }])

  for (const index of answers.keys()) {
    yield { kind: 'role', data: delta(index, { role: 'assistant', content: '', refusal: null }) }
  }
  // Choices are interleaved, as providers send them.
  const pieces = answers.map((answer) => [...contentPieces(answer)])
  const longest = Math.max(...pieces.map((list) => list.length))
  for (let step = 0; step < longest; step++) {
    for (const [index, list] of pieces.entries()) {
      const piece = list[step]
      if (piece) yield { kind: 'content', data: delta(index, piece.content), tokens: piece.tokens }
    }
  }
  for (const [index, answer] of answers.entries()) {
    yield { kind: 'finish', data: delta(index, {}, finishReason(answer)) }
  }
  yield { kind: 'usage', data: chunk([], { usage }) }
}

function* contentPieces(answer: ModelAnswer): Generator<{ content: object; tokens: number }, void, undefined> {
  for (const [piece] of (answer.text ?? '').matchAll(/\S{1,12}\s*|\s+/gu)) {
    yield { content: { content: piece }, tokens: estimateTokens(piece) }
  }
  if (answer.refusal) yield { content: { refusal: answer.refusal }, tokens: estimateTokens(answer.refusal) }
  for (const [index, call] of (answer.toolCalls ?? []).entries()) {
    const { id, type, function: named } = toolCall(call)
    const args = named.arguments
    yield { content: { tool_calls: [{ index, id, type, function: { name: named.name, arguments: '' } }] }, tokens: 2 }
    const half = Math.ceil(args.length / 2)
    for (const part of [args.slice(0, half), args.slice(half)]) {
      yield { content: { tool_calls: [{ index, function: { arguments: part } }] }, tokens: estimateTokens(part) }
    }
  }
}

/** Every answer of a provider is new: so are the ids of its tool calls. */
function toolCall({ name, args, id }: { name: string; args: unknown; id?: string }) {
  const text = typeof args === 'string' ? args : JSON.stringify(args)
  return {
    id: id ?? `call_${randomBytes(12).toString('hex')}`,
    type: 'function' as const,
    function: { name, arguments: text },
  }
}

function finishReason({ finishReason: given, toolCalls }: ModelAnswer): string {
  return given ?? (toolCalls?.length ? 'tool_calls' : 'stop')
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
