/**
 * Question: how much memory does an entry of the embedded store take, with a vector of 384 dimensions and an answer of
 * 2 KB of prose? Baseline, in the same run: a Map of plain objects with the same fields.
 * Both sides of a process of their own, because freed memory is not given back at once.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { seededRandom } from '../../src/cli/bench/latency.ts'
import { embeddedStore } from '../../src/index.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { prose, unitVectors } from '../latency/measure.ts'

// Enough that the fixed cost of a larger heap is no part of the figure; half of the default bound.
const ENTRIES = 50_000
const DIMENSIONS = 384

const [side] = process.argv.slice(2)
if (side) console.log(await bytesPerEntry(side))
else {
  const of = (name: string) => {
    const { stdout, status, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), name],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(stderr)
    return Number(stdout)
  }
  const bare = of('map')
  const rows = [
    ['embeddedStore(), one scope', 'one-scope'],
    ['embeddedStore(), a scope for every entry', 'own-scopes'],
  ].map(([what, name]) => {
    const ours = of(name as string)
    return [what as string, Math.round(ours), Math.round(bare), (ours / bare).toFixed(2), '≤ 5 120']
  })
  const columns = ['what', 'bytes per entry (RSS)', 'bare Map', 'ratio', 'target'].map((title) => ({ title }))
  console.log(
    terminalTable({ columns, rows }, { title: `Memory: ${ENTRIES} entries, ${DIMENSIONS} dimensions, 2 KB answers` }),
  )
}

async function bytesPerEntry(side: string): Promise<number> {
  const random = seededRandom(1)
  // The texts and vectors of one entry at a time are made and dropped, as in life.
  const entryOf = (index: number) => ({
    key: `f1-${String(index).padStart(43, '0')}`,
    namespace: 'default',
    tags: [],
    scope: side === 'own-scopes' ? `f1-${String(index).padStart(43, 's')}` : 'f1-scope',
    value: {
      content: [{ type: 'text' as const, text: prose(2_000, random) }],
      toolCalls: [],
      finishReason: 'stop' as const,
      usage: { inputTokens: 30, outputTokens: 400, totalTokens: 430 },
    },
    origin: {
      provider: 'openai',
      name: 'gpt-4o-mini',
      durationMs: 900,
      usage: { inputTokens: 30, outputTokens: 400, totalTokens: 430 },
    },
    queryText: `How do I return pair of shoes number ${index}?`,
    vector: unitVectors(1, DIMENSIONS, random)[0] as Float32Array,
    embedderId: 'benchmark',
    createdAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  })
  // Making the entries takes memory of its own, which must be there before the first look.
  for (let index = 0; index < ENTRIES / 4; index++) entryOf(index)
  const before = settledRss()
  const map = new Map<string, object>()
  const store = embeddedStore()
  for (let index = 0; index < ENTRIES; index++) {
    const entry = entryOf(index)
    if (side === 'map') map.set(entry.key, entry)
    else await store.set(entry)
  }
  const bytes = (settledRss() - before) / ENTRIES
  if (side !== 'map' && !(await store.get(entryOf(ENTRIES - 1).key, { namespace: 'default' })).entry)
    throw new Error('lost an entry')
  if (side === 'map' && map.size !== ENTRIES) throw new Error('lost an entry')
  return bytes
}

function settledRss(): number {
  for (let i = 0; i < 5; i++) global.gc?.()
  return process.memoryUsage.rss()
}
