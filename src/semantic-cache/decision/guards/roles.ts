import type { Pairing } from '../text/alignment.ts'
import type { Analysis, Unit } from '../text/analysis.ts'
import { type Comparison, finding, type Guard } from './guard.ts'

export interface OrderMatch {
  /** Share of the pairs of shared words that stand in the other order, 0…1. */
  readonly inverted: number
  /** Two shared words that changed the small words before them: from A to B, from B to A. */
  readonly swapped: readonly (readonly [string, string])[]
  /** Shared words of weight. */
  readonly shared: number
  /** The second text has the same words in passive voice. */
  readonly voice: boolean
}

const SYMMETRIC = new Set(['and', 'or', 'versus', 'between', 'both', '和', '与', '跟', '及', '或'])
/** With these, and only with these, "A with B" is "B with A": not in "is A compatible with B". */
const COMPARING =
  /^(?:compar|differ|mix|combin|togeth|interact|similar|match|agree|equal|sam|identical|overlap|talk|meet|marr|relat|conflict|collid|merg|versus)/

/** How the shared words are ordered, and which of them changed places. */
export function matchOrder({ asked, stored, alignment }: Comparison): OrderMatch {
  const pairs = alignment.pairs.filter(({ left }) => (asked.units[left] as Unit).rarity >= 3)
  let inversions = 0
  let compared = 0
  const swapped: [string, string][] = []
  for (let i = 0; i < pairs.length; i++) {
    for (let j = i + 1; j < Math.min(pairs.length, i + 24); j++) {
      const first = pairs[i] as Pairing
      const second = pairs[j] as Pairing
      compared++
      if (first.right > second.right) {
        inversions++
        if (swapped.length < 4 && changedPlaces(asked, stored, first, second)) {
          swapped.push([(asked.units[first.left] as Unit).text, (asked.units[second.left] as Unit).text])
        }
      }
    }
  }
  return {
    inverted: compared > 0 ? inversions / compared : 0,
    swapped,
    shared: pairs.length,
    voice: has(asked, 'by') !== has(stored, 'by') || has(asked, '被') !== has(stored, '被'),
  }
}

/** The words before the two are the same words, the other way round, and not such that join equals. */
function changedPlaces(asked: Analysis, stored: Analysis, first: Pairing, second: Pairing): boolean {
  const before = (analysis: Analysis, at: number) => analysis.units[at - 1]?.lemma ?? ''
  const a1 = before(asked, first.left)
  const a2 = before(asked, second.left)
  const b1 = before(stored, first.right)
  const b2 = before(stored, second.right)
  return a1 === b2 && a2 === b1 && !joined(asked, first.left, second.left) && !joined(stored, second.right, first.right)
}

/** A is so to B whenever B is so to A. */
const MUTUAL =
  /^(?:marry|married|engag|relat|connect|friend|acquaintanc|neighbou?r|equal|identical|similar|adjacent|parallel|perpendicular|near|nearby|next|clos|close|closer|far|dat|different|sam|opposit|sibling|cousin|twin|colleagu|coworker|classmat|partner|spous|roommat|relativ|link|tied|differ|distanc|equivalent|resembl|border|adjoin|match)$/

/** True when only small words that treat both sides alike stand between. */
function joined(analysis: Analysis, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) {
    const { text, lemma } = analysis.units[i] as Unit
    if (
      SYMMETRIC.has(text) ||
      MUTUAL.test(lemma) ||
      (text === 'with' && analysis.units.some((unit) => COMPARING.test(unit.lemma)))
    )
      return true
  }
  return false
}

function has({ units }: Analysis, word: string): boolean {
  return units.some(({ text }) => text === word)
}

const BEING = new Set(['is', 'are', 'was', 'were', 'be', 'been', 'being', 'am', 'get', 'gets', 'got'])

const DOING = new Set(['do', 'does', 'did'])

/**
 * Where a passive of one text keeps the order of the other's active, who does and who is done to have changed places: does A
 * follow B, is A followed by B. Only where the verb's form shows which is which; keywords drop the small words of a passive.
 */
function keepsOrderInPassive({ asked, stored, alignment }: Comparison): readonly [string, string] | undefined {
  const isPassive = has(asked, 'by')
  if (isPassive === has(stored, 'by')) return undefined
  const units = (isPassive ? asked : stored).units
  const others = (isPassive ? stored : asked).units
  const by = units.findIndex(({ text }) => text === 'by')
  const being = units.findIndex(({ text }) => BEING.has(text))
  const places = new Map(
    alignment.pairs.map(({ left, right }) => (isPassive ? ([left, right] as const) : ([right, left] as const))),
  )
  const verb = places.get(by - 1)
  if (verb === undefined || being < 0 || being > by - 2 || MUTUAL.test((units[by - 1] as Unit).lemma)) return undefined
  if (others.some(({ text }) => BEING.has(text))) return undefined
  if (others[verb]?.text === units[by - 1]?.text && !others.slice(0, verb).some(({ text }) => DOING.has(text)))
    return undefined
  const weighty = [...places].filter(([at]) => (units[at] as Unit).rarity >= 3)
  const patient = weighty.find(([at, other]) => at < by - 1 && other < verb)
  const agent = weighty.find(([at, other]) => at > by && other > verb)
  const isTurned = weighty.some(([at, other]) => (at < by - 1 && other > verb) || (at > by && other < verb))
  if (!patient || !agent || isTurned) return undefined
  return [(units[patient[0]] as Unit).text, (units[agent[0]] as Unit).text]
}

/** The same words with two of them in each other's place. */
export const rolesGuard: Guard = {
  name: 'roles',
  vetoes: true,
  inspect(comparison) {
    const { swapped, voice, inverted } = matchOrder(comparison)
    const { asked, stored, alignment } = comparison
    const weight = (analysis: Analysis, alone: readonly number[]) =>
      alone.filter((index) => {
        const { text, rarity } = analysis.units[index] as Unit
        return rarity >= 3 && !(voice && DOING.has(text))
      }).length
    const rest = weight(asked, alignment.leftAlone) + weight(stored, alignment.rightAlone)
    const shown = swapped.map((words) => words.join(' … ')).join(', ')
    if (swapped.length > 0 && rest === 0 && !voice)
      return finding('roles', 'differ', shown, shown.split(' … ').reverse().join(' … '))
    const passive = rest === 0 && keepsOrderInPassive(comparison)
    if (passive) return finding('roles', 'differ', passive.join(' … '), [...passive].reverse().join(' … '))
    return finding('roles', swapped.length > 0 || inverted > 0.5 ? 'unsure' : 'agree', shown)
  },
}
