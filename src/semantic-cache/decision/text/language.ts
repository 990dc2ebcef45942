/** What the word rules are chosen by: Chinese, English, or anything else (compared by words and characters alone). */
export type Language = 'en' | 'zh' | 'other'

const HAN = /\p{Script=Han}/u
const KANA_OR_HANGUL = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u
const LETTER = /\p{L}/u
const LATIN = /\p{Script=Latin}/u

/** True for one character of Chinese script. */
export function isHan(character: string): boolean {
  return HAN.test(character)
}

const ENGLISH_HINTS =
  /\b(?:the|is|are|was|do|does|did|how|what|why|who|when|where|which|can|to|of|in|my|you|i|and|for|with|it|a|an)\b/

/**
 * The language by its script; Latin script counts as English unless it carries marks that English does not use and
 * none of its commonest words.
 */
export function languageOf(text: string): Language {
  let han = 0
  let latin = 0
  let marked = 0
  let foreign = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x80) {
      if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) latin++
    } else if (HAN.test(character)) han++
    else if (KANA_OR_HANGUL.test(character)) foreign += 4
    else if (LATIN.test(character)) {
      latin++
      marked++
    } else if (LETTER.test(character)) foreign++
  }
  if (foreign > 0 && foreign >= Math.max(han, latin / 4)) return 'other'
  if (han * 4 >= latin && han > 0) return 'zh'
  if (latin === 0) return han > 0 ? 'zh' : 'other'
  if (marked > 0 && !ENGLISH_HINTS.test(text.toLowerCase())) return 'other'
  return 'en'
}
