import type { EntryChange } from '../../stores/store.ts'

/** A verdict on giving an entry's answer to another question. */
export interface ReuseVerdict {
  readonly correct: boolean
  /** What the policy expected, 0…1; without one the similarity stands for it. */
  readonly probability?: number
  readonly similarity?: number
}

/** What it adds to the evidence of the entry. */
export function reuseEvidence({ correct, probability, similarity }: ReuseVerdict): Omit<EntryChange, 'namespace'> {
  const expected = probability ?? similarity ?? 1
  // A millionth is enough, and keeps sums the same in every store.
  const addExpectedWrong = Math.round(1e6 * Math.min(1, Math.max(0, 1 - expected))) / 1e6
  return { ...(correct ? { addCorrect: 1 } : { addWrong: 1 }), ...(addExpectedWrong > 0 && { addExpectedWrong }) }
}

/** A verdict on an answer to its own question says nothing about reuse by meaning. */
export function ownEvidence(correct: boolean): Omit<EntryChange, 'namespace'> {
  return correct ? { addOwnCorrect: 1 } : { addOwnWrong: 1 }
}

/** What a verdict changes that is now the opposite of what was said before; what was expected stays as it is. */
export function turnedEvidence(isReuse: boolean, correct: boolean): Omit<EntryChange, 'namespace'> {
  const [right, wrong] = correct ? [1, -1] : [-1, 1]
  return isReuse ? { addCorrect: right, addWrong: wrong } : { addOwnCorrect: right, addOwnWrong: wrong }
}
