import type { FeedbackEvent } from '../core/events.ts'
import { booleanOption, invalidOption } from '../core/options.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { ownEvidence, reuseEvidence } from './learning/verdict.ts'
import type { SemanticCacheSettings } from './settings.ts'

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
  for (const name of ['similarity', 'probability', 'margin'] as const) {
    const value: unknown = record[name]
    if (value !== undefined && !Number.isFinite(value)) throw invalidOption(`record.${name}`, 'a finite number', value)
  }
  const reused = record.outcome === 'hit' || record.outcome === 'stale'
  return (reused && record.entryKey) || record.key
}

/**
 * Adds the verdict to the evidence of the entry. On a reuse by meaning it is a verdict on the reuse, and one on this
 * traffic; on any other answer it is one on the answer itself. Never rejects: what became of it is an event.
 */
export async function recordFeedback(
  entryKey: string,
  { outcome: was, similarity, tier, probability, margin }: CacheRecord,
  { correct }: { readonly correct: boolean },
  { store, namespace, emit, now, learner }: SemanticCacheSettings,
): Promise<void> {
  const isReuse = tier === 'semantic' && (was === 'hit' || was === 'stale')
  if (isReuse && margin !== undefined) learner?.add({ by: 'feedback', margin, correct })
  const weighed = { ...(similarity !== undefined && { similarity }), ...(probability !== undefined && { probability }) }
  let outcome: FeedbackEvent['outcome']
  try {
    const change = isReuse ? reuseEvidence({ correct, ...weighed }) : ownEvidence(correct)
    const known = entryKey !== '' && (await store.update(entryKey, { namespace, ...change }))
    outcome = known ? 'recorded' : 'unknown-entry'
  } catch {
    outcome = 'failed'
  }
  emit({
    type: 'feedback',
    at: now(),
    cache: 'semantic',
    namespace,
    entryKey,
    correct,
    ...(similarity !== undefined && { similarity }),
    ...(tier && { tier }),
    outcome,
  })
}
