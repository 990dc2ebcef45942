import { VETOES } from '../../semantic-cache/decision/guards/index.ts'
import { probabilityOf } from '../../semantic-cache/decision/parameters.ts'
import type { CountOf } from '../../semantic-cache/decision/tuned-parameters.ts'
import { FOLDS, type MeasuredPair } from './measured-pairs.ts'
import { fitWeights, isotonicCurve, isShown, rounded, sigmoid, type Weights } from './statistics.ts'

/** False hit rates that a file has limits for, where the labels show them. */
const RATES: readonly number[] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
/** With fewer labels a curve of steps would follow their chance; a sigmoid cannot. */
const STEPS_FROM = 1_000
/** Guards that objected less often are left as they are: nothing can be said of them. */
const MIN_OBJECTIONS = 15
/** Of the true pairs, what a guard must cost before its objection becomes a mere doubt. */
const MIN_GAIN = 0.01

export interface FittedPolicy {
  readonly weights: Weights
  readonly vetoes: readonly string[]
  readonly curve: readonly (readonly [number, number])[]
  readonly limits: readonly (readonly [number, number])[]
}

export interface Outcome {
  readonly pair: MeasuredPair
  /** New score, made without the pair's own fold; +∞ always reused, −∞ never. */
  readonly value: number
  readonly probability: number
}

export interface RateFigures {
  readonly maxFalseHitRate: number
  /** Undefined where the labels show no limit for the rate, or those apart from the fold did not in any fold. */
  readonly covered?: CountOf
  readonly wrong?: CountOf
}

export interface Fitted {
  readonly policy: FittedPolicy
  readonly figures: readonly RateFigures[]
  readonly outcomes: readonly Outcome[]
}

/**
 * Fits weights, guards, limits and curve, and says what they reach: each pair is judged by weights, guards and limit that
 * were made without its fold. Limits rest on the upper 95 % bound of the false hit rate, not on the rate seen.
 */
export function fitPolicy(
  pairs: readonly MeasuredPair[],
  { usesScore, guardsAt, rates }: { usesScore: boolean; guardsAt: number; rates: readonly number[] },
): Fitted {
  const isFitted = (pair: MeasuredPair) => pair.kind === 'scored' && !isVetoed(pair, VETOES)
  const learn = (from: readonly MeasuredPair[]) => fitWeights(from.filter(isFitted), usesScore)
  const values = new Map<MeasuredPair, number>()
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = learn(pairs.filter((pair) => pair.fold !== fold))
    for (const pair of pairs) if (pair.fold === fold) values.set(pair, scoreFor(pair, weights, usesScore))
  }
  const valueIn = (pair: MeasuredPair) => values.get(pair) as number
  const vetoesFor = (from: readonly MeasuredPair[]) => (usesScore ? chooseVetoes(from, valueIn, guardsAt) : [])
  const vetoes = vetoesFor(pairs)

  const apart = Array.from({ length: FOLDS }, (_, fold) => {
    const others = pairs.filter((pair) => pair.fold !== fold)
    const chosen = vetoesFor(others)
    return { fold, others, chosen, ranked: rank(others, valueIn, chosen), curve: curveOf(others, valueIn, chosen) }
  })
  const ranked = rank(pairs, valueIn, vetoes)
  const limits: [number, number][] = []
  for (const rate of [...new Set([...RATES, ...rates])].sort((a, b) => a - b)) {
    const limit = limitOf(ranked, rate)
    // Where even equal texts alone use up the rate there is no score to write down.
    if (limit === undefined || !Number.isFinite(limit)) continue
    limits.push([rate, Math.min(limit, limits.at(-1)?.[1] ?? limit)])
  }
  const withLimit = new Set(limits.map(([rate]) => rate))
  const figures = rates.map((rate) => {
    const reused: MeasuredPair[] = []
    let shown = false
    for (const { fold, chosen, ranked } of apart) {
      const limit = limitOf(ranked, rate)
      if (limit === undefined) continue
      shown = true
      const own = pairs.filter((pair) => pair.fold === fold && !isVetoed(pair, chosen))
      reused.push(...own.filter((pair) => valueIn(pair) >= limit))
    }
    if (!shown || !withLimit.has(rate)) return { maxFalseHitRate: rate }
    const right = reused.filter(({ isSame }) => isSame).length
    return {
      maxFalseHitRate: rate,
      covered: { count: right, of: pairs.filter(({ isSame }) => isSame).length },
      wrong: { count: reused.length - right, of: reused.length },
    }
  })
  const outcomes = apart.flatMap(({ fold, chosen, curve }) =>
    pairs
      .filter((pair) => pair.fold === fold)
      .map((pair) => ({
        pair,
        value: isVetoed(pair, chosen) ? Number.NEGATIVE_INFINITY : valueIn(pair),
        probability: isVetoed(pair, chosen) ? 0 : probabilityIn(curve, valueIn(pair)),
      })),
  )
  return {
    policy: { weights: learn(pairs), vetoes, curve: curveOf(pairs, valueIn, vetoes), limits },
    figures,
    outcomes,
  }
}

