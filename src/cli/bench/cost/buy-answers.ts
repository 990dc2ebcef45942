import { createHash } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { CacheError } from '../../../core/errors.ts'
import type { Usage } from '../../../core/response.ts'
import type { PriceOf } from '../../../core/stats.ts'
import { parsedJson, readTextFile } from '../traffic/read-traffic.ts'
import type { ModelLine } from '../traffic/traffic-line.ts'
import { type BoughtAnswer, bodyKey } from './answers.ts'
import type { Purchase } from './purchase-estimate.ts'

export interface BuyOptions {
  readonly baseUrl: string
  readonly apiKey?: string
  /** At most so many US dollars; Infinity for a local server. */
  readonly maxUsd: number
  readonly priceOf: PriceOf
  /** Calls in flight at once. */
  readonly concurrency: number
  /** Whether the time of an answer is measured, or is to be drawn. */
  readonly measuresLatency: boolean
  /** Keeps what was bought in a file, and reads it before buying: an interrupted run pays nothing twice. */
  readonly answersFile?: string
  readonly onProgress?: (done: number, spentUsd: number) => void
}

export interface Bought {
  readonly answers: ReadonlyMap<string, BoughtAnswer>
  readonly calls: number
  readonly spentUsd: number
}

const ATTEMPTS = 4

/**
 * Asks the model once for each of the purchases.
 *
 * @throws CacheError INVALID_OPTION when the cap is reached or the endpoint refuses; what was bought is in the file
 */
export async function buyAnswers(purchases: readonly Purchase[], options: BuyOptions): Promise<Bought> {
  const answers = options.answersFile === undefined ? new Map() : await readAnswers(options.answersFile)
  let spentUsd = 0
  let reservedUsd = 0
  let calls = 0
  let done = 0
  let failure: unknown
  const queue = [...purchases]
  const worker = async () => {
    for (let purchase = queue.shift(); purchase && failure === undefined; purchase = queue.shift()) {
      const { line, worstUsd } = purchase
      const key = bodyKey(line)
      if (!answers.has(key)) {
        // Reserved beforehand, so that calls in flight cannot pass the cap together.
        if (spentUsd + reservedUsd + worstUsd > options.maxUsd) {
          const kept = options.answersFile === undefined ? 'give --answers FILE to keep them' : options.answersFile
          const spent = `$${spentUsd.toFixed(4)} spent on ${calls} answers (${kept}), and the next call may cost $${worstUsd.toFixed(4)}`
          failure ??= new CacheError(
            'INVALID_OPTION',
            `--max-usd must be enough for all calls, got ${options.maxUsd}: ${spent}`,
          )
          return
        }
        reservedUsd += worstUsd
        try {
          const answer = await ask(purchase, options)
          calls++
          spentUsd += costOf(line, answer.usage, options.priceOf)
          answers.set(key, answer)
          if (options.answersFile !== undefined) {
            await appendFile(options.answersFile, `${JSON.stringify({ key: digest(key), ...answer })}\n`)
          }
        } catch (error) {
          failure ??= error
          return
        } finally {
          reservedUsd -= worstUsd
        }
      }
      options.onProgress?.(++done, spentUsd)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, worker))
  if (failure !== undefined) throw failure
  return { answers, calls, spentUsd }

  async function readAnswers(path: string): Promise<Map<string, BoughtAnswer>> {
    const byDigest = new Map<string, BoughtAnswer>()
    const text = await readTextFile(path).catch(() => '')
    for (const [index, raw] of text.split('\n').entries()) {
      if (raw.trim() === '') continue
      const { key, ...answer } = parsedJson(raw) as BoughtAnswer & { key: string }
      if (typeof key !== 'string' || typeof answer.text !== 'string' || !answer.usage) {
        const allowed = 'an answer that this command wrote, { key, text, finishReason, usage }'
        throw new CacheError(
          'INVALID_OPTION',
          `${path}:${index + 1}: a line must be ${allowed}, got ${raw.slice(0, 60)}`,
        )
      }
      byDigest.set(key, answer)
    }
    const known = new Map<string, BoughtAnswer>()
    for (const { line } of purchases) {
      const answer = byDigest.get(digest(bodyKey(line)))
      if (answer) known.set(bodyKey(line), answer)
    }
    return known
  }
}

function costOf(line: ModelLine, usage: Usage, priceOf: PriceOf): number {
  const { provider, model } = line.request
  return priceOf({ provider, name: model, usage, at: Date.now() }) ?? 0
}

async function ask({ line, body }: Purchase, options: BuyOptions): Promise<BoughtAnswer> {
  const url = `${options.baseUrl.replace(/\/+$/, '')}/chat/completions`
  for (let attempt = 1; ; attempt++) {
    const startedAt = performance.now()
    let status = 0
    let detail: string
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(120_000),
      })
      status = response.status
      const text = await response.text()
      const latencyMs = performance.now() - startedAt
      if (response.ok) return answerOf(text, options.measuresLatency ? latencyMs : undefined)
      detail = messageIn(text)
    } catch (error) {
      if (CacheError.is(error)) throw error
      detail = error instanceof Error ? error.message : String(error)
    }
    const worthwhile = status === 0 || status === 429 || status >= 500
    if (!worthwhile || attempt === ATTEMPTS) {
      const got = status === 0 ? detail : `${status}: ${detail}`
      throw new CacheError('INVALID_OPTION', `the endpoint ${url} must answer line ${line.id}, got ${got}`)
    }
    await delay(500 * 2 ** attempt)
  }
}

function answerOf(text: string, latencyMs: number | undefined): BoughtAnswer {
  const body = parsedJson(text) as {
    choices?: {
      message?: { content?: unknown; tool_calls?: { function: { name: string; arguments: string } }[] }
      finish_reason?: string
    }[]
    usage?: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details?: { cached_tokens?: number } }
  }
  const [choice] = body.choices ?? []
  if (!choice || !body.usage) {
    throw new CacheError('INVALID_OPTION', `the endpoint must answer with choices and usage, got ${text.slice(0, 60)}`)
  }
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = body.usage
  const cachedInputTokens = body.usage.prompt_tokens_details?.cached_tokens
  const calls = choice.message?.tool_calls
  return {
    text: typeof choice.message?.content === 'string' ? choice.message.content : '',
    finishReason: choice.finish_reason ?? 'stop',
    ...(calls && { toolCalls: calls.map(({ function: { name, arguments: args } }) => ({ name, args })) }),
    usage: {
      inputTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      ...(cachedInputTokens ? { cachedInputTokens } : {}),
    },
    ...(latencyMs !== undefined && { latencyMs }),
  }
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } }
    return error?.message ?? text.slice(0, 200)
  } catch {
    return text.slice(0, 200)
  }
}

/** Not the body itself: it holds the prompt once more. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
