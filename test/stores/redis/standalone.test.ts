import { createClient, createClientPool } from 'redis'
import { createClient as createClient4 } from 'redis4'
import { createClient as createClient5, createClientPool as createClientPool5 } from 'redis5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoreEvent } from '../../../src/core/events.ts'
import { type RedisStoreOptions, redisStore, type SharedStore } from '../../../src/stores/redis/index.ts'
import { KeyNames } from '../../../src/stores/redis/key-names.ts'
import type { CacheStore } from '../../../src/stores/store.ts'
import { entryFor } from '../../../src/testing/store/subject.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

/** What a server without the query engine can do, which is everything else. */
function exactPart(store: SharedStore): CacheStore {
  const { name } = store
  const bind = <Name extends Exclude<keyof SharedStore, 'name'>>(method: Name) =>
    ({ [method]: (store[method] as (...args: unknown[]) => unknown).bind(store) }) as Pick<SharedStore, Name>
  return {
    name,
    ...bind('get'),
    ...bind('set'),
    ...bind('update'),
    ...bind('delete'),
    ...bind('clear'),
    ...bind('flush'),
    ...bind('close'),
    ...bind('acquire'),
    ...bind('renew'),
    ...bind('release'),
    ...bind('add'),
    ...bind('read'),
  } as CacheStore
}

// Entries with vectors come back without them here; the part of the contract that asks for vectors runs in the index suite.
const withoutVectors = (store: SharedStore): CacheStore => {
  const vectors = new Map<string, { vector: Float32Array; embedderId: string }>()
  const part = exactPart(store)
  return {
    ...part,
    set: async (entry, options) => {
      const written = await part.set(entry, options)
      if (entry.vector && entry.embedderId !== undefined) {
        vectors.set(`${entry.namespace} ${entry.key}`, { vector: entry.vector.slice(), embedderId: entry.embedderId })
      } else vectors.delete(`${entry.namespace} ${entry.key}`)
      return written
    },
    get: async <Value>(key: string, about: Parameters<CacheStore['get']>[1]) => {
      const read = await part.get<Value>(key, about)
      const kept = vectors.get(`${about.namespace} ${key}`)
      return read.entry && kept
        ? { ...read, entry: { ...read.entry, embedderId: kept.embedderId, vector: kept.vector.slice() } }
        : read
    },
  }
}
const EXACT = { capabilities: { vectors: false, locks: true } } as const

storeContract(
  'redis without the query engine',
  ({ now }) => withoutVectors(redisStore({ url: server.url, now })),
  EXACT,
)

describe('given clients', () => {
  const clients = {
    'redis 6, client': () => createClient({ url: server.url }),
    'redis 6, RESP2': () => createClient({ url: server.url, RESP: 2 }),
    'redis 6, pool': () => createClientPool({ url: server.url }),
    'redis 5, client': () => createClient5({ url: server.url }),
    'redis 5, RESP3': () => createClient5({ url: server.url, RESP: 3 }),
    'redis 5, pool': () => createClientPool5({ url: server.url }),
  }

  it.each(Object.entries(clients))('%s: works connected or not, and is never closed', async (name, create) => {
    for (const isConnected of [true, false]) {
      const client = create()
      client.on('error', () => undefined)
      if (isConnected) await client.connect()
      const store = redisStore({ client: client as RedisStoreOptions['client'] })
      const about = aboutOf(store, `clients ${name} ${isConnected}`)
      const entry = entryFor(about, { tags: ['a'], tenant: 't', value: 'long enough to be packed '.repeat(40) })
      expect(await store.set(entry)).toEqual({ stored: true })
      expect((await store.get(entry.key, { namespace: about.namespace })).entry).toEqual(entry)
      expect(await store.update(entry.key, { namespace: about.namespace, addHits: 1 })).toBe(true)
      await store.add('sums', { [`${name} ${isConnected}`]: 0.5 }, 60_000)
      expect((await store.read(['sums']))[0]?.[`${name} ${isConnected}`]).toBe(0.5)
      expect(await store.clear({ namespace: about.namespace, tags: ['a'] })).toBe(1)
      await store.close()
      expect(client.isOpen).toBe(true)
      client.destroy()
    }
  })

  /** Hands on what is sent, and writes down the command and its key. */
  async function watched(before: (sent: string) => Promise<void> = async () => undefined) {
    const client = await createClient({ url: server.url }).connect()
    const sent: string[] = []
    const send = client.sendCommand.bind(client)
    client.sendCommand = (async (args: string[], options: object) => {
      const what = `${args[0]} ${args[1]}`
      sent.push(what)
      await before(what)
      return send(args, options)
    }) as never
    return { client, sent, store: redisStore({ client }) }
  }

  it('lookups of one tick share one read of the generations, sent first so that none waits for the others', async () => {
    const { client, sent, store } = await watched()
    const namespace = 'one tick'
    await store.get('a', { namespace })
    sent.length = 0
    await Promise.all(['a', 'b', 'c'].map((key) => store.get(key, { namespace })))
    const names = new KeyNames('reprise')
    expect(sent).toEqual(
      [names.generation(namespace), ...['a', 'b', 'c'].map((key) => names.entry(namespace, key))].map(
        (key) => `HMGET ${key}`,
      ),
    )
    client.destroy()
  })

  it('what is cleared and written anew between the two reads of a lookup is a miss, and its write refused', async () => {
    const namespace = 'between'
    const other = redisStore({ url: server.url })
    const about = aboutOf(other, namespace)
    const names = new KeyNames('reprise')
    for (const filter of [{}, { tags: ['a'] }, { tenant: 't' }]) {
      await other.set(entryFor(about, { key: 'k', tags: ['a'], tenant: 't', value: 'before' }))
      let isFirst = true
      const { client, store } = await watched(async (what) => {
        if (what !== `HMGET ${names.entry(namespace, 'k')}` || !isFirst) return
        isFirst = false
        await other.clear({ namespace, ...filter })
        await other.set(entryFor(about, { key: 'k', tags: ['a'], tenant: 't', value: 'after' }))
      })
      const asked = { namespace, tags: ['a'], tenant: 't' }
      const { entry, generation } = await store.get('k', asked)
      expect(entry).toBeUndefined()
      const late = entryFor(about, { key: 'k', tags: ['a'], tenant: 't', value: 'late' })
      expect(await store.set(late, { ifGeneration: generation })).toEqual({ stored: false, reason: 'cleared' })
      expect((await store.get('k', asked)).entry?.value).toBe('after')
      client.destroy()
    }
    await other.close()
  })

  it('refuses clients of redis 4 and what is no client, at construction', () => {
    const client = createClient4() as never
    expect(() => redisStore({ client })).toThrow(/client must be .* version 5 or 6, got .*redis 4/)
    expect(() => redisStore({ client: {} as never })).toThrow(/client must be a client/)
    expect(() => redisStore({ client: 'redis://x' as never })).toThrow(/client must be a client/)
  })
})

