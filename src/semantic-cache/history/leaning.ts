import { analyse } from '../decision/text/analysis.ts'

const POINTING =
  /\b(?:it|its|that|this|those|these|they|them|their|he|him|his|she|her|one|ones|there|then|former|latter|first|second|third|last|previous|above|same|other|another|instead|else|also|too|again|more|else|yes|no|ok|okay|sure)\b/
const POINTING_CHINESE =
  /它|他|她|这|那|呢|上面|刚才|前面|前者|后者|第[一二三四五六七八九十\d]|其他|别的|另外|还有|也|再|继续|同样|好的|是的|可以|谁|哪/
const OPENING = /^(?:and|but|so|or|what about|how about|why|really|how so|how come|which|no|yes|not)\b/
/** Words that carry meaning, below which a message says little by itself. */
const MIN_WORDS = 4

/** True when a message cannot be understood without what was said before: it points back, or says hardly anything. */
export function leansOn(text: string): boolean {
  const lower = text.trim().toLowerCase()
  if (POINTING.test(lower) || POINTING_CHINESE.test(lower) || OPENING.test(lower)) return true
  const { units, language } = analyse(text)
  const telling = units.filter(({ rarity }) => rarity >= 3).length
  return telling < (language === 'zh' ? 2 * MIN_WORDS : MIN_WORDS)
}
