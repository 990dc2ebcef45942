/**
 * Question: what does the Redis store cost beside the bare command of the same driver, and what does an entry weigh?
 * Baselines, in the same run: HMGET of the same record, FT.SEARCH of the same query, both over the same client; for
 * memory a hash with the same fields, FLOAT32 vector and plain JSON. Needs REPRISE_REDIS_URL with the query engine;
 * keys lie under a prefix of their own and are removed. See benchmarks/README.md for what these numbers do not show.
 */

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createClient } from 'redis'
import { seededRandom } from '../../src/cli/bench/latency.ts'
import type { CacheEntry } from '../../src/core/entry.ts'
import type { ModelRequest } from '../../src/core/request.ts'
import type { ModelResponse } from '../../src/core/response.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { KeyNames } from '../../src/stores/redis/key-names.ts'
import { RECORD_FIELDS } from '../../src/stores/redis/record.ts'
import { shopEntry } from '../shop.ts'
import { unitVectors } from './measure.ts'

/** What is shipped, as `npm run build` leaves it: tsx gives every function a name when it is made, call after call. */
const built = (file: string) => import(new URL(`../../dist/${file}`, import.meta.url).href)
const { redisStore }: typeof import('../../src/stores/redis/index.ts') = await built('stores/redis/index.js')
const { createSemanticCache }: typeof import('../../src/create.ts') = await built('create.js')

const url = process.env.REPRISE_REDIS_URL
if (!url) throw new Error('bench:redis needs REPRISE_REDIS_URL, a server with the query engine')
const ENTRIES = Number(process.env.REPRISE_BENCH_ENTRIES ?? 5_000)
const RUNS = 1_500
const SCOPES = 50
const random = seededRandom(1)
/** Written by people, and denser than most answers: random words would compress better than any. */
const docs = new URL('../../docs/', import.meta.url)
const natural = readdirSync(docs)
  .filter((file) => file.endsWith('.md'))
  .map((file) => readFileSync(new URL(file, docs), 'utf8'))
  .join('\n')
const prose = (chars: number) => {
  const at = Math.floor(random() * (natural.length - chars))
  return natural.slice(at, at + chars)
}
const replies = { typeMapping: { 36: Buffer, 37: Array, 126: Array } }
/** The driver makes an AbortSignal for every command unless it is told not to; the store keeps a deadline of its own. */
const untimed = { ...replies, timeout: undefined }

const client = await createClient({ url }).connect()
client.on('error', (error) => console.error(error))
const send = (...args: (string | Buffer)[]) => client.sendCommand(args, replies as never) as Promise<unknown>
const sendUntimed = (...args: (string | Buffer)[]) => client.sendCommand(args, untimed as never) as Promise<unknown>
const version = /redis_version:(\S+)/.exec(String(await client.sendCommand(['INFO', 'server'])))?.[1]
const keyPrefix = `bench-${randomUUID().slice(0, 8)}`
const names = new KeyNames(keyPrefix)
const store = redisStore({ client, keyPrefix, commandDeadlineMs: 60_000 })

const entryOf = (i: number, namespace: string, vector: Float32Array, scope: string) =>
  shopEntry({
    key: `key-${i}-${'k'.repeat(32)}`,
    namespace,
    scope: `${scope}-${'s'.repeat(36)}`,
    queryText: 'How do I return a pair of shoes that I bought last week?',
    vector,
    embedderId: 'bench',
    answer: prose(2_000),
  })

async function fill(namespace: string, count: number, dimensions: number, scopes: number): Promise<CacheEntry> {
  let last: CacheEntry | undefined
  for (let i = 0; i < count; i += 250) {
    const vectors = unitVectors(Math.min(250, count - i), dimensions, random)
    const entries = vectors.map((vector, j) => entryOf(i + j, namespace, vector, `scope${(i + j) % scopes}`))
    await Promise.all(entries.map((entry) => store.set(entry)))
    last = entries.at(-1)
  }
  return last as CacheEntry
}

const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] as number

/** In turns, so that a disturbance of the machine meets both. */
async function inTurns(ours: () => Promise<unknown>, bare: () => Promise<unknown>, runs = RUNS) {
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < runs + 200; i++) {
    for (const [which, work] of [ours, bare].entries()) {
      const startedAt = performance.now()
      await work()
      if (i >= 200) times[which]?.push((performance.now() - startedAt) * 1_000)
    }
  }
  return { ours: median(times[0]), bare: median(times[1]) }
}

