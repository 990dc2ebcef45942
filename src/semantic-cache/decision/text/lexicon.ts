import { lemmaOf } from './lemma.ts'
import chineseFrequency from './lexicons/chinese-frequency.generated.ts'
import chineseOpposites from './lexicons/chinese-opposites.generated.ts'
import englishConcepts from './lexicons/english-concepts.generated.ts'
import englishFrequency from './lexicons/english-frequency.generated.ts'
import englishOpposites from './lexicons/english-opposites.generated.ts'
import { CHINESE_PAIRS, ENGLISH_PAIRS, OPPOSITE_PREFIXES } from './opposite-pairs.ts'

/** Rarity of a word that no list knows; listed ones lie between 0 (everywhere) and 9. */
export const UNKNOWN_RARITY = 9.5

interface Concepts {
  readonly same: readonly string[]
  readonly broader: readonly string[]
}

/** All lists are decoded on first use: a process that never compares texts pays nothing. */
interface Lexicon {
  readonly rarity: ReadonlyMap<string, number>
  readonly concepts: ReadonlyMap<string, Concepts>
  readonly derived: ReadonlyMap<string, ReadonlySet<string>>
  readonly opposites: ReadonlyMap<string, ReadonlySet<string>>
}

let decoded: Lexicon | undefined

function lexicon(): Lexicon {
  decoded ??= decode()
  return decoded
}

/** How much a word tells, 0 … 9.5: higher for rarer words. */
export function rarityOf(word: string, lemma: string): number {
  const { rarity } = lexicon()
  return rarity.get(word) ?? rarity.get(lemma) ?? UNKNOWN_RARITY
}

/** Rarity of a Chinese character or of two together; undefined for an unlisted pair. */
export function hanRarity(characters: string): number | undefined {
  return lexicon().rarity.get(characters)
}

/** How two lemmas relate, as far as the lists know. */
export type Relation = 'opposite' | 'same' | 'derived' | 'broader' | 'siblings' | 'none'

export function relationOf(a: string, b: string): Relation {
  const { concepts, derived } = lexicon()
  if (areOpposites(a, b)) return 'opposite'
  if (derived.get(a)?.has(b)) return 'derived'
  const left = concepts.get(a)
  const right = concepts.get(b)
  if (!left || !right) return 'none'
  if (overlap(left.same, right.same)) return 'same'
  if (overlap(left.same, right.broader) || overlap(left.broader, right.same)) return 'broader'
  if (overlap(left.broader, right.broader)) return 'siblings'
  return 'none'
}

/** The listed opposites of a word. */
export function oppositesOf(word: string): ReadonlySet<string> | undefined {
  return lexicon().opposites.get(word)
}

/** True for listed opposites and for words that differ by an opposite prefix alone (upload, download). */
function areOpposites(a: string, b: string): boolean {
  if (a === b) return false
  if (lexicon().opposites.get(a)?.has(b)) return true
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (long.length < 5) return false
  for (const [one, other] of OPPOSITE_PREFIXES) {
    if (swapped(short, long, one, other) || swapped(short, long, other, one)) return true
  }
  return false
}

function swapped(a: string, b: string, prefixA: string, prefixB: string): boolean {
  if (!a.startsWith(prefixA) || !b.startsWith(prefixB)) return false
  const stem = a.slice(prefixA.length)
  return stem.length > 2 && stem === b.slice(prefixB.length)
}

function overlap(a: readonly string[], b: readonly string[]): boolean {
  return a.some((item) => b.includes(item))
}

function decode(): Lexicon {
  const rarity = new Map<string, number>()
  for (const source of [englishFrequency, chineseFrequency]) {
    for (const [bucket, line] of source.split('\n').entries()) {
      for (const word of line.split(' ')) if (word) rarity.set(word, bucket)
    }
  }
  for (const [word, bucket] of [...rarity]) {
    const lemma = lemmaOf(word)
    if (lemma !== word) rarity.set(lemma, Math.min(bucket, rarity.get(lemma) ?? UNKNOWN_RARITY))
  }
  const concepts = new Map<string, { same: string[]; broader: string[] }>()
  const derived = new Map<string, Set<string>>()
  for (const line of englishConcepts.split('\n')) {
    const [word = '', same = '', broader = '', kin = ''] = line.split('|')
    const lemma = lemmaOf(word)
    const known = concepts.get(lemma) ?? { same: [], broader: [] }
    if (same) known.same.push(...same.split(','))
    if (broader) known.broader.push(...broader.split(','))
    concepts.set(lemma, known)
    if (kin) for (const other of kin.split(',')) connect(derived, lemma, lemmaOf(other))
  }
  const opposites = new Map<string, Set<string>>()
  for (const source of [englishOpposites, chineseOpposites, ENGLISH_PAIRS, CHINESE_PAIRS]) {
    for (const line of source.trim().split('\n')) {
      const [word = '', ...others] = line.split(' ')
      for (const other of others) connect(opposites, lemmaOf(word), lemmaOf(other))
    }
  }
  return { rarity, concepts, derived, opposites }
}

function connect(graph: Map<string, Set<string>>, a: string, b: string): void {
  if (a === b) return
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const known = graph.get(from)
    if (known) known.add(to)
    else graph.set(from, new Set([to]))
  }
}
