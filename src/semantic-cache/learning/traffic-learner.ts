import { decodeErrorRate, encodeErrorRate, type JudgeErrorRate } from '../../core/judge-error.ts'
import type { TotalsStore } from '../../stores/store.ts'
import { LEVELS, levelOf, type TrafficEvidence, type VerdictSums } from '../decision/traffic-evidence.ts'

/** One verdict on a candidate, at the margin the policy gave it then. */
export interface Observation {
  readonly by: 'judge' | 'feedback'
  readonly errorRate?: JudgeErrorRate
  readonly margin: number
  readonly correct: boolean
}

/** Verdicts count for so many months, the current one included: traffic changes, and so do fits. */
const MONTHS = 3
const LIFE_MS = 100 * 86_400_000
/** How long the sums of other processes may stay unread, and own ones unsent. */
const SYNC_MS = 10_000

/**
 * The sums of verdicts of all processes on the store, as far as they were read, and of this one. Without a store that
 * keeps totals they end with the process. Never rejects: what the store did not take is kept and sent again.
 */
export class TrafficLearner {
  readonly #store: TotalsStore | undefined
  readonly #nameOf: () => Promise<string>
  readonly #now: () => number
  #stored: Readonly<Record<string, number>> = {}
  /** By month: not yet in the store. */
  readonly #pending = new Map<string, Map<string, number>>()
  #evidence: TrafficEvidence = { sources: [] }
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  /** `nameOf` says whose verdicts these are: of one namespace, policy and embedder. */
  constructor(of: {
    readonly store: TotalsStore | undefined
    readonly nameOf: () => Promise<string>
    readonly now: () => number
  }) {
    this.#store = of.store
    this.#nameOf = of.nameOf
    this.#now = of.now
  }

  /** What is known. Only the first time waits for the store; later it is read again on the side. */
  evidence(): TrafficEvidence | Promise<TrafficEvidence> {
    if (!this.#store) return this.#evidence
    const isFirst = this.#readAt === Number.NEGATIVE_INFINITY
    const age = this.#now() - this.#readAt
    if (!(age >= 0 && age < SYNC_MS)) {
      this.#reading ??= this.#inTurn(() => this.#read()).finally(() => {
        this.#reading = undefined
      })
    }
    return isFirst && this.#reading ? this.#reading.then(() => this.#evidence) : this.#evidence
  }

  add(observation: Observation): void {
    this.#count(observation, 1)
  }

  /** Undoes an `add` of the same. */
  takeBack(observation: Observation): void {
    this.#count(observation, -1)
  }

  #count({ by, errorRate, margin, correct }: Observation, count: 1 | -1): void {
    const level = levelOf(margin)
    if (level === undefined) return
    const source = by === 'judge' ? `judge@${encodeErrorRate(errorRate)}` : by
    const field = `${source}:${level}:${correct ? 'correct' : 'wrong'}`
    const month = monthOf(this.#now(), 0)
    const sums = this.#pending.get(month) ?? new Map<string, number>()
    this.#pending.set(month, sums.set(field, (sums.get(field) ?? 0) + count))
    this.#sumUp()
    if (this.#store && !this.#timer) {
      this.#timer = setTimeout(() => void this.flush(), SYNC_MS)
      this.#timer.unref()
    }
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#inTurn(() => this.#send())
  }

  async #send(): Promise<void> {
    const store = this.#store
    if (!store) return
    for (const [month, sums] of [...this.#pending]) {
      const amounts = Object.fromEntries(sums)
      await store.add(keyOf(month, await this.#nameOf()), amounts, LIFE_MS)
      // What came meanwhile stays pending.
      for (const [field, count] of Object.entries(amounts)) {
        const left = (sums.get(field) ?? 0) - count
        if (left === 0) sums.delete(field)
        else sums.set(field, left)
      }
      if (sums.size === 0) this.#pending.delete(month)
      this.#stored = added(this.#stored, Object.entries(amounts))
      this.#sumUp()
    }
  }

  async #read(): Promise<void> {
    // Set beforehand: a store that fails is asked again in a while, not by every call.
    this.#readAt = this.#now()
    const name = await this.#nameOf()
    const keys = Array.from({ length: MONTHS }, (_, ago) => keyOf(monthOf(this.#now(), ago), name))
    const read = (await this.#store?.read(keys)) ?? []
    this.#stored = read.reduce<Record<string, number>>((sums, fields) => added(sums, Object.entries(fields)), {})
    this.#sumUp()
  }

  #sumUp(): void {
    let sums = this.#stored
    for (const pending of this.#pending.values()) sums = added(sums, pending)
    this.#evidence = evidenceOf(sums)
  }

  /** One after the other, so that nothing is both read and pending. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(task).catch(() => undefined)
    return this.#last
  }
}

function keyOf(month: string, name: string): string {
  return `learning:1:${month}:${name}`
}

/** UTC, such as `2026-11`. */
function monthOf(now: number, ago: number): string {
  const date = new Date(now)
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - ago)).toISOString().slice(0, 7)
}

function added(
  sums: Readonly<Record<string, number>>,
  more: Iterable<readonly [string, number]>,
): Record<string, number> {
  const total: Record<string, number> = { ...sums }
  for (const [field, count] of more) total[field] = (total[field] ?? 0) + count
  return total
}

/** Fields of another form are of another version, or damaged, and left out. */
function evidenceOf(sums: Readonly<Record<string, number>>): TrafficEvidence {
  const sources = new Map<string, { correct: number[]; wrong: number[] }>()
  for (const [field, count] of Object.entries(sums)) {
    const [, source, level, verdict] = /^(feedback|judge@[^:]*):(\d+):(correct|wrong)$/.exec(field) ?? []
    const at = Number(level)
    if (source === undefined || !(at < LEVELS.length) || !(count >= 0 && Number.isFinite(count))) continue
    const counts = sources.get(source) ?? { correct: LEVELS.map(() => 0), wrong: LEVELS.map(() => 0) }
    sources.set(source, counts)
    counts[verdict as 'correct' | 'wrong'][at] = count
  }
  return { sources: [...sources].map(([source, counts]) => verdictSums(source, counts)) }
}

function verdictSums(source: string, counts: { correct: number[]; wrong: number[] }): VerdictSums {
  if (source === 'feedback') return { by: 'feedback', errorRate: 0, ...counts }
  const errorRate = decodeErrorRate(source.slice('judge@'.length))
  return { by: 'judge', ...(errorRate !== undefined && { errorRate }), ...counts }
}
