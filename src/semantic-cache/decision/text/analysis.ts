import { type Dates, datesOf } from './dates.ts'
import { type Language, languageOf } from './language.ts'
import { lemmaOf } from './lemma.ts'
import { hanRarity, rarityOf, UNKNOWN_RARITY } from './lexicon.ts'
import { type Mark, marksOf } from './phrases.ts'
import { type Quantity, quantitiesOf } from './quantities.ts'
import { foldWidth, type Token, type TokenKind, tokenize } from './tokens.ts'

/** One word of the comparison: an English word, a Chinese character, a number, a code. */
export interface Unit {
  readonly text: string
  readonly lemma: string
  readonly raw: string
  readonly kind: TokenKind
  /** 0 … 9.5, higher tells more. */
  readonly rarity: number
  readonly quoted: boolean
  /** Written with a capital although it does not begin a sentence. */
  readonly named: boolean
  /** Index of the token. */
  readonly at: number
}

/** What is known of one text by itself; everything that compares two texts starts from two of these. */
export interface Analysis {
  readonly text: string
  readonly folded: string
  readonly language: Language
  readonly tokens: readonly Token[]
  readonly units: readonly Unit[]
  readonly quantities: readonly Quantity[]
  readonly dates: Dates
  readonly marks: readonly Mark[]
  /** Characters without space and sign, lower case. */
  readonly letters: string
  /** Its runs of two and of three letters, as numbers. */
  readonly grams: readonly [ReadonlySet<number>, ReadonlySet<number>]
}

const REMEMBERED = 512
const remembered = new Map<string, Analysis>()

/** Analyses a text; the last few hundred are kept, because an asked text is compared with several stored ones. */
export function analyse(text: string): Analysis {
  const known = remembered.get(text)
  if (known) return known
  const analysis = read(text)
  if (remembered.size >= REMEMBERED) remembered.clear()
  remembered.set(text, analysis)
  return analysis
}

function read(text: string): Analysis {
  const folded = foldWidth(text)
  const language = languageOf(folded)
  const tokens = tokenize(folded)
  const dates = datesOf(tokens, folded)
  const quantities = quantitiesOf(tokens, dates.taken)
  const words = tokens.map((token) => token.text)
  const lemmas = words.map(lemmaOf)
  const letters = folded.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
  return {
    text,
    folded,
    language,
    tokens,
    units: unitsOf(tokens, lemmas),
    quantities,
    dates,
    marks: marksOf(words, lemmas, language),
    letters,
    grams: [gramsOf(letters, 2), gramsOf(letters, 3)],
  }
}

function gramsOf(letters: string, size: number): Set<number> {
  const found = new Set<number>()
  for (let i = 0; i + size <= letters.length; i++) {
    let gram = 0
    for (let k = 0; k < size; k++) gram = (Math.imul(gram, 65599) + letters.charCodeAt(i + k)) & 0x3fffffff
    found.add(gram)
  }
  return found
}

function unitsOf(tokens: readonly Token[], lemmas: readonly string[]): Unit[] {
  const units: Unit[] = []
  let sentenceStart = true
  // A text in title case or capitals throughout names nothing by its capitals.
  const words = tokens.filter((token) => token.kind === 'word')
  const capitals = words.filter((token) => /^\p{Lu}/u.test(token.raw)).length
  const plainCase = capitals * 2 <= words.length
  for (const [at, token] of tokens.entries()) {
    const { text, raw, kind, quoted } = token
    if (kind === 'sign') {
      if (/[.!?:;\n。！？]/.test(text)) sentenceStart = true
      continue
    }
    const lemma = lemmas[at] as string
    const rarity = kind === 'han' ? (hanRarity(text) ?? 7) : kind === 'word' ? rarityOf(text, lemma) : UNKNOWN_RARITY
    const named =
      kind === 'word' &&
      plainCase &&
      /^\p{Lu}/u.test(raw) &&
      text !== 'i' &&
      !(sentenceStart && rarity < UNKNOWN_RARITY)
    units.push({ text, lemma, raw, kind, rarity, quoted, named, at })
    sentenceStart = false
  }
  return units
}
