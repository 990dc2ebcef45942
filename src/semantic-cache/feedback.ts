import type { FeedbackEvent } from '../core/events.ts'
import { booleanOption, invalidOption } from '../core/options.ts'
import type { CacheRecord } from '../core/outcome.ts'
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
  const reused = record.outcome === 'hit' || record.outcome === 'stale'
  return (reused && record.entryKey) || record.key
}

/** Adds the verdict to the evidence of the entry. Never rejects: what became of it is an event. */
export async function recordFeedback(
  entryKey: string,
  { similarity, tier }: CacheRecord,
  { correct }: { readonly correct: boolean },
  { store, namespace, emit, now }: SemanticCacheSettings,
): Promise<void> {
  let outcome: FeedbackEvent['outcome']
  try {
    const change = { namespace, ...(correct ? { addCorrect: 1 } : { addWrong: 1 }) }
    const known = entryKey !== '' && (await store.update(entryKey, change))
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