/** In turns as well; calls a second, and microseconds of our own processor for a call, which load does not change. */
async function throughput(ours: () => Promise<unknown>, bare: () => Promise<unknown>) {
  const perSecond: [number[], number[]] = [[], []]
  const cpuUs: [number[], number[]] = [[], []]
  for (let round = 0; round < 12; round++) {
    for (const [which, work] of [ours, bare].entries()) {
      const startedAt = performance.now()
      const cpu = process.cpuUsage()
      let done = 0
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          while (performance.now() - startedAt < 250) {
            await work()
            done++
          }
        }),
      )
      if (round < 2) continue
      const { user, system } = process.cpuUsage(cpu)
      perSecond[which]?.push((done / (performance.now() - startedAt)) * 1_000)
      cpuUs[which]?.push((user + system) / done)
    }
  }
  return {
    perSecond: { ours: median(perSecond[0]), bare: median(perSecond[1]) },
    cpuUs: { ours: median(cpuUs[0]), bare: median(cpuUs[1]) },
  }
}

const rows: (string | number | undefined)[][] = []
const row = (what: string, ours: number, bare: number, target: string, digits = 0) =>
  rows.push([what, ours.toFixed(digits), bare.toFixed(digits), (ours / bare).toFixed(2), target])

const last = await fill('latency', ENTRIES, 384, SCOPES)
const { key, namespace, scope } = last
const entryKey = names.entry(namespace, key)
const exact = () => store.get(key, { namespace })
const bareAll = () => send('HGETALL', entryKey)
const bareAllUntimed = () => sendUntimed('HGETALL', entryKey)
const bareExact = () => send('HMGET', entryKey, ...RECORD_FIELDS)
for (const [name, bare] of [
  ['HGETALL', bareAll],
  ['HMGET', bareExact],
  ['HGETALL without timeout', bareAllUntimed],
] as const) {
  const times = await inTurns(exact, bare)
  row(`exact hit of the store, µs, against ${name}`, times.ours, times.bare, '≤ 1.3')
}

const cache = await createSemanticCache({
  store: redisStore({ client, keyPrefix }),
  memory: { maxEntries: 0 },
  storeDeadlineMs: 60_000,
})
const request: ModelRequest = {
  provider: 'openai',
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'How do I return a pair of shoes?' }] }],
}
await cache.getOrCall(request, async () => entryOf(0, namespace, new Float32Array(), scope).value as ModelResponse)
await cache.flush()
{
  const times = await inTurns(() => cache.lookup(request), bareAll)
  row('exact hit, whole lookup, µs, against HGETALL', times.ours, times.bare, '')
}

const [vector = new Float32Array()] = unitVectors(1, 384, random)
const index = ((await client.sendCommand(['FT._LIST'])) as unknown as string[]).find((name) =>
  name.startsWith(names.index(namespace, '')),
) as string
const { searchCommand } = await import('../../src/stores/redis/vector-search.ts')
const command = searchCommand(
  { name: index, space: { id: '', type: 'FLOAT16' } },
  { scope, vector, limit: 10 },
  { algorithm: 'HNSW', links: 16, constructionEffort: 200, searchEffort: undefined, vectorType: undefined },
)
/** With the value of the closest, which is the one that would be reused. */
const semantic = async () => {
  const [closest] = await store.nearest({ namespace, embedderId: 'bench', scope, vector, limit: 5 })
  return closest?.entry.value
}
const bareSearch = () => send(...command)
{
  const { ours, bare } = await inTurns(semantic, bareSearch, 700)
  row('semantic tier, µs, against FT.SEARCH', ours, bare, '≤ 1.25')
}
for (const [name, ours, bare] of [
  ['exact, against HGETALL', exact, bareAll],
  ['exact, against HGETALL without timeout', exact, bareAllUntimed],
  ['semantic, against FT.SEARCH', semantic, bareSearch],
] as const) {
  const { perSecond, cpuUs } = await throughput(ours, bare)
  row(`${name}, 100 at once, per second`, perSecond.ours, perSecond.bare, '≥ 0.8')
  row(`${name}, 100 at once, µs of processor`, cpuUs.ours, cpuUs.bare, '', 1)
}

