import type { HistoryTurn } from '../../core/entry.ts'

/** More turns than this are compared exactly: each would have to be embedded, and each is a chance to differ. */
const MAX_TURNS = 12

export interface EarlierTurns {
  /** What users and the model said, in order. */
  readonly turns: readonly HistoryTurn[]
  /** The messages without that, for the scope: roles, order, instructions, tool calls and results, media. */
  readonly frame: readonly Record<string, unknown>[]
}

/**
 * Takes the texts of earlier turns out of comparable messages. Turns of more than `maxChars` stay in the frame, where they
 * must be equal, as do instructions and what tools said. Undefined where there is nothing to compare, or too much.
 */
export function earlierTurns(messages: readonly Record<string, unknown>[], maxChars: number): EarlierTurns | undefined {
  const turns: HistoryTurn[] = []
  const frame = messages.map((message) => {
    const { role } = message
    if (role !== 'user' && role !== 'assistant') return message
    const parts = message.content as readonly Record<string, unknown>[]
    const texts = parts.filter(({ type }) => type === 'text')
    const text = texts
      .map((part) => part.text)
      .join('\n')
      .trim()
    // A text part that carries more than its text, such as citations, has to be equal as a whole.
    const isPlain = texts.every((part) => Object.keys(part).length === 2)
    if (text === '' || text.length > maxChars || !isPlain) return message
    turns.push({ role, text })
    // How the model came to what it said is not said to anybody.
    const rest = parts.filter(({ type }) => type !== 'text' && type !== 'reasoning')
    return { ...message, content: rest, turn: true }
  })
  return turns.length === 0 || turns.length > MAX_TURNS ? undefined : { turns, frame }
}
