import { decodeErrorRate, errorBounds, NO_ERROR, type WrongShare, wrongShare } from '../core/judge-error.ts'
import type { FalseHitEstimate, FalseHits } from '../core/stats.ts'

interface Counted {
  correct: number
  wrong: number
}

const NAME = /^falseHits:(feedback|hit|miss)(?:@([^:]*))?:(\w+)$/

/**
 * The account of false hits from counts `falseHits:feedback:wrong`, `falseHits:hit@0.02:correct` and so on: the error rate
 * a judge stated stands in the name, so that verdicts of several judges, and of other processes, are each corrected by
 * their own.
 */
export function falseHitsOf(counts: ReadonlyMap<string, number>): FalseHits {
  const feedback = { correct: 0, wrong: 0 }
  const unstated = { correct: 0, wrong: 0 }
  const judges = new Map<string, Counted>()
  const misses = new Map<string, Counted>()
  const others: Record<string, number> = {}
  for (const [name, count] of counts) {
    const [, of, rate = '?', outcome = ''] = NAME.exec(name) ?? []
    if (of === undefined) continue
    if (outcome !== 'correct' && outcome !== 'wrong') others[outcome] = (others[outcome] ?? 0) + count
    else if (of === 'feedback') feedback[outcome] += count
    else if (of === 'miss') at(misses, rate)[outcome] += count
    else if (decodeErrorRate(rate) === undefined) unstated[outcome] += count
    else at(judges, rate)[outcome] += count
  }
  return {
    feedback: estimate(feedback, wrongShare(feedback.wrong, feedback.correct + feedback.wrong, NO_ERROR)),
    judge: together(judges),
    judgeUnstated: estimate(unstated, wrongShare(unstated.wrong, unstated.correct + unstated.wrong, NO_ERROR)),
    nearMisses: together(misses),
    advisory: { alike: others.alike ?? 0, unlike: others.unlike ?? 0 },
    unsure: others.unsure ?? 0,
    failed: (others.failed ?? 0) + (others.late ?? 0),
    skipped: others.skipped ?? 0,
  }
}

/** Judges with different error rates: the mean by their observations, of the bounds too, which is wider than need be. */
function together(judges: ReadonlyMap<string, Counted>): FalseHitEstimate {
  const sum = { correct: 0, wrong: 0 }
  const share = { rate: 0, low: 0, high: 0 }
  for (const counted of judges.values()) {
    sum.correct += counted.correct
    sum.wrong += counted.wrong
  }
  for (const [rate, { correct, wrong }] of judges) {
    const stated = decodeErrorRate(rate)
    const part = wrongShare(wrong, correct + wrong, stated === undefined ? NO_ERROR : errorBounds(stated))
    const weight = (correct + wrong) / (sum.correct + sum.wrong)
    for (const name of ['rate', 'low', 'high'] as const) share[name] += weight * part[name]
  }
  return estimate(sum, share)
}

function estimate({ correct, wrong }: Counted, share: WrongShare): FalseHitEstimate {
  const observations = correct + wrong
  return observations === 0 ? { observations, wrong } : { observations, wrong, ...share }
}

function at(counts: Map<string, Counted>, name: string): Counted {
  const counted = counts.get(name) ?? { correct: 0, wrong: 0 }
  counts.set(name, counted)
  return counted
}
