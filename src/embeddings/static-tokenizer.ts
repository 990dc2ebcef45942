/** A run of text that the table can know as a whole: a word, a number, a symbol, or a run of Han characters. */
export interface Piece {
  readonly kind: 'han' | 'number' | 'word' | 'symbol'
  readonly text: string
}

/** Han text has no spaces, so every unit of up to this many characters is looked up. */
export const longestHanUnit = 4
const gramSizes = [3, 4, 5]

const pieces =
  /(\p{Script=Han}+)|(\p{Nd}+(?:[.,]\p{Nd}+)*)|((?:(?!\p{Script=Han})[\p{L}\p{M}])+(?:'(?:(?!\p{Script=Han})[\p{L}\p{M}])+)*)|([^\s\p{L}\p{M}\p{Nd}])/gu
/** The same split for ASCII, several times faster. */
const asciiPieces = /([0-9]+(?:[.,][0-9]+)*)|([a-z]+(?:'[a-z]+)*)|([^\sa-z0-9])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const asciiOnly = /^[\x00-\x7f]*$/

/** NFKC, lower case, no Latin accents, one kind of apostrophe. The training script folds in the same way. */
function foldText(text: string): string {
  if (asciiOnly.test(text)) return text.toLowerCase()
  const lower = text.normalize('NFKC').toLowerCase().replaceAll('\u2019', "'")
  return lower
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
}

export function splitText(text: string): Piece[] {
  const folded = foldText(text)
  const found: Piece[] = []
  if (asciiOnly.test(folded)) {
    for (const [whole, number, word] of folded.matchAll(asciiPieces)) {
      found.push({ kind: number ? 'number' : word ? 'word' : 'symbol', text: whole })
    }
    return found
  }
  for (const [whole, han, number, word] of folded.matchAll(pieces)) {
    found.push({ kind: han ? 'han' : number ? 'number' : word ? 'word' : 'symbol', text: whole })
  }
  return found
}

/** FNV-1a over UTF-16 code units, folded once: the training script computes the same number. */
export function hashText(text: string, seed: number): number {
  let value = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value >>>= 0
  return (value ^ (value >>> 15)) >>> 0
}

/** Character n-grams with the word's ends marked; what a misspelt word still shares with the right one. */
export function wordGrams(word: string): string[] {
  const characters = Array.from(`<${word}>`)
  const grams: string[] = []
  for (const size of gramSizes) {
    for (let start = 0; start + size <= characters.length; start++) {
      grams.push(characters.slice(start, start + size).join(''))
    }
  }
  return grams
}
