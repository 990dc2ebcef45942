import { CacheError } from '../../../../core/errors.ts'
import { parsedJson } from '../read-traffic.ts'
import { parseTrafficLine } from '../traffic-line.ts'
import { wrong } from '../wrong-value.ts'
import { type ConvertRecord, isObject, type LogLine } from './export-format.ts'
import { fromLangfuse } from './from-langfuse.ts'
import { fromLangsmith } from './from-langsmith.ts'
import { fromOpenai } from './from-openai.ts'
import { fromQuestionAnswer } from './from-question-answer.ts'

export const EXPORTS: Readonly<Record<string, ConvertRecord>> = {
  openai: fromOpenai,
  langsmith: fromLangsmith,
  langfuse: fromLangfuse,
  qa: fromQuestionAnswer,
}

export interface Converted {
  readonly lines: readonly LogLine[]
  readonly records: number
  /** Records that are no call, by what they are. */
  readonly leftOut: Readonly<Record<string, number>>
  /** Records that should be a call and cannot be read as one; the place is a line, or an index of the array. */
  readonly refused: readonly { readonly place: string; readonly problem: string }[]
}

/**
 * Reads an export, JSON lines or one JSON array, into lines of the traffic log. Each line is checked as the benchmark
 * will check it.
 *
 * @throws CacheError INVALID_OPTION for a file that is neither
 */
export function convert(text: string, from: ConvertRecord): Converted {
  const lines: LogLine[] = []
  const leftOut: Record<string, number> = {}
  const refused: { place: string; problem: string }[] = []
  let records = 0
  for (const { place, read } of recordsOf(text)) {
    records++
    try {
      const record = read()
      if (!isObject(record)) throw wrong('a record', 'a JSON object', record)
      const made = from(record)
      if (isLeftOut(made)) leftOut[made.leftOut] = (leftOut[made.leftOut] ?? 0) + 1
      else {
        for (const line of [made].flat() as LogLine[]) {
          parseTrafficLine(line, { number: records, model: 'none' })
          lines.push(line)
        }
      }
    } catch (error) {
      refused.push({ place, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  return { lines, records, leftOut, refused }
}

function isLeftOut(made: ReturnType<ConvertRecord>): made is { leftOut: string } {
  return 'leftOut' in made
}

function recordsOf(text: string): { readonly place: string; readonly read: () => unknown }[] {
  if (/^\s*\[/.test(text)) {
    const list = wholeFile(text)
    if (Array.isArray(list)) return list.map((record, index) => ({ place: `[${index}]`, read: () => record }))
  }
  // One pretty-printed object that holds the list, as REST APIs give it.
  if (/^\s*\{\s*\n/.test(text)) {
    const whole = wholeFile(text)
    const list = isObject(whole) ? [whole.data, whole.runs, whole.observations].find(Array.isArray) : undefined
    if (list) return list.map((record, index) => ({ place: `[${index}]`, read: () => record }))
  }
  return text
    .split('\n')
    .flatMap((raw, index) => (raw.trim() === '' ? [] : [{ place: String(index + 1), read: () => parsedJson(raw) }]))
}

function wholeFile(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 120) : String(error)
    throw new CacheError('INVALID_OPTION', `an export must be JSON lines or one JSON array: ${why}`)
  }
}
