import concepts from './lexicons/concepts.generated.ts'
import opposites from './lexicons/opposites.generated.ts'
import rarities from './lexicons/rarity.generated.ts'
import { OPPOSITE_PREFIXES } from './opposite-pairs.ts'

/** Rarity of a word that no list knows; listed ones lie between 0 (everywhere) and 9. */
export const UNKNOWN_RARITY = 9.5

interface Concepts {
  readonly same: readonly string[]
  readonly broader: readonly string[]
  readonly derived: ReadonlySet<string>
}

/** All lists are read on first use, and a line only when its word is asked for: a process that never compares texts pays nothing. */
interface Lexicon {
  readonly rarity: ReadonlyMap<string, number>
  readonly concepts: (word: string) => Concepts | undefined
  readonly opposites: (word: string) => ReadonlySet<string> | undefined
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
  if (areOpposites(a, b)) return 'opposite'
  const left = lexicon().concepts(a)
  if (!left) return 'none'
  if (left.derived.has(b)) return 'derived'
  const right = lexicon().concepts(b)
  if (!right) return 'none'
  if (overlap(left.same, right.same)) return 'same'
  if (overlap(left.same, right.broader) || overlap(left.broader, right.same)) return 'broader'
  if (overlap(left.broader, right.broader)) return 'siblings'
  return 'none'
}

/** The listed opposites of a word. */
export function oppositesOf(word: string): ReadonlySet<string> | undefined {
  return lexicon().opposites(word)
}

/** True for listed opposites and for words that differ by an opposite prefix alone (upload, download). */
function areOpposites(a: string, b: string): boolean {
  if (a === b) return false
  if (lexicon().opposites(a)?.has(b)) return true
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  // Only a prefix differs: the last three letters are equal.
  if (long.length < 5 || short.length < 3) return false
  for (let i = 1; i <= 3; i++) {
    if (short.charCodeAt(short.length - i) !== long.charCodeAt(long.length - i)) return false
  }
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
  for (const [bucket, line] of rarities.split('\n').entries()) {
    for (const word of line.split(' ')) if (word) rarity.set(word, bucket)
  }
  return {
    rarity,
    concepts: byWord(concepts, (line) => {
      const [same = '', broader = '', derived = ''] = line.split('|')
      return { same: listed(same), broader: listed(broader), derived: new Set(listed(derived)) }
    }),
    opposites: byWord(opposites, (line) => new Set(listed(line))),
  }
}

function listed(items: string): string[] {
  return items === '' ? [] : items.split(',')
}

/** Lines `word|rest`, each parsed when its word is first asked for. */
function byWord<Value>(source: string, parse: (rest: string) => Value): (word: string) => Value | undefined {
  const lines = new Map<string, string>()
  for (const line of source.split('\n')) {
    const bar = line.indexOf('|')
    lines.set(line.slice(0, bar), line)
  }
  const parsed = new Map<string, Value>()
  return (word) => {
    const known = parsed.get(word)
    if (known !== undefined) return known
    const line = lines.get(word)
    if (line === undefined) return undefined
    const value = parse(line.slice(word.length + 1))
    parsed.set(word, value)
    return value
  }
}
