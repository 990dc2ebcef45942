import type { Analysis } from '../text/analysis.ts'
import { finding, type Guard } from './guard.ts'

/** 别 forbids, but not inside these words. */
const NOT_FORBIDDING = /[识鉴辨个区类级派差国性特分告]$/u

/** The negations of a text, those that only ask left out: 能不能, 换不换, and 不 or 没 at the end of a question. */
function negationsOf({ marks, tokens }: Analysis): { count: number; seen: string } {
  const text = (at: number) => tokens[at]?.text ?? ''
  const found = marks.filter(({ facet, mark, at }) => {
    if (facet !== 'negation' || mark !== 'not') return false
    const word = text(at)
    if (word === '别') return !NOT_FORBIDDING.test(text(at - 1))
    if (word !== '不' && word !== '没') return true
    const next = tokens[at + 1]
    return text(at - 1) !== text(at + 1) && next !== undefined && next.kind !== 'sign'
  })
  return { count: found.length, seen: found.map(({ at }) => text(at)).join(', ') }
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
    // A Chinese character tells little by itself: nearly all of the two texts must be the same.
    const alone = alignment.leftAlone.length + alignment.rightAlone.length
    const isClose = asked.language !== 'zh' || alone <= 4
    const odd = (a.count + b.count) % 2 === 1
    return finding('negation', odd && isClose && !opposed && changed <= 1 ? 'differ' : 'unsure', a.seen, b.seen)
  },
}
