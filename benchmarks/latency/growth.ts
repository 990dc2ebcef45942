/**
 * Question: what does each stage of a lookup cost, alone and together, as the store grows, with one caller and with many?
 *
 * Method: the embedded store, and Redis where REPRISE_TEST_REDIS_URL names a server with the query engine, filled with so
 * many entries of one scope (random unit vectors, 384 dimensions, 2 KB of prose). Stages alone: fingerprint, embed, store
 * get, vector search, decision over five candidates. Whole `getOrCall`: memory, exact and semantic hit, miss; 1, 10 and
 * 100 callers at once; the first call of a new cache (cold) and the median of many (warm). Each stands beside the bare
 * operation measured in the same run. Beside the whole paths: delay of the event loop (p99) and bytes of heap that a hit
 * allocates (median of rounds too short for a collection).
 * What it does not show: another machine's microseconds (ratios carry over), real texts (vectors are random, so what is
 * found means nothing), a network between process and Redis.
 *
 *     npm run bench:latency -- growth [--entries 1000,10000,100000] [--runs 300] [--out reports]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { createClient } from 'redis'
import { seededRandom } from '../../src/cli/bench/latency.ts'
import { quantileOf } from '../../src/cli/bench/replay.ts'
import { reportStamp } from '../../src/cli/bench/stamp.ts'
import type { CacheEntry } from '../../src/core/entry.ts'
import { createFingerprint } from '../../src/core/fingerprint.ts'
import {
  calibrated,
  createSemanticCache,
  embeddedStore,
  type ModelResponse,
  similarityThreshold,
  staticEmbedder,
  type VectorCacheStore,
} from '../../src/index.ts'
import type { ReportSection } from '../../src/report/sections.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { scopeOf } from '../../src/semantic-cache/scope.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { KeyNames } from '../../src/stores/redis/key-names.ts'
import { shopAnswer, shopQuestion } from '../shop.ts'
import { writeReport } from '../write-report.ts'
import { prose, unitVectors } from './measure.ts'

const SEED = 1
const DIMENSIONS = 384
const CALLERS = [1, 10, 100]
const EMBEDDER_ID = 'benchmark'
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000,10000,100000' },
    runs: { type: 'string', default: '300' },
    out: { type: 'string', default: 'reports' },
  },
})
const sizes = values.entries.split(',').map(Number)
const runs = Number(values.runs)
for (const size of [...sizes, runs]) {
  if (!Number.isInteger(size) || size < 10)
    throw new RangeError(`--entries and --runs must be integers ≥ 10, got ${values.entries} and ${values.runs}`)
}

interface Row {
  readonly store: string
  readonly entries: number
  readonly what: string
  readonly callers: number
  readonly medianUs: number
  readonly p95Us: number
  readonly perSecond: number
  readonly coldUs?: number
  readonly bare?: { readonly what: string; readonly medianUs: number }
  readonly eventLoopP99Ms?: number
  readonly bytesPerCall?: number
}

const random = seededRandom(SEED)
const response = shopAnswer(prose(2_000, random))
const call = async () => response
const fingerprint = createFingerprint(undefined)
const scoped = (text: string) =>
  scopeOf(shopQuestion(text), { namespace: 'default', sharing: { kind: 'anonymous' }, fingerprint })

/** So many callers, each with its next call when the last has ended; with the delay of the event loop meanwhile. */
async function measured(
  callers: number,
  work: (index: number) => Promise<unknown>,
): Promise<Pick<Row, 'callers' | 'medianUs' | 'p95Us' | 'perSecond' | 'eventLoopP99Ms'>> {
  for (let i = 0; i < 20; i++) await work(-1 - i)
  const times: number[] = []
  let next = 0
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let index = next++; index < runs; index = next++) {
        const before = performance.now()
        await work(index)
        times.push((performance.now() - before) * 1_000)
        // Otherwise a caller that never waits keeps all others, and the loop's timer, from their turn.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  const seconds = (performance.now() - startedAt) / 1_000
  delay.disable()
  return {
    callers,
    medianUs: quantileOf(times, 0.5),
    p95Us: quantileOf(times, 0.95),
    perSecond: times.length / seconds,
    eventLoopP99Ms: delay.percentile(99) / 1e6,
  }
}

