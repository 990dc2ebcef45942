import type { LookupEvent, WriteEvent } from '../../src/core/events.ts'

export const NOON = Date.UTC(2026, 10, 26, 12)

export function lookup(change: Partial<LookupEvent> = {}): LookupEvent {
  return {
    type: 'lookup',
    at: NOON,
    cache: 'semantic',
    namespace: 'support',
    tenant: 'acme',
    provider: 'openai',
    name: 'gpt-4o-mini',
    key: 'k',
    outcome: 'miss',
    reason: 'not-found',
    durationMs: 1,
    overhead: { usd: 0, tokens: 0, durationMs: 0.5 },
    ...change,
  }
}

export function hit(change: Partial<LookupEvent> = {}): LookupEvent {
  return lookup({
    outcome: 'hit',
    tier: 'semantic',
    reason: undefined,
    avoided: {
      provider: 'openai',
      name: 'gpt-4o-mini',
      usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150 },
      usd: 0.000045,
      durationMs: 800,
    },
    ...change,
  })
}

export function written(change: Partial<WriteEvent> = {}): WriteEvent {
  return {
    type: 'write',
    at: NOON,
    cache: 'semantic',
    namespace: 'support',
    tenant: 'acme',
    provider: 'openai',
    name: 'gpt-4o-mini',
    key: 'k',
    outcome: 'stored',
    call: { usage: { inputTokens: 100, outputTokens: 50, totalTokens: 150 }, usd: 0.000045, durationMs: 900 },
    ...change,
  }
}
