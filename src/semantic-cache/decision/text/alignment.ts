import type { WordVector } from '../../../embeddings/embedder.ts'
import type { Analysis, Unit } from './analysis.ts'
import { oppositesOf, type Relation, relationOf, UNKNOWN_RARITY } from './lexicon.ts'

export type Link = 'exact' | 'lemma' | 'spelling' | 'same' | 'derived' | 'broader' | 'siblings' | 'opposite'

export interface Pairing {
  readonly left: number
  readonly right: number
  readonly link: Link
}

/** Which units of two texts answer to each other, and which stand alone. */
export interface Alignment {
  /** Trusted pairs: one word, its forms, misspellings and synonyms. In order of the left side. */
  readonly pairs: readonly Pairing[]
  readonly leftAlone: readonly number[]
  readonly rightAlone: readonly number[]
  /** Pairs among those that stand alone which are related, but not the same: opposites, siblings, broader words. */
  readonly rivals: readonly Pairing[]
}

/** Aligns each unit with at most one of the other side, the surest links first and the nearest place first. */
export function align(left: Analysis, right: Analysis): Alignment {
  const a = left.units
  const b = right.units
  const toRight = new Int32Array(a.length).fill(-1)
  const toLeft = new Int32Array(b.length).fill(-1)
  const links = new Map<number, Link>()
  const connect = (i: number, j: number, link: Link) => {
    toRight[i] = j
    toLeft[j] = i
    links.set(i, link)
  }
  byText(
    a,
    b,
    toLeft,
    (i, j) => connect(i, j, 'exact'),
    (unit) => unit.text,
    toRight,
  )
  byText(
    a,
    b,
    toLeft,
    (i, j) => connect(i, j, 'lemma'),
    (unit) => unit.lemma,
    toRight,
  )
  joined(a, b, toRight, toLeft, connect)
  const rivals: Pairing[] = []
  const freeLeft = free(toRight)
  const freeRight = free(toLeft)
  if (freeLeft.length * freeRight.length <= 2500) {
    for (const pass of ['spelling', 'related'] as const) {
      for (const i of freeLeft) {
        const unit = a[i] as Unit
        if (toRight[i] !== -1 || unit.kind !== 'word' || unit.rarity < 2) continue
        let best = -1
        let bestLink: Link | undefined
        for (const j of freeRight) {
          const other = b[j] as Unit
          if (toLeft[j] !== -1 || other.kind !== 'word' || other.rarity < 2) continue
          const link = pass === 'spelling' ? spelling(unit, other) : trusted(relationOf(unit.lemma, other.lemma))
          if (!link || (best >= 0 && Math.abs(j - i) >= Math.abs(best - i))) continue
          best = j
          bestLink = link
        }
        if (best >= 0 && bestLink) connect(i, best, bestLink)
      }
    }
    const stillRight = free(toLeft)
    for (const i of free(toRight)) {
      const unit = a[i] as Unit
      if (unit.kind === 'han') {
        hanRivals(a, b, i, stillRight, rivals)
        continue
      }
      for (const j of stillRight) {
        const relation = rival(a, b, i, j)
        if (relation) rivals.push({ left: i, right: j, link: relation })
      }
    }
  }
  const pairs: Pairing[] = []
  for (const [i, j] of toRight.entries()) if (j >= 0) pairs.push({ left: i, right: j, link: links.get(i) as Link })
  return { pairs, leftAlone: free(toRight), rightAlone: free(toLeft), rivals }
}

function free(to: Int32Array): number[] {
  const indexes: number[] = []
  for (const [i, j] of to.entries()) if (j === -1) indexes.push(i)
  return indexes
}

/** Pairs equal keys in order of appearance, so that repeated words stay in place. */
function byText(
  a: readonly Unit[],
  b: readonly Unit[],
  toLeft: Int32Array,
  connect: (i: number, j: number) => void,
  key: (unit: Unit) => string,
  toRight: Int32Array,
): void {
  const places = new Map<string, number[]>()
  for (const [j, unit] of b.entries()) {
    if (toLeft[j] !== -1) continue
    const known = places.get(key(unit))
    if (known) known.push(j)
    else places.set(key(unit), [j])
  }
  for (const [i, unit] of a.entries()) {
    if (toRight[i] !== -1) continue
    const found = places.get(key(unit))
    if (!found || found.length === 0) continue
    // The occurrence after the partner of the word before, else the first.
    const after = i > 0 ? (toRight[i - 1] as number) + 1 : -1
    const at = Math.max(0, found.indexOf(after))
    const [j] = found.splice(at, 1)
    connect(i, j as number)
  }
}

