import type { Unit } from '../text/analysis.ts'
import { type Comparison, finding, type Guard } from './guard.ts'

/** Opposite words of which each stands on one side alone, with the two words. */
export function oppositesIn({ asked, stored, alignment }: Comparison): readonly (readonly [Unit, Unit])[] {
  return alignment.rivals
    .filter(({ link }) => link === 'opposite')
    .map(({ left, right }) => [asked.units[left] as Unit, stored.units[right] as Unit] as const)
}

/** A word and its opposite in its place, the negations being equal. */
export const oppositesGuard: Guard = {
  name: 'opposites',
  vetoes: true,
  inspect(comparison) {
    const found = oppositesIn(comparison)
    if (found.length === 0) return finding('opposites', 'agree')
    const { asked, stored, alignment } = comparison
    const a = found.map(([unit]) => unit.text).join(', ')
    const b = found.map(([, unit]) => unit.text).join(', ')
    const alone = alignment.leftAlone.length + alignment.rightAlone.length
    const negations = [asked, stored].map(({ marks }) => marks.filter(({ facet }) => facet === 'negation').length)
    // "not cheap" may well be "expensive"; and among many other words a pair of opposites can be chance.
    const sure = negations[0] === negations[1] && alone <= 8
    return finding('opposites', sure ? 'differ' : 'unsure', a, b)
  },
}
