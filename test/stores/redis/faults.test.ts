import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CacheEvent } from '../../../src/core/events.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { redisStore, type SharedStore } from '../../../src/stores/redis/index.ts'
import { KeyNames } from '../../../src/stores/redis/key-names.ts'
import { entryFor } from '../../../src/testing/store/subject.ts'
import { answer, ask } from '../../support/cache-bench.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { type TcpProxy, tcpProxy } from '../../support/tcp-proxy.ts'

const names = new KeyNames('reprise')
const open: { cache?: SemanticCache; store?: SharedStore }[] = []
let server: RedisServer
let proxy: TcpProxy

beforeAll(async () => {
  server = await startRedis({ args: ['--enable-debug-command', 'local'] })
  proxy = await tcpProxy(server.port)
})
afterEach(async () => {
  server.thaw()
  proxy.delayMs = 0
  proxy.change = undefined
  for (const { cache, store } of open.splice(0)) {
    await cache?.close().catch(() => undefined)
    await store?.close()
  }
  await server.command('CONFIG', 'SET', 'maxmemory', '0')
  await server.command('REPLICAOF', 'NO', 'ONE')
  await server.command('FLUSHALL')
})
afterAll(async () => {
  await proxy.stop()
  await server.stop()
})

/** A cache without a memory tier, and its model. */
async function cacheOn(url: string, more: Parameters<typeof createSemanticCache>[0] = {}) {
  const events: CacheEvent[] = []
  const cache = await createSemanticCache({
    store: redisStore({ url }),
    memory: { maxEntries: 0 },
    storeDeadlineMs: 2_000,
    breaker: { failures: 1_000 },
    on: (event) => events.push(event),
    ...more,
  })
  open.push({ cache })
  let calls = 0
  const call = async () => answer(`answer ${++calls}`)
  const asked = async (text: string) => {
    const { record } = await cache.getOrCall(ask(text), call)
    await cache.flush().catch(() => undefined)
    const write = events.findLast((event) => event.type === 'write')
    return { record, write, outcome: `${record.outcome} ${record.reason ?? record.tier}` }
  }
  /** Until it answers from the store again, however long a reconnect takes here. */
  const recovered = async (text: string) => {
    await expect.poll(async () => (await asked(text)).outcome, { timeout: 10_000 }).toBe('hit exact')
  }
  return { cache, asked, recovered, events, calls: () => calls }
}

