import { dot } from '../../core/vector.ts'
import type { WordVector } from '../../embeddings/embedder.ts'
import { matchDates } from './guards/dates.ts'
import { matchFacets } from './guards/facets.ts'
import type { Comparison } from './guards/guard.ts'
import { matchNames } from './guards/names.ts'
import { matchNumbers } from './guards/numbers.ts'
import { oppositesIn } from './guards/opposites.ts'
import { matchOrder } from './guards/roles.ts'
import { align } from './text/alignment.ts'
import { type Analysis, analyse, type Unit } from './text/analysis.ts'
import { FACETS } from './text/phrases.ts'

/** Facets whose single marks are worth a feature each: on one side alone, at most and at least of the two sides. */
type Row = Map<string, number>

export function compare(asked: string, stored: string): Comparison {
  const [left, right] = [analyse(asked), analyse(stored)]
  return { asked: left, stored: right, alignment: align(left, right) }
}

/**
 * The numbers the calibrated policy judges by, by name. All are symmetric in the two texts. NaN stands for what is not
 * known (word vectors of an embedder that has none).
 */
export function featuresOf(
  comparison: Comparison,
  similarity: number,
  words?: readonly [readonly WordVector[], readonly WordVector[]],
): Row {
  const row: Row = new Map()
  row.set('similarity', similarity)
  lengths(row, comparison)
  overlap(row, comparison)
  letters(row, comparison)
  edits(row, comparison)
  marks(row, comparison)
  particulars(row, comparison)
  vectors(row, words)
  return row
}

function pair(row: Row, name: string, a: number, b: number): void {
  row.set(`${name}.min`, Math.min(a, b))
  row.set(`${name}.max`, Math.max(a, b))
}

function lengths(row: Row, { asked, stored }: Comparison): void {
  row.set('chinese', asked.language === 'zh' || stored.language === 'zh' ? 1 : 0)
  row.set('languages', asked.language === stored.language ? 0 : 1)
  pair(row, 'length', asked.units.length, stored.units.length)
  row.set(
    'lengthRatio',
    Math.min(asked.units.length, stored.units.length) / Math.max(1, asked.units.length, stored.units.length),
  )
}

function overlap(row: Row, { asked, stored, alignment }: Comparison): void {
  const weigh = (units: readonly Unit[], indexes: readonly number[], power = 1) =>
    indexes.reduce((sum, index) => sum + (units[index] as Unit).rarity ** power, 0)
  const all = ({ units }: Analysis) => units.reduce((sum, { rarity }) => sum + rarity, 0)
  const [a, b] = [all(asked), all(stored)]
  const aloneA = weigh(asked.units, alignment.leftAlone)
  const aloneB = weigh(stored.units, alignment.rightAlone)
  pair(row, 'covered', 1 - aloneA / Math.max(1, a), 1 - aloneB / Math.max(1, b))
  pair(row, 'alone.weight', aloneA, aloneB)
  const heavy = (units: readonly Unit[], indexes: readonly number[], from: number) =>
    indexes.filter((index) => (units[index] as Unit).rarity >= from).length
  for (const from of [0, 3, 5, 7]) {
    pair(
      row,
      `alone.from${from}`,
      heavy(asked.units, alignment.leftAlone, from),
      heavy(stored.units, alignment.rightAlone, from),
    )
  }
  const rarest = (units: readonly Unit[], indexes: readonly number[]) =>
    indexes.reduce((most, index) => Math.max(most, (units[index] as Unit).rarity), 0)
  pair(row, 'alone.rarest', rarest(asked.units, alignment.leftAlone), rarest(stored.units, alignment.rightAlone))
  const shared = alignment.pairs.map(({ left }) => (asked.units[left] as Unit).rarity)
  row.set('shared.rarest', Math.max(0, ...shared))
  row.set(
    'shared.weight',
    shared.reduce((sum, rarity) => sum + rarity, 0),
  )
  row.set('shared.heavy', shared.filter((rarity) => rarity >= 5).length)
  for (const link of ['lemma', 'spelling', 'same', 'derived'] as const) {
    row.set(`linked.${link}`, alignment.pairs.filter((pairing) => pairing.link === link).length)
  }
  for (const link of ['siblings', 'broader'] as const) {
    row.set(`rivals.${link}`, alignment.rivals.filter((pairing) => pairing.link === link).length)
  }
  const small = ({ units }: Analysis) => new Set(units.filter(({ rarity }) => rarity < 3).map(({ lemma }) => lemma))
  row.set('small', dice(small(asked), small(stored)))
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 1
  let common = 0
  for (const item of a) if (b.has(item)) common++
  return (2 * common) / (a.size + b.size)
}

