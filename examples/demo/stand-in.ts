import { seededRandom } from '../../src/cli/bench/latency.ts'
import type { AnswerFunction } from '../../src/cli/bench/model-server.ts'

const ENGLISH =
  'open the settings page and choose the account you want to change then confirm with the code sent to you before the next step because changes apply only after review'.split(
    ' ',
  )
const CHINESE = '请先打开设置页面,选择需要修改的账户,再用收到的验证码确认,修改会在审核之后生效。'

/** Answers of plausible length to any question, the same for the same question. */
export function modelAnswers(): AnswerFunction {
  return ({ messages }) => {
    const asked = String(messages.at(-1)?.content ?? '')
    let seed = 7
    for (const letter of asked) seed = (seed * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
    const random = seededRandom(seed)
    if (/\p{Script=Han}/u.test(asked)) return { text: CHINESE.repeat(1 + Math.floor(random() * 2)) }
    const words = Array.from(
      { length: 25 + Math.floor(random() * 50) },
      () => ENGLISH[Math.floor(random() * ENGLISH.length)],
    )
    return { text: `${words.join(' ')}.` }
  }
}