/** Bytes of an entry by the server's own count: the record, and what the process grew by for record and index. */
async function used(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await client.sendCommand(['INFO', 'memory'])))?.[1])
}
for (const dimensions of [384, 1_536]) {
  const count = 2_000
  const ns = `memory${dimensions}`
  const before = await used()
  const one = await fill(ns, count, dimensions, SCOPES)
  const own = (await used()) - before
  const ownRecord = Number(await client.sendCommand(['MEMORY', 'USAGE', names.entry(ns, one.key), 'SAMPLES', '0']))
  const prefix = `${keyPrefix}:naive${dimensions}:`
  const schema = ['scope', 'tenant', 'model', 'tags'].flatMap((name) => [name, 'TAG', 'CASESENSITIVE'])
  const bare = await used()
  await client.sendCommand([
    ...['FT.CREATE', `${prefix}i`, 'ON', 'HASH', 'PREFIX', '1', prefix, 'SCHEMA', ...schema, 'expiresAt', 'NUMERIC'],
    ...['vector', 'VECTOR', 'HNSW', '6', 'TYPE', 'FLOAT32', 'DIM', String(dimensions), 'DISTANCE_METRIC', 'COSINE'],
  ])
  let naiveKey = ''
  for (let i = 0; i < count; i += 250) {
    const vectors = unitVectors(250, dimensions, random)
    await Promise.all(
      vectors.map((values, j) => {
        const entry = entryOf(i + j, ns, values, `scope${(i + j) % SCOPES}`)
        naiveKey = `${prefix}${entry.key}`
        return send(
          ...['HSET', naiveKey, 'scope', entry.scope, 'model', entry.origin.name, 'expiresAt', String(entry.expiresAt)],
          ...['createdAt', String(entry.createdAt), 'staleMs', '0', 'hits', '0', 'correct', '0', 'wrong', '0'],
          ...['embedderId', 'bench', 'queryText', entry.queryText as string, 'origin', JSON.stringify(entry.origin)],
          ...[
            'value',
            JSON.stringify(entry.value),
            'vector',
            Buffer.from(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength)),
          ],
        ).then(() => send('PEXPIREAT', naiveKey, String(entry.expiresAt)))
      }),
    )
  }
  const naive = (await used()) - bare
  const naiveRecord = Number(await client.sendCommand(['MEMORY', 'USAGE', naiveKey, 'SAMPLES', '0']))
  row(`record, ${dimensions} dims, 2 KB of prose, bytes by MEMORY USAGE`, ownRecord, naiveRecord, '')
  row(`record and index, ${dimensions} dims, bytes of used_memory`, own / count, naive / count, '≤ 0.65')
}

{
  const count = Number(process.env.REPRISE_BENCH_SCOPES ?? 50_000)
  const before = await used()
  const one = await fill('scopes', count, 384, count)
  const bytes = ((await used()) - before) / count
  const query = {
    namespace: 'scopes',
    embedderId: 'bench',
    scope: one.scope,
    vector: one.vector as Float32Array,
    limit: 5,
  }
  const times: number[] = []
  for (let i = 0; i < 500; i++) {
    const startedAt = performance.now()
    await store.nearest(query)
    times.push((performance.now() - startedAt) * 1_000)
  }
  rows.push([`${count} scopes of one entry: bytes an entry`, bytes.toFixed(0), undefined, undefined, ''])
  rows.push([`${count} scopes of one entry: query, µs`, median(times).toFixed(0), undefined, undefined, ''])
}

console.log(`Redis ${version}, driver redis 6.3.1, Node ${process.version}, ${ENTRIES} entries in ${SCOPES} scopes`)
console.log(
  terminalTable({ columns: ['what', 'reprise', 'bare', 'ratio', 'target'].map((title) => ({ title })), rows }),
)

for (const name of (await client.sendCommand(['FT._LIST'])) as unknown as string[]) {
  if (name.startsWith(keyPrefix)) await client.sendCommand(['FT.DROPINDEX', name, 'DD'])
}
await cache.close()
await store.close()
await client.close()
