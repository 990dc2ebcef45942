import { wrong } from '../wrong-value.ts'
import { type ConvertRecord, defined, textIn } from './export-format.ts'

/** `{ question, answer? }`, with whatever else the log format knows: `at`, `tenant`, `answerId`, `lang`, `model`. */
export const fromQuestionAnswer: ConvertRecord = (record) => {
  const question = textIn(record, 'question', 'query', 'prompt', 'input')
  if (question === undefined) throw wrong('question', 'a non-empty text', record.question)
  const answer = textIn(record, 'answer', 'response', 'output')
  const { id, at = record.timestamp, tenant, answerId, lang, model } = record
  return {
    ...defined({ id: id === undefined ? undefined : String(id), at, tenant, answerId, lang, model }),
    messages: [{ role: 'user', content: question }],
    ...(answer !== undefined && { answer: { text: answer } }),
  }
}