function scoreFor(pair: MeasuredPair, weights: Weights, usesScore: boolean): number {
  if (usesScore && pair.kind === 'texts-equal') return Number.POSITIVE_INFINITY
  if (usesScore && pair.kind !== 'scored') return Number.NEGATIVE_INFINITY
  return weights.intercept + weights.score * (usesScore ? pair.score : 0) + weights.similarity * pair.similarity
}

function isVetoed({ kind, differing }: MeasuredPair, vetoes: readonly string[]): boolean {
  return kind !== 'texts-equal' && differing.some((guard) => vetoes.includes(guard))
}

interface Ranked {
  readonly value: number
  readonly isSame: boolean
}

/** What may be reused, highest value first. */
function rank(
  pairs: readonly MeasuredPair[],
  valueIn: (pair: MeasuredPair) => number,
  vetoes: readonly string[],
): Ranked[] {
  return pairs
    .filter((pair) => !isVetoed(pair, vetoes) && valueIn(pair) > Number.NEGATIVE_INFINITY)
    .map((pair) => ({ value: valueIn(pair), isSame: pair.isSame }))
    .sort((a, b) => b.value - a.value)
}

/** The least value from which on the labels show the rate. */
function limitOf(ranked: readonly Ranked[], rate: number): number | undefined {
  let wrong = ranked.filter(({ isSame }) => !isSame).length
  for (let at = ranked.length - 1; at >= 0; at--) {
    const { value, isSame } = ranked[at] as Ranked
    // Equal values are reused together or not at all.
    const isEnd = ranked[at + 1]?.value !== value
    if (isEnd && wrong <= rate * (at + 1) && isShown(wrong, at + 1, rate)) return value
    if (!isSame) wrong--
  }
  return undefined
}

/** Right reuses at the limit of a rate; 0 without a limit. */
function reach(
  pairs: readonly MeasuredPair[],
  valueIn: (pair: MeasuredPair) => number,
  vetoes: readonly string[],
  rate: number,
): number {
  const ranked = rank(pairs, valueIn, vetoes)
  const limit = limitOf(ranked, rate)
  return limit === undefined ? 0 : ranked.filter(({ value, isSame }) => isSame && value >= limit).length
}

/** Makes a doubt of the objections that cost right reuses and prevent no wrong ones, one guard at a time. */
function chooseVetoes(pairs: readonly MeasuredPair[], valueIn: (pair: MeasuredPair) => number, rate: number): string[] {
  const least = MIN_GAIN * pairs.filter(({ isSame }) => isSame).length
  let vetoes = [...VETOES]
  for (;;) {
    const now = reach(pairs, valueIn, vetoes, rate)
    const gains = vetoes
      .filter((guard) => pairs.filter(({ differing }) => differing.includes(guard)).length >= MIN_OBJECTIONS)
      .map((guard) => {
        const without = vetoes.filter((name) => name !== guard)
        return { without, gain: reach(pairs, valueIn, without, rate) - now }
      })
      .sort((a, b) => b.gain - a.gain)
    const [best] = gains
    if (!best || best.gain <= least) return vetoes
    vetoes = best.without
  }
}

function curveOf(
  pairs: readonly MeasuredPair[],
  valueIn: (pair: MeasuredPair) => number,
  vetoes: readonly string[],
): readonly (readonly [number, number])[] {
  const scored = rank(pairs, valueIn, vetoes)
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, isSame }) => ({ score: value, isSame }))
  const steps = scored.length >= STEPS_FROM ? isotonicCurve(scored) : []
  if (steps.length >= 2) return steps
  // The weights were fitted as log-odds already.
  return Array.from({ length: 33 }, (_, i) => {
    const score = -8 + i / 2
    return [score, rounded(sigmoid(score))] as const
  })
}

function probabilityIn(curve: FittedPolicy['curve'], value: number): number {
  if (!Number.isFinite(value)) return value > 0 ? 1 : 0
  return probabilityOf({ curve }, value)
}
