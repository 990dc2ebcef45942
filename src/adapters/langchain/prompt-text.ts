import type { Message } from '../../core/request.ts'

/** What stands in a prompt for a block that is no text: `[image]`, `[file]`, and `[type]` of any other. */
const MEDIA = /\[(?:[a-z]+[_-])*[a-z]+(?: file)?\]|"type": ?"(?:image|input_|audio|video|file|document|media)/

/** A line that begins like a turn of `getBufferString`. */
const TURN = /^(System|Human|AI|Tool|[\w-]+): /
const LABEL_LINE = /\n(System|Human|AI|Tool|Function|Developer|Assistant|User|system|human|ai|tool|assistant|user): /

/**
 * The messages behind the prompt text a BaseCache is given; `undefined` where the text does not say which they were. The
 * text joins turns by line breaks and drops media, so "a\nAI: b" inside one message reads like a real turn, instructions
 * that hold "\nHuman: " like a question, and different images read alike. Only a lone question is beyond doubt.
 */
export function messagesOfPrompt(prompt: string, allowTranscripts: boolean): Message[] | undefined {
  if (MEDIA.test(prompt)) return undefined
  if (prompt.startsWith('Human: ') && !LABEL_LINE.test(prompt)) {
    return [{ role: 'user', content: prompt.slice('Human: '.length) }]
  }
  return allowTranscripts && TURN.test(prompt) ? transcript(prompt) : undefined
}

/** Everything before the last question counts as it stands. */
function transcript(prompt: string): Message[] {
  const last = prompt.lastIndexOf('\nHuman: ')
  const rest = prompt.slice(last + 1)
  // Ends with something that is no question: without a user's message only the exact tier is asked.
  if (last < 0 || LABEL_LINE.test(rest)) return [{ role: 'system', content: prompt }]
  return [
    { role: 'system', content: prompt.slice(0, last) },
    { role: 'user', content: rest.slice('Human: '.length) },
  ]
}
