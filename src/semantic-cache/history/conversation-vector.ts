import type { EntryHistory, HistoryTurn } from '../../core/entry.ts'

/** What the last message, the user's turns and the model's turns count in the vector that is searched by. */
const LAST = 0.6
const USER = 0.28
const ASSISTANT = 0.12
/** A turn counts so much less than the one after it. */
const FADE = 0.7

/**
 * One unit vector of a whole conversation, for the search alone: of many that end in "why?" it finds those that came the
 * same way. What is reused is decided turn by turn.
 */
export function conversationVector({ turns, vectors }: EntryHistory): Float32Array {
  const last = vectors[turns.length] as Float32Array
  const sum = Float64Array.from(last, (value) => LAST * value)
  const shares = [...sharesOf(turns, 'user', USER), ...sharesOf(turns, 'assistant', ASSISTANT)]
  for (const { index, share } of shares) {
    const vector = vectors[index] as Float32Array
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + share * (vector[i] as number)
  }
  const length = Math.hypot(...sum)
  // Opposite vectors may cancel out; then the question is all there is.
  return length < 1e-6 ? last.slice() : Float32Array.from(sum, (value) => value / length)
}

function sharesOf(turns: readonly HistoryTurn[], role: HistoryTurn['role'], all: number) {
  const own = turns.flatMap((turn, index) => (turn.role === role ? [index] : []))
  const weights = own.map((_, i) => FADE ** (own.length - 1 - i))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return own.map((index, i) => ({ index, share: (all * (weights[i] as number)) / total }))
}