function letters(row: Row, { asked, stored }: Comparison): void {
  for (const size of [2, 3]) row.set(`letters.${size}`, dice(grams(asked.letters, size), grams(stored.letters, size)))
}

function grams(text: string, size: number): Set<string> {
  const found = new Set<string>()
  for (let i = 0; i + size <= text.length; i++) found.add(text.slice(i, i + size))
  return found
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
  pair(row, 'edit.middle', a.length - prefix - suffix, b.length - prefix - suffix)
  const runs = (alone: readonly number[]) => alone.filter((index, k) => k === 0 || alone[k - 1] !== index - 1).length
  pair(row, 'edit.runs', runs(alignment.leftAlone), runs(alignment.rightAlone))
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

function marks(row: Row, { asked, stored }: Comparison): void {
  const matches = matchFacets(asked, stored)
  for (const facet of FACETS) {
    const { shared, leftOnly, rightOnly } = matches[facet]
    row.set(`${facet}.shared`, shared)
    pair(row, `${facet}.only`, leftOnly.length, rightOnly.length)
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
  pair(row, 'numbers.only', numbers.leftOnly.length, numbers.rightOnly.length)
  const dates = matchDates(asked, stored)
  row.set('dates.shared', dates.shared)
  row.set('dates.conflicts', dates.conflicts)
  pair(row, 'dates.only', dates.leftOnly, dates.rightOnly)
  const names = matchNames(comparison)
  pair(row, 'names.only', names.leftOnly.length, names.rightOnly.length)
  row.set('opposites', oppositesIn(comparison).length)
  const quoted = (analysis: Analysis, indexes: readonly number[]) =>
    indexes.filter((index) => (analysis.units[index] as Unit).quoted).length
  pair(row, 'quoted.alone', quoted(asked, alignment.leftAlone), quoted(stored, alignment.rightAlone))
  const kinds = ({ folded }: Analysis) => (/[?？]/.test(folded) ? 1 : 0)
  row.set('questionMarks', Math.abs(kinds(asked) - kinds(stored)))
}

function vectors(row: Row, words?: readonly [readonly WordVector[], readonly WordVector[]]): void {
  const [a, b] = words ?? []
  const known = a && b && a.length > 0 && b.length > 0
  const [forth, back] = known ? closest(a, b) : []
  const left = known && forth ? soft(a, forth) : UNKNOWN
  const right = known && back ? soft(b, back) : UNKNOWN
  pair(row, 'words.covered', left.covered, right.covered)
  pair(row, 'words.lost', left.lost, right.lost)
  pair(row, 'words.worst', left.worst, right.worst)
  pair(row, 'words.worstHeavy', left.worstHeavy, right.worstHeavy)
  row.set('words.similarity', known ? cosine(sumOf(a), sumOf(b)) : Number.NaN)
}

const UNKNOWN = { covered: Number.NaN, lost: Number.NaN, worst: Number.NaN, worstHeavy: Number.NaN }

/** The similarity of each word to its closest word of the other text. */
function closest(a: readonly WordVector[], b: readonly WordVector[]): [Float64Array, Float64Array] {
  const forth = new Float64Array(a.length).fill(-1)
  const back = new Float64Array(b.length).fill(-1)
  for (const [i, left] of a.entries()) {
    for (const [j, right] of b.entries()) {
      const similarity = left.word === right.word ? 1 : dot(left.vector, right.vector)
      if (similarity > (forth[i] as number)) forth[i] = similarity
      if (similarity > (back[j] as number)) back[j] = similarity
    }
  }
  return [forth, back]
}

/** How well the words of one text are met by the other, by weight. */
function soft(from: readonly WordVector[], met: Float64Array): typeof UNKNOWN {
  let weights = 0
  let covered = 0
  let lost = 0
  let worst = 0
  let worstHeavy = 1
  const heavy = from.reduce((most, { weight }) => Math.max(most, weight), 0) * 0.5
  for (const [i, { weight }] of from.entries()) {
    const best = met[i] as number
    weights += weight
    covered += weight * best
    lost += weight * (1 - best)
    worst = Math.max(worst, weight * (1 - best))
    if (weight >= heavy) worstHeavy = Math.min(worstHeavy, best)
  }
  return { covered: covered / weights, lost, worst, worstHeavy }
}

function sumOf(words: readonly WordVector[]): Float32Array {
  const sum = new Float32Array(words[0]?.vector.length ?? 0)
  for (const { vector, weight } of words)
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (vector[i] as number)
  return sum
}

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number
    const y = b[i] as number
    dot += x * y
    aa += x * x
    bb += y * y
  }
  return dot / (Math.sqrt(aa * bb) || 1)
}
