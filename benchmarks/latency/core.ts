/**
 * Question: what does the cache itself cost on a hit and on a miss, beside the barest thing that could do the same?
 * Baselines, in the same run: a bare Map of ready answers; a bare loop over one Float32Array; the bare model call.
 * See benchmarks/README.md for what these numbers do not show.
 */

import { seededRandom } from '../../src/cli/bench/latency.ts'
import { createSemanticCache, embeddedStore, similarityThreshold } from '../../src/index.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { shopAnswer, shopQuestion } from '../shop.ts'
import { measure, prose, unitVectors } from './measure.ts'

const RUNS = 20_000
const SCAN_RUNS = 300
const DIMENSIONS = 384
const random = seededRandom(1)

const response = shopAnswer(prose(2_000, random))
const call = async () => response

const rows: (string | number | undefined)[][] = []
const add = (
  what: string,
  ours: { medianUs: number; p95Us: number; perSecond: number },
  bare: { medianUs: number },
  target: string,
) =>
  rows.push([
    what,
    ours.medianUs.toFixed(1),
    ours.p95Us.toFixed(1),
    Math.round(ours.perSecond),
    bare.medianUs.toFixed(2),
    (ours.medianUs / bare.medianUs).toFixed(1),
    target,
  ])

// A hit of the memory tier, through the whole of getOrCall.
{
  const cache = await createSemanticCache({ memory: { maxAgeMs: 3_600_000 } })
  const request = shopQuestion('How do I return a pair of shoes?')
  await cache.getOrCall(request, call)
  const map = new Map([[JSON.stringify(request), response]])
  const bare = await measure(RUNS, async () => map.get(JSON.stringify(request)))
  const ours = await measure(RUNS, () => cache.getOrCall(request, call))
  add('memory-tier hit, whole getOrCall, against Map.get(JSON.stringify)', ours, bare, '≤ 50 µs, ≥ 20 000/s')
  await cache.close()
}

// A hit of the embedded store by key.
{
  const cache = await createSemanticCache({ memory: { maxEntries: 0 } })
  const request = shopQuestion('How do I return a pair of shoes?')
  await cache.getOrCall(request, call)
  await cache.flush()
  const text = JSON.stringify(response)
  const bare = await measure(RUNS, async () => JSON.parse(text))
  const ours = await measure(RUNS, () => cache.getOrCall(request, call))
  add('exact hit, embedded store, against JSON.parse of the answer', ours, bare, '')
  await cache.close()
}

// What a miss adds to a call, without embedding.
{
  const cache = await createSemanticCache({ decision: 'exact' })
  const bare = await measure(5_000, () => call())
  const ours = await measure(5_000, (index) => cache.getOrCall(shopQuestion(`question ${index}`), call))
  await cache.flush()
  add('miss without embedding, against the bare call', ours, bare, '≤ 1 000 µs')
  await cache.close()
}

// The exact scan, and a semantic hit through the whole of getOrCall.
for (const entries of [1_000, 10_000]) {
  const vectors = unitVectors(entries, DIMENSIONS, random)
  const rowsOfVectors = new Float32Array(entries * DIMENSIONS)
  for (const [index, vector] of vectors.entries()) rowsOfVectors.set(vector, index * DIMENSIONS)
  const store = embeddedStore()
  const embedder = {
    describe: async () => ({ id: 'benchmark', dimensions: DIMENSIONS }),
    embed: async (texts: readonly string[]) =>
      texts.map((text) => vectors[Number(text.split(' ')[1]) % entries] as Float32Array),
  }
  const cache = await createSemanticCache({
    store,
    embedder,
    decision: similarityThreshold({ minSimilarity: 0.9 }),
    memory: { maxEntries: 0 },
  })
  for (let index = 0; index < entries; index++) {
    const { slot } = await cache.lookup(shopQuestion(`question ${index}`), { mode: 'refresh' })
    if (slot) cache.write(slot, response)
    if (index % 500 === 0) await cache.flush()
  }
  await cache.flush()
  const { slot } = await cache.lookup(shopQuestion('question 0'), { mode: 'refresh' })
  const query = (index: number) => vectors[Math.abs(index * 7_919) % entries] as Float32Array
  const bare = await measure(SCAN_RUNS, (index) => bareScan(rowsOfVectors, query(index), DIMENSIONS))
  const scan = await measure(SCAN_RUNS, (index) =>
    store.nearest({
      namespace: 'default',
      embedderId: 'benchmark',
      scope: slot?.scope ?? '',
      vector: query(index),
      limit: 5,
    }),
  )
  add(
    `exact scan, ${entries} × ${DIMENSIONS}, top 5, against a bare loop, top 1`,
    scan,
    bare,
    entries === 10_000 ? '≤ 5 000 µs' : '',
  )
  // Other wording, same vector: the exact tier misses, the scan finds.
  const ours = await measure(SCAN_RUNS, (index) =>
    cache.getOrCall(shopQuestion(`again ${Math.abs(index * 7_919) % entries} ${index}`), call),
  )
  add(
    `semantic hit, ${entries} entries, whole getOrCall, against a bare loop`,
    ours,
    bare,
    entries === 10_000 ? '≤ 5 000 µs' : '',
  )
  await cache.close()
}

function bareScan(rows: Float32Array, vector: Float32Array, dimensions: number): number {
  let best = -2
  for (let at = 0; at < rows.length; at += dimensions) {
    let sum = 0
    for (let i = 0; i < dimensions; i++) sum += (rows[at + i] as number) * (vector[i] as number)
    if (sum > best) best = sum
  }
  return best
}

const columns = ['what', 'median µs', 'p95 µs', 'per second', 'bare median µs', 'ratio', 'target'].map((title) => ({
  title,
}))
console.log(terminalTable({ columns, rows }, { title: 'Latency of the core' }))
