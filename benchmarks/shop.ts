import type { CacheEntry } from '../src/core/entry.ts'
import type { ModelRequest, ModelResponse } from '../src/index.ts'

const USAGE = { inputTokens: 30, outputTokens: 400, totalTokens: 430 }

/** What the assistant of a shop is asked. */
export function shopQuestion(text: string): ModelRequest {
  return {
    provider: 'openai',
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: 'You are a helpful assistant of an online shop.' },
      { role: 'user', content: text },
    ],
    settings: { temperature: 0, maxTokens: 500 },
  }
}

export function shopAnswer(text: string): ModelResponse {
  return { content: [{ type: 'text', text }], toolCalls: [], finishReason: 'stop', usage: USAGE }
}

/** An answer as the stores get it, good for an hour. */
export function shopEntry(
  about: Pick<CacheEntry, 'key' | 'namespace' | 'scope' | 'queryText' | 'vector' | 'embedderId'> & {
    readonly answer: string
  },
): CacheEntry<ModelResponse> {
  const { answer, ...fields } = about
  const createdAt = Date.now()
  return {
    ...fields,
    tags: [],
    value: shopAnswer(answer),
    origin: { provider: 'openai', name: 'gpt-4o-mini', durationMs: 900, usage: USAGE },
    createdAt,
    expiresAt: createdAt + 3_600_000,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  }
}
