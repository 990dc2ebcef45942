import type { AnswerComparison, AnswerJudge, AnswerVerdict } from '../../core/answer-judge.ts'
import { CacheError } from '../../core/errors.ts'
import { checkErrorRate } from '../../core/judge-error.ts'
import { invalidOption, knownOptions, stringOption } from '../../core/options.ts'
import { dot } from '../../core/vector.ts'
import type { VerdictOverhead } from '../../core/verifier.ts'
import type { EmbedderNotice } from '../../embeddings/embedder.ts'
import type { SemanticCacheSettings } from '../settings.ts'

/** `'similarity'`: no judge, but the embedder's advice. */
export type ShadowJudge = AnswerJudge | { readonly name: 'similarity'; readonly errorRate?: undefined }

export interface Compared {
  readonly outcome: 'correct' | 'wrong' | 'unsure' | 'alike' | 'unlike'
  readonly answerSimilarity?: number
  readonly overhead: { readonly usd?: number; readonly tokens: number }
}

/** Answers this near count as alike, as advice only: "yes" and "no" to one question are nearer than two good answers. */
const ALIKE_FROM = 0.8
/** Embedders cut longer texts themselves, at other places. */
const MAX_EMBEDDED_CHARS = 8_000

/** @throws CacheError VERIFIER_FAILED for a verdict of another form; whatever judge or embedder throw */
export async function compareAnswers(
  judge: ShadowJudge,
  comparison: AnswerComparison,
  settings: SemanticCacheSettings,
  signal: AbortSignal,
): Promise<Compared> {
  if (!('judge' in judge)) return bySimilarity(comparison, settings, signal)
  const verdict: AnswerVerdict = await judge.judge(comparison, { signal })
  if (typeof verdict !== 'object' || verdict === null || !isVerdict(verdict.correct)) {
    throw new CacheError('VERIFIER_FAILED', `a judge must give { correct: true, false or undefined }`)
  }
  const { correct, overhead } = verdict
  const tokens = Number.isFinite(overhead?.tokens) ? (overhead?.tokens as number) : 0
  const usd = overhead && priceOfVerdict(overhead, settings)
  return {
    outcome: correct === undefined ? 'unsure' : correct ? 'correct' : 'wrong',
    overhead: { tokens, ...(typeof usd === 'number' && { usd }) },
  }
}

function priceOfVerdict({ usd, usage, billedAs }: VerdictOverhead, { priceOf, now }: SemanticCacheSettings) {
  return usd ?? (billedAs && priceOf({ ...billedAs, ...(usage && { usage }), at: now() }))
}

async function bySimilarity(
  { fresh, reused }: AnswerComparison,
  { embedder }: SemanticCacheSettings,
  signal: AbortSignal,
): Promise<Compared> {
  let tokens = 0
  let usd: number | undefined = 0
  const report = (notice: EmbedderNotice) => {
    if (notice.what !== 'usage') return
    tokens += notice.tokens
    usd = notice.usd === undefined && notice.tokens > 0 ? undefined : (usd ?? 0) + (notice.usd ?? 0)
  }
  const texts = [fresh, reused].map((text) => text.slice(0, MAX_EMBEDDED_CHARS))
  const [a, b] = await embedder.embed(texts, { signal, report })
  if (!a || !b) throw new CacheError('EMBEDDER_FAILED', 'an embedder must give one vector a text')
  const answerSimilarity = dot(a, b)
  return {
    outcome: answerSimilarity >= ALIKE_FROM ? 'alike' : 'unlike',
    answerSimilarity,
    overhead: { tokens, ...(usd !== undefined && { usd }) },
  }
}

function isVerdict(value: unknown): value is boolean | undefined {
  return value === undefined || typeof value === 'boolean'
}

/**
 * The judge of an option: an AnswerJudge, a function of the comparison, or `'similarity'`.
 *
 * @throws CacheError INVALID_OPTION
 */
export function shadowJudgeOption(value: unknown): ShadowJudge {
  if (value === 'similarity') return { name: 'similarity' }
  if (typeof value === 'function') return answerJudge(value as AnswerJudgeFunction)
  const judge = value as Partial<AnswerJudge> | null
  if (typeof judge !== 'object' || judge === null || typeof judge.judge !== 'function') {
    throw invalidOption('shadowJudge', "an AnswerJudge, a function of the two answers, or 'similarity'", value)
  }
  if (typeof judge.name !== 'string' || judge.name === '') {
    throw invalidOption('shadowJudge.name', 'a non-empty string', judge.name)
  }
  if (judge.errorRate !== undefined) checkErrorRate('shadowJudge.errorRate', judge.errorRate)
  return judge as AnswerJudge
}

/** Says whether the reused answer will do: undefined when it cannot tell. */
export type AnswerJudgeFunction = (
  comparison: AnswerComparison,
  context: { readonly signal: AbortSignal },
) => boolean | undefined | AnswerVerdict | Promise<boolean | undefined | AnswerVerdict>

/**
 * A judge of answers made of a function. Only one that states how often it is wrong moves the bar of `learned`, and only on
 * that does the stated false hit rate rest.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * answerJudge(({ fresh, reused }) => normalise(fresh) === normalise(reused), { errorRate: 0.01 })
 */
export function answerJudge(
  compare: AnswerJudgeFunction,
  options: Pick<Partial<AnswerJudge>, 'name' | 'errorRate'> = {},
): AnswerJudge {
  if (typeof compare !== 'function') throw invalidOption('compare', 'a function of the two answers', compare)
  knownOptions('answerJudge', options, ['name', 'errorRate'])
  const name = stringOption('name', options.name, compare.name || 'function')
  const { errorRate } = options
  if (errorRate !== undefined) checkErrorRate('errorRate', errorRate)
  return {
    name,
    ...(errorRate !== undefined && { errorRate }),
    async judge(comparison, context) {
      const verdict = await compare(comparison, context)
      if (typeof verdict === 'object' && verdict !== null) return verdict
      return verdict === undefined ? {} : { correct: verdict }
    },
  }
}
