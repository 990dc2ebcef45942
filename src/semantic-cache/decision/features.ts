import { matchDates } from './guards/dates.ts'
import { matchFacets } from './guards/facets.ts'
import type { Comparison } from './guards/guard.ts'
import { matchNames } from './guards/names.ts'
import { matchNumbers } from './guards/numbers.ts'
import { oppositesIn } from './guards/opposites.ts'
import { matchOrder } from './guards/roles.ts'
import { align } from './text/alignment.ts'
import { type Analysis, analyse, type Unit } from './text/analysis.ts'
import { editsOf } from './text/edits.ts'
import { FACETS } from './text/phrases.ts'

/** Values in the order of their names, which are written down only when they are asked for. */
class Row {
  readonly values: number[] = []
  readonly names: string[] | undefined

  constructor(isNamed: boolean) {
    this.names = isNamed ? [] : undefined
  }

  set(name: string, value: number): void {
    this.values.push(value)
    this.names?.push(name)
  }

  /** Of the two sides, the lower and the higher: features do not know which text was asked. */
  pair(name: string, a: number, b: number): void {
    this.values.push(a < b ? a : b, a < b ? b : a)
    this.names?.push(`${name}.min`, `${name}.max`)
  }
}

let named: readonly string[] | undefined

/** The names of what `featuresOf` gives. */
export function featureNames(): readonly string[] {
  named ??= fill(new Row(true), compare('a', 'b'), 0).names ?? []
  return named
}

export function compare(asked: string, stored: string): Comparison {
  const [left, right] = [analyse(asked), analyse(stored)]
  return { asked: left, stored: right, alignment: align(left, right) }
}

/** The numbers the calibrated policy judges by, in the order of `featureNames`. All are symmetric in the two texts. */
export function featuresOf(comparison: Comparison, similarity: number): number[] {
  return fill(new Row(false), comparison, similarity).values
}

function fill(row: Row, comparison: Comparison, similarity: number): Row {
  row.set('similarity', similarity)
  lengths(row, comparison)
  overlap(row, comparison)
  letters(row, comparison)
  edits(row, comparison)
  marks(row, comparison)
  particulars(row, comparison)
  return row
}

function lengths(row: Row, { asked, stored }: Comparison): void {
  row.set('chinese', asked.language === 'zh' || stored.language === 'zh' ? 1 : 0)
  row.set('languages', asked.language === stored.language ? 0 : 1)
  row.pair('length', asked.units.length, stored.units.length)
  row.set(
    'lengthRatio',
    Math.min(asked.units.length, stored.units.length) / Math.max(1, asked.units.length, stored.units.length),
  )
}

function overlap(row: Row, { asked, stored, alignment }: Comparison): void {
  const left = weighed(asked, alignment.leftAlone)
  const right = weighed(stored, alignment.rightAlone)
  row.pair('covered', 1 - left.weight / Math.max(1, left.total), 1 - right.weight / Math.max(1, right.total))
  row.pair('alone.weight', left.weight, right.weight)
  row.pair('alone.from0', alignment.leftAlone.length, alignment.rightAlone.length)
  row.pair('alone.from3', left.from3, right.from3)
  row.pair('alone.from5', left.from5, right.from5)
  row.pair('alone.from7', left.from7, right.from7)
  row.pair('alone.rarest', left.rarest, right.rarest)
  let rarest = 0
  let weight = 0
  let heavy = 0
  let [lemma, spelling, same, derived, siblings, broader] = [0, 0, 0, 0, 0, 0]
  for (const pairing of alignment.pairs) {
    const { rarity } = asked.units[pairing.left] as Unit
    rarest = Math.max(rarest, rarity)
    weight += rarity
    if (rarity >= 5) heavy++
    if (pairing.link === 'lemma') lemma++
    else if (pairing.link === 'spelling') spelling++
    else if (pairing.link === 'same') same++
    else if (pairing.link === 'derived') derived++
  }
  for (const { link } of alignment.rivals) {
    if (link === 'siblings') siblings++
    else if (link === 'broader') broader++
  }
  row.set('shared.rarest', rarest)
  row.set('shared.weight', weight)
  row.set('shared.heavy', heavy)
  row.set('linked.lemma', lemma)
  row.set('linked.spelling', spelling)
  row.set('linked.same', same)
  row.set('linked.derived', derived)
  row.set('rivals.siblings', siblings)
  row.set('rivals.broader', broader)
  row.set('small', dice(smallWords(asked), smallWords(stored)))
}

function weighed({ units }: Analysis, alone: readonly number[]) {
  const seen = { total: 0, weight: 0, from3: 0, from5: 0, from7: 0, rarest: 0 }
  for (const { rarity } of units) seen.total += rarity
  for (const index of alone) {
    const { rarity } = units[index] as Unit
    seen.weight += rarity
    if (rarity >= 3) seen.from3++
    if (rarity >= 5) seen.from5++
    if (rarity >= 7) seen.from7++
    seen.rarest = Math.max(seen.rarest, rarity)
  }
  return seen
}

