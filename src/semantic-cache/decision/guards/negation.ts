import type { Analysis } from '../text/analysis.ts'
import { finding, type Guard } from './guard.ts'

/** How many negations a text holds; two turn round each other only when they stand together ("not without"). */
function negationsOf({ marks, tokens }: Analysis): { count: number; seen: string } {
  const found = marks.filter(({ facet, mark }) => facet === 'negation' && mark === 'not')
  return { count: found.length, seen: found.map(({ at }) => tokens[at]?.text ?? '').join(', ') }
}

/** One text negates, the other does not, and no word that could say the same takes its place. */
export const negationGuard: Guard = {
  name: 'negation',
  vetoes: true,
  inspect({ asked, stored, alignment }) {
    const a = negationsOf(asked)
    const b = negationsOf(stored)
    if (a.count === b.count) return finding('negation', 'agree', a.seen, b.seen)
    // "not cheap" and "expensive" agree: with an opposite on either side, or much else changed, it is a doubt.
    const opposed = alignment.rivals.some(({ link }) => link === 'opposite')
    const heavy = (analysis: Analysis, alone: readonly number[]) =>
      alone.filter((i) => (analysis.units[i]?.rarity ?? 0) >= 4).length
    const changed = heavy(asked, alignment.leftAlone) + heavy(stored, alignment.rightAlone)
    const odd = (a.count + b.count) % 2 === 1
    return finding('negation', odd && !opposed && changed <= 1 ? 'differ' : 'unsure', a.seen, b.seen)
  },
}
