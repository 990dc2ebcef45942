import type { Token } from './tokens.ts'

const SMALL: Readonly<Record<string, number>> = {
  zero: 0,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
}
const LARGE: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
  dozen: 12,
  k: 1e3,
  mio: 1e6,
  bn: 1e9,
}
const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
  eleventh: 11,
  twelfth: 12,
  thirteenth: 13,
  fourteenth: 14,
  fifteenth: 15,
  sixteenth: 16,
  seventeenth: 17,
  eighteenth: 18,
  nineteenth: 19,
  twentieth: 20,
  thirtieth: 30,
}
const FRACTIONS: Readonly<Record<string, number>> = { half: 0.5, quarter: 0.25 }
const HAN_DIGITS: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  一: 1,
  二: 2,
  两: 2,
  俩: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}
const HAN_UNITS: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1e3, 万: 1e4, 亿: 1e8 }

export interface Numeral {
  readonly value: number
  /** Index of the first token and of the one after the last. */
  readonly from: number
  readonly to: number
  readonly ordinal: boolean
  /** Written as a word that is often none of a count: one, first, second, half, quarter, 一, 两. */
  readonly soft: boolean
}

/** Numerals in digits, in English words (`twenty-five`, `two hundred and ten`) and in Chinese characters (`十五`). */
export function numeralsOf(tokens: readonly Token[]): Numeral[] {
  const found: Numeral[] = []
  for (let i = 0; i < tokens.length; ) {
    const numeral = digits(tokens, i) ?? englishWords(tokens, i) ?? hanCharacters(tokens, i)
    if (numeral) found.push(numeral)
    i = numeral ? numeral.to : i + 1
  }
  return found
}

function digits(tokens: readonly Token[], i: number): Numeral | undefined {
  const token = tokens[i]
  if (token?.kind !== 'number') return undefined
  const value = numberOf(token.text)
  if (value === undefined) return undefined
  const next = tokens[i + 1]
  const glued = next?.start === token.end || next?.start === token.start
  if (next && glued && /^(?:st|nd|rd|th)$/.test(next.text))
    return { value, from: i, to: i + 2, ordinal: true, soft: false }
  if (next && Object.hasOwn(LARGE, next.text) && (next.text.length > 1 || glued)) {
    return { value: value * (LARGE[next.text] as number), from: i, to: i + 2, ordinal: false, soft: false }
  }
  if (next?.kind === 'han' && (next.text === '万' || next.text === '千' || next.text === '亿' || next.text === '百')) {
    return { value: value * (HAN_UNITS[next.text] as number), from: i, to: i + 2, ordinal: false, soft: false }
  }
  return { value, from: i, to: i + 1, ordinal: false, soft: false }
}

/** `1,200.5` is a thousand and more, `2,5` two and a half; dots and colons that make no number give none. */
function numberOf(text: string): number | undefined {
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text)) return Number(text.replaceAll(',', ''))
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (/^\d+,\d{1,2}$/.test(text)) return Number(text.replace(',', '.'))
  return undefined
}

function englishWords(tokens: readonly Token[], start: number): Numeral | undefined {
  let total = 0
  let group = 0
  let seen = 0
  let ordinal = false
  let i = start
  for (; i < tokens.length && !ordinal; i++) {
    const word = (tokens[i] as Token).text
    if (Object.hasOwn(SMALL, word)) {
      const value = SMALL[word] as number
      // "two three" are two numbers, "twenty three" is one.
      if (seen > 0 && !(group % 100 === 0 || (group % 10 === 0 && group % 100 >= 20 && value < 10))) break
      group += value
    } else if (seen > 0 && Object.hasOwn(LARGE, word) && word.length > 1) {
      if (word === 'hundred' || word === 'dozen') group = (group || 1) * (LARGE[word] as number)
      else {
        total += (group || 1) * (LARGE[word] as number)
        group = 0
      }
    } else if (Object.hasOwn(ORDINALS, word)) {
      group += ORDINALS[word] as number
      ordinal = true
    } else if (seen === 0 && Object.hasOwn(FRACTIONS, word)) {
      return { value: FRACTIONS[word] as number, from: i, to: i + 1, ordinal: false, soft: true }
    } else if (seen === 0 && (word === 'hundred' || word === 'thousand' || word === 'million' || word === 'dozen')) {
      group = LARGE[word] as number
    } else if (seen > 0 && (word === 'and' || word === '-') && i + 1 < tokens.length) {
      const next = (tokens[i + 1] as Token).text
      const joins = word === 'and' ? group >= 100 || total > 0 : group >= 20 && group % 10 === 0 && group % 100 !== 0
      if (!joins || !(Object.hasOwn(SMALL, next) || Object.hasOwn(ORDINALS, next))) break
    } else break
    seen++
  }
  if (seen === 0) return undefined
  const value = total + group
  const soft = seen === 1 && (value === 1 || (ordinal && value === 2))
  return { value, from: start, to: i, ordinal, soft }
}

function hanCharacters(tokens: readonly Token[], start: number): Numeral | undefined {
  let i = start
  let text = ''
  for (; i < tokens.length; i++) {
    const { text: character, kind } = tokens[i] as Token
    if (kind !== 'han' || !(Object.hasOwn(HAN_DIGITS, character) || Object.hasOwn(HAN_UNITS, character))) break
    text += character
  }
  if (text === '' || /^[百千万亿]/.test(text)) return undefined
  const ordinal = tokens[start - 1]?.text === '第'
  const soft = !ordinal && (text === '一' || text === '两' || text === '俩')
  return { value: hanValue(text), from: start, to: i, ordinal, soft }
}

function hanValue(text: string): number {
  if (/^[〇零一二三四五六七八九]{2,}$/.test(text)) return Number([...text].map((c) => HAN_DIGITS[c]).join(''))
  let total = 0
  let section = 0
  let digit = 0
  let lastUnit = 1
  for (const character of text) {
    const unit = HAN_UNITS[character]
    if (unit === undefined) {
      digit = HAN_DIGITS[character] as number
      if (digit === 0) lastUnit = 1
      continue
    }
    if (unit >= 1e4) {
      total = (total + section + digit) * unit
      section = 0
    } else section += (digit || 1) * unit
    digit = 0
    lastUnit = unit
  }
  // 三百五 is 350: a digit that ends the number takes the place below the last unit.
  return total + section + (digit > 0 && lastUnit > 10 ? (digit * lastUnit) / 10 : digit)
}
