import type { Analysis } from './analysis.ts'

/** Ways to say the same around a question, none of which can change its answer; each is tried once, in this order. */
const ENGLISH: readonly (readonly [RegExp, string])[] = [
  [/^(?:(?:hi|hello|hey|hiya|excuse me|good morning|good evening)(?: there| all| everyone)? )+/, ''],
  [/^(?:please |kindly )+/, ''],
  [
    /^(?:(?:can|could|would|will) (?:you|someone|anyone|somebody) (?:please )?tell me|(?:please )?tell me|i (?:want|would like|need) to know) (?=(?:what|how|why|when|where|which|who)\b)/,
    '',
  ],
  [/(?: (?:please|thanks|thank you|many thanks|thx|ty|cheers)(?: in advance| a lot| so much| very much)?)+$/, ''],
  [/^how (?:do|can|could|would|may|might|does) (?:i|one) (?=\p{L})/u, 'how to '],
  [/^how (?:i|one) (?:can|could|may) (?=\p{L})/u, 'how to '],
  [/^what (?:is|are) the (?:way|ways|steps) (?=to \p{L})/u, 'how '],
]
const CHINESE: readonly (readonly [RegExp, string])[] = [
  [/^(?:你好|您好|请问一下|请问|请教一下|请教|想问一下|想问下|麻烦问一下|麻烦问下|问一下|问下)+/, ''],
  [/(?:谢谢|多谢|感谢|求解答?|求助|急|啊|呀|呢)+$/, ''],
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
const PAUSE = /^[.,?!;。，？！；、~…]$/

/**
 * The question without greeting, thanks and the frame around it: "Hi, how can I reset it?" and "how to reset it" are one.
 * Numbers, names, signs that carry meaning and what is quoted stay as they are.
 */
export function questionCore({ tokens, language }: Analysis): string {
  const glue = language === 'zh' ? '' : ' '
  const words: string[] = []
  for (const { text, raw, kind, quoted } of tokens) {
    if (kind === 'sign' && !quoted && PAUSE.test(text)) continue
    words.push(quoted || kind === 'code' ? raw : text)
  }
  let core = words.join(glue)
  for (const [pattern, same] of language === 'zh' ? CHINESE : language === 'en' ? ENGLISH : []) {
    core = core.replace(pattern, same)
  }
  return core
}
