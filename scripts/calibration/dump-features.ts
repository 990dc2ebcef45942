/**
 * Writes the features of pairs, computed by the code that ships, for fitting.
 *
 *     npx tsx scripts/calibration/dump-features.ts pairs.jsonl features.f32
 *
 * pairs.jsonl: `{ a, b }` a line. features.f32: rows of float32, the names beside it in features.f32.json; the similarity
 * column is NaN, the fitting script puts each embedder's own there. Beside them features.f32.static: the static embedder's
 * similarity of each pair, and features.f32.veto: a byte each, 1 where a guard refuses the pair before any score.
 */
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { dot } from '../../src/core/vector.ts'
import { staticEmbedder } from '../../src/embeddings/static-embedder.ts'
import { compare, featureNames, featuresOf } from '../../src/semantic-cache/decision/features.ts'
import { guards, isVetoedBy } from '../../src/semantic-cache/decision/guards/index.ts'

const [input = '', output = ''] = process.argv.slice(2)
const embedder = staticEmbedder()
await embedder.describe()
const out = createWriteStream(output)
const similarities = createWriteStream(`${output}.static`)
const names = featureNames()
const vetoes: number[] = []
let rows = 0
let nanoseconds = 0n
const write = async (stream: typeof out, values: Float32Array) => {
  if (!stream.write(Buffer.from(values.buffer)))
    await new Promise<void>((resolve) => stream.once('drain', () => resolve()))
}
for await (const line of createInterface({ input: createReadStream(input) })) {
  const { a, b } = JSON.parse(line) as { a: string; b: string }
  const [u, v] = (await embedder.embed([a, b])) as [Float32Array, Float32Array]
  const startedAt = process.hrtime.bigint()
  const comparison = compare(a, b)
  const row = featuresOf(comparison, Number.NaN)
  nanoseconds += process.hrtime.bigint() - startedAt
  const findings = guards.map((guard) => guard.inspect(comparison))
  vetoes.push(isVetoedBy(findings, undefined) ? 1 : 0)
  await write(out, Float32Array.from(row))
  await write(similarities, Float32Array.of(dot(u, v)))
  rows++
}
out.end()
similarities.end()
writeFileSync(`${output}.veto`, Uint8Array.from(vetoes))
writeFileSync(`${output}.json`, JSON.stringify(names))
console.log(rows, 'pairs', names.length, 'features', Number(nanoseconds) / 1e3 / rows, 'µs a pair')
