import { seededRandom } from '../latency.ts'
import type { OpenaiBody } from '../traffic/openai-body.ts'
import { toModelRequest } from '../traffic/openai-body.ts'
import type { ModelLine, TrafficLine } from '../traffic/traffic-line.ts'
import type { Arrival } from './arrivals.ts'
import type { Question } from './families.ts'
import { toolCallMaker } from './made-up-tools.ts'
import { seedOf, shuffled, zipf } from './random.ts'

export interface MadeUpOptions {
  readonly questions: readonly Question[]
  readonly arrivals: readonly Arrival[]
  /** Epoch milliseconds of the first arrival. */
  readonly startAt: number
  readonly model: string
  readonly seed: number
  /** Exponent of Zipf's law over the questions; 0: all alike. */
  readonly zipf: number
  /** The same over the wordings of one question; higher means more verbatim repeats. */
  readonly wordingZipf: number
  /** Share of the calls that are follow-ups with a history, 0…1. */
  readonly followUps: number
  /** Share of the calls that are calls of tools, 0…1. */
  readonly toolCalls: number
}

const FOLLOW_UPS: Readonly<Record<string, readonly string[]>> = {
  en: ['And how long does that take?', 'Can you put that into one sentence?', 'Is there anything I must not forget?'],
  zh: ['那要多长时间?', '能用一句话概括吗?', '有什么需要特别注意的?'],
}
const EARLIER_ANSWER: Readonly<Record<string, string>> = {
  en: 'Of course. Here is how it is done, step by step.',
  zh: '当然可以,下面是具体的步骤。',
}

/**
 * Traffic with the usual shape: few questions are asked often and most seldom, each in several wordings, and look-alikes
 * come among them. How much repeats is decided by the two exponents: they are assumptions, and a log of one's own says
 * more than any of them.
 */
export function madeUpTraffic(options: MadeUpOptions): TrafficLine[] {
  const { arrivals, startAt, model, seed, followUps, toolCalls } = options
  const random = seededRandom(seedOf(seed, 'traffic'))
  const ranked = shuffled(options.questions, random)
  const drawQuestion = zipf(ranked.length, options.zipf, random)
  const drawWording = new Map<number, () => number>()
  const wordingOf = ({ wordings }: Question) => {
    const count = wordings.length
    let draw = drawWording.get(count)
    if (!draw) {
      draw = zipf(count, options.wordingZipf, random)
      drawWording.set(count, draw)
    }
    return draw()
  }
  const toolCall = toolCallMaker(seedOf(seed, 'tools'))
  const seen = new Set<string>()

  return arrivals.map(({ afterMs }, index): TrafficLine => {
    const id = `r${index + 1}`
    const at = startAt + Math.round(afterMs)
    if (random() < toolCalls) return { id, at, ...toolCall(at) }
    const question = ranked[drawQuestion()] as Question
    const wording = wordingOf(question)
    const asked = question.wordings[wording] as string
    if (random() >= followUps) {
      const isFirst = !seen.has(question.answerId)
      const kind = seen.has(asked)
        ? 'repeat'
        : question.kind === 'look-alike'
          ? 'look-alike'
          : isFirst
            ? 'first'
            : 'paraphrase'
      seen.add(asked)
      seen.add(question.answerId)
      return line(id, at, model, [{ role: 'user', content: asked }], question.answerId, kind, question.lang)
    }
    const choices = FOLLOW_UPS[question.lang] ?? (FOLLOW_UPS.en as readonly string[])
    const which = Math.floor(random() * choices.length)
    const messages = [
      { role: 'user', content: asked },
      { role: 'assistant', content: EARLIER_ANSWER[question.lang] ?? EARLIER_ANSWER.en },
      { role: 'user', content: choices[which] },
    ]
    const answerId = `${question.answerId}-${wording}-follow-up-${which}`
    return line(id, at, model, messages, answerId, 'follow-up', question.lang)
  })
}

function line(
  id: string,
  at: number,
  model: string,
  messages: OpenaiBody['messages'],
  answerId: string,
  kind: string,
  lang: string,
): ModelLine {
  const body = { model, messages }
  return { id, at, answerId, kind, lang, body, request: toModelRequest(body, 'openai') }
}
