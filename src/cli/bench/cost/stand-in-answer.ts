import { seededRandom } from '../latency.ts'
import type { AnswerFunction } from '../model-server.ts'
import { lognormal, seedOf } from './random.ts'

const WORDS =
  'open the settings page and choose the account you want to change then confirm with the code sent to you before the next step because changes apply only after review'.split(
    ' ',
  )
const SPREAD = 0.6
const MAX_CHARS = 16_000

/** Answers of plausible length to any question, the same for the same question and seed; what they say is nothing. */
export function standInAnswers({ medianTokens, seed }: { medianTokens: number; seed: number }): AnswerFunction {
  return ({ messages }) => {
    const own = seedOf(seed, JSON.stringify(messages))
    const completionTokens = Math.max(1, Math.round(lognormal(medianTokens, SPREAD, own)))
    const random = seededRandom(own)
    let text = ''
    while (text.length < Math.min(MAX_CHARS, 4 * completionTokens)) {
      text += `${WORDS[Math.floor(random() * WORDS.length)]} `
    }
    return { text: text.trim(), usage: { completionTokens } }
  }
}
