/**
 * Makes examples/demo/workload.jsonl out of the question families (../shared/data/families, or REPRISE_DATA): first
 * questions, repeats, paraphrases that may share an answer, look-alikes that may not, and follow-ups whose last message
 * is the same after different histories. Deterministic.
 *
 *   npx tsx scripts/demo-workload.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../src/cli/bench/latency.ts'
import type { WorkloadRequest } from '../src/cli/bench/workload.ts'

interface Family {
  readonly id: string
  readonly lang: string
  readonly q: string
  readonly same: readonly string[]
  readonly diff: readonly { readonly t: string; readonly why: string }[]
}

const SEED = 20_261_126
const ENGLISH_FAMILIES = 44
const CHINESE_FAMILIES = 22
const FOLLOW_UPS = {
  en: ['And how long does that take?', 'Can you put that into one sentence?', 'Is there anything I must not forget?'],
  zh: ['那要多长时间?', '能用一句话概括吗?', '有什么需要特别注意的?'],
} as const

const ANSWERS = { en: 'Of course. Here is how it is done, step by step.', zh: '当然可以,下面是具体的步骤。' } as const

const folder = join(process.env.REPRISE_DATA ?? '../shared/data', 'families')
const random = seededRandom(SEED)
const families = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .sort()
  .flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n')
    return lines.map(
      (line, index): Family => ({
        ...JSON.parse(line),
        id: `${name.slice(0, -6)}-${index + 1}`,
        lang: name.slice(0, 2),
      }),
    )
  })

const chosen = [...pick('en', ENGLISH_FAMILIES), ...pick('zh', CHINESE_FAMILIES)]
const requests = shuffledKeepingOrder(chosen.map(requestsOf))
const path = new URL('../examples/demo/workload.jsonl', import.meta.url)
writeFileSync(path, requests.map((request) => `${JSON.stringify(request)}\n`).join(''))
console.log(`${requests.length} requests from ${chosen.length} families in ${path.pathname}`)

function pick(lang: string, count: number): Family[] {
  const pool = families.filter((family) => family.lang === lang && family.q.length < 200)
  return Array.from({ length: count }, () => pool.splice(Math.floor(random() * pool.length), 1)[0] as Family)
}

/** Popular families come more often, by Zipf over their rank: the usual shape of question traffic. */
function requestsOf(family: Family, rank: number): WorkloadRequest[] {
  const { id, lang, q, same, diff } = family
  const ask = (content: string, kind: string, answerId: string): WorkloadRequest => ({
    id: '',
    kind,
    lang,
    answerId,
    messages: [{ role: 'user', content }],
  })
  const first = ask(q, 'first', id)
  const repeats = Array.from({ length: Math.round(9 / (rank + 1) ** 0.7) }, () => ask(q, 'repeat', id))
  const paraphrases = same.slice(0, 1 + Math.floor(random() * 3)).map((text) => ask(text, 'paraphrase', id))
  const lookAlikes = diff
    .slice(0, 1 + Math.floor(random() * 2))
    .map(({ t }, index) => ask(t, 'look-alike', `${id}-differs-${index + 1}`))
  const questions = FOLLOW_UPS[lang as 'en' | 'zh']
  const followUp = questions[Math.floor(random() * questions.length)] as string
  const conversation: WorkloadRequest = {
    ...ask(followUp, 'follow-up', `${id}-follow-up`),
    messages: [
      { role: 'user', content: q },
      { role: 'assistant', content: ANSWERS[lang as 'en' | 'zh'] },
      { role: 'user', content: followUp },
    ],
  }
  const conversations = rank % 3 === 0 ? [conversation, { ...conversation, kind: 'repeat' }] : []
  return [first, ...[...repeats, ...paraphrases, ...lookAlikes, ...conversations].sort(() => random() - 0.5)]
}

/** Mixes the families into one stream; within a family the order stays, so that a first question comes first. */
function shuffledKeepingOrder(queues: WorkloadRequest[][]): WorkloadRequest[] {
  const mixed: WorkloadRequest[] = []
  const left = queues.map((queue) => [...queue])
  for (;;) {
    const open = left.filter((queue) => queue.length > 0)
    const total = open.reduce((sum, queue) => sum + queue.length, 0)
    if (total === 0) return mixed
    let at = random() * total
    const queue = open.find((candidate) => {
      at -= candidate.length
      return at < 0
    }) as WorkloadRequest[]
    const next = queue.shift() as WorkloadRequest
    mixed.push({ ...next, id: `r${String(mixed.length + 1).padStart(3, '0')}` })
  }
}
