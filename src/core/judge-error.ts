import { invalidOption, knownOptions, numberOption } from './options.ts'
import { wilson } from './wilson.ts'

/**
 * How often a judge of answers is wrong. A number in [0, 0.5) is an upper bound of both kinds of error. Counts are what was
 * measured against people: of `of` right answers, `count` were called wrong (`falseAlarms`), of `of` wrong ones `count`
 * were called right (`missed`); they say more, because they also bound the errors from below.
 */
export type JudgeErrorRate = number | { readonly falseAlarms: MeasuredErrors; readonly missed: MeasuredErrors }

export interface MeasuredErrors {
  readonly count: number
  readonly of: number
}

/** The best guess of each kind of error, and 95 % bounds. */
export interface ErrorBounds {
  readonly falseAlarm: number
  readonly falseAlarmLow: number
  readonly falseAlarmHigh: number
  readonly missed: number
  readonly missedHigh: number
}

/** People who say whether an answer helped them are taken at their word. */
export const NO_ERROR: ErrorBounds = { falseAlarm: 0, falseAlarmLow: 0, falseAlarmHigh: 0, missed: 0, missedHigh: 0 }

/** @throws CacheError INVALID_OPTION */
export function checkErrorRate(name: string, rate: unknown): asserts rate is JudgeErrorRate {
  if (typeof rate !== 'object' || rate === null) {
    if (typeof rate !== 'number' || !(rate >= 0 && rate < 0.5)) {
      throw invalidOption(name, 'a number in [0, 0.5), or { falseAlarms: { count, of }, missed: { count, of } }', rate)
    }
    return
  }
  knownOptions(name, rate, ['falseAlarms', 'missed'])
  for (const kind of ['falseAlarms', 'missed'] as const) {
    const measured: unknown = Reflect.get(rate, kind)
    knownOptions(`${name}.${kind}`, measured, ['count', 'of'])
    const { count, of } = measured as { count?: unknown; of?: unknown }
    if (of === undefined || count === undefined) throw invalidOption(`${name}.${kind}`, '{ count, of }', measured)
    const all = numberOption(`${name}.${kind}.of`, of, { min: 1, integer: true, default: 1 })
    numberOption(`${name}.${kind}.count`, count, { min: 0, max: Math.ceil(all / 2) - 1, integer: true, default: 0 })
  }
}

export function errorBounds(rate: JudgeErrorRate): ErrorBounds {
  if (typeof rate === 'number') {
    return { falseAlarm: rate, falseAlarmLow: 0, falseAlarmHigh: rate, missed: rate, missedHigh: rate }
  }
  const { falseAlarms, missed } = rate
  const [falseAlarmLow, falseAlarmHigh] = wilson(falseAlarms.count, falseAlarms.of)
  return {
    falseAlarm: falseAlarms.count / falseAlarms.of,
    falseAlarmLow,
    falseAlarmHigh,
    missed: missed.count / missed.of,
    missedHigh: wilson(missed.count, missed.of)[1],
  }
}

/** The share that is called wrong when `share` is: what a hypothesis about the truth says about verdicts, at least. */
export function leastCalledWrong(share: number, { falseAlarmLow, missedHigh }: ErrorBounds): number {
  return share * (1 - missedHigh) + (1 - share) * falseAlarmLow
}

/** The same, at most: every miss of the judge may be none, every false alarm may be one. */
export function mostCalledWrong(share: number, { falseAlarmHigh }: ErrorBounds): number {
  return share + (1 - share) * falseAlarmHigh
}

/** False when verdicts look as bad as the share that is to be ruled out even where every answer is right. */
export function canCertify(rate: JudgeErrorRate, share: number): boolean {
  const errors = errorBounds(rate)
  return errors.falseAlarm < leastCalledWrong(share, errors)
}

/** A share of wrong answers, from verdicts. */
export interface WrongShare {
  /** The best guess, corrected for the judge's errors. */
  readonly rate: number
  /** 95 %: Wilson's interval of the verdicts, widened by what the judge's errors may have added or hidden. */
  readonly low: number
  readonly high: number
}

/**
 * The guess is that of Rogan and Gladen (1978). The bounds do not trust it: they hold for every error of the judge between
 * its bounds, so that an error rate stated too high never makes the result look better.
 */
export function wrongShare(wrong: number, of: number, errors: ErrorBounds): WrongShare {
  const [low, high] = wilson(wrong, of)
  const { falseAlarm, falseAlarmLow, falseAlarmHigh, missed, missedHigh } = errors
  const rate = of === 0 ? 0 : (wrong / of - falseAlarm) / (1 - falseAlarm - missed)
  const lowest = clamp((low - falseAlarmHigh) / (1 - falseAlarmHigh))
  const highest = clamp((high - falseAlarmLow) / (1 - missedHigh - falseAlarmLow))
  return { rate: Math.min(highest, Math.max(lowest, clamp(rate))), low: lowest, high: highest }
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share))
}

/** One word for an error rate, under which sums are kept: sums of different judges must not mix. */
export function encodeErrorRate(rate: JudgeErrorRate | undefined): string {
  if (rate === undefined) return '?'
  if (typeof rate === 'number') return String(rate)
  const { falseAlarms, missed } = rate
  return `${falseAlarms.count}/${falseAlarms.of},${missed.count}/${missed.of}`
}

/** Undefined for a judge that stated none, and for what no version wrote. */
export function decodeErrorRate(word: string): JudgeErrorRate | undefined {
  const measured = /^(\d+)\/(\d+),(\d+)\/(\d+)$/.exec(word)
  const rate = measured
    ? {
        falseAlarms: { count: Number(measured[1]), of: Number(measured[2]) },
        missed: { count: Number(measured[3]), of: Number(measured[4]) },
      }
    : word === ''
      ? undefined
      : Number(word)
  try {
    checkErrorRate('errorRate', rate)
    return rate
  } catch {
    return undefined
  }
}
