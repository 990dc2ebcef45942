import { lemmaOf } from './lemma.ts'
import { type Numeral, numeralsOf } from './numerals.ts'
import type { Token } from './tokens.ts'
import { LONGEST_HAN_UNIT, type Unit, unitOf } from './units.ts'

/** A number with what it counts, as far as that is a unit. */
export interface Quantity extends Numeral {
  /** `plain` without a unit, `ordinal`, or the dimension of the unit. */
  readonly dimension: string
  /** In the base unit of the dimension. */
  readonly base: number
  /** The name of the unit as written; empty without one. */
  readonly unit: string
  readonly text: string
}

/** The numbers of a text, those in `taken` (parts of dates) left out. */
export function quantitiesOf(tokens: readonly Token[], taken: ReadonlySet<number>): Quantity[] {
  const quantities: Quantity[] = []
  for (const numeral of numeralsOf(tokens)) {
    if (taken.has(numeral.from)) continue
    // 一下, 一直, 十分 and their like are no counts unless a unit follows.
    const unit = numeral.ordinal ? undefined : unitBeside(tokens, numeral)
    const to = unit?.to ?? numeral.to
    const dimension = numeral.ordinal ? 'ordinal' : (unit?.unit.dimension ?? 'plain')
    quantities.push({
      ...numeral,
      soft: numeral.soft && !unit,
      to,
      dimension,
      base: numeral.value * (unit?.unit.scale ?? 1),
      unit: unit?.name ?? '',
      text: tokens
        .slice(numeral.from, to)
        .map((token) => token.text)
        .join(''),
    })
  }
  return quantities
}

interface Found {
  readonly unit: Unit
  readonly to: number
  readonly name: string
}

function unitBeside(tokens: readonly Token[], { from, to }: Numeral): Found | undefined {
  const before = tokens[from - 1]
  if (before && /^(?:[$€£¥₹]|usd|eur|gbp|rmb|cny|chf|hkd)$/.test(before.text)) {
    const unit = unitOf(before.text)
    if (unit) return { unit, to, name: before.text }
  }
  const next = tokens[to]
  if (!next) return undefined
  if (next.kind === 'han') return hanUnit(tokens, to)
  // "a 9-speed bike", "30-day return": the hyphen joins number and unit.
  const at = next.text === '-' && tokens[to + 1]?.kind === 'word' ? to + 1 : to
  const word = (tokens[at] as Token).text
  if (word === 'in' && (tokens[at] as Token).start > (tokens[at - 1] as Token).end) return undefined
  if (word.length === 1 && /[a-z]/.test(word) && (tokens[at] as Token).start > (tokens[at - 1] as Token).end + 1)
    return undefined
  if (
    (word === 'c' || word === 'f' || word === 'm') &&
    (tokens[at] as Token).raw.length === 1 &&
    word === 'm' &&
    (tokens[at] as Token).raw === 'M'
  )
    return undefined
  const unit = unitOf(word) ?? unitOf(lemmaOf(word))
  if (!unit) return undefined
  if (unit.dimension === 'degree' && /^(?:c|celsius|f|fahrenheit)$/.test(tokens[at + 1]?.text ?? '')) {
    const scale = unitOf((tokens[at + 1] as Token).text)
    if (scale) return { unit: scale, to: at + 2, name: scale.dimension }
  }
  return { unit, to: at + 1, name: lemmaOf(word) }
}

function hanUnit(tokens: readonly Token[], at: number): Found | undefined {
  for (let length = LONGEST_HAN_UNIT; length > 0; length--) {
    const part = tokens.slice(at, at + length)
    if (part.length < length || part.some((token) => token.kind !== 'han')) continue
    const name = part.map((token) => token.text).join('')
    const unit = unitOf(name)
    if (unit) return { unit, to: at + length, name }
  }
  return undefined
}
