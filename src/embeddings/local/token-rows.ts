import { CacheError } from '../../core/errors.ts'
import type { LoadedModel } from './runtime.ts'

/** No token of any known vocabulary is longer on average; a longer text is cut before the tokenizer sees it. */
const CHARACTERS_PER_TOKEN = 64

export interface TokenRow {
  readonly ids: readonly number[]
  readonly truncated: boolean
}

export type ToTokenRow = (text: string) => TokenRow

/**
 * Makes the function from a text to the ids that the graph gets: special tokens around, cut at a token boundary to
 * `maxTokens` in all.
 *
 * It rejects with NOT_EMBEDDABLE a text that the model cannot read: two texts of unknown tokens would be the same text
 * to it, however different they are.
 */
export function tokenRows(
  tokenize: LoadedModel['tokenize'],
  { maxTokens, unknownId }: { readonly maxTokens: number; readonly unknownId: number | undefined },
): ToTokenRow {
  const { before, after } = specialTokens(tokenize)
  const room = maxTokens - before.length - after.length
  return (text) => {
    const readable = text.slice(0, room * CHARACTERS_PER_TOKEN)
    const ids = tokenize(readable, false)
    if (ids.length === 0) throw new CacheError('NOT_EMBEDDABLE', 'a text must hold at least one token, one holds none')
    const unknown = unknownId === undefined ? 0 : ids.filter((id) => id === unknownId).length
    if (unknown * 2 > ids.length) {
      throw new CacheError(
        'NOT_EMBEDDABLE',
        `a text must be in a language of the model: ${unknown} of ${ids.length} tokens of one are unknown to it`,
      )
    }
    const kept = ids.length > room ? ids.slice(0, room) : ids
    return { ids: [...before, ...kept, ...after], truncated: kept !== ids || readable.length < text.length }
  }
}

/** What the tokenizer puts around a text, seen on a short one. */
function specialTokens(tokenize: LoadedModel['tokenize']): { before: readonly number[]; after: readonly number[] } {
  const whole = tokenize('a', true)
  const bare = tokenize('a', false)
  for (let start = 0; start + bare.length <= whole.length; start++) {
    if (bare.every((id, i) => whole[start + i] === id)) {
      return { before: whole.slice(0, start), after: whole.slice(start + bare.length) }
    }
  }
  throw new CacheError(
    'EMBEDDER_FAILED',
    'onnxEmbedder: the tokenizer must put its special tokens around a text, not into it',
  )
}
