import { compare } from '../decision/features.ts'
import { guards } from '../decision/guards/index.ts'
import type { Finding } from '../decision/policy.ts'

/** Two answers of a model to one question are seldom worded alike; what a message leans on must be close. */
const MIN_SIMILARITY = { leaning: 0.88, free: 0.6 }
/** A message that leans on the answer may mean any of its particulars. */
const PARTICULARS = new Set(['numbers', 'dates', 'names'])

/**
 * Whether what the model said earlier, in other words, leads to the same next answer. Answers are no questions, so the
 * policy is not asked: they must be near, and the guards that may refuse must see no difference. Where the next message
 * leans on them, also no doubt about numbers, dates and names.
 */
export function answersAgree(asked: string, stored: string, similarity: number, leaning: boolean): Finding {
  if (similarity < (leaning ? MIN_SIMILARITY.leaning : MIN_SIMILARITY.free)) {
    return { guard: 'history', verdict: 'differ', asked, stored }
  }
  const comparison = compare(asked, stored)
  for (const guard of guards) {
    const { verdict } = guard.inspect(comparison)
    const isDoubt = leaning && verdict === 'unsure' && PARTICULARS.has(guard.name)
    if ((guard.vetoes && verdict === 'differ') || isDoubt) return { guard: 'history', verdict: 'differ', asked, stored }
  }
  return { guard: 'history', verdict: 'agree' }
}
