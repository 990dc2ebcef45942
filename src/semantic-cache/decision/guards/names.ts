import type { Analysis, Unit } from '../text/analysis.ts'
import { type Comparison, finding, type Guard } from './guard.ts'

/** Names, codes and quoted words that stand on one side alone. */
export interface NameMatch {
  readonly leftOnly: readonly Unit[]
  readonly rightOnly: readonly Unit[]
}

/** Capitalised names, identifiers, addresses, paths, versions: what must be the same to the letter. */
export function matchNames({ asked, stored, alignment }: Comparison): NameMatch {
  return {
    leftOnly: alone(asked, alignment.leftAlone, stored),
    rightOnly: alone(stored, alignment.rightAlone, asked),
  }
}

function alone(analysis: Analysis, indexes: readonly number[], other: Analysis): Unit[] {
  return indexes.flatMap((index) => {
    const unit = analysis.units[index] as Unit
    const exact = unit.kind === 'code' || unit.named || (analysis.language === 'zh' && unit.kind === 'word')
    // Written together or apart ("iphone 14", "iphone14") is the same name.
    return exact && !other.letters.includes(unit.text.replace(/[^\p{L}\p{N}]+/gu, '')) ? [unit] : []
  })
}

export const namesGuard: Guard = {
  name: 'names',
  vetoes: true,
  inspect(comparison) {
    const { leftOnly, rightOnly } = matchNames(comparison)
    const a = leftOnly.map(({ raw }) => raw).join(', ')
    const b = rightOnly.map(({ raw }) => raw).join(', ')
    if (leftOnly.length > 0 && rightOnly.length > 0 && substituted(comparison, leftOnly, rightOnly))
      return finding('names', 'differ', a, b)
    return finding('names', leftOnly.length + rightOnly.length > 0 ? 'unsure' : 'agree', a, b)
  },
}

/** One name in place of another: everything else of weight is on both sides. */
function substituted({ asked, stored, alignment }: Comparison, left: readonly Unit[], right: readonly Unit[]): boolean {
  const rest = (analysis: Analysis, indexes: readonly number[], names: readonly Unit[]) =>
    indexes.filter((index) => {
      const unit = analysis.units[index] as Unit
      return unit.rarity >= 3 && !names.includes(unit)
    }).length
  return rest(asked, alignment.leftAlone, left) + rest(stored, alignment.rightAlone, right) <= 1
}
