/**
 * Question: what does `staticEmbedder()` cost on first use and per text?
 *
 * Method: the first `describe()` reads the file and its digest; then 4,000 different questions, one at a time, the first
 * 500 of them left out. Baseline: `hashingEmbedder()` over the same questions, in the same process.
 * What it does not show: a cold disk, other processors, long texts.
 *
 *     npx tsx benchmarks/latency/static-embedder.ts
 */
import { type Embedder, hashingEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'

const questions = {
  'English, 12 words': (i: number) => `How do I change the delivery address of order ${i} before shipping?`,
  'Chinese, 16 characters': (i: number) => `订单${i}发货之前怎么修改收货地址？`,
  'mixed, 2 unknown words': (i: number) => `Docker 容器 xq${i}zz 怎么用 compozze 重启？`,
}
const count = 4_000
const warmUp = 500

async function microsecondsPerText(embedder: Embedder, question: (i: number) => string): Promise<number[]> {
  const taken: number[] = []
  for (let i = 0; i < count; i++) {
    const text = question(i)
    const startedAt = performance.now()
    await embedder.embed([text])
    if (i >= warmUp) taken.push((performance.now() - startedAt) * 1_000)
  }
  return taken.sort((a, b) => a - b)
}

const embedder = staticEmbedder()
const startedAt = performance.now()
const cpuBefore = process.cpuUsage()
await embedder.describe()
const cpu = process.cpuUsage(cpuBefore)
// On a busy machine the first figure is the others' doing, the second is ours.
const cpuMs = (cpu.user + cpu.system) / 1_000
console.log(
  `first use: ${(performance.now() - startedAt).toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of them on a processor`,
)
for (const [name, question] of Object.entries(questions)) {
  for (const [kind, measured] of [
    ['static', embedder],
    ['hashing', hashingEmbedder()],
  ] as const) {
    const taken = await microsecondsPerText(measured, question)
    const at = (share: number) => taken[Math.floor(taken.length * share)]?.toFixed(1)
    console.log(`${name}, ${kind}: median ${at(0.5)} µs, p90 ${at(0.9)} µs`)
  }
}
