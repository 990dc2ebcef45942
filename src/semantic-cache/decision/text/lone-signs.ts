import type { Analysis } from './analysis.ts'
import { isPause, PAUSE } from './question-core.ts'
import type { Token } from './tokens.ts'

/** Quotation, brackets, marks of trade and degree, pictures: other hands write the same with others or none. */
const WAY_OF_WRITING = /^[()（）"'`“”‘’«»「」『』《》〈〉【】·•©®™°_]$|^\p{Extended_Pictographic}$|^\p{Cf}$|^\ufe0f$/u
/** Within words and around them: e-mail, and/or, *now*. */
const WITHIN_WORDS = /^[-/*~&+|:]$/
const HEADING = /^[-*>#+]$/

/**
 * The signs of two texts with the same words, where they differ: then the signs are what is asked about. "What does $@ do"
 * is not "what does $# do", <b> not </b>, 10 % not 10. Undefined for other words, whose signs mean what their words do.
 */
export function differenceInSigns(asked: Analysis, stored: Analysis): readonly [string, string] | undefined {
  if (asked.folded === stored.folded || asked.letters !== stored.letters) return undefined
  const [own, other] = [signsIn(asked), signsIn(stored)]
  return own === other ? undefined : [own, other]
}

function signsIn({ tokens }: Analysis): string {
  const signs: string[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'sign' && !isPause(tokens, at) && !isWayOfWriting(tokens, at)) signs.push(token.text)
  }
  return signs.join(' ')
}

function isWayOfWriting(tokens: readonly Token[], at: number): boolean {
  const { text, start, end } = tokens[at] as Token
  const [before, after] = [tokens[at - 1], tokens[at + 1]]
  const isAfter = before?.end === start
  const isBefore = after?.start === end
  // Feet and inches.
  if (/^['"]$/.test(text) && isAfter && before.kind === 'number') return false
  if (WAY_OF_WRITING.test(text)) return true
  if (PAUSE.test(text) && endsWord(tokens, at)) return true
  // A dash between words, single or double.
  if (text === '-' && isDashOrWord(before) && isDashOrWord(after)) return true
  if (HEADING.test(text) && !isBefore && tokens.slice(0, at).every(({ kind }) => kind === 'sign')) return true
  if (text === ':' && !isBefore) return true
  if (text === '#' && after?.kind === 'number') return true
  return WITHIN_WORDS.test(text) && ((isAfter && isWord(before)) || (isBefore && isWord(after)))
}

function isWord({ kind, text }: Token): boolean {
  return kind === 'han' || (kind === 'word' && text.length > 1)
}

function isDashOrWord(token: Token | undefined): boolean {
  return token !== undefined && (token.text === '-' || isWord(token))
}

/** Of a mark in quotation, or one of several. */
function endsWord(tokens: readonly Token[], at: number): boolean {
  let first = at
  while (isAttached(tokens, first) && PAUSE.test((tokens[first - 1] as Token).text)) first--
  return isAttached(tokens, first) && isWord(tokens[first - 1] as Token)
}

function isAttached(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.end === tokens[at]?.start
}
