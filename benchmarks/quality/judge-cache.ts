import type { ModelRequest } from '../../src/core/request.ts'
import type { ModelResponse } from '../../src/core/response.ts'
import { createSemanticCache } from '../../src/create.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import type { DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import type { Family } from './sets.ts'

export interface StreamCount {
  asked: number
  right: number
  /** Right once questions of equal text count as one; ≥ right. */
  rightMerged: number
  wrong: number
  missed: number
}

export interface Question {
  readonly text: string
  /** Questions with a name in common may share an answer. */
  readonly answers: readonly string[]
  /** The answers that are right too when equal questions count as one. */
  readonly merged?: readonly string[]
}

/** A cache as an application has it: what misses is stored, what comes later meets all that came before. */
export async function streamThrough(
  inserted: readonly Question[],
  asked: readonly Question[],
  storesMisses: boolean,
  decision: DecisionPolicy | 'exact',
  embedder: Embedder,
): Promise<StreamCount> {
  const cache = await createSemanticCache({
    embedder,
    decision,
    memory: { maxEntries: 0 },
    maxQueryChars: 4000,
    maxPendingWrites: 5000,
    questionsAboutNow: { ttlMs: 3_600_000 },
  })
  const count: StreamCount = { asked: 0, right: 0, rightMerged: 0, wrong: 0, missed: 0 }
  const ask = async ({ text, answers, merged = answers }: Question, isAsked: boolean) => {
    const { record, response, slot } = await cache.lookup(request(text), isAsked ? {} : { mode: 'refresh' })
    if (isAsked) {
      count.asked++
      const given = response ? (JSON.parse(textOf(response)) as string[]) : undefined
      if (!given || record.outcome !== 'hit') count.missed++
      else {
        if (given.some((answer) => merged.includes(answer))) count.rightMerged++
        if (given.some((answer) => answers.includes(answer))) count.right++
        else count.wrong++
      }
    }
    if (slot && (storesMisses || !isAsked)) {
      cache.write(slot, {
        content: [{ type: 'text', text: JSON.stringify(answers) }],
        toolCalls: [],
        finishReason: 'stop',
      })
      if (isAsked) await cache.flush()
    }
  }
  for (const question of inserted) await ask(question, false)
  await cache.flush()
  for (const question of asked) await ask(question, true)
  await cache.close()
  return count
}

/** Families in one stream: all texts that may share an answer, and all look-alikes, in a seeded order. */
export function familyStream(families: readonly Family[]): Question[] {
  const questions: Question[] = families.flatMap(({ file, q, same, diff }, index) => [
    ...[q, ...same].map((text) => ({ text, answers: [`${file}-${index}`] })),
    ...diff.map(({ t }, k) => ({ text: t, answers: [`${file}-${index}-${k}`] })),
  ])
  let state = 9
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  for (let i = questions.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[questions[i], questions[j]] = [questions[j] as Question, questions[i] as Question]
  }
  return questions
}

function request(text: string): ModelRequest {
  return { provider: 'bench', model: 'bench', messages: [{ role: 'user', content: text }] }
}

function textOf({ content }: ModelResponse): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')
}