/** Bytes of heap a call allocates: rounds short enough that nothing is collected in between. */
async function allocated(work: (index: number) => Promise<unknown>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 9; round++) {
    global.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 50; i++) await work(i)
    rounds.push((process.memoryUsage().heapUsed - before) / 50)
  }
  return quantileOf(rounds, 0.5)
}

const once = async (work: () => Promise<unknown>) => {
  const before = performance.now()
  await work()
  return (performance.now() - before) * 1_000
}

interface Subject {
  readonly name: string
  readonly store: VectorCacheStore
  readonly bareGet: (key: string) => Promise<unknown>
  readonly bareGetName: string
  readonly close: () => Promise<void>
}

async function embeddedSubject(): Promise<Subject> {
  const text = JSON.stringify(response)
  return {
    name: 'embedded',
    store: embeddedStore({ maxEntries: 200_000, maxBytes: 4 * 1024 ** 3 }),
    bareGet: async () => JSON.parse(text),
    bareGetName: 'JSON.parse of the answer',
    close: async () => undefined,
  }
}

async function redisSubject(url: string): Promise<Subject> {
  const client = await createClient({ url }).connect()
  const keyPrefix = `growth-${process.pid}`
  const names = new KeyNames(keyPrefix)
  const store = redisStore({ client, keyPrefix, commandDeadlineMs: 60_000 })
  return {
    name: 'redis',
    store,
    bareGet: (key) => client.sendCommand(['HGETALL', names.entry('default', key)]),
    bareGetName: 'HGETALL of the record',
    close: async () => {
      for (const name of (await client.sendCommand(['FT._LIST'])) as unknown as string[]) {
        if (name.startsWith(keyPrefix)) await client.sendCommand(['FT.DROPINDEX', name, 'DD'])
      }
      await client.close()
    },
  }
}

function bareScan(rows: Float32Array, vector: Float32Array): number {
  let best = -2
  for (let at = 0; at < rows.length; at += DIMENSIONS) {
    let sum = 0
    for (let i = 0; i < DIMENSIONS; i++) sum += (rows[at + i] as number) * (vector[i] as number)
    if (sum > best) best = sum
  }
  return best
}

