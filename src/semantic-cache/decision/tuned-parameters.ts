import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CacheError } from '../../core/errors.ts'
import { shippedFits } from './fits/index.ts'
import { guards } from './guards/index.ts'
import type { CalibratedParameters } from './parameters.ts'
import type { Language } from './text/language.ts'

export const TUNED_FORMAT = 'reprise-parameters'
/** Rises when a reader of the old form would misread the new one. */
export const TUNED_VERSION = 1

/** A count among others. */
export interface CountOf {
  readonly count: number
  readonly of: number
}

/** The file that `reprise tune` writes: a shipped fit, calibrated anew on labels of the user's own traffic. */
export interface TunedParameters {
  readonly format: typeof TUNED_FORMAT
  readonly version: typeof TUNED_VERSION
  /** The embedder whose similarities were labelled; whole id. */
  readonly embedder: { readonly id: string; readonly dimensions: number }
  readonly languages: readonly Language[]
  /** The shipped fit below; by its digest, because another one gives other scores. */
  readonly base: { readonly name: string; readonly digest: string }
  /** New score = intercept + score × that of the fit + similarity × cosine. */
  readonly weights: { readonly intercept: number; readonly score: number; readonly similarity: number }
  /** Guards whose objection is final. */
  readonly vetoes: readonly string[]
  readonly curve: readonly (readonly [score: number, probability: number])[]
  /** Per false hit rate that the labels can show: the least score to reuse from. */
  readonly limits: readonly (readonly [maxFalseHitRate: number, score: number])[]
  /** What it was made from, and what it reached on labels it was not made from; nothing is computed with it. */
  readonly labels: { readonly same: number; readonly different: number; readonly digest: string }
  readonly measured: readonly {
    readonly maxFalseHitRate: number
    /** Of the pairs that may share an answer, those reused. */
    readonly covered: CountOf
    /** Of the reused pairs, those that may not share an answer. */
    readonly wrong: CountOf
  }[]
}

/**
 * The fits behind `calibrated({ parameters })`: paths are read, everything is checked.
 *
 * @throws CacheError INVALID_OPTION
 */
export function readParameters(given: unknown, maxFalseHitRate: number): CalibratedParameters[] {
  const several = Array.isArray(given) ? given : [given]
  return several.map((one) => {
    if (typeof one === 'string') return fitOf(readFile(one), `the parameters in ${one}`, maxFalseHitRate)
    if (isRecord(one) && 'format' in one) return fitOf(one, 'the parameters', maxFalseHitRate)
    checkFit(one)
    return one
  })
}

/** Names one shipped fit; another fit under the same name has another. */
export function digestOf(fit: CalibratedParameters): string {
  return createHash('sha256').update(JSON.stringify(fit)).digest('hex').slice(0, 16)
}

function readFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new CacheError('INVALID_OPTION', `parameters must be a file that can be read, got ${path}`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CacheError('INVALID_OPTION', `parameters must be a file of JSON from \`reprise tune\`, got ${path}`, {
      cause,
    })
  }
}

function fitOf(given: unknown, what: string, maxFalseHitRate: number): CalibratedParameters {
  const flaw = flawOf(given)
  if (flaw) throw new CacheError('INVALID_OPTION', `${what} must be as \`reprise tune\` writes them: ${flaw}`)
  const { embedder, languages, base, weights, vetoes, curve, limits } = given as TunedParameters
  const shipped = shippedFits().find(({ name }) => name === base.name)
  if (!shipped || digestOf(shipped) !== base.digest) {
    throw new CacheError(
      'INVALID_OPTION',
      `${what} were made on the fit ${base.name}@${base.digest} of another version of Reprise; run \`reprise tune\` again`,
    )
  }
  const [lowest] = limits as readonly [readonly [number, number]]
  if (maxFalseHitRate < lowest[0]) {
    throw new CacheError(
      'INVALID_OPTION',
      `maxFalseHitRate must be at least ${lowest[0]} with ${what}, because their labels show no lower one, got ${maxFalseHitRate}`,
    )
  }
  return {
    ...shipped,
    name: `tuned on ${base.name}`,
    embedders: [embedder.id],
    languages,
    curve,
    limits,
    recalibration: { ...weights, embedderId: embedder.id, knowsEmbedder: shipped.embedders.length > 0, vetoes },
  }
}

function flawOf(given: unknown): string | undefined {
  if (!isRecord(given)) return `an object is wanted, got ${given === null ? 'null' : typeof given}`
  const { format, version, embedder, languages, base, weights, vetoes, curve, limits } = given
  if (format !== TUNED_FORMAT) return `format must be '${TUNED_FORMAT}', got ${JSON.stringify(format)}`
  if (version !== TUNED_VERSION) {
    return `version must be ${TUNED_VERSION}, got ${JSON.stringify(version)}: another version of Reprise wrote them`
  }
  if (!isRecord(embedder) || typeof embedder.id !== 'string' || embedder.id === '') return 'embedder.id is missing'
  const known = (language: unknown) => language === 'en' || language === 'zh'
  if (!Array.isArray(languages) || languages.length === 0 || !languages.every(known)) {
    return "languages must be of 'en' and 'zh'"
  }
  if (!isRecord(base) || typeof base.name !== 'string' || typeof base.digest !== 'string') {
    return 'base must have name and digest'
  }
  if (!isRecord(weights) || !['intercept', 'score', 'similarity'].every((name) => Number.isFinite(weights[name]))) {
    return 'weights must be finite numbers for intercept, score and similarity'
  }
  if (Number(weights.score) < 0 || Number(weights.similarity) < 0) return 'weights of score and similarity must be ≥ 0'
  const names = guards.map(({ name }) => name)
  if (!Array.isArray(vetoes) || !vetoes.every((name) => names.includes(name))) {
    return `vetoes must be of ${names.join(', ')}`
  }
  if (!isRising(curve, (p) => p >= 0 && p <= 1)) return 'curve must be rising pairs [score, probability in 0…1]'
  if (!arePairs(limits) || limits.length === 0) return 'limits must be pairs [maxFalseHitRate, score], at least one'
  const falling = limits.every(([rate, score], i) => {
    const before = limits[i - 1]
    return rate > 0 && rate <= 0.5 && (!before || (rate > before[0] && score <= before[1]))
  })
  return falling ? undefined : 'limits must be of rising rates in (0, 0.5] and falling scores'
}

function isRising(points: unknown, fits: (probability: number) => boolean): boolean {
  if (!arePairs(points) || points.length < 2) return false
  return points.every(([score, probability], i) => {
    const before = points[i - 1]
    return fits(probability) && (!before || (score > before[0] && probability >= before[1]))
  })
}

function arePairs(points: unknown): points is readonly (readonly [number, number])[] {
  return (
    Array.isArray(points) &&
    points.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite))
  )
}

function checkFit(fit: unknown): asserts fit is CalibratedParameters {
  const parts = fit as Partial<CalibratedParameters> | null
  const good =
    typeof parts === 'object' &&
    parts !== null &&
    typeof parts.name === 'string' &&
    Array.isArray(parts.embedders) &&
    Array.isArray(parts.languages) &&
    Array.isArray(parts.features) &&
    Array.isArray(parts.trees) &&
    Array.isArray(parts.curve) &&
    Array.isArray(parts.limits)
  if (!good) {
    throw new CacheError(
      'INVALID_OPTION',
      `parameters must be what \`reprise tune\` wrote (a path or its content), or fits as scripts/calibration/fit.py writes them, got ${fit === null ? 'null' : typeof fit}`,
    )
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
