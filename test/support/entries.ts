import type { CacheEntry } from '../../src/core/entry.ts'

/** A store record with the given fields; the rest is unremarkable. */
export function anEntry<Value = string>(fields: Partial<CacheEntry<Value>> = {}): CacheEntry<Value> {
  return {
    key: 'key',
    namespace: 'default',
    tags: [],
    scope: 'scope',
    value: 'value' as Value,
    origin: { provider: 'openai', name: 'gpt-4o-mini', durationMs: 100 },
    createdAt: 0,
    expiresAt: 1_000,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
    ...fields,
  }
}
