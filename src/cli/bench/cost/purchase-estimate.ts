import { invalidOption } from '../../../core/options.ts'
import type { PriceOf } from '../../../core/stats.ts'
import { estimatePromptTokens } from '../token-estimate.ts'
import type { OpenaiBody } from '../traffic/openai-body.ts'
import type { ModelLine } from '../traffic/traffic-line.ts'
import { bodyKey, isRecorded } from './answers.ts'

/** One call to be made, and what it may cost. */
export interface Purchase {
  readonly line: ModelLine
  /** With a bound on the answer, so that there is a worst case. */
  readonly body: OpenaiBody
  readonly likelyUsd: number
  readonly worstUsd: number
}

/** An estimate of tokens may be a quarter too low; a worst case must not be. */
const TOKEN_CAUTION = 1.5

/**
 * The calls whose answers the log does not have, each body once.
 *
 * @throws CacheError INVALID_OPTION for a model without a price
 */
export function purchasesOf(
  lines: readonly ModelLine[],
  {
    priceOf,
    answerTokens,
    maxAnswerTokens,
    at,
  }: { priceOf: PriceOf; answerTokens: number; maxAnswerTokens: number; at: number },
): Purchase[] {
  const purchases = new Map<string, Purchase>()
  for (const line of lines) {
    if (isRecorded(line)) continue
    const key = bodyKey(line)
    if (purchases.has(key)) continue
    const { stream: _stream, stream_options: _options, ...body } = line.body
    const given = body.max_completion_tokens ?? body.max_tokens
    const bound = typeof given === 'number' ? given : maxAnswerTokens
    const inputTokens = estimatePromptTokens(line.body)
    const usd = (input: number, output: number) => priced(line, priceOf, input, output, at)
    purchases.set(key, {
      line,
      body: (typeof given === 'number' ? body : { ...body, max_completion_tokens: bound }) as OpenaiBody,
      likelyUsd: usd(inputTokens, Math.min(bound, answerTokens)),
      worstUsd: usd(inputTokens * TOKEN_CAUTION, bound),
    })
  }
  return [...purchases.values()]
}

/** @throws CacheError INVALID_OPTION when the price is not known: a cost benchmark without prices shows nothing */
export function priced(line: ModelLine, priceOf: PriceOf, input: number, output: number, at: number): number {
  const { provider, model } = line.request
  const usage = { inputTokens: input, outputTokens: output, totalTokens: input + output }
  const usd = priceOf({ provider, name: model, usage, at })
  if (usd === undefined) {
    throw invalidOption(
      'the model of a line',
      `one of the price catalogue, or one with --price MODEL=INPUT/OUTPUT (US dollars a million tokens)`,
      `${provider}/${model}`,
    )
  }
  return usd
}
