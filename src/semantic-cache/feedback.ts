import type { CacheEntry } from '../core/entry.ts'
import type { FeedbackEvent } from '../core/events.ts'
import { booleanOption, invalidOption } from '../core/options.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { ownEvidence, reuseEvidence, turnedEvidence } from './learning/verdict.ts'
import type { SemanticCacheSettings } from './settings.ts'

/** Records come back from browsers and queues; for so long a second verdict on one is known to be a second. */
const REMEMBERED_MS = 30 * 86_400_000

const OUTCOMES: readonly unknown[] = ['hit', 'stale', 'miss', 'bypass'] satisfies CacheRecord['outcome'][]
const TIERS: readonly unknown[] = ['memory', 'exact', 'semantic'] satisfies CacheRecord['tier'][]

/**
 * The key of the entry a verdict is about: the one that was reused, else the one this call's answer was stored under.
 *
 * @throws CacheError INVALID_OPTION
 */
export function feedbackKey(record: CacheRecord, verdict: { readonly correct: boolean }): string {
  if (typeof record !== 'object' || record === null || typeof record.key !== 'string') {
    throw invalidOption('record', 'the CacheRecord of an answer', record)
  }
  if (typeof verdict !== 'object' || verdict === null || verdict.correct === undefined) {
    throw invalidOption('verdict', '{ correct: true or false }', verdict)
  }
  booleanOption('verdict.correct', verdict.correct, false)
  // Records come back by way of browsers and queues.
  if (!OUTCOMES.includes(record.outcome)) {
    throw invalidOption('record.outcome', `one of ${OUTCOMES.join(', ')}`, record.outcome)
  }
  if (record.tier !== undefined && !TIERS.includes(record.tier)) {
    throw invalidOption('record.tier', `one of ${TIERS.join(', ')}`, record.tier)
  }
  for (const name of ['entryKey', 'id'] as const) {
    const value: unknown = record[name]
    if (value !== undefined && typeof value !== 'string') throw invalidOption(`record.${name}`, 'a string', value)
  }
  for (const name of ['similarity', 'probability', 'margin'] as const) {
    const value: unknown = record[name]
    if (value !== undefined && !Number.isFinite(value)) throw invalidOption(`record.${name}`, 'a finite number', value)
  }
  const reused = record.outcome === 'hit' || record.outcome === 'stale'
  return (reused && record.entryKey) || record.key
}

/** What was said of a record before. */
interface Said {
  readonly correct: boolean
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Takes verdicts on records. On a reuse by meaning it is a verdict on the reuse, and one on this traffic; on any other
 * answer it is one on the answer itself. Of several on one record the last counts, in whichever process on the store it
 * was given; without an id, as records made by hand have none, each counts. Never rejects: what became of it is an event.
 */
export class Feedback {
  readonly #settings: SemanticCacheSettings
  /** By id: verdicts on one record go one after the other. */
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(settings: SemanticCacheSettings) {
    this.#settings = settings
  }

  /** `entryKey` is that of `feedbackKey`. */
  async give(entryKey: string, record: CacheRecord, correct: boolean): Promise<void> {
    const { id } = record
    if (id === undefined) return this.#take(entryKey, record, correct)
    const turn = (this.#underWay.get(id) ?? Promise.resolve()).then(() => this.#takeOnce(id, entryKey, record, correct))
    this.#underWay.set(id, turn)
    await turn
    if (this.#underWay.get(id) === turn) this.#underWay.delete(id)
  }

  async #takeOnce(id: string, entryKey: string, record: CacheRecord, correct: boolean): Promise<void> {
    const noteKey = this.#settings.fingerprint('feedback', id)
    const said = await this.#said(noteKey)
    if (said?.correct === correct) this.#tell(entryKey, record, correct, { outcome: 'repeated' })
    else {
      await this.#take(entryKey, record, correct, said)
      await this.#keep(noteKey, correct)
    }
  }

  async #take(entryKey: string, record: CacheRecord, correct: boolean, said?: Said): Promise<void> {
    const { store, namespace, learner } = this.#settings
    const { outcome: was, tier, similarity, probability, margin } = record
    const isReuse = tier === 'semantic' && (was === 'hit' || was === 'stale')
    if (isReuse && margin !== undefined) {
      learner?.add({ by: 'feedback', margin, correct })
      if (said) learner?.takeBack({ by: 'feedback', margin, correct: !correct })
    }
    const verdict = {
      correct,
      ...(similarity !== undefined && { similarity }),
      ...(probability !== undefined && { probability }),
    }
    let outcome: FeedbackEvent['outcome']
    try {
      const isTurned = said !== undefined && (await this.#isOfEntry(entryKey, said))
      const evidence = isReuse ? reuseEvidence(verdict) : ownEvidence(correct)
      const change = isTurned ? turnedEvidence(isReuse, correct) : evidence
      const known = entryKey !== '' && (await store.update(entryKey, { namespace, ...change }))
      outcome = known ? 'recorded' : 'unknown-entry'
    } catch {
      outcome = 'failed'
    }
    this.#tell(entryKey, record, correct, { outcome, ...(said && { changed: true }) })
  }

  /** An entry that was replaced meanwhile has nothing of the earlier verdict to take back. */
  async #isOfEntry(entryKey: string, { at }: Said): Promise<boolean> {
    const { store, namespace } = this.#settings
    const { entry } = await store.get(entryKey, { namespace })
    return entry !== undefined && entry.createdAt <= at
  }

  /** Undefined also while the store cannot say: a verdict too many is better than none. */
  async #said(noteKey: string): Promise<Said | undefined> {
    try {
      const { entry } = await this.#settings.store.get<Partial<Said>>(noteKey, { namespace: this.#settings.namespace })
      const correct: unknown = entry?.value?.correct
      return entry && typeof correct === 'boolean' ? { correct, at: entry.createdAt } : undefined
    } catch {
      return undefined
    }
  }

  async #keep(noteKey: string, correct: boolean): Promise<void> {
    const { store, namespace, now } = this.#settings
    const note: CacheEntry<Pick<Said, 'correct'>> = {
      key: noteKey,
      namespace,
      tags: [],
      scope: 'feedback',
      value: { correct },
      origin: { provider: 'reprise/feedback', name: 'feedback', durationMs: 0 },
      createdAt: now(),
      expiresAt: now() + REMEMBERED_MS,
      staleMs: 0,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    await store.set(note).catch(() => undefined)
  }

  #tell(
    entryKey: string,
    { similarity, tier }: CacheRecord,
    correct: boolean,
    became: Pick<FeedbackEvent, 'outcome' | 'changed'>,
  ): void {
    const { emit, now, namespace } = this.#settings
    emit({
      type: 'feedback',
      at: now(),
      cache: 'semantic',
      namespace,
      entryKey,
      correct,
      ...(similarity !== undefined && { similarity }),
      ...(tier && { tier }),
      ...became,
    })
  }
}
