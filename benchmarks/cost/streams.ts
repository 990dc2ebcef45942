import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Question, questionsOf, readFamilies } from '../../src/cli/bench/cost/families.ts'
import type { QuestionSet } from '../../src/cli/bench/cost/traffic-source.ts'
import { datasetHash } from '../../src/cli/bench/stamp.ts'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'

/** All question families under a data folder. */
export async function families(data: string): Promise<QuestionSet> {
  const folder = present(join(data, 'families'))
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
  const questions: Question[] = []
  const texts: string[] = []
  for (const file of files) {
    const read = await readFamilies(join(folder, file))
    questions.push(...questionsOf(read.families))
    texts.push(read.text)
  }
  return { name: 'families', questions, hash: datasetHash(texts) }
}

/** BANKING77: 77 intents; each counts as one question with some forty wordings, as an FAQ would have it. */
export async function banking77(data: string): Promise<QuestionSet> {
  const text = readFileSync(present(join(data, 'quality/banking77-test.csv')), 'utf8')
  const wordings = new Map<string, string[]>()
  for (const [, quoted, plain, intent = ''] of text.matchAll(/^(?:"((?:[^"]|"")*)"|([^",\n]*)),(\w+)\r?$/gm)) {
    if (intent === 'category') continue
    const asked = (quoted?.replaceAll('""', '"') ?? plain ?? '').trim()
    wordings.set(intent, [...(wordings.get(intent) ?? []), asked])
  }
  const questions = [...wordings].map(
    ([answerId, own]): Question => ({ answerId, lang: 'en', kind: 'question', wordings: own }),
  )
  return { name: 'banking77', questions, hash: datasetHash([text]) }
}

/** Real searches with their times: what people repeat word for word. Nobody labelled what may share an answer. */
export function exciteLog(data: string): string {
  const text = readFileSync(present(join(data, 'streams/excite-small.log')), 'utf8')
  return text
    .split('\n')
    .flatMap((row, index) => {
      const [, time = '', query = ''] = row.split('\t')
      const parts = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(time)
      if (!parts || query.trim() === '') return []
      const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      const at = Date.UTC(1900 + year, month - 1, day, hour, minute, second)
      return [JSON.stringify({ id: `excite-${index + 1}`, at, messages: [{ role: 'user', content: query }] })]
    })
    .join('\n')
}

/** Calls of an agent's tools, a run after the other, a call every 20 seconds. */
export function tauBenchLog(data: string): string {
  const text = readFileSync(present(join(data, 'tools/tau-bench-calls.jsonl')), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((row, index) => {
      const { task, trial, step, tool, args, result } = JSON.parse(row)
      const at = Date.UTC(2026, 0, 5) + index * 20_000
      // Every recorded run began with a fresh database: a run is a world of its own.
      return JSON.stringify({
        id: `${task}/${trial}/${step}`,
        at,
        tenant: `run-${task}-${trial}`,
        tool,
        args,
        result,
        durationMs: 300,
      })
    })
    .join('\n')
}

const RESERVATION = ['reservation:{reservation_id}', 'users', 'flights']

export const TAU_BENCH_POLICIES: Readonly<Record<string, ToolPolicy>> = {
  get_reservation_details: { reads: ['reservation:{reservation_id}'] },
  get_user_details: { reads: ['user:{user_id}', 'users'] },
  search_direct_flight: { reads: ['flights'] },
  search_onestop_flight: { reads: ['flights'] },
  list_all_airports: { ttlMs: 86_400_000 },
  calculate: { ttlMs: 86_400_000 },
  book_reservation: { writes: ['user:{user_id}', 'flights'] },
  send_certificate: { writes: ['user:{user_id}'] },
  cancel_reservation: { writes: RESERVATION },
  update_reservation_flights: { writes: RESERVATION },
  update_reservation_baggages: { writes: RESERVATION },
  update_reservation_passengers: { writes: RESERVATION },
}

export function present(path: string): string {
  if (existsSync(path)) return path
  throw new Error(`${path} must be there, and is not: set REPRISE_DATA to the folder of the data sets`)
}
