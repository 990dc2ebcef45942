/**
 * Question: what does a local embedder cost per text, and does it keep a server's event loop waiting?
 *
 * Method: each embedder embeds the same questions one after the other, as a cache does, while a timer of 5 ms runs in
 * the same thread; its lateness is what any other request would have to wait. Baseline: the timer without any work.
 * What it does not show: throughput of many callers at once, machines with more cores, long texts.
 *
 *     npx tsx benchmarks/latency/embedders.ts [--texts 200]
 *
 * Weights are read from REPRISE_MODELS (default ../shared/models); embedders whose weights are absent are named.
 */
import { existsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { type Embedder, hashingEmbedder, type OnnxEmbedderOptions, onnxEmbedder } from '../../src/embeddings/index.ts'

const TICK_MS = 5
const MODELS = resolve(process.env.REPRISE_MODELS ?? resolve(import.meta.dirname, '../../../shared/models'))
const { values } = parseArgs({ options: { texts: { type: 'string', default: '200' } } })
const count = Number(values.texts)

/** 12 words each, all different. */
const english = Array.from(
  { length: count },
  (_, i) => `How do I change the delivery address of order ${i} before it ships?`,
)
/** Up to 512 tokens: one inference is long enough to be felt by everybody else. */
const long = Array.from({ length: Math.ceil(count / 10) }, (_, i) => `${i} ${english.slice(0, 30).join(' ')}`)
const chinese = Array.from({ length: count }, (_, i) => `订单${i}发货之前怎么修改收货地址？`)

interface Measured {
  /** Milliseconds. */
  readonly perText: number[]
  readonly lateness: number[]
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

async function measured(work: (record: (ms: number) => void) => Promise<void>): Promise<Measured> {
  const lateness: number[] = []
  const perText: number[] = []
  let due = performance.now() + TICK_MS
  const timer = setInterval(() => {
    const now = performance.now()
    lateness.push(Math.max(0, now - due))
    due = now + TICK_MS
  }, TICK_MS)
  await work((ms) => perText.push(ms))
  clearInterval(timer)
  return { perText: perText.sort((a, b) => a - b), lateness: lateness.sort((a, b) => a - b) }
}

async function embedding(embedder: Embedder, texts: readonly string[]): Promise<Measured> {
  await embedder.embed(texts.slice(0, 10))
  return measured(async (record) => {
    for (const text of texts) {
      const startedAt = performance.now()
      await embedder.embed([text])
      record(performance.now() - startedAt)
      // A server waits for its network between two questions; without a pause no timer would ever run.
      await new Promise((next) => setImmediate(next))
    }
  })
}

const onnx = (name: string, options: Omit<OnnxEmbedderOptions, 'model'>) => () =>
  onnxEmbedder({ model: join(MODELS, 'Xenova', name), ...options })
const WEIGHTS = ['all-MiniLM-L6-v2', 'bge-small-en-v1.5', 'bge-small-zh-v1.5']
const cases: {
  name: string
  where: string
  make: () => Embedder & { close?: () => Promise<void> }
  texts: string[]
}[] = [
  { name: 'hashing 384', where: 'this thread', make: () => hashingEmbedder(), texts: english },
  { name: 'hashing 384, Chinese', where: 'this thread', make: () => hashingEmbedder(), texts: chinese },
]
for (const name of WEIGHTS) {
  if (!existsSync(join(MODELS, 'Xenova', name))) {
    console.log(`not measured: ${name}, no weights in ${MODELS}`)
    continue
  }
  const texts = name.includes('-zh-') ? chinese : english
  for (const worker of [true, false]) {
    const where = worker ? 'worker' : 'this thread'
    cases.push({ name: `onnx ${name} int8`, where, make: onnx(name, { worker }), texts })
  }
}
for (const worker of existsSync(join(MODELS, 'Xenova', 'all-MiniLM-L6-v2')) ? [true, false] : []) {
  const where = worker ? 'worker' : 'this thread'
  cases.push({
    name: 'onnx all-MiniLM-L6-v2 int8, 512 tokens',
    where,
    make: onnx('all-MiniLM-L6-v2', { worker }),
    texts: long,
  })
}
for (const runtime of ['@huggingface/transformers', '@xenova/transformers'] as const) {
  if (!existsSync(join(MODELS, 'Xenova', 'all-MiniLM-L6-v2'))) break
  cases.push({
    name: `onnx all-MiniLM-L6-v2 int8 over ${runtime}`,
    where: 'worker',
    make: onnx('all-MiniLM-L6-v2', { runtime }),
    texts: english,
  })
}

const table = new Table({
  head: ['embedder', 'runs in', 'per text p50', 'p99', 'timer late p50', 'p99', 'max'],
  style: { head: [], border: [] },
})
const inMs = (ms: number) => (ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(1)} ms`)
const row = (name: string, where: string, { perText, lateness }: Measured) =>
  table.push([
    name,
    where,
    ...(perText.length > 0 ? [inMs(quantile(perText, 0.5)), inMs(quantile(perText, 0.99))] : ['', '']),
    ...(lateness.length > 20
      ? [inMs(quantile(lateness, 0.5)), inMs(quantile(lateness, 0.99)), inMs(lateness.at(-1) ?? 0)]
      : [`${lateness.length} ticks, too few`, '', '']),
  ])

row('(no work)', '', await measured(() => delay(1_000)))
for (const { name, where, make, texts } of cases) {
  const embedder = make()
  row(name, where, await embedding(embedder, texts))
  await embedder.close?.()
}
console.log(`${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.version}, ${count} texts each\n${table}`)