/** "note book" and "notebook": two words of one side written as one on the other. */
function joined(
  a: readonly Unit[],
  b: readonly Unit[],
  toRight: Int32Array,
  toLeft: Int32Array,
  connect: (i: number, j: number, link: Link) => void,
): void {
  for (const [i, unit] of a.entries()) {
    if (toRight[i] !== -1 || unit.kind !== 'word') continue
    for (let j = 0; j + 1 < b.length; j++) {
      if (toLeft[j] !== -1 || toLeft[j + 1] !== -1) continue
      const together = (b[j] as Unit).text + (b[j + 1] as Unit).text
      if (together !== unit.text && together !== unit.lemma) continue
      connect(i, j, 'spelling')
      toLeft[j + 1] = i
    }
  }
  for (const [j, unit] of b.entries()) {
    if (toLeft[j] !== -1 || unit.kind !== 'word') continue
    for (let i = 0; i + 1 < a.length; i++) {
      if (toRight[i] !== -1 || toRight[i + 1] !== -1) continue
      const together = (a[i] as Unit).text + (a[i + 1] as Unit).text
      if (together !== unit.text && together !== unit.lemma) continue
      connect(i, j, 'spelling')
      toRight[i + 1] = j
      connect(i + 1, j, 'spelling')
    }
  }
}

function trusted(relation: Relation): Link | undefined {
  return relation === 'same' || relation === 'derived' ? relation : undefined
}

function rival(a: readonly Unit[], b: readonly Unit[], i: number, j: number): Link | undefined {
  const left = a[i] as Unit
  const right = b[j] as Unit
  if (left.kind !== 'word' || right.kind !== 'word') return undefined
  const relation = relationOf(left.lemma, right.lemma)
  return relation === 'opposite' || relation === 'siblings' || relation === 'broader' ? relation : undefined
}

/** Opposites among the characters that stand alone, by themselves or with a neighbour. */
function hanRivals(
  a: readonly Unit[],
  b: readonly Unit[],
  i: number,
  others: readonly number[],
  rivals: Pairing[],
): void {
  for (const word of hanWordsAt(a, i)) {
    const opposites = oppositesOf(word)
    if (!opposites) continue
    for (const j of others) {
      if (b[j]?.kind !== 'han' || !hanWordsAt(b, j).some((other) => opposites.has(other))) continue
      if (!rivals.some(({ left, right }) => left === i && right === j))
        rivals.push({ left: i, right: j, link: 'opposite' })
    }
  }
}

/** The words a character can belong to: itself, with the next, with the one before. */
function hanWordsAt(units: readonly Unit[], k: number): string[] {
  const at = (n: number) => (units[n]?.kind === 'han' ? (units[n] as Unit).text : '')
  const own = at(k)
  return [own, own + at(k + 1), at(k - 1) + own]
}

/**
 * One slip of the keyboard in a word of five letters or more, two in nine; never where either is a common other word, and
 * one only where the lists know neither: prednisone and prednisolone are two drugs.
 */
function spelling(a: Unit, b: Unit): Link | undefined {
  const shorter = Math.min(a.text.length, b.text.length)
  if (shorter < 4 || Math.abs(a.text.length - b.text.length) > 2) return undefined
  if (a.text.slice(0, 1) !== b.text.slice(0, 1) && shorter < 6) return undefined
  const isKnown = a.rarity < UNKNOWN_RARITY || b.rarity < UNKNOWN_RARITY
  const allowed = shorter >= 9 && isKnown ? 2 : 1
  // Two words that the lists know are two words: "desert", "dessert".
  if (a.rarity < UNKNOWN_RARITY && b.rarity < UNKNOWN_RARITY) return undefined
  if (relationOf(a.text, b.text) === 'opposite') return undefined
  return slips(a.text, b.text, allowed) ? 'spelling' : undefined
}

/** Damerau–Levenshtein distance of at most `limit`. */
function slips(a: string, b: string, limit: number): boolean {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
      let cost = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + (same ? 0 : 1),
      )
      if (
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
      ) {
        cost = Math.min(cost, (before[j - 2] as number) + 1)
      }
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > limit) return false
    before = previous
    previous = row
  }
  return (previous[b.length] as number) <= limit
}

/** Words of a text with unit vectors, as the embedder gives them. */
export type WordVectors = (text: string) => readonly WordVector[]
