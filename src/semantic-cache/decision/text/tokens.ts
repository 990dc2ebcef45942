import { isHan } from './language.ts'

/**
 * `word`: letters; `code`: letters with digits, underscores or inner punctuation (a name, a path, a version);
 * `number`: digits with their separators; `han`: one Chinese character; `sign`: anything else that is not space.
 */
export type TokenKind = 'word' | 'code' | 'number' | 'han' | 'sign'

export interface Token {
  /** Lower case, width folded. */
  readonly text: string
  /** As written. */
  readonly raw: string
  readonly kind: TokenKind
  /** Offset in the folded text. */
  readonly start: number
  readonly end: number
  /** Stands inside quotation marks or back ticks. */
  readonly quoted: boolean
}

const PIECES =
  /https?:\/\/[^\s"'<>\p{Script=Han}]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\p{Script=Han}|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:[.:]\d+)+(?![\p{L}_])|(?:(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_])(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_]|['.](?=(?!\p{Script=Han})[\p{L}\p{N}_]))*)|[^\s\p{L}\p{N}_]/gu
const CONTRACTIONS: Readonly<Record<string, string>> = {
  "can't": 'can not',
  cannot: 'can not',
  "won't": 'will not',
  "shan't": 'shall not',
  "n't": 'not',
  "let's": 'let us',
  "i'm": 'i am',
  "it's": 'it is',
  "what's": 'what is',
  "who's": 'who is',
  "how's": 'how is',
  "where's": 'where is',
  "that's": 'that is',
  "there's": 'there is',
  "here's": 'here is',
  "when's": 'when is',
  "why's": 'why is',
  "he's": 'he is',
  "she's": 'she is',
  dont: 'do not',
  doesnt: 'does not',
  didnt: 'did not',
  isnt: 'is not',
  arent: 'are not',
  wasnt: 'was not',
  werent: 'were not',
  wont: 'will not',
  cant: 'can not',
  couldnt: 'could not',
  wouldnt: 'would not',
  shouldnt: 'should not',
  hasnt: 'has not',
  havent: 'have not',
  hadnt: 'had not',
  im: 'i am',
  ive: 'i have',
  whats: 'what is',
  hows: 'how is',
  theres: 'there is',
  thats: 'that is',
  gonna: 'going to',
  wanna: 'want to',
  gotta: 'have to',
  thru: 'through',
  pls: 'please',
  plz: 'please',
  u: 'you',
  ur: 'your',
  bc: 'because',
  vs: 'versus',
  ain: 'is',
  aint: 'is not',
  whos: 'who is',
  itll: 'it will',
  youre: 'you are',
  theyre: 'they are',
  wheres: 'where is',
  tho: 'though',
  ppl: 'people',
  info: 'information',
  pic: 'picture',
  pics: 'picture',
  msg: 'message',
  acct: 'account',
  w: 'with',
  approx: 'approximately',
  "o'clock": 'oclock',
}
const OPEN_QUOTES = '"“‘「『《`\''
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  '“': '”',
  '‘': '’',
  '「': '」',
  '『': '』',
  '《': '》',
  '`': '`',
  "'": "'",
}

const UNITS_WRITTEN_TOGETHER = new Set(
  'km m cm mm kg g mg lb lbs oz l ml cl s ms sec min mins h hr hrs d kb mb gb tb kbps mbps gbps mph kmh kw kwh mah w v ft in mi pm am eur usd gbp rmb cny yr yrs k c f st nd rd th px rpm hp cc'.split(
    ' ',
  ),
)

/** One width and one form for every sign, so that full-width digits, commas and quotation marks compare equal. */
export function foldWidth(text: string): string {
  return (
    text
      .normalize('NFKC')
      .replace(/[\u2010-\u2015\u2212]/g, '-')
      .replace(/[’‘]/g, "'")
      .replace(/[“”]/g, '"')
      // ".5 mg" is a tenth of "5 mg".
      .replace(/(?<![\p{L}\p{N}_.])\.(?=\d)/gu, '0.')
  )
}

/** Splits a folded text; contractions become their words, hyphens separate. */
export function tokenize(folded: string): Token[] {
  const quotes = quotedSpans(folded)
  const tokens: Token[] = []
  for (const match of folded.matchAll(PIECES)) {
    const raw = match[0]
    const start = match.index
    const end = start + raw.length
    const text = raw.toLowerCase()
    const quoted = quotes.some(([from, to]) => start >= from && end <= to)
    const push = (part: string, kind: TokenKind) => tokens.push({ text: part, raw, kind, start, end, quoted })
    const measure = /^(\d+(?:[.,]\d+)*)([a-z]{1,5})$/.exec(text)
    if (measure && UNITS_WRITTEN_TOGETHER.has(measure[2] as string)) {
      push(measure[1] as string, 'number')
      push(measure[2] as string, 'word')
      continue
    }
    const kind = kindOf(text)
    if (kind !== 'word') push(text, kind)
    else for (const part of expand(text)) push(part, 'word')
  }
  return tokens
}

function kindOf(text: string): TokenKind {
  if (isHan(text.charAt(0)) && [...text].length === 1) return 'han'
  if (/^\d[\d,.:]*$/.test(text)) return 'number'
  if (/[\p{L}_]/u.test(text)) return /[\p{N}_@/.:]/u.test(text) && !/^(?:[a-z]\.)+[a-z]$/.test(text) ? 'code' : 'word'
  return /^\p{N}/u.test(text) ? 'code' : 'sign'
}

function expand(text: string): string[] {
  const known = Object.hasOwn(CONTRACTIONS, text) ? CONTRACTIONS[text] : undefined
  if (known) return known.split(' ')
  if (!text.includes("'")) return [text]
  if (text.endsWith("n't")) return [...expand(text.slice(0, -3)), 'not']
  const [head = '', tail = ''] = text.split("'", 2)
  const rest: Readonly<Record<string, string>> = { re: 'are', ve: 'have', ll: 'will', d: 'would', m: 'am' }
  if (Object.hasOwn(rest, tail)) return [head, rest[tail] as string]
  return [head || text.replaceAll("'", '')]
}

function quotedSpans(text: string): [number, number][] {
  const spans: [number, number][] = []
  for (let i = 0; i < text.length; i++) {
    const open = text.charAt(i)
    if (!OPEN_QUOTES.includes(open)) continue
    // An apostrophe inside or at the end of a word opens nothing.
    if (open === "'" && /[\p{L}\p{N}]/u.test(text.charAt(i - 1))) continue
    let close = i
    do close = text.indexOf(CLOSING[open] as string, close + 1)
    while (close >= 0 && open === "'" && /[\p{L}\p{N}]/u.test(text.charAt(close + 1)))
    if (close < 0) continue
    spans.push([i + 1, close])
    i = close
  }
  return spans
}