async function rowsOf(subject: Subject, entries: number): Promise<Row[]> {
  const vectors = unitVectors(entries, DIMENSIONS, random)
  const flat = new Float32Array(entries * DIMENSIONS)
  for (const [index, vector] of vectors.entries()) flat.set(vector, index * DIMENSIONS)
  const vectorOf = (index: number) => vectors[Math.abs(index * 7_919) % entries] as Float32Array
  const now = Date.now()
  for (let from = 0; from < entries; from += 200) {
    const part = vectors.slice(from, from + 200).map((vector, j): CacheEntry<ModelResponse> => {
      const text = `question ${from + j}`
      return {
        ...{ namespace: 'default', tags: [], value: response, hits: 0, staleMs: 0, evidence: { correct: 0, wrong: 0 } },
        ...scoped(text),
        queryText: text,
        origin: { provider: 'openai', name: 'gpt-4o-mini', durationMs: 900 },
        vector,
        embedderId: EMBEDDER_ID,
        createdAt: now,
        expiresAt: now + 86_400_000,
      }
    })
    await Promise.all(part.map((entry) => subject.store.set(entry)))
  }
  const embedder = {
    describe: async () => ({ id: EMBEDDER_ID, dimensions: DIMENSIONS }),
    embed: async (texts: readonly string[]) => texts.map((text) => vectorOf(Number(text.split(' ')[1]))),
  }
  const cacheWith = (memory: { maxEntries: number; maxAgeMs?: number }) =>
    createSemanticCache({
      store: subject.store,
      embedder,
      decision: similarityThreshold({ minSimilarity: 0.9 }),
      memory,
      storeDeadlineMs: 60_000,
    })
  const rows: Row[] = []
  const about = { store: subject.name, entries }
  const { scope } = scoped('question 0')
  const keyOf = (index: number) => scoped(`question ${Math.abs(index * 7_919) % entries}`).key

  const scan = async (index: number) => bareScan(flat, vectorOf(index))
  const bareScanned = await measured(1, scan)
  const got = await measured(1, (index) => subject.bareGet(keyOf(index)))
  const bareGet = { what: subject.bareGetName, medianUs: got.medianUs }
  const bareSearch = { what: 'a bare loop over one Float32Array', medianUs: bareScanned.medianUs }
  const search = (index: number) =>
    subject.store.nearest({ namespace: 'default', embedderId: EMBEDDER_ID, scope, vector: vectorOf(index), limit: 5 })
  rows.push({
    ...about,
    what: 'stage: store get',
    ...(await measured(1, (index) => subject.store.get(keyOf(index), { namespace: 'default' }))),
    bare: bareGet,
  })
  rows.push({ ...about, what: 'stage: vector search, top 5', ...(await measured(1, search)), bare: bareSearch })

  const inMemory = await cacheWith({ maxEntries: 10_000, maxAgeMs: 3_600_000 })
  const map = new Map([[JSON.stringify(shopQuestion('question 0')), response]])
  const bareMap = await measured(1, async () => map.get(JSON.stringify(shopQuestion('question 0'))))
  const plain = await cacheWith({ maxEntries: 0 })
  const paths: { what: string; work: (index: number) => Promise<unknown>; bare: NonNullable<Row['bare']> }[] = [
    {
      what: 'memory hit',
      work: () => inMemory.getOrCall(shopQuestion('question 0'), call),
      bare: { what: 'Map.get(JSON.stringify)', medianUs: bareMap.medianUs },
    },
    {
      what: 'exact hit',
      work: (index) => plain.getOrCall(shopQuestion(`question ${Math.abs(index * 7_919) % entries}`), call),
      bare: bareGet,
    },
    {
      // Other words, the same vector: the exact tier misses, the search finds.
      what: 'semantic hit',
      work: (index) => plain.getOrCall(shopQuestion(`again ${Math.abs(index) % entries} ${index}`), call),
      bare: bareSearch,
    },
  ]
  for (const { what, work, bare } of paths) {
    const coldUs = await once(() => work(1))
    for (const callers of CALLERS) {
      const bytes = callers === 1 ? { bytesPerCall: await allocated(work), coldUs } : {}
      rows.push({ ...about, what, ...(await measured(callers, work)), bare, ...bytes })
    }
  }
  const exactOnly = await createSemanticCache({ store: embeddedStore(), decision: 'exact' })
  const bareCall = await measured(1, call)
  let asked = 0
  rows.push({
    ...about,
    what: 'miss without embedding',
    ...(await measured(1, () => exactOnly.getOrCall(shopQuestion(`new ${asked++}`), call))),
    bare: { what: 'the bare call', medianUs: bareCall.medianUs },
  })
  // Closing the last cache of a store closes the store, which the caller does.
  await Promise.all([inMemory.flush(), plain.flush(), exactOnly.close()])
  return rows
}

/** Stages that do not depend on a store. */
async function stagesOfTheCore(): Promise<Row[]> {
  const about = { store: '–', entries: 0 }
  const embedder = staticEmbedder()
  const coldUs = await once(() => embedder.embed(['How do I return a pair of shoes?']))
  const texts = (index: number) => `How do I return pair of shoes number ${Math.abs(index)}?`
  const { id } = await embedder.describe()
  const [vector] = await embedder.embed([texts(1)])
  const candidates = await Promise.all(
    [2, 3, 4, 5, 6].map(async (index) => {
      const [own] = await embedder.embed([texts(index)])
      const entry = { queryText: texts(index), vector: own } as CacheEntry<ModelResponse>
      return { entry, similarity: 0.95 - index / 100 }
    }),
  )
  const policy = calibrated()
  const wordVectors = (text: string) => embedder.wordVectors?.(text) ?? []
  const signal = new AbortController().signal
  return [
    { ...about, what: 'stage: scope and key', ...(await measured(1, async (index) => scoped(texts(index)))) },
    {
      ...about,
      what: 'stage: static embedder',
      ...(await measured(1, (index) => embedder.embed([texts(index)]))),
      coldUs,
    },
    {
      ...about,
      what: 'stage: calibrated decision, 5 candidates',
      ...(await measured(1, (index) =>
        policy.decide({ text: texts(index), vector: vector as Float32Array, embedderId: id, wordVectors }, candidates, {
          signal,
        }),
      )),
    },
  ]
}