describe('options', () => {
  it.each([
    [{}, /the server must be given by url/],
    [{ url: 'http://x' }, /redis:\/\/ or rediss:\/\//],
    [{ url: 'redis://:hunter2@x', cluster: { nodes: ['redis://y'] } }, /one of url, cluster/],
    [{ url: 'redis://x', database: -1 }, /database/],
    [{ url: 'redis://x', keyPrefix: '{a}' }, /keyPrefix/],
    [{ url: 'redis://x', keyprefix: 'a' }, /one of .*keyPrefix/],
    [{ url: 'redis://x', index: { algorithm: 'FLAT', links: 4 } }, /index\.links must be left out with FLAT/],
    [{ url: 'redis://x', index: { vectorType: 'INT8' } }, /FLOAT16/],
    [{ url: 'redis://x', commandDeadlineMs: 0 }, /commandDeadlineMs/],
    [{ regions: {}, regionOf: () => 'x' }, /regions/],
    [{ regions: { eu: { url: 'redis://x' } } }, /regionOf/],
    [{ cluster: { nodes: [] } }, /cluster\.nodes/],
    [{ sentinel: { name: '', nodes: [] } }, /sentinel\.name/],
  ])('refuses %o', (options, message) => {
    expect(() => redisStore(options as never)).toThrow(message)
  })

  it('never tells a password', () => {
    let said = ''
    try {
      redisStore({ url: 'redis//user:hunter2@x' })
    } catch (error) {
      said = String(error)
    }
    expect(said).toContain('url must be')
    expect(said).not.toContain('hunter2')
  })
})

describe('a server without the query engine', () => {
  it('serves exact entries, finds nothing by meaning, and says so once', async () => {
    const events: StoreEvent[] = []
    const store = redisStore({ url: server.url, keyPrefix: 'plain' })
    store.listen((event) => events.push(event))
    const about = aboutOf(store, 'no search')
    const vector = Float32Array.of(1, 0)
    const entry = entryFor(about, { vector, embedderId: 'e' })
    expect(await store.set(entry)).toEqual({ stored: true })
    expect((await store.get(entry.key, { namespace: 'no search' })).entry?.value).toBe('answer')
    const query = { namespace: 'no search', embedderId: 'e', scope: 'scope', vector, limit: 3 }
    expect(await store.nearest(query)).toEqual([])
    expect(await store.nearest({ ...query, embedderId: 'f' })).toEqual([])
    expect(events.map(({ what }) => what)).toEqual(['no-vector-search'])
    await store.close()
  })
})

describe('the connection', () => {
  it('is one per process for stores with the same options, and ends with the last of them', async () => {
    const connections = async () =>
      (String(await server.command('CLIENT', 'LIST')).match(/name=shared-test/g) ?? []).length
    const url = `redis://127.0.0.1:${server.port}/0`
    const stores = Array.from({ length: 5 }, () => redisStore({ url, keyPrefix: 'shared' }))
    const ids = new Set<string>()
    for (const store of stores) await store.get('k', { namespace: 'n' })
    const list = String(await server.command('CLIENT', 'LIST'))
    for (const line of list.split('\n')) if (/cmd=hmget|cmd=hget|cmd=evalsha|cmd=eval/.test(line)) ids.add(line)
    expect(await connections()).toBe(0)
    expect(ids.size).toBe(1)
    for (const store of stores.slice(1)) await store.close()
    await expect(stores[1]?.get('k', { namespace: 'n' })).rejects.toMatchObject({ code: 'CLOSED' })
    expect((await stores[0]?.get('k', { namespace: 'n' }))?.generation).toBeTypeOf('string')
    await stores[0]?.close()
  })

  it('is not made at construction', async () => {
    const store = redisStore({ url: 'redis://127.0.0.1:1' })
    await store.close()
  })

  it('fails at once, call after call, while nobody answers at the address', async () => {
    const store = redisStore({ url: 'redis://127.0.0.1:1', keyPrefix: 'nobody' })
    for (let i = 0; i < 3; i++) {
      await expect(store.get('k', { namespace: 'n' })).rejects.toMatchObject({ code: 'STORE_FAILED' })
    }
    await store.close()
  })
})

function aboutOf(store: SharedStore, namespace: string) {
  return { store, namespace, clock: { now: Date.now, advance: () => undefined } }
}
