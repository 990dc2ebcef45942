import type { Analysis } from './analysis.ts'
import { questionCore } from './question-core.ts'
import type { Token } from './tokens.ts'

/** Words that are something else in capitals, wherever not the whole text is written so. */
const ALSO_ACRONYMS = new Set(['us', 'it', 'who', 'aids'])

/**
 * Where two texts that are equal but for case say different things by it: a switch (`-x`, `-X`), a class (`\d`, `\D`), a
 * unit (5 mW, 5 MW; 1 Gb, 1 GB), US and us. As each text writes it; undefined where case is a habit only. Of other texts
 * nothing is said: who words a question anew writes "us" for the US as well.
 */
export function differenceInCase(asked: Analysis, stored: Analysis): readonly [string, string] | undefined {
  if (asked.folded === stored.folded) return undefined
  const own = casedIn(asked)
  if (own.size === 0) return undefined
  const other = casedIn(stored)
  const place = [...own.keys()].find((one) => other.has(one) && other.get(one)?.means !== own.get(one)?.means)
  if (place === undefined) return undefined
  const isSame = asked.letters === stored.letters || questionCore(asked) === questionCore(stored)
  return isSame ? [own.get(place)?.raw ?? '', other.get(place)?.raw ?? ''] : undefined
}

/** By sort, word in lower case and how often it came before. */
function casedIn({ tokens, folded }: Analysis): Map<string, { readonly raw: string; readonly means: string }> {
  const found = new Map<string, { raw: string; means: string }>()
  const isShouted = !/\p{Ll}/u.test(folded)
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'word' || token.raw.length > 8) continue
    const before = tokens[at - 1]
    const letters = /\p{L}+$/u.exec(token.raw)?.[0] ?? ''
    const sort = sortOf(token, letters, before, folded)
    if (!sort || (sort === 'acronym' && isShouted)) continue
    const word = `${sort} ${letters.toLowerCase()}`
    let place = word
    for (let again = 2; found.has(place); again++) place = `${word} ${again}`
    found.set(place, { raw: letters, means: writtenAs(sort, letters, before) })
  }
  return found
}

type Sort = 'switch' | 'unit' | 'acronym'

function sortOf(token: Token, letters: string, before: Token | undefined, folded: string): Sort | undefined {
  const isAttached = before?.end === token.start
  if (letters.length === 1 && isAttached && isSwitchSign(before, folded)) return 'switch'
  const isMeasure = token.kind === 'word' && (before?.kind === 'number' || /^\d/.test(token.raw))
  if ((isMeasure && letters.length <= 3) || /^[mM][WVA]$/.test(token.raw)) return 'unit'
  return ALSO_ACRONYMS.has(token.text) ? 'acronym' : undefined
}

function isSwitchSign({ text, start }: Token, folded: string): boolean {
  return text === '\\' || (text === '-' && !/\S/.test(folded.charAt(start - 1)))
}

/** One form for ways of writing that mean the same: 5 GB and 5 gb, "the us" and "the US". */
function writtenAs(sort: Sort, letters: string, before: Token | undefined): string {
  if (sort === 'switch') return letters
  if (sort === 'acronym') return before?.text === 'the' || letters === letters.toUpperCase() ? 'acronym' : 'word'
  // Milli or mega, bits or bytes; in small or in capital letters throughout everything else is the same.
  return /^(?:[mM][WVA]?|M[gms]|[KMGT]b)$/.test(letters) ? letters : letters.toUpperCase()
}
