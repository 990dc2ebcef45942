import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Message, ModelRequest } from '../../src/core/request.ts'
import { createSemanticCache } from '../../src/create.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import type { DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'

/** The same last message after two histories that make it mean something else. */
export interface ContextCase {
  readonly lang: 'en' | 'zh'
  readonly a: { readonly history: readonly string[]; readonly question: string }
  readonly b: { readonly history: readonly string[]; readonly question: string }
}

export interface ContextCount {
  asked: number
  /** Answered after the other history: each of them is wrong. */
  wrong: number
  /** Asked again after its own history and answered: shows that the cache was at work. */
  own: number
}

export function contextCases(data: string): ContextCase[] {
  const path = join(data, 'quality', 'context.jsonl')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ContextCase)
}

/** Stores the answer after one history, asks the same after the other, and after the first again. */
export async function judgeContext(
  cases: readonly ContextCase[],
  decision: DecisionPolicy | 'exact',
  embedder: Embedder,
): Promise<ContextCount> {
  const cache = await createSemanticCache({
    embedder,
    decision,
    memory: { maxEntries: 0 },
    maxQueryChars: 4000,
    questionsAboutNow: { ttlMs: 3_600_000 },
  })
  const count: ContextCount = { asked: 0, wrong: 0, own: 0 }
  for (const [index, { a, b }] of cases.entries()) {
    // A tenant for each case, so that no case is answered by another.
    const tenant = `case-${index}`
    const { slot } = await cache.lookup(request(a), { tenant })
    if (slot) {
      cache.write(slot, { content: [{ type: 'text', text: 'a' }], toolCalls: [], finishReason: 'stop' })
      await cache.flush()
    }
    count.asked++
    if ((await cache.lookup(request(b), { tenant })).record.outcome === 'hit') count.wrong++
    if ((await cache.lookup(request(a), { tenant })).record.outcome === 'hit') count.own++
  }
  await cache.close()
  return count
}

function request({ history, question }: ContextCase['a']): ModelRequest {
  const messages = history.map((content, index): Message => {
    // The last of the history is an answer.
    return { role: (history.length - index) % 2 === 1 ? 'assistant' : 'user', content }
  })
  return { provider: 'bench', model: 'bench', messages: [...messages, { role: 'user', content: question }] }
}
