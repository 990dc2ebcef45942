import { fileURLToPath } from 'node:url'
import { CacheError } from '../../../core/errors.ts'
import { seededRandom } from '../latency.ts'
import { datasetHash } from '../stamp.ts'
import { readTraffic } from '../traffic/read-traffic.ts'
import type { TrafficLine } from '../traffic/traffic-line.ts'
import { type Arrival, dayArrivals, evenArrivals, stretched, traceArrivals } from './arrivals.ts'
import { type Question, questionsOf, readFamilies } from './families.ts'
import { madeUpTraffic } from './made-up-traffic.ts'
import { seedOf } from './random.ts'

/** Questions to make traffic of. */
export interface QuestionSet {
  readonly name: string
  readonly questions: readonly Question[]
  readonly hash: string
}

export type ArrivalKind = 'day' | 'even' | 'log' | 'trace'

export interface SourceOptions {
  readonly log?: string
  readonly skipMalformed: boolean
  readonly limit?: number
  /** Made-up traffic only. */
  readonly requests: number
  readonly questionSet: () => Promise<QuestionSet>
  readonly zipf: number
  readonly wordingZipf: number
  readonly followUps: number
  readonly toolCalls: number
  readonly arrivals?: ArrivalKind
  readonly trace?: string
  readonly spanMs?: number
  readonly model: string
  readonly seed: number
  /** Of the lines of a log: throws for one that cannot be used. */
  readonly check?: (line: TrafficLine) => void
}

export interface Source {
  /** In order of time; each line has its time. */
  readonly lines: readonly { readonly line: TrafficLine; readonly at: number; readonly arrival?: Arrival }[]
  readonly name: string
  /** Name and hash of what was read. */
  readonly dataset: string
  readonly malformed: readonly { readonly line: number; readonly problem: string }[]
  readonly isMadeUp: boolean
  readonly arrivals: ArrivalKind
  /** Lines of a log that were not in order of time, and were sorted. */
  readonly outOfOrder: number
}

/** A Monday. Fixed, so that the same seed gives the same times. */
export const START_AT = Date.UTC(2026, 0, 5)
const DAY_MS = 86_400_000

/** @throws CacheError INVALID_OPTION */
export async function trafficSource(options: SourceOptions): Promise<Source> {
  return options.log === undefined ? madeUpSource(options) : loggedSource(options, options.log)
}

async function madeUpSource(options: SourceOptions): Promise<Source> {
  const { requests, seed, model, arrivals: kind = options.trace === undefined ? 'day' : 'trace' } = options
  if (kind === 'log') {
    throw new CacheError('INVALID_OPTION', '--arrivals log must come with --log, got made-up traffic')
  }
  const { name, questions, hash } = await options.questionSet()
  const { arrivals, text } = await arrivalsOf(kind, requests, options)
  const made = madeUpTraffic({ ...options, questions, arrivals, startAt: START_AT, model, seed })
  return {
    lines: made.map((line, index) => withArrival(line, line.at ?? START_AT, arrivals[index])),
    name,
    dataset: `${name} ${hash}${text === undefined ? '' : `, trace ${datasetHash([text])}`}`,
    malformed: [],
    isMadeUp: true,
    arrivals: kind,
    outOfOrder: 0,
  }
}

async function loggedSource(options: SourceOptions, path: string): Promise<Source> {
  const log = await readTraffic(path, options)
  const { limit = log.lines.length } = options
  const lines = log.lines.slice(0, limit)
  const timed = lines.filter(({ at }) => at !== undefined).length
  if (options.arrivals === undefined && options.trace === undefined && timed > 0 && timed < lines.length) {
    throw new CacheError(
      'INVALID_OPTION',
      `"at" must stand in every line of ${path} or in none, got ${lines.length - timed} of ${lines.length} without; --arrivals day (or even) times all of them anew`,
    )
  }
  const kind = options.arrivals ?? (options.trace !== undefined ? 'trace' : timed === lines.length ? 'log' : 'day')
  if (kind === 'log' && timed < lines.length) {
    const got = `${lines.length - timed} of ${lines.length} without`
    throw new CacheError('INVALID_OPTION', `--arrivals log must have an "at" in every line of ${path}, got ${got}`)
  }
  const about = {
    name: path.replace(/^.*\//, ''),
    malformed: log.malformed,
    isMadeUp: false,
    arrivals: kind,
  }
  if (kind === 'log') {
    const sorted = lines.map((line) => withArrival(line, line.at ?? 0, undefined)).sort((a, b) => a.at - b.at)
    const outOfOrder = lines.filter((line, i) => i > 0 && (line.at ?? 0) < (lines[i - 1]?.at ?? 0)).length
    return { ...about, lines: sorted, dataset: `${about.name} ${datasetHash([log.text])}`, outOfOrder }
  }
  const { arrivals, text } = await arrivalsOf(kind, lines.length, options)
  return {
    ...about,
    lines: lines.map((line, index) =>
      withArrival(line, START_AT + Math.round(arrivals[index]?.afterMs ?? 0), arrivals[index]),
    ),
    dataset: `${about.name} ${datasetHash([log.text])}${text === undefined ? '' : `, trace ${datasetHash([text])}`}`,
    outOfOrder: 0,
  }
}

function withArrival(line: TrafficLine, at: number, arrival: Arrival | undefined): Source['lines'][number] {
  return { line, at, ...(arrival && { arrival }) }
}

async function arrivalsOf(
  kind: Exclude<ArrivalKind, 'log'>,
  count: number,
  { trace, spanMs, seed }: SourceOptions,
): Promise<{ arrivals: Arrival[]; text?: string }> {
  const random = seededRandom(seedOf(seed, 'arrivals'))
  if (kind === 'day') return { arrivals: dayArrivals(count, spanMs ?? DAY_MS, random) }
  if (kind === 'even') return { arrivals: evenArrivals(count, spanMs ?? DAY_MS, random) }
  if (trace === undefined) {
    throw new CacheError('INVALID_OPTION', '--arrivals trace must come with --trace FILE, got none')
  }
  const { arrivals, text } = await traceArrivals(trace, count)
  return { arrivals: spanMs === undefined ? arrivals : stretched(arrivals, spanMs), text }
}

/** The questions that come with the package: 120 families that no shipped fit has seen. */
export async function sampleQuestions(): Promise<QuestionSet> {
  const path = fileURLToPath(new URL('sample-families.jsonl', import.meta.url))
  const { families, text } = await readFamilies(path)
  return { name: 'sample', questions: questionsOf(families), hash: datasetHash([text]) }
}