describe('what the server refuses', () => {
  it('NOAUTH and NOPERM: the model is called, the outcome is a bypass', async () => {
    await server.command('ACL', 'SETUSER', 'nobody', 'on', '>secret', '~*', '+ping', '+hello', '+client')
    const { asked } = await cacheOn(`redis://nobody:secret@127.0.0.1:${server.port}`)
    expect((await asked('q')).outcome).toBe('bypass store-failed')
    const wrong = await cacheOn(`redis://nobody:wrong@127.0.0.1:${server.port}`)
    expect((await wrong.asked('q')).outcome).toBe('bypass store-failed')
  })

  it('OOM: reads go on, the write fails', async () => {
    const { asked, recovered } = await cacheOn(server.url)
    expect((await asked('before')).write).toMatchObject({ outcome: 'stored' })
    await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await server.command('CONFIG', 'SET', 'maxmemory', '1')
    expect((await asked('before')).outcome).toBe('hit exact')
    const { outcome, write } = await asked('after')
    expect(outcome).toBe('miss no-candidate')
    expect(write).toMatchObject({ outcome: 'failed', reason: 'store-failed' })
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    await asked('after')
    await recovered('after')
  })

  it.each([
    'allkeys-lru',
    'allkeys-lfu',
    'allkeys-random',
    'volatile-lru',
    'volatile-lfu',
    'volatile-random',
    'volatile-ttl',
  ])('maxmemory with %s: entries go, nothing wrong is served', async (policy) => {
    const { cache, events } = await cacheOn(server.url)
    await server.command('CONFIG', 'SET', 'maxmemory-policy', policy)
    const info = String(await server.command('INFO', 'memory'))
    const used = Number(/used_memory:(\d+)/.exec(info)?.[1])
    await server.command('CONFIG', 'SET', 'maxmemory', String(used + 400_000))
    const noise = (i: number) =>
      Array.from({ length: 60 }, (_, j) => createHash('sha256').update(`${i} ${j}`).digest('base64')).join('')
    const call = (i: number) => async () => answer(noise(i))
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 250; i++) {
        const { response } = await cache.getOrCall(ask(`question ${i}`), call(i))
        expect(response.content).toEqual((await call(i)()).content)
      }
      await cache.flush()
    }
    expect(events.some((event) => event.type === 'lookup' && event.outcome === 'bypass')).toBe(false)
    expect(Number(/evicted_keys:(\d+)/.exec(String(await server.command('INFO', 'stats')))?.[1])).toBeGreaterThan(0)
  })

  it('READONLY: a master that became a replica is read, and written to again when it is master again', async () => {
    const { asked, recovered } = await cacheOn(server.url)
    await asked('q')
    await server.command('REPLICAOF', '127.0.0.1', '1')
    await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
    expect((await asked('q')).outcome).toBe('hit exact')
    expect((await asked('other')).write).toMatchObject({ outcome: 'failed', reason: 'store-failed' })
    await server.command('REPLICAOF', 'NO', 'ONE')
    await recovered('other')
  })

  it('WRONGTYPE: a foreign value under our key is a miss, and gives way to the answer', async () => {
    const { asked } = await cacheOn(server.url)
    const { record } = await asked('q')
    const key = names.entry('default', record.key)
    await server.command('SET', key, 'foreign')
    expect((await asked('q')).outcome).toBe('miss record-foreign')
    expect((await asked('q')).outcome).toBe('hit exact')
    await server.command('DEL', key)
    await server.command('HSET', key, 'p', 'no record of ours', 'n', '1')
    expect((await asked('q')).outcome).toBe('miss record-foreign')
    expect((await asked('q')).outcome).toBe('hit exact')
  })

  it('a damaged record is a miss, and gives way to the answer', async () => {
    const { asked } = await cacheOn(server.url)
    const { record } = await asked('q')
    const key = names.entry('default', record.key)
    await server.command(
      'EVAL',
      "local p = redis.call('HGET', KEYS[1], 'p') return redis.call('HSET', KEYS[1], 'p', string.sub(p, 1, -2) .. '!')",
      '1',
      key,
    )
    expect((await asked('q')).outcome).toBe('miss record-corrupt')
    expect((await asked('q')).outcome).toBe('hit exact')
  })

  it('LOADING: a bypass until the data is read', async () => {
    const { cache, asked, recovered } = await cacheOn(`redis://127.0.0.1:${proxy.port}`, { storeDeadlineMs: 300 })
    await asked('q')
    await recovered('q')
    const loading = '-LOADING Redis is loading the dataset in memory\r\n'
    proxy.change = (bytes) => (bytes.length > 0 ? Buffer.from(loading.repeat(3)) : bytes)
    const { record } = await cache.getOrCall(ask('q'), async () => answer('x'))
    expect(`${record.outcome} ${record.reason}`).toBe('bypass store-failed')
    proxy.change = undefined
    proxy.cut()
    await recovered('q')
  })
})