const rows: Row[] = await stagesOfTheCore()
const absent: string[] = []
const url = process.env.REPRISE_TEST_REDIS_URL ?? process.env.REPRISE_REDIS_URL
if (!url) absent.push('Redis: neither REPRISE_TEST_REDIS_URL nor REPRISE_REDIS_URL is set')
for (const entries of sizes) {
  for (const make of [embeddedSubject, ...(url ? [() => redisSubject(url)] : [])]) {
    const subject = await make()
    process.stderr.write(`${subject.name}, ${entries} entries\n`)
    rows.push(...(await rowsOf(subject, entries)))
    await subject.close()
    await subject.store.close()
  }
}

const columns = [
  'store',
  'entries',
  'what',
  'callers',
  'median µs',
  'p95 µs',
  'cold µs',
  'per second',
  'bare median µs',
  'ratio',
  'loop p99 ms',
  'bytes a call',
]
const table = {
  columns: columns.map((title) => ({ title })),
  rows: rows.map((row) => [
    row.store,
    row.entries || undefined,
    row.what,
    row.callers,
    row.medianUs,
    row.p95Us,
    row.coldUs,
    Math.round(row.perSecond),
    row.bare?.medianUs,
    row.bare && row.medianUs / row.bare.medianUs,
    row.eventLoopP99Ms,
    row.bytesPerCall && Math.round(row.bytesPerCall),
  ]),
}
console.log(terminalTable(table, { title: 'Latency by stage, store, entries and callers' }))
for (const line of absent) console.log(`not measured: ${line}`)

const stores = [...new Set(rows.map(({ store }) => store))].filter((name) => name !== '–')
const curve = (
  heading: string,
  of: (row: Row) => number | undefined,
  label: string,
  callers: number,
): ReportSection => ({
  kind: 'lineChart',
  heading,
  x: { label: 'entries', format: 'count', scale: 'log' },
  y: { label, scale: 'log' },
  series: stores.flatMap((store) =>
    ['stage: store get', 'stage: vector search, top 5', 'memory hit', 'exact hit', 'semantic hit'].flatMap((what) => {
      const points = rows.flatMap((row) => {
        const y = row.store === store && row.what === what && row.callers === callers ? of(row) : undefined
        return y === undefined ? [] : [[row.entries, y] as const]
      })
      return points.length > 0 ? [{ name: `${store}: ${what}`, points }] : []
    }),
  ),
})
writeReport(
  'latency',
  {
    title: 'Reprise latency',
    subtitle: 'Each stage alone and the whole path, as the store and the number of callers grow',
    stamp: reportStamp({ seed: SEED, dataset: `random vectors, ${DIMENSIONS} dimensions` }),
    sections: [
      {
        kind: 'table',
        heading: 'All figures',
        ...(absent.length > 0 && { note: `Not measured: ${absent.join('; ')}` }),
        ...table,
      },
      curve('One caller, median', ({ medianUs }) => medianUs, 'microseconds', 1),
      curve(
        'Ratio against the bare operation',
        (row) => row.bare && row.medianUs / row.bare.medianUs,
        'times the bare operation',
        1,
      ),
      curve('A hundred callers, calls a second', ({ perSecond }) => perSecond, 'calls a second', 100),
      curve(
        'A hundred callers, delay of the event loop, p99',
        ({ eventLoopP99Ms }) => eventLoopP99Ms,
        'milliseconds',
        100,
      ),
    ],
    data: { rows, absent },
  },
  values.out,
)
