import type { Analysis } from './analysis.ts'
import type { Token } from './tokens.ts'

/** Ways to say the same around a question, none of which can change its answer; each is tried once, in this order. */
const ENGLISH: readonly (readonly [RegExp, string])[] = [
  // Before what a question begins with: "Hello world" and "Hey Jude" are no greetings.
  [
    /^(?:(?:hi|hello|hey|hiya|excuse me|good morning|good evening)(?: there| all| everyone)? )+(?=(?:please|kindly|tell|what|how|why|when|where|which|who|can|could|would|will|do|does|did|is|are|am|i|should|may)\b)/,
    '',
  ],
  [/^(?:please|kindly) (?!please\b|me\b)/, ''],
  [
    /^(?:(?:can|could|would|will) (?:you|someone|anyone|somebody) (?:please )?tell me|(?:please )?tell me|i (?:want|would like|need) to know) (?=(?:what|how|why|when|where|which|who)\b)/,
    '',
  ],
  // Not where they are what the question is about: "how do I say thank you".
  [
    /(?<! (?:say|says|spell|write|type|pronounce|translate|word|phrase|term|use|mean|means|is|are|a|an|the|of|for|to|with|without|and|or|than|as|my|your))(?: (?:please|thanks|thank you|many thanks|thx|ty|cheers)(?: in advance| a lot| so much| very much)?)+$/,
    '',
  ],
  [/^how (?:do|can|could|would|may|might|does) (?:i|one) (?=\p{L})/u, 'how to '],
  [/^how (?:i|one) (?:can|could|may) (?=\p{L})/u, 'how to '],
  [/^what (?:is|are) the (?:way|ways|steps) (?=to \p{L})/u, 'how '],
]
const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^(?:你好|您好|请问一下|请问|请教一下|请教|想问一下|想问下|麻烦问一下|麻烦问下|问一下|问下)+/, ''],
  [/(?<![说写读讲叫念用是与和不着很太]|[这那多怎]么)(?:(?:谢谢|多谢|感谢|求解答?|求助|急)[啊呀呢]*)+$/, ''],
  [/[啊呀呢]+$/, ''],
  [/如何|怎样(?!的)|咋/g, '怎么'],
  [/为何|为啥/g, '为什么'],
  [/啥/g, '什么'],
  [/多长时间/g, '多久'],
  [/哪儿/g, '哪里'],
  [/能否/g, '能不能'],
  [/可否/g, '可不可以'],
  [/是否/g, '是不是'],
  [/您/g, '你'],
]
const CLOSING = /^["'”’)\]}》」』`%°€£¥]$/
const COMMA = /^[,;、，；]$/
export const PAUSE = /^[.,?!;。，？！；、~…]$/

/**
 * The question without greeting, thanks and the frame around it: "Hi, how can I reset it?" and "how to reset it" are one.
 * Numbers, names, signs that carry meaning and what is quoted stay as they are.
 */
export function questionCore({ tokens, language }: Analysis): string {
  const glue = language === 'zh' ? '' : ' '
  const words: string[] = []
  for (const [at, { text, raw, kind, quoted }] of tokens.entries()) {
    if (!isPause(tokens, at)) words.push(quoted || kind === 'code' ? raw : text)
  }
  let core = words.join(glue)
  for (const [pattern, same] of language === 'zh' ? CHINESE : language === 'en' ? ENGLISH : []) {
    core = core.replace(pattern, same)
  }
  return core
}

/** A mark that ends a part of a sentence, as it is set after a word; alone or between things it may be what is asked about: `$?`, x!=1. */
export function isPause(tokens: readonly Token[], at: number): boolean {
  const { kind, text, quoted, start, end } = tokens[at] as Token
  if (kind !== 'sign' || quoted || !PAUSE.test(text)) return false
  const [before, after] = [tokens[at - 1], tokens[at + 1]]
  if (!before) return false
  if (before.end !== start) return COMMA.test(text) || (!after && /[?？]/.test(text))
  const isAfterWord = before.kind !== 'sign' || PAUSE.test(before.text) || CLOSING.test(before.text)
  const isBeforeGap =
    !after || after.start > end || after.kind === 'han' || before.kind === 'han' || PAUSE.test(after.text)
  return isAfterWord && isBeforeGap
}
