/** No token of any known vocabulary is longer on average; a longer text is cut before the tokenizer sees it. */
const CHARACTERS_PER_TOKEN = 64

export interface PairEncoder {
  readonly tokenize: (text: string) => readonly number[]
  /** Ids of [CLS] and [SEP]. */
  readonly begin: number
  readonly end: number
  /** Of the whole row. */
  readonly maxTokens: number
  readonly lowerCase: boolean
}

export interface TokenPair {
  readonly ids: readonly number[]
  /** 0 for the first text with its [CLS] and [SEP], 1 for the second with its [SEP]. */
  readonly types: readonly number[]
}

/** `[CLS] first [SEP] second [SEP]`; a pair that is too long loses tokens at the end of the longer text. */
export function encodePair(first: string, second: string, encoder: PairEncoder): TokenPair {
  const { begin, end, maxTokens } = encoder
  const room = maxTokens - 3
  const [a, b] = [idsOf(first, encoder), idsOf(second, encoder)]
  const over = Math.max(0, a.length + b.length - room)
  // What is cut one by one from the longer until both are alike, then in turn, ends here.
  const longA = Math.min(a.length, Math.max(Math.ceil(room / 2), room - b.length))
  const keptA = over === 0 ? a.length : longA
  const keptB = over === 0 ? b.length : room - longA
  return {
    ids: [begin, ...a.slice(0, keptA), end, ...b.slice(0, keptB), end],
    types: [...new Array<number>(keptA + 2).fill(0), ...new Array<number>(keptB + 1).fill(1)],
  }
}

/** The same order for the same two texts, whichever was asked: that of their code points. */
export function inCodePointOrder(a: string, b: string): readonly [string, string] {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference < 0 ? [a, b] : [b, a]
  }
  return left.length <= right.length ? [a, b] : [b, a]
}

function idsOf(text: string, { tokenize, maxTokens, lowerCase }: PairEncoder): readonly number[] {
  const readable = text.slice(0, maxTokens * CHARACTERS_PER_TOKEN)
  return tokenize(lowerCase ? readable.toLowerCase() : readable)
}