function smallWords({ units }: Analysis): Set<string> {
  const small = new Set<string>()
  for (const { rarity, lemma } of units) if (rarity < 3) small.add(lemma)
  return small
}

function dice<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): number {
  if (a.size + b.size === 0) return 1
  let common = 0
  for (const item of a) if (b.has(item)) common++
  return (2 * common) / (a.size + b.size)
}

function letters(row: Row, { asked, stored }: Comparison): void {
  row.set('letters.2', dice(asked.grams[0], stored.grams[0]))
  row.set('letters.3', dice(asked.grams[1], stored.grams[1]))
}

/** How the texts would be turned into each other: where they begin to differ, in how many places, how far. */
function edits(row: Row, { asked, stored, alignment }: Comparison): void {
  const a = asked.units
  const b = stored.units
  const same = (i: number, j: number) => a[i]?.lemma === b[j]?.lemma
  const most = Math.min(a.length, b.length)
  let prefix = 0
  while (prefix < most && same(prefix, prefix)) prefix++
  let suffix = 0
  while (suffix < most - prefix && same(a.length - 1 - suffix, b.length - 1 - suffix)) suffix++
  const longest = Math.max(1, a.length, b.length)
  row.set('edit.prefix', prefix / longest)
  row.set('edit.suffix', suffix / longest)
  row.pair('edit.middle', a.length - prefix - suffix, b.length - prefix - suffix)
  const runs = (alone: readonly number[]) => alone.filter((index, k) => k === 0 || alone[k - 1] !== index - 1).length
  row.pair('edit.runs', runs(alignment.leftAlone), runs(alignment.rightAlone))
  const { substituted, leftAdded, rightAdded, rarest, rarestAdded, related } = editsOf({ asked, stored, alignment })
  row.set('edit.substituted', substituted)
  row.pair('edit.added', leftAdded, rightAdded)
  row.pair('edit.rarest', rarest[0], rarest[1])
  row.set('edit.rarestAdded', rarestAdded)
  row.set('edit.related', related)
  row.set('edit.first', same(0, 0) ? 1 : 0)
  let last = -1
  let kept = 0
  for (const { right } of alignment.pairs) {
    if (right > last) kept++
    last = Math.max(last, right)
  }
  row.set('edit.kept', kept / longest)
  const order = matchOrder({ asked, stored, alignment })
  row.set('order.inverted', order.inverted)
  row.set('order.swapped', order.swapped.length)
  row.set('order.voice', order.voice ? 1 : 0)
}

const FACET_FEATURES = Object.fromEntries(
  FACETS.map((facet) => [facet, [`${facet}.shared`, `${facet}.only`] as const]),
) as Readonly<Record<(typeof FACETS)[number], readonly [string, string]>>

function marks(row: Row, { asked, stored }: Comparison): void {
  const matches = matchFacets(asked, stored)
  for (const facet of FACETS) {
    const { shared, leftOnly, rightOnly } = matches[facet]
    const [ofShared, ofOnly] = FACET_FEATURES[facet]
    row.set(ofShared, shared)
    row.pair(ofOnly, leftOnly.length, rightOnly.length)
  }
  const count = ({ marks: all }: Analysis) => all.filter(({ facet }) => facet === 'negation').length
  row.set('negation.parity', (count(asked) + count(stored)) % 2)
  row.set('negation.counts', Math.abs(count(asked) - count(stored)))
}

function particulars(row: Row, comparison: Comparison): void {
  const { asked, stored, alignment } = comparison
  const numbers = matchNumbers(asked, stored)
  row.set('numbers.shared', numbers.shared)
  row.set('numbers.units', numbers.unitConflicts)
  row.pair('numbers.only', numbers.leftOnly.length, numbers.rightOnly.length)
  const dates = matchDates(asked, stored)
  row.set('dates.shared', dates.shared)
  row.set('dates.conflicts', dates.conflicts)
  row.pair('dates.only', dates.leftOnly, dates.rightOnly)
  const names = matchNames(comparison)
  row.pair('names.only', names.leftOnly.length, names.rightOnly.length)
  row.set('opposites', oppositesIn(comparison).length)
  const quoted = (analysis: Analysis, indexes: readonly number[]) =>
    indexes.filter((index) => (analysis.units[index] as Unit).quoted).length
  row.pair('quoted.alone', quoted(asked, alignment.leftAlone), quoted(stored, alignment.rightAlone))
  const kinds = ({ folded }: Analysis) => (/[?？]/.test(folded) ? 1 : 0)
  row.set('questionMarks', Math.abs(kinds(asked) - kinds(stored)))
}
