/**
 * Makes src/cli/bench/cost/sample-families.jsonl, the questions of the shipped sample of the cost benchmark, out of those
 * question families that no shipped fit has seen (en-4, en-8, zh-4; our own, MIT). Deterministic.
 *
 *   npx tsx scripts/cost-sample.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PER_FILE = { 'en-4': 50, 'en-8': 30, 'zh-4': 40 }
const folder = join(process.env.REPRISE_DATA ?? '../shared/data', 'families')
const rows = Object.entries(PER_FILE).flatMap(([file, wanted]) => {
  const lines = readFileSync(join(folder, `${file}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const step = lines.length / wanted
  return Array.from({ length: wanted }, (_, index) => {
    const at = Math.floor(index * step)
    const { q, same, diff } = JSON.parse(lines[at] as string)
    return { id: `${file}-${at + 1}`, lang: file.slice(0, 2), q, same, diff }
  })
})
const path = new URL('../src/cli/bench/cost/sample-families.jsonl', import.meta.url)
writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
console.log(`${rows.length} families in ${path.pathname}`)
