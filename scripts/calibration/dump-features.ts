/**
 * Writes the features of pairs, computed by the code that ships, for fitting.
 *
 *     npx tsx scripts/calibration/dump-features.ts pairs.jsonl features.f32
 *
 * pairs.jsonl: `{ a, b }` a line. features.f32: rows of float32, the names beside it in features.f32.json. The similarity
 * column is NaN; the fitting script puts each embedder's own there.
 */
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { compare, featuresOf } from '../../src/semantic-cache/decision/features.ts'

const [input = '', output = ''] = process.argv.slice(2)
const out = createWriteStream(output)
let names: string[] | undefined
let rows = 0
const startedAt = process.hrtime.bigint()
for await (const line of createInterface({ input: createReadStream(input) })) {
  const { a, b } = JSON.parse(line) as { a: string; b: string }
  const row = featuresOf(compare(a, b), Number.NaN)
  names ??= [...row.keys()]
  out.write(Buffer.from(Float32Array.from(row.values()).buffer))
  rows++
}
out.end()
writeFileSync(`${output}.json`, JSON.stringify(names))
console.log(rows, 'pairs', names?.length, 'features', Number(process.hrtime.bigint() - startedAt) / 1e3 / rows, 'µs a pair')
