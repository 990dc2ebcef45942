import type { LearnedMetric } from './learned-metric.ts'
import type { Language } from './text/language.ts'
import type { Tree } from './trees.ts'

/** What `reprise tune` adds to a fit. */
export interface Recalibration {
  /** The whole id of the embedder whose pairs were labelled. */
  readonly embedderId: string
  /** The fit below was made with vectors of this embedder; else its trees see no similarity. */
  readonly knowsEmbedder: boolean
  /** New score = intercept + score × old score + similarity × cosine. */
  readonly intercept: number
  readonly score: number
  readonly similarity: number
  /** The guards whose objection ends it; that of others is a doubt. */
  readonly vetoes: readonly string[]
}

/** From scores to decisions. */
export interface Calibration {
  /** Points of the curve from score to probability on the calibration mix, both rising; straight between them. */
  readonly curve: readonly (readonly [score: number, probability: number])[]
  /** For false hit rates of the calibration mix, rising: the least score to reuse from. */
  readonly limits: readonly (readonly [maxFalseHitRate: number, score: number])[]
}

/** What `scripts/calibration/fit.py` writes: a fit for one embedder and the languages it was fitted on. */
export interface CalibratedParameters extends Calibration {
  /** Name for findings and reports. */
  readonly name: string
  /** Any of them found in an embedder's id, ignoring case; none in the fit for embedders without one of their own. */
  readonly embedders: readonly string[]
  readonly languages: readonly Language[]
  /** Feature names in the order of the trees' indexes. */
  readonly features: readonly string[]
  /** Gives the feature `vectors.learned` of vectors of this embedder. */
  readonly metric?: LearnedMetric
  readonly trees: readonly Tree[]
  /** In each language by itself, where a fit knows several: one score means more in one than in the other. */
  readonly byLanguage?: Partial<Readonly<Record<Language, Calibration>>>
  /** Made from labels of the user: curve and limits are of the new score. */
  readonly recalibration?: Recalibration
}

/** Curve and limits for a language; labels of the user speak for all of them. */
export function calibrationOf(fit: CalibratedParameters, language: Language): Calibration {
  return (!fit.recalibration && fit.byLanguage?.[language]) || fit
}

/** The score that curve and limits are of. */
export function recalibrated({ recalibration }: CalibratedParameters, score: number, similarity: number): number {
  if (!recalibration) return score
  return recalibration.intercept + recalibration.score * score + recalibration.similarity * similarity
}

/** The probability of a score, on the mix the curve was fitted on. */
export function probabilityOf({ curve }: Pick<Calibration, 'curve'>, score: number): number {
  return between(curve, score)
}

/** The least score that keeps a false hit rate: between the fitted rates by their logarithm; none for a rate below them all. */
export function leastScore({ limits }: Pick<Calibration, 'limits'>, maxFalseHitRate: number): number {
  const first = limits[0]
  if (!first || maxFalseHitRate < first[0]) return Number.POSITIVE_INFINITY
  return between(
    limits.map(([rate, score]) => [Math.log(rate), score] as const),
    Math.log(maxFalseHitRate),
  )
}

function between(points: readonly (readonly [number, number])[], x: number): number {
  const after = points.findIndex(([at]) => at >= x)
  const last = points.at(-1)
  if (!last) return Number.NaN
  if (after === -1) return last[1]
  const [x1, y1] = points[after] as readonly [number, number]
  if (after === 0 || x1 === x) return y1
  const [x0, y0] = points[after - 1] as readonly [number, number]
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
