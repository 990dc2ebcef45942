/**
 * Question: how many bytes does an entry take in the process, on disk and in Redis, beside the sum of seed-requirements 1.2
 * (answer + dimensions × 4)?
 *
 * Method: entries of 2 KB of prose and one vector, each case in a process of its own. In the process: growth of the
 * resident set after collection; baseline a Map of plain objects with the same fields. On disk: bytes of a closed
 * directory; baseline a JSON line. In Redis: growth of used_memory over all entries, index included; baseline a hash of
 * the same fields with a FLOAT32 vector and plain JSON, with an index of its own.
 * What it does not show: answers of other scripts (two bytes a character in the process), freed memory that a process
 * keeps, Redis' own fragmentation and its copy while it writes a snapshot.
 *
 *     npm run bench:memory [-- --entries 20000] [--dimensions 384,1536] [--out reports]
 *
 * Redis is measured where REPRISE_TEST_REDIS_URL or REPRISE_REDIS_URL names a server with the query engine.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createClient } from 'redis'
import { seededRandom } from '../../src/cli/bench/latency.ts'
import { reportStamp } from '../../src/cli/bench/stamp.ts'
import type { CacheEntry } from '../../src/core/entry.ts'
import { embeddedStore } from '../../src/index.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { prose, unitVectors } from '../latency/measure.ts'
import { shopEntry } from '../shop.ts'
import { writeReport } from '../write-report.ts'

const SEED = 1
const ANSWER_BYTES = 2_000
const PER_WRITE = 250
const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '20000' },
    dimensions: { type: 'string', default: '384,1536' },
    out: { type: 'string', default: 'reports' },
    side: { type: 'string' },
  },
})
const entries = Number(values.entries)
const allDimensions = values.dimensions.split(',').map(Number)
for (const number of [entries, ...allDimensions]) {
  if (!Number.isInteger(number) || number < 1)
    throw new RangeError(
      `--entries and --dimensions must be integers ≥ 1, got ${values.entries} and ${values.dimensions}`,
    )
}
const url = process.env.REPRISE_TEST_REDIS_URL ?? process.env.REPRISE_REDIS_URL

function entryMaker(dimensions: number): (index: number) => CacheEntry {
  const random = seededRandom(SEED)
  return (index) =>
    shopEntry({
      key: `f1-${String(index).padStart(43, '0')}`,
      namespace: 'default',
      scope: 'f1-scope',
      answer: prose(ANSWER_BYTES, random),
      queryText: `How do I return pair of shoes number ${index}?`,
      vector: unitVectors(1, dimensions, random)[0] as Float32Array,
      embedderId: `benchmark-${dimensions}`,
    })
}

async function inProcess(side: 'map' | 'store', dimensions: number): Promise<number> {
  const make = entryMaker(dimensions)
  // Making the entries takes memory of its own, which must be there before the first look.
  for (let index = 0; index < entries / 4; index++) make(index)
  const before = settledRss()
  const map = new Map<string, object>()
  const store = embeddedStore({ maxEntries: entries, maxBytes: 8 * 1024 ** 3 })
  for (let index = 0; index < entries; index++) {
    const entry = make(index)
    if (side === 'map') map.set(entry.key, entry)
    else await store.set(entry)
  }
  const bytes = (settledRss() - before) / entries
  const last = make(entries - 1).key
  if (side === 'map' ? !map.has(last) : !(await store.get(last, { namespace: 'default' })).entry)
    throw new Error('lost an entry')
  return bytes
}

function settledRss(): number {
  for (let i = 0; i < 5; i++) global.gc?.()
  return process.memoryUsage.rss()
}

async function onDisk(dimensions: number): Promise<{ ours: number; bare: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'reprise-memory-'))
  try {
    const make = entryMaker(dimensions)
    const store = embeddedStore({ directory, maxEntries: entries, maxBytes: 8 * 1024 ** 3 })
    let lines = 0
    for (let index = 0; index < entries; index++) {
      const entry = make(index)
      if (index % 100 === 0) {
        lines += Buffer.byteLength(JSON.stringify({ ...entry, vector: Array.from(entry.vector ?? []) })) + 1
      }
      await store.set(entry)
      if (index % 200 === 199) await new Promise((resolve) => setImmediate(resolve))
    }
    await store.close()
    const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0)
    return { ours: bytes / entries, bare: lines / Math.ceil(entries / 100) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function inRedis(address: string, dimensions: number): Promise<{ ours: number; bare: number }> {
  const client = await createClient({ url: address }).connect()
  const used = async () => Number(/used_memory:(\d+)/.exec(String(await client.sendCommand(['INFO', 'memory'])))?.[1])
  const keyPrefix = `memory-${process.pid}-${dimensions}`
  const make = entryMaker(dimensions)
  const inParts = async (write: (entry: CacheEntry) => Promise<unknown>) => {
    for (let from = 0; from < entries; from += PER_WRITE) {
      const part = Array.from({ length: Math.min(PER_WRITE, entries - from) }, (_, j) => make(from + j))
      await Promise.all(part.map(write))
    }
  }
  try {
    const store = redisStore({ client, keyPrefix, commandDeadlineMs: 60_000 })
    const before = await used()
    await inParts((entry) => store.set(entry))
    const ours = ((await used()) - before) / entries

    const barePrefix = `${keyPrefix}:bare:`
    const bareBefore = await used()
    await client.sendCommand([
      ...['FT.CREATE', `${keyPrefix}-bare`, 'ON', 'HASH', 'PREFIX', '1', barePrefix, 'SCHEMA', 'scope', 'TAG'],
      ...['expiresAt', 'NUMERIC', 'vector', 'VECTOR', 'HNSW', '6'],
      ...['TYPE', 'FLOAT32', 'DIM', String(dimensions), 'DISTANCE_METRIC', 'COSINE'],
    ])
    await inParts(async ({ key, vector, value, origin, scope, queryText = '', expiresAt, createdAt }) => {
      const bytes = Buffer.from((vector as Float32Array).slice().buffer)
      const words = ['HSET', barePrefix + key, 'scope', scope, 'queryText', queryText, 'expiresAt', String(expiresAt)]
      const more = ['createdAt', String(createdAt), 'origin', JSON.stringify(origin), 'value', JSON.stringify(value)]
      await client.sendCommand([...words, ...more, 'vector', bytes])
      await client.sendCommand(['PEXPIREAT', barePrefix + key, String(expiresAt)])
    })
    const bare = ((await used()) - bareBefore) / entries
    return { ours, bare }
  } finally {
    for (const name of (await client.sendCommand(['FT._LIST'])) as unknown as string[]) {
      if (name.startsWith(keyPrefix)) await client.sendCommand(['FT.DROPINDEX', name, 'DD'])
    }
    await client.close()
  }
}

/** One case in a process of its own, because freed memory is not given back at once. */
function apart(side: string): number {
  const own = ['--side', side, '--entries', String(entries)]
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', fileURLToPath(import.meta.url), ...own],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

if (values.side !== undefined) {
  const [side, dimensions] = values.side.split(':')
  console.log(await inProcess(side === 'map' ? 'map' : 'store', Number(dimensions)))
} else {
  const rows: { where: string; dimensions: number; sum: number; ours: number; bare: number; bareName: string }[] = []
  const absent = url ? [] : ['Redis: neither REPRISE_TEST_REDIS_URL nor REPRISE_REDIS_URL is set']
  for (const dimensions of allDimensions) {
    const about = { dimensions, sum: ANSWER_BYTES + 4 * dimensions }
    const process = { ours: apart(`store:${dimensions}`), bare: apart(`map:${dimensions}`) }
    rows.push({ where: 'in process', ...about, ...process, bareName: 'Map of plain objects' })
    rows.push({ where: 'on disk', ...about, ...(await onDisk(dimensions)), bareName: 'JSON lines' })
    if (url)
      rows.push({
        where: 'in Redis',
        ...about,
        ...(await inRedis(url, dimensions)),
        bareName: 'FLOAT32 and plain JSON',
      })
  }
  const table = {
    columns: [
      'where',
      'dimensions',
      'sum of 1.2',
      'bytes an entry',
      'of the sum',
      'baseline',
      'its bytes',
      'ratio',
    ].map((title) => ({ title })),
    rows: rows.map(({ where, dimensions, sum, ours, bare, bareName }) => [
      where,
      dimensions,
      sum,
      Math.round(ours),
      ours / sum,
      bareName,
      Math.round(bare),
      ours / bare,
    ]),
  }
  console.log(terminalTable(table, { title: `Memory: ${entries} entries, answers of ${ANSWER_BYTES} bytes` }))
  for (const line of absent) console.log(`not measured: ${line}`)
  const categories = rows.map(({ where, dimensions }) => `${where}, ${dimensions}`)
  writeReport(
    'memory',
    {
      title: 'Reprise memory',
      subtitle: `${entries} entries, answers of ${ANSWER_BYTES} bytes of prose`,
      stamp: reportStamp({ seed: SEED, dataset: 'made-up prose and random vectors' }),
      sections: [
        {
          kind: 'barChart',
          heading: 'Bytes an entry',
          x: { label: 'where, and dimensions of the vector' },
          categories,
          y: { label: 'bytes', format: 'count', min: 0 },
          series: [
            { name: 'sum of seed-requirements 1.2', values: rows.map(({ sum }) => sum) },
            { name: 'reprise', values: rows.map(({ ours }) => ours) },
            { name: 'baseline', values: rows.map(({ bare }) => bare) },
          ],
        },
        { kind: 'table', ...(absent.length > 0 && { note: `Not measured: ${absent.join('; ')}` }), ...table },
      ],
      data: { entries, rows, absent },
    },
    values.out,
  )
}