describe('a server that comes back with much to read', () => {
  it('LOADING, for real: a bypass until the data is read, then a hit', async () => {
    const own = await startRedis({
      args: [
        // Every key takes its time, and the server answers in between.
        ...['--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024'],
        ...['--enable-debug-command', 'local'],
      ],
    })
    try {
      const { cache, asked, recovered } = await cacheOn(own.url)
      await asked('q')
      await recovered('q')
      for (let i = 0; i < 150; i++) await own.command('SET', `filler ${i}`, 'x'.repeat(1_000))
      await own.command('SAVE')
      await own.kill()
      const started = own.start()
      const seen = new Set<string>()
      const codes = new Set<string>()
      const probe = redisStore({ url: own.url, keyPrefix: 'probe' })
      for (let isUp = false; !isUp; ) {
        const { record, response } = await cache.getOrCall(ask('q'), async () => answer('from the model'))
        seen.add(`${record.outcome} ${record.reason ?? record.tier}`)
        expect(response.content.length).toBeGreaterThan(0)
        await probe.get('k', { namespace: 'n' }).catch((error) => codes.add(String(error.message)))
        isUp = record.outcome === 'hit'
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await started
      await probe.close()
      expect([...codes].join()).toContain('LOADING')
      expect([...seen].sort()).toEqual(['bypass store-failed', 'hit exact'])
      await recovered('q')
    } finally {
      await own.stop()
    }
  }, 60_000)
})

describe('a server that goes', () => {
  it('frozen: a call waits for the deadline and no longer; the breaker then spares it even that', async () => {
    const { asked, recovered, events } = await cacheOn(server.url, {
      storeDeadlineMs: 100,
      breaker: { failures: 3, halfOpenAfterMs: 50 },
    })
    await asked('q').catch(() => undefined)
    await recovered('q')
    server.freeze()
    const outcomes: string[] = []
    for (let i = 0; i < 20; i++) {
      const startedAt = performance.now()
      outcomes.push((await cacheCall(i)).outcome)
      // A bound that says "not the seconds for which the server is frozen", not a measurement.
      expect(performance.now() - startedAt).toBeLessThan(2_000)
    }
    async function cacheCall(i: number) {
      const { record } = (await open.at(-1)?.cache?.getOrCall(ask(`frozen ${i}`), async () => answer('x'))) ?? {}
      return { outcome: `${record?.outcome} ${record?.reason}` }
    }
    expect(outcomes.slice(0, 3)).toEqual(Array(3).fill('bypass store-late'))
    expect(outcomes).toContain('bypass breaker-open')
    expect(events.some((event) => event.type === 'store' && event.what === 'breaker-opened')).toBe(true)
    server.thaw()
    await recovered('q')
  })

  it('frozen: ten thousand commands wait at most, the rest is refused at once', async () => {
    const store = redisStore({ url: server.url, commandDeadlineMs: 20_000 })
    await expect.poll(() => store.get('k', { namespace: 'n' }).catch(() => undefined)).toBeDefined()
    server.freeze()
    const refused: string[] = []
    const reads = Array.from({ length: 10_500 }, (_, i) => store.get(`k${i}`, { namespace: 'n' }))
    for (const read of reads) read.catch((error) => refused.push(String(error.message)))
    await new Promise((resolve) => setImmediate(resolve))
    // One more is the read of the generations, which all of them share.
    expect(refused).toEqual(Array(501).fill('10000 commands wait for redis; HMGET was not sent'))
    server.thaw()
    const settled = await Promise.allSettled(reads)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(9_999)
    await store.close()
  })

  it('killed: calls go on at once, and it is used again when it is back', async () => {
    const { asked, recovered } = await cacheOn(server.url)
    await asked('q')
    await server.kill()
    const outcomes = new Set<string>()
    for (let i = 0; i < 5; i++) outcomes.add((await asked(`killed ${i}`)).outcome)
    expect([...outcomes]).toEqual(['bypass store-failed'])
    await server.start()
    await recovered('q')
  })

  it('CLIENT KILL: the next connection takes over', async () => {
    const { asked, recovered } = await cacheOn(server.url)
    await asked('q')
    await server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await recovered('q')
  })

  it('FLUSHALL: what was stored is gone, and what a call in flight brings is not kept', async () => {
    const store = redisStore({ url: server.url })
    open.push({ store })
    const about = { store, namespace: 'flushed', clock: { now: Date.now, advance: () => undefined } }
    const { generation } = await store.get('k', { namespace: 'flushed' })
    await server.command('FLUSHALL')
    const entry = entryFor(about, { key: 'k' })
    expect(await store.set(entry, { ifGeneration: generation })).toEqual({ stored: false, reason: 'cleared' })
    expect(await store.set(entry)).toEqual({ stored: true })
  })

  it('a generation that was lost hides every entry: never a resurrection', async () => {
    const store = redisStore({ url: server.url })
    open.push({ store })
    const about = { store, namespace: 'lost', clock: { now: Date.now, advance: () => undefined } }
    await store.set(entryFor(about, { key: 'k' }))
    await server.command('DEL', names.generation('lost'))
    expect((await store.get('k', { namespace: 'lost' })).entry).toBeUndefined()
    expect((await store.get('k', { namespace: 'lost' })).entry).toBeUndefined()
  })

  it('hides what was cleared although the list of its tag was lost', async () => {
    const store = redisStore({ url: server.url })
    open.push({ store })
    const about = { store, namespace: 'evicted', clock: { now: Date.now, advance: () => undefined } }
    await store.set(entryFor(about, { key: 'k', tags: ['t'] }))
    await store.set(entryFor(about, { key: 'other', tags: ['u'] }))
    await server.command('DEL', names.tag('evicted', 't'))
    expect(await store.clear({ namespace: 'evicted', tags: ['t'] })).toBe(0)
    expect((await store.get('k', { namespace: 'evicted' })).entry).toBeUndefined()
    expect((await store.get('other', { namespace: 'evicted' })).entry).toBeDefined()
  })

  it('deletes the data of a tenant physically, and leaves no key without an end', async () => {
    const store = redisStore({ url: server.url })
    open.push({ store })
    const about = { store, namespace: 'gdpr', clock: { now: Date.now, advance: () => undefined } }
    for (const tenant of ['acme', 'beta']) {
      for (let i = 0; i < 20; i++) {
        await store.set(entryFor(about, { key: `${tenant}${i}`, tenant, tags: ['t'], value: `of ${tenant}` }))
        await store.update(`${tenant}${i}`, { namespace: 'gdpr', addHits: 1 })
      }
    }
    await store.acquire('lock', 10_000)
    await store.add('sum', { n: 1 }, 10_000)
    expect(await store.clear({ namespace: 'gdpr', tenant: 'acme' })).toBe(20)
    const keys = ((await server.command('KEYS', '*')) as string[]).sort()
    expect(keys.filter((key) => /:[eh]:acme/.test(key))).toEqual([])
    expect(keys.filter((key) => /:e:beta/.test(key))).toHaveLength(20)
    for (const key of keys) expect([key, Number(await server.command('PTTL', key)) > 0]).toEqual([key, true])
  })
})

describe('a bad network', () => {
  it('slow: late answers are bypasses, and no harm comes of them afterwards', async () => {
    const { asked, recovered } = await cacheOn(`redis://127.0.0.1:${proxy.port}`, { storeDeadlineMs: 150 })
    await asked('q')
    await recovered('q')
    proxy.delayMs = 400
    expect((await asked('q')).outcome).toBe('bypass store-late')
    proxy.delayMs = 0
    await recovered('q')
  })

  it('cut: calls go on, the connection comes back', async () => {
    const { asked, recovered } = await cacheOn(`redis://127.0.0.1:${proxy.port}`)
    await asked('q')
    for (let i = 0; i < 3; i++) {
      proxy.cut()
      await asked('q')
    }
    await recovered('q')
  })

  it('corrupting: a flipped byte of an answer is never served', async () => {
    const { cache, asked, recovered } = await cacheOn(`redis://127.0.0.1:${proxy.port}`, { storeDeadlineMs: 300 })
    await asked('q')
    await recovered('q')
    // The payload begins with its magic; what follows is changed somewhere, as a bad cable does.
    proxy.change = (bytes) => {
      const at = bytes.indexOf(Buffer.from([0x52, 2]))
      if (at < 0 || at + 30 >= bytes.length) return bytes
      const changed = Buffer.from(bytes)
      changed[at + 30] = (changed[at + 30] as number) ^ 0x01
      return changed
    }
    const { record, response } = await cache.getOrCall(ask('q'), async () => answer('from the model'))
    expect(`${record.outcome} ${record.reason}`).toBe('miss record-corrupt')
    expect(response.content).toEqual(answer('from the model').content)
  })
})
