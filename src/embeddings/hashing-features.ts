/**
 * Scripts written without spaces: their words are not found by looking for spaces, so pairs of neighbouring characters
 * stand in for words.
 */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Words, single symbols that tell ("C#" is not "C+"), and numbers with the separators inside them. */
const TOKENS = /\p{N}+(?:[.,:/]\p{N}+)*|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|[\p{S}#%&@]/gu

const WORD_WEIGHT = 1
const WORD_PAIR_WEIGHT = 0.35
const PIECE_WEIGHT = 0.45
const CHARACTER_WEIGHT = 0.5
const CHARACTER_PAIR_WEIGHT = 1
const PIECE_LENGTHS = [3, 4] as const

/** What a text is made of: each feature calls `add` once per occurrence, with the weight of its kind. */
export function eachFeature(text: string, add: (feature: string, weight: number) => void): void {
  const tokens = text.normalize('NFKC').toLowerCase().match(TOKENS) ?? []
  let previous = ''
  for (const token of tokens) {
    for (const run of scriptRuns(token)) {
      if (UNSPACED.test(run)) addCharacters(run, add)
      else addWord(run, add)
    }
    if (previous) add(`${previous} ${token}`, WORD_PAIR_WEIGHT * Math.min(lengthWeight(previous), lengthWeight(token)))
    previous = token
  }
}

function addWord(word: string, add: (feature: string, weight: number) => void): void {
  const weight = lengthWeight(word)
  add(word, WORD_WEIGHT * weight)
  // Pieces let inflections and misspellings meet; those of a number would make 100 and 1000 alike.
  if (/^\p{N}/u.test(word)) return
  const marked = `<${word}>`
  for (const length of PIECE_LENGTHS) {
    if (marked.length <= length) continue
    const share = (PIECE_WEIGHT * weight) / Math.sqrt(marked.length - length + 1)
    for (let start = 0; start + length <= marked.length; start++) add(`~${marked.slice(start, start + length)}`, share)
  }
}

function addCharacters(run: string, add: (feature: string, weight: number) => void): void {
  const characters = [...run]
  for (let i = 0; i < characters.length; i++) {
    add(`${characters[i]}`, CHARACTER_WEIGHT)
    if (i > 0) add(`${characters[i - 1]}${characters[i]}`, CHARACTER_PAIR_WEIGHT)
  }
}

/** Short words are the frequent ones in every spaced language; no word list is needed to know that. */
function lengthWeight(word: string): number {
  if (/^[\p{N}\p{S}#%&@]/u.test(word)) return 1
  return Math.min(1, 0.25 + 0.15 * (word.length - 1))
}

/** "iphone手机" → "iphone", "手机". */
function scriptRuns(token: string): readonly string[] {
  if (!UNSPACED.test(token)) return [token]
  const runs: string[] = []
  let kind: boolean | undefined
  for (const character of token) {
    const unspaced = UNSPACED.test(character) || (kind === true && /\p{M}/u.test(character))
    if (unspaced === kind) runs[runs.length - 1] += character
    else runs.push(character)
    kind = unspaced
  }
  return runs
}
