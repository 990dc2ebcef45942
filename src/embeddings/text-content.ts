import { CacheError } from '../core/errors.ts'

/** Services answer an empty text with an error or with a vector that means nothing: both are refused here, early. */
export function requireContent(texts: readonly string[]): void {
  for (const [i, text] of texts.entries()) {
    if (typeof text !== 'string' || text.trim() === '') {
      const got = typeof text === 'string' ? 'an empty one' : `a ${typeof text}`
      throw new CacheError('NOT_EMBEDDABLE', `a text to embed must not be empty, number ${i + 1} of the list is ${got}`)
    }
  }
}

/** The text's beginning of at most `maxBytes` in UTF-8, cut after a word where one ends in its second half. */
export function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  // A character cut in the middle decodes to U+FFFD at the end, which is dropped.
  const cut = bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/\ufffd+$/u, '')
  const lastSpace = cut.search(/\s\S*$/u)
  return lastSpace > cut.length / 2 ? cut.slice(0, lastSpace) : cut
}
