/**
 * What a directory costs the embedded store: loading, writing, bytes on disk, and lookups while it is rewritten. Each
 * figure stands beside its baseline of the same run.
 *
 * Usage: node --import tsx benchmarks/latency/embedded-directory.ts [entries] [directory]
 *
 * What it does not show: a disk that is slower than this one (writes and rewrites wait for it, lookups do not), and
 * the cost of fsync "always", which is the disk's own.
 */
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheEntry } from '../../src/core/entry.ts'
import { type EmbeddedStore, embeddedStore } from '../../src/stores/embedded/embedded-store.ts'

const entries = Number(process.argv[2] ?? 100_000)
const root = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'reprise-bench-'))
const DIMENSIONS = 384
const SAMPLES = 5_000
const TTL_MS = 86_400_000
const options = { maxEntries: 2 * entries, maxBytes: 4 * 1024 ** 3 }

const WORDS =
  'the of a cache answer to and question is stored when it may be used again by those who ask for same thing'.split(' ')

/** Numbers between 0 and 1, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0
    yield state / 0x1_0000_0000
  }
}

function entryAt(i: number): CacheEntry<unknown> {
  const random = numbers(i + 1)
  const raw = Float32Array.from({ length: DIMENSIONS }, () => random.next().value - 0.5)
  const length = Math.hypot(...raw)
  let text = `Answer ${i}:`
  while (text.length < 2_048) text += ` ${WORDS[Math.floor(random.next().value * WORDS.length)]}`
  const at = Date.now()
  return {
    key: `k${i}`.padEnd(64, '0'),
    namespace: 'default',
    tags: [`topic-${i % 100}`],
    scope: `s${i % 1_000}`.padEnd(64, 'f'),
    value: {
      content: [{ type: 'text', text: text.slice(0, 2_048) }],
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 40, outputTokens: 500, totalTokens: 540 },
    },
    origin: {
      provider: 'openai',
      name: 'gpt-4o-mini',
      durationMs: 1_840,
      usage: { inputTokens: 40, outputTokens: 500, totalTokens: 540 },
    },
    queryText: `What would you say about subject ${i} of this benchmark?`,
    vector: raw.map((value) => value / length),
    embedderId: 'openai/text-embedding-3-small/384',
    createdAt: at,
    expiresAt: at + TTL_MS,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  }
}

/** The line that a cache without a format of its own would append. */
function naiveLine(entry: CacheEntry<unknown>): string {
  return `${JSON.stringify({ ...entry, vector: Array.from(entry.vector ?? []) })}\n`
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

function figures(samplesMs: number[], unit: 'ms' | 'µs'): string {
  const sorted = samplesMs.sort((a, b) => a - b)
  const show = (part: number) => (quantile(sorted, part) * (unit === 'µs' ? 1_000 : 1)).toFixed(2)
  return `median ${show(0.5)}, p99 ${show(0.99)}, max ${show(1)} ${unit}`
}

/** Time of single writes, spread out as those of a process that also does other things. */
async function timeWrites(store: EmbeddedStore, from: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const entry = entryAt(from + i)
    const startedAt = performance.now()
    await store.set(entry)
    times.push(performance.now() - startedAt)
    if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve))
  }
  return times
}

async function fill(store: EmbeddedStore): Promise<void> {
  for (let i = 0; i < entries; i++) {
    await store.set(entryAt(i))
    if (i % 200 === 199) await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Exact lookups, one per turn of the event loop, until `isOver`; each with the time since it was due. */
async function timeLookups(store: EmbeddedStore, isOver: () => boolean): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; !isOver(); i++) {
    const dueAt = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    await store.get(`k${(i * 7_919) % entries}`.padEnd(64, '0'), { namespace: 'default' })
    times.push(performance.now() - dueAt)
  }
  return times
}

async function run(): Promise<void> {
  console.log(
    `${entries} entries of ${DIMENSIONS} dimensions and 2 KB · node ${process.version} · ${cpus()[0]?.model} × ${cpus().length}`,
  )
  const directory = join(root, 'store')
  const store = embeddedStore({ directory, ...options })
  let compactions = 0
  store.listen(({ what }) => {
    if (what === 'compacted') compactions++
  })
  await fill(store)
  await store.flush()

  const memory = embeddedStore(options)
  await timeWrites(memory, entries)
  const inMemory = await timeWrites(memory, entries)
  const onDisk = await timeWrites(store, entries)
  const alternate = {
    memory: inMemory.concat(await timeWrites(memory, entries)),
    disk: onDisk.concat(await timeWrites(store, entries)),
  }
  console.log(`write, memory only        ${figures(alternate.memory, 'µs')}`)
  console.log(`write, with a directory   ${figures(alternate.disk, 'µs')}`)
  const added = quantile(alternate.disk, 0.5) - quantile(alternate.memory, 0.5)
  console.log(`  added by the directory  median ${(added * 1_000).toFixed(2)} µs (target ≤ 20)`)

  const before: number[] = await timeLookups(store, countTo(20_000))
  const compactionsBefore = compactions
  // The rewriting is asked for as the store asks for it: by a log that has grown. Updates make it grow fastest.
  let isGrowing = true
  const growing = (async () => {
    for (let i = 0; isGrowing; i++) {
      await store.set(entryAt(i % entries))
      if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const during = await timeLookups(store, () => compactions > compactionsBefore)
  isGrowing = false
  await growing
  console.log(`lookup, otherwise idle    ${figures(before, 'ms')}`)
  console.log(`lookup, while rewriting   ${figures(during, 'ms')} (target: max ≤ 20 more than without)`)
  await store.close()

  const naive = join(root, 'naive.jsonl')
  let naiveBytes = 0
  for (let i = 0; i < entries; i += 100) naiveBytes += Buffer.byteLength(naiveLine(entryAt(i)))
  const naiveBytesPerEntry = naiveBytes / Math.ceil(entries / 100)
  appendFileSync(naive, naiveLine(entryAt(0)))

  const fresh = join(root, 'fresh')
  const writer = embeddedStore({ directory: fresh, ...options })
  await fill(writer)
  await writer.close()
  const perEntry = bytesIn(fresh) / entries
  console.log(
    `bytes on disk per entry   ${perEntry.toFixed(0)}, naive JSON line ${naiveBytesPerEntry.toFixed(0)}: ratio ${(perEntry / naiveBytesPerEntry).toFixed(3)} (target ≤ 0.65)`,
  )

  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const reopened = embeddedStore({ directory: fresh, ...options })
  await reopened.get('none', { namespace: 'default' })
  const loadMs = performance.now() - startedAt
  const cpu = process.cpuUsage(cpuBefore)
  console.log(
    `load                      ${loadMs.toFixed(0)} ms (target ≤ 3 000), ${((cpu.user + cpu.system) / 1_000).toFixed(0)} ms of them on the processor`,
  )
  const parseStartedAt = performance.now()
  const line = naiveLine(entryAt(1))
  for (let i = 0; i < entries / 10; i++) JSON.parse(line)
  console.log(
    `  baseline: JSON.parse of as many naive lines alone ${((performance.now() - parseStartedAt) * 10).toFixed(0)} ms`,
  )
  await reopened.close()
}

function countTo(count: number): () => boolean {
  let left = count
  return () => left-- <= 0
}

try {
  await run()
} finally {
  rmSync(root, { recursive: true, force: true })
}
