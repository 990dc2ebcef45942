import { withDeadline } from '../../core/deadline.ts'
import type { Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import type { Overhead, ShadowEvent } from '../../core/events.ts'
import { textOf } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { storeRefusal } from '../eligibility.ts'
import type { Weighed } from '../lookup-pipeline.ts'
import { ModelRun } from '../model-run.ts'
import type { Prepared } from '../prepare.ts'
import type { ModelCall, WriteSlot } from '../semantic-cache.ts'
import type { SemanticCacheSettings } from '../settings.ts'
import { type Compared, compareAnswers, type ShadowJudge } from './compare-answers.ts'
import { reuseEvidence } from './verdict.ts'

export interface ShadowSettings {
  /** Part of the hits and near misses that are checked, 0…1. */
  readonly rate: number
  readonly judge: ShadowJudge
}

/** A candidate and the call it was to answer. */
export interface Checked extends Weighed {
  readonly asked: Prepared
  readonly candidate: Candidate<ModelResponse>
}

/** Checks run at once, and wait their turn; more than that are left out, at random as far as traffic is. */
const MAX_RUNNING = 4
const MAX_WAITING = 100
/** Nobody waits for a check but `flush`; still a model that never answers must not hold it up for ever. */
const MODEL_DEADLINE_MS = 120_000
const JUDGE_DEADLINE_MS = 30_000

/**
 * Calls the model beside some hits, off the caller's path, and has the two answers compared; a near miss has both answers
 * at hand, so that it costs the judge alone. What is found wrong becomes evidence against the entry, and the fresh answer
 * is stored for the question that was asked. Never an error of any call.
 */
export class ShadowChecks {
  readonly #settings: SemanticCacheSettings
  readonly #shadow: ShadowSettings
  readonly #write: (slot: WriteSlot, response: ModelResponse, durationMs: number) => void
  readonly #closing = new AbortController()
  readonly #underWay = new Set<string>()
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #running = new Set<Promise<void>>()

  /** `write` stores the fresh answer of a check, whose cost is counted with the check. */
  constructor(
    settings: SemanticCacheSettings,
    shadow: ShadowSettings,
    write: (slot: WriteSlot, response: ModelResponse, durationMs: number) => void,
  ) {
    this.#settings = settings
    this.#shadow = shadow
    this.#write = write
  }

  /** A hit by meaning was served. */
  afterHit(checked: Checked, call: ModelCall, slot: WriteSlot | undefined): void {
    if (this.#isChosen()) this.#add(checked, 'hit', (note) => this.#checkHit(checked, call, slot, note))
  }

  /** The model has answered after a near miss. */
  afterMiss(checked: Checked, fresh: ModelResponse): void {
    if (this.#isChosen())
      this.#add(checked, 'miss', (note) => this.#compare(checked, fresh, note).then(() => undefined))
  }

  async flush(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Ends what is under way and waits for it. */
  close(): Promise<void> {
    this.#waiting.length = 0
    this.#closing.abort(new CacheError('CLOSED', 'the cache closed'))
    return this.flush()
  }

  #isChosen(): boolean {
    return !this.#closing.signal.aborted && this.#settings.random() < this.#shadow.rate
  }

  #add(checked: Checked, of: ShadowEvent['of'], check: (note: Note) => Promise<void>): void {
    const { key } = checked.asked
    if (this.#underWay.has(key)) return
    const note: Note = { outcome: 'failed', usd: 0, tokens: 0 }
    if (this.#running.size >= MAX_RUNNING && this.#waiting.length >= MAX_WAITING) {
      this.#tell(checked, of, { ...note, outcome: 'skipped' }, 0)
      return
    }
    this.#underWay.add(key)
    this.#waiting.push(async () => {
      const startedAt = performance.now()
      try {
        await check(note)
      } catch (error) {
        note.outcome = CacheError.is(error, 'DEADLINE_EXCEEDED') ? 'late' : 'failed'
      } finally {
        this.#underWay.delete(key)
        this.#tell(checked, of, note, performance.now() - startedAt)
      }
    })
    this.#next()
  }

  #next(): void {
    const check = this.#running.size < MAX_RUNNING ? this.#waiting.shift() : undefined
    if (!check) return
    // After the answer has gone out.
    const done: Promise<void> = new Promise<void>((resolve) => setImmediate(resolve))
      .then(check)
      .catch(() => undefined)
      .finally(() => {
        this.#running.delete(done)
        this.#next()
      })
    this.#running.add(done)
  }

  async #checkHit(checked: Checked, call: ModelCall, slot: WriteSlot | undefined, note: Note): Promise<void> {
    const startedAt = performance.now()
    const fresh = await withDeadline(
      'the model in a shadow check',
      MODEL_DEADLINE_MS,
      (signal) => new ModelRun(call, signal, () => undefined).response(),
      this.#closing.signal,
    )
    const durationMs = performance.now() - startedAt
    this.#addPrice(checked.asked, fresh, note)
    const verdict = await this.#compare(checked, fresh, note)
    if (verdict === false && slot) this.#write(slot, fresh, durationMs)
  }

  async #compare(
    { asked, candidate, ...weighed }: Checked,
    fresh: ModelResponse,
    note: Note,
  ): Promise<boolean | undefined> {
    // What would not be stored (truncated, filtered, empty) is no yardstick.
    if (storeRefusal(fresh, asked.request.responseFormat)) return undefined
    const { entry, similarity } = candidate
    const comparison = {
      asked: asked.query,
      ...(entry.queryText !== undefined && { stored: entry.queryText }),
      fresh: answerText(fresh),
      reused: answerText(entry.value),
    }
    const compared: Compared = await withDeadline(
      'the judge of a shadow check',
      JUDGE_DEADLINE_MS,
      (signal) => compareAnswers(this.#shadow.judge, comparison, this.#settings, signal),
      this.#closing.signal,
    )
    addOverhead(note, compared.overhead)
    note.outcome = compared.outcome
    if (compared.answerSimilarity !== undefined) note.answerSimilarity = compared.answerSimilarity
    if (compared.outcome !== 'correct' && compared.outcome !== 'wrong') return undefined
    const correct = compared.outcome === 'correct'
    const { store, namespace, learner } = this.#settings
    const { errorRate } = this.#shadow.judge
    if (learner && weighed.margin !== undefined) {
      learner.add({ by: 'judge', ...(errorRate !== undefined && { errorRate }), margin: weighed.margin, correct })
    }
    // The verdict stands, whether the store takes it or not.
    await store
      .update(entry.key, { namespace, ...reuseEvidence({ correct, similarity, ...weighed }) })
      .catch(() => undefined)
    return correct
  }

  #addPrice({ request }: Prepared, { usage }: ModelResponse, note: Note): void {
    const { priceOf, now } = this.#settings
    const { provider, model: name, baseUrl } = request
    const usd = priceOf({
      provider,
      name,
      ...(baseUrl !== undefined && { baseUrl }),
      ...(usage && { usage }),
      at: now(),
    })
    addOverhead(note, { tokens: usage?.totalTokens ?? 0, ...(usd !== undefined && { usd }) })
  }

  #tell(
    { asked, candidate, probability, margin }: Checked,
    of: ShadowEvent['of'],
    note: Note,
    durationMs: number,
  ): void {
    const { emit, now, namespace } = this.#settings
    const { judge } = this.#shadow
    emit({
      type: 'shadow',
      at: now(),
      cache: 'semantic',
      namespace,
      ...(asked.tenant !== undefined && { tenant: asked.tenant }),
      provider: asked.request.provider,
      name: asked.request.model,
      key: asked.key,
      entryKey: candidate.entry.key,
      judge: judge.name,
      ...(judge.errorRate !== undefined && { errorRate: judge.errorRate }),
      of,
      outcome: note.outcome,
      similarity: candidate.similarity,
      ...(probability !== undefined && { probability }),
      ...(margin !== undefined && { margin }),
      ...(note.answerSimilarity !== undefined && { answerSimilarity: note.answerSimilarity }),
      overhead: { ...(note.usd !== undefined && { usd: note.usd }), tokens: note.tokens, durationMs },
    })
  }
}

/** What a check has come to so far, kept even if it fails half way: the money is spent. */
interface Note extends Omit<Overhead, 'durationMs' | 'usd' | 'tokens'> {
  outcome: ShadowEvent['outcome']
  usd: number | undefined
  tokens: number
  answerSimilarity?: number
}

/** Unknown money plus anything is unknown. */
function addOverhead(note: Note, { usd, tokens }: { readonly usd?: number; readonly tokens: number }): void {
  note.tokens += tokens
  note.usd = usd === undefined && tokens > 0 ? undefined : note.usd === undefined ? undefined : note.usd + (usd ?? 0)
}

/** What a reader of the answer sees; tool calls never come here. */
function answerText(response: ModelResponse): string {
  const text = textOf(response)
  return text === '' && response.structured !== undefined ? JSON.stringify(response.structured) : text
}
