/**
 * Question: what does a verdict of the local judge cost, what of it is the model itself, and is the event loop free
 * meanwhile?
 *
 * Method: short questions, each judged once by `localJudge` in its worker thread, by turns with the bare graph
 * (`session.run` on tensors made beforehand) in this thread, both with one thread of inference; then a whole decision of
 * `verified` over four candidates that are all refused. A timer of 5 ms shows what any other request would have to wait.
 * Baseline: the bare graph, and the timer without any work. Ratios of one run mean more than its times: a busy machine
 * slows both. Processor time, of all threads of this process, hardly knows of other processes.
 * What it does not show: long texts, many callers at once (verdicts queue), the first verdict (loading).
 *
 *     npm run bench:latency -- judge          (env REPRISE_JUDGE=<folder with judge.json, or with en and zh>)
 */
import { existsSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Tokenizer } from '@huggingface/tokenizers'
import Table from 'cli-table3'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { quantileOf } from '../../src/cli/bench/replay.ts'
import type { Candidate } from '../../src/core/entry.ts'
import { localJudge } from '../../src/embeddings/index.ts'
import { readJudgeFolder } from '../../src/embeddings/local/judge-folder.ts'
import { encodePair, inCodePointOrder } from '../../src/embeddings/local/judge-pairs.ts'
import { similarityThreshold } from '../../src/semantic-cache/decision/similarity-threshold.ts'
import { verified } from '../../src/semantic-cache/decision/verified.ts'

const PAIRS = 150
const TICK_MS = 5
const root = resolve(process.env.REPRISE_JUDGE ?? join(import.meta.dirname, '../../packages/reprise-judge'))
const TEXTS = {
  en: (i: number) => [
    `How do I change the address of order ${i}?`,
    `Where can I edit the delivery address of order ${i + 1}?`,
  ],
  zh: (i: number) => [`订单${i}怎么修改收货地址？`, `在哪里可以更改订单${i + 1}的地址？`],
} as const

const table = new Table({
  head: [
    'judge',
    'MB',
    'bare run p50',
    'verdict p50',
    'p95',
    'ratio',
    'processor: bare · verdict',
    'four candidates p50',
    'timer late p50',
    'p99',
    'max',
  ],
  style: { head: [], border: [] },
})
const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`

async function lateness(work: () => Promise<unknown>): Promise<number[]> {
  const late: number[] = []
  let due = performance.now() + TICK_MS
  const timer = setInterval(() => {
    const now = performance.now()
    late.push(Math.max(0, now - due))
    due = now + TICK_MS
  }, TICK_MS)
  await work()
  clearInterval(timer)
  return late
}

/** Milliseconds of processor time of all threads a turn. */
async function processorTime(turns: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < turns; i++) await work(i)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / turns
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

const idle = await lateness(() => delay(1_000))
table.push([
  '(no work)',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  ms(quantileOf(idle, 0.5)),
  ms(quantileOf(idle, 0.99)),
  ms(Math.max(...idle)),
])

for (const language of ['en', 'zh'] as const) {
  const directory = existsSync(join(root, 'judge.json')) ? root : join(root, language)
  if (!existsSync(join(directory, 'judge.json'))) {
    console.log(`not measured: ${language}, no judge in ${root} (set REPRISE_JUDGE)`)
    continue
  }
  const judge = localJudge({ model: root, threads: 1, deadlineMs: 60_000 })
  const { name, version } = await judge.load(language)
  const { signal } = new AbortController()

  const { settings, graph, tokenizer, tokenizerConfig } = readJudgeFolder(directory)
  const encoder = new Tokenizer(tokenizer, tokenizerConfig)
  const tokenize = (text: string) => encoder.encode(text, { add_special_tokens: false }).ids
  const [begin = 0, end = 0] = encoder.encode('', { add_special_tokens: true }).ids
  const session = await InferenceSession.create(graph, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  })
  const feedsOf = (a: string, b: string) => {
    const { ids, types } = encodePair(a, b, { ...settings, tokenize, begin, end })
    const int64 = (values: readonly number[]) =>
      new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
    return { input_ids: int64(ids), attention_mask: int64(ids.map(() => 1)), token_type_ids: int64(types) }
  }
  const pair = (i: number) => TEXTS[language](i) as unknown as [string, string]
  const bareRun = async (i: number) => {
    const [a, b] = pair(i)
    const rows = settings.order === 'sorted' ? [inCodePointOrder(a, b)] : [[a, b] as const, [b, a] as const]
    const feeds = rows.map(([first, second]) => feedsOf(first, second))
    return timed(async () => {
      for (const row of feeds) await session.run(row, ['logits'])
    })
  }

  const bare: number[] = []
  const verdicts: number[] = []
  const fours: number[] = []
  for (let i = 0; i < 10; i++) {
    await bareRun(-1 - i)
    await judge.verify(...pair(-1 - i), { signal })
  }
  for (let i = 0; i < PAIRS; i++) {
    bare.push(await bareRun(i))
    verdicts.push(await timed(() => judge.verify(...pair(i), { signal })))
  }
  const bareProcessor = await processorTime(PAIRS, bareRun)
  const judgeProcessor = await processorTime(PAIRS, (i) => judge.verify(...pair(i), { signal }))
  const policy = verified(similarityThreshold({ minSimilarity: 0.1 }), {
    // Its verdict does not matter here, its time does.
    verifier: { ...judge, verify: async (...given) => ({ ...(await judge.verify(...given)), probability: 0 }) },
  })
  const query = (text: string) => ({ text, vector: new Float32Array([1]), embedderId: 'bench' })
  const late = await lateness(async () => {
    for (let i = 0; i < PAIRS / 3; i++) {
      const near = [0, 1, 2, 3].map((k) => candidate(pair(i * 100 + k)[1]))
      fours.push(await timed(() => policy.decide(query(pair(i * 100)[0]), near, { signal })))
    }
  })
  await judge.close()
  const bytes = ['model.onnx', 'tokenizer.json'].reduce((sum, file) => sum + statSync(join(directory, file)).size, 0)
  table.push([
    `${name} ${version}, ${language}`,
    (bytes / 1e6).toFixed(1),
    ms(quantileOf(bare, 0.5)),
    ms(quantileOf(verdicts, 0.5)),
    ms(quantileOf(verdicts, 0.95)),
    (quantileOf(verdicts, 0.5) / quantileOf(bare, 0.5)).toFixed(2),
    `${ms(bareProcessor)} · ${ms(judgeProcessor)}`,
    ms(quantileOf(fours, 0.5)),
    ...[ms(quantileOf(late, 0.5)), ms(quantileOf(late, 0.99)), ms(Math.max(...late))],
  ])
}
console.log(`${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.version}, ${PAIRS} pairs each\n${table}`)

function candidate(queryText: string): Candidate<string> {
  const origin = { provider: 'bench', name: 'bench', durationMs: 0 }
  const times = { createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, staleMs: 0, hits: 0 }
  const entry = {
    key: queryText,
    namespace: 'bench',
    tags: [],
    scope: 'bench',
    value: queryText,
    queryText,
    origin,
    ...times,
  }
  return { entry: { ...entry, evidence: { correct: 0, wrong: 0 } }, similarity: 0.9 }
}
