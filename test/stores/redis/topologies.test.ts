import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCluster, createSentinel } from 'redis'
import { createCluster as createCluster4 } from 'redis4'
import { createCluster as createCluster5, createSentinel as createSentinel5 } from 'redis5'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSemanticCache } from '../../../src/create.ts'
import { type RedisStoreOptions, redisStore, type SharedStore } from '../../../src/stores/redis/index.ts'
import { KeyNames } from '../../../src/stores/redis/key-names.ts'
import { entryFor } from '../../../src/testing/store/subject.ts'
import { answer, ask } from '../../support/cache-bench.ts'
import { freePort, makeCertificates, type RedisServer, startRedis } from '../../support/redis-server.ts'

const open: SharedStore[] = []
const opened = (store: SharedStore): SharedStore => {
  open.push(store)
  return store
}
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
})

const aboutOf = (store: SharedStore, namespace: string) => ({
  store,
  namespace,
  clock: { now: Date.now, advance: () => undefined },
})

/** A round through everything a store does; for a topology the contract would take too long. */
async function expectWorking(store: SharedStore, namespace: string): Promise<void> {
  const about = aboutOf(store, namespace)
  const entries = Array.from({ length: 30 }, (_, i) =>
    entryFor(about, { key: `k${i}`, tags: [i % 2 ? 'odd' : 'even'], tenant: i < 10 ? 'acme' : 'beta' }),
  )
  // The first connection of a topology may take longer than one command may.
  await expect.poll(() => store.get('k', { namespace }).catch(() => undefined), { timeout: 20_000 }).toBeDefined()
  for (const entry of entries) expect(await store.set(entry)).toEqual({ stored: true })
  const { entry, generation } = await store.get('k3', { namespace, tenant: 'acme', tags: ['odd'] })
  expect(entry).toEqual(entries[3])
  expect(await store.update('k3', { namespace, addHits: 2, addWrong: 1 })).toBe(true)
  expect((await store.get('k3', { namespace, whole: true })).entry).toMatchObject({ hits: 2, evidence: { wrong: 1 } })
  expect(await store.clear({ namespace, tags: ['odd'] })).toBe(15)
  expect(await store.set(entryFor(about, { tags: ['odd'] }), { ifGeneration: generation })).toMatchObject({
    reason: 'cleared',
  })
  expect(await store.clear({ namespace, tenant: 'acme' })).toBe(5)
  expect(await store.delete(['k10', 'k12', 'k1'], { namespace })).toBe(2)
  expect(await store.clear({ namespace })).toBe(8)
  const token = await store.acquire(namespace, 10_000)
  expect(await store.acquire(namespace, 10_000)).toBeUndefined()
  await store.release(namespace, token as string)
  await store.add(namespace, { n: 2 }, 10_000)
  expect(await store.read([namespace])).toEqual([{ n: 2 }])
}

describe('TLS, users and databases', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-tls-'))
  let files: ReturnType<typeof makeCertificates>
  let tls: RedisServer
  let tlsPort: number
  let plain: RedisServer

  beforeAll(async () => {
    files = makeCertificates(folder)
    tlsPort = await freePort()
    tls = await startRedis({
      args: [
        ...['--tls-port', String(tlsPort), '--tls-cert-file', files.cert, '--tls-key-file', files.key],
        ...['--tls-ca-cert-file', files.ca, '--tls-auth-clients', 'yes'],
      ],
    })
    plain = await startRedis()
  })
  afterAll(async () => {
    await tls.stop()
    await plain.stop()
    rmSync(folder, { recursive: true })
  })

  it('TLS with an authority and a client certificate of its own', async () => {
    const [ca, cert, key] = [files.ca, files.cert, files.key].map((path) => readFileSync(path))
    await expectWorking(opened(redisStore({ url: `rediss://localhost:${tlsPort}`, tls: { ca, cert, key } })), 'tls')
  })

  it('TLS refuses a server that no known authority vouches for', async () => {
    const store = opened(redisStore({ url: `rediss://localhost:${tlsPort}` }))
    await expect(store.get('k', { namespace: 'n' })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringMatching(/certificate/),
    })
  })

  it('a user with the rules of docs/redis.md and none more, by options and by URL', async () => {
    const docs = readFileSync(new URL('../../../docs/redis.md', import.meta.url), 'utf8')
    const rules = /ACL SETUSER reprise (.*)/.exec(docs)?.[1]?.trim().split(/\s+/) ?? []
    // The server of this test has no query engine, so it does not know these.
    const known = rules.filter((rule) => !rule.startsWith('+ft.')).map((rule) => rule.replace('>…', '>secret'))
    await plain.command('ACL', 'SETUSER', 'reprise', ...known)
    const url = `redis://127.0.0.1:${plain.port}`
    await expectWorking(opened(redisStore({ url, username: 'reprise', password: 'secret' })), 'acl')
    await expectWorking(opened(redisStore({ url: `redis://reprise:secret@127.0.0.1:${plain.port}` })), 'acl by url')
  })

  it('a database by number', async () => {
    const store = opened(redisStore({ url: plain.url, database: 3 }))
    await store.set(entryFor(aboutOf(store, 'n'), { key: 'k' }))
    expect(String(await plain.command('INFO', 'keyspace'))).toContain('db3:')
    await expectWorking(store, 'db3')
  })
})

describe('regions', () => {
  let eu: RedisServer
  let us: RedisServer
  beforeAll(async () => {
    ;[eu, us] = await Promise.all([startRedis(), startRedis()])
  })
  afterAll(async () => {
    await eu.stop()
    await us.stop()
  })

  it('keep the data of each tenant where the function says, and nowhere else', async () => {
    const regionOf = (tenant: string | undefined) => (tenant?.startsWith('us-') ? 'us' : 'eu')
    const store = opened(redisStore({ regions: { eu: { url: eu.url }, us: { url: us.url } }, regionOf }))
    const about = aboutOf(store, 'n')
    for (const tenant of ['us-acme', 'beta']) await store.set(entryFor(about, { key: tenant, tenant, tags: ['t'] }))
    await store.set(entryFor(about, { key: 'shared' }))
    const entries = async (server: RedisServer) =>
      ((await server.command('KEYS', '*:e:*')) as string[]).map((key) => key.split(':e:')[1]).sort()
    expect(await entries(us)).toEqual(['us-acme'])
    expect(await entries(eu)).toEqual(['beta', 'shared'])
    expect((await store.get('us-acme', { namespace: 'n', tenant: 'us-acme' })).entry?.tenant).toBe('us-acme')
    expect((await store.get('us-acme', { namespace: 'n', tenant: 'beta' })).entry).toBeUndefined()
    expect(await store.update('us-acme', { namespace: 'n', addHits: 1 })).toBe(true)
    expect(await store.clear({ namespace: 'n', tenant: 'us-acme' })).toBe(1)
    expect(await entries(us)).toEqual([])
    expect(await store.clear({ namespace: 'n', tags: ['t'] })).toBe(1)
    expect(await store.delete(['shared'], { namespace: 'n' })).toBe(1)
  })

  it('refuse a tenant that has none, rather than putting it anywhere', async () => {
    const store = opened(redisStore({ regions: { eu: { url: eu.url } }, regionOf: () => 'mars' }))
    await expect(store.get('k', { namespace: 'n', tenant: 'x' })).rejects.toThrow(
      /regionOf must give one of eu, got "mars"/,
    )
  })
})

/** For hooks, where expect.poll is not to be had. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await condition())) throw new Error('not yet')
    },
    { timeout: 20_000, interval: 50 },
  )
}

describe('a cluster of three masters with a replica each', () => {
  let servers: RedisServer[]
  let nodes: string[]

  beforeAll(async () => {
    servers = await Promise.all(
      Array.from({ length: 6 }, async () => {
        // The bus of a node listens ten thousand higher: both lie below the ports that the system gives to connections.
        const port = 10_000 + Math.floor(Math.random() * 10_000)
        const args = [
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '1000',
          '--cluster-config-file',
          `nodes-${port}.conf`,
        ]
        return startRedis({
          port,
          args: [...args, '--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
        })
      }),
    )
    nodes = servers.map(({ url }) => url)
    const [first, ...others] = servers as [RedisServer, ...RedisServer[]]
    const bounds = [0, 5461, 10_923, 16_384]
    for (const i of [0, 1, 2]) {
      await servers[i]?.command('CLUSTER', 'ADDSLOTSRANGE', String(bounds[i]), String((bounds[i + 1] as number) - 1))
      await servers[i]?.command('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1))
    }
    for (const { port } of others) await first.command('CLUSTER', 'MEET', '127.0.0.1', String(port))
    const known = async (server: RedisServer) => String(await server.command('CLUSTER', 'NODES'))
    for (const server of servers) {
      await until(async () => (await known(server)).trim().split('\n').length === 6)
    }
    for (const i of [3, 4, 5]) {
      const master = String(await servers[i - 3]?.command('CLUSTER', 'MYID'))
      await until(async () => (await servers[i]?.command('CLUSTER', 'REPLICATE', master)) === 'OK')
    }
    for (const server of servers) {
      await until(async () => String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok'))
    }
    for (const i of [3, 4, 5]) {
      await until(async () =>
        String(await servers[i]?.command('INFO', 'replication')).includes('master_link_status:up'),
      )
    }
  }, 90_000)
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()))
  })

  it.each([['made from nodes', () => redisStore({ cluster: { nodes: nodes.slice(0, 2) } })]])(
    '%s',
    async (name, create) => {
      await expectWorking(opened(create()), name)
    },
  )

  it.each([
    ['6', createCluster],
    ['5', createCluster5 as unknown as typeof createCluster],
  ])('a given cluster client of redis %s', async (version, create) => {
    const client = create({ rootNodes: nodes.map((url) => ({ url })) })
    client.on('error', () => undefined)
    await client.connect()
    await expectWorking(opened(redisStore({ client: client as RedisStoreOptions['client'] })), `given ${version}`)
    client.destroy()
  })

  it('reads from replicas where that is allowed, and only there', async () => {
    const reads = async () => {
      const counts = await Promise.all(
        servers.slice(3).map(async (server) => {
          const stats = String(await server.command('INFO', 'commandstats'))
          return Number(/cmdstat_hmget:calls=(\d+)/.exec(stats)?.[1] ?? 0)
        }),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    }
    for (const readFromReplicas of [false, true]) {
      const store = opened(
        redisStore({ cluster: { nodes }, keyPrefix: `replicas-${readFromReplicas}`, readFromReplicas }),
      )
      const namespace = 'n'
      const about = aboutOf(store, namespace)
      await expect.poll(() => store.get('k', { namespace }).catch(() => undefined), { timeout: 20_000 }).toBeDefined()
      for (let i = 0; i < 20; i++) await store.set(entryFor(about, { key: `k${i}` }))
      for (const i of [0, 1, 2]) await servers[i]?.command('WAIT', '1', '2000')
      const before = await reads()
      for (let i = 0; i < 60; i++) expect((await store.get(`k${i % 20}`, { namespace })).entry?.key).toBe(`k${i % 20}`)
      expect((await reads()) > before).toBe(readFromReplicas)
    }
  })

  it('MOVED: goes after a slot that moved; a store that knows one node alone fails for what lies elsewhere', async () => {
    const names = new KeyNames('moved')
    const masters = servers.slice(0, 3)
    const slotOf = async (key: string) => Number(await masters[0]?.command('CLUSTER', 'KEYSLOT', names.entry('n', key)))
    const homeOf = (slot: number) => (slot < 5461 ? 0 : slot < 10_923 ? 1 : 2)
    const store = opened(redisStore({ cluster: { nodes }, keyPrefix: 'moved' }))
    await expectWorking(store, 'before it moves')
    const slot = await slotOf('moves')
    const source = masters[homeOf(slot)] as RedisServer
    const target = masters[(homeOf(slot) + 1) % 3] as RedisServer
    const [from, to] = [await source.command('CLUSTER', 'MYID'), await target.command('CLUSTER', 'MYID')].map(String)
    const setSlot = (server: RedisServer, ...how: string[]) =>
      server.command('CLUSTER', 'SETSLOT', String(slot), ...how)
    // As redis-cli does it: an import gives the target a new epoch, without which old gossip may take the slot back.
    await setSlot(target, 'IMPORTING', from as string)
    await setSlot(source, 'MIGRATING', to as string)
    for (const server of [target, source, ...masters]) await setSlot(server, 'NODE', to as string)
    const about = aboutOf(store, 'n')
    expect(await store.set(entryFor(about, { key: 'moves' }))).toEqual({ stored: true })
    expect((await store.get('moves', { namespace: 'n' })).entry?.key).toBe('moves')
    expect(await target.command('EXISTS', names.entry('n', 'moves'))).toBe(1)

    const alone = opened(redisStore({ url: masters[0]?.url as string, keyPrefix: 'moved' }))
    const elsewhere: string[] = []
    for (let i = 0; elsewhere.length === 0; i++) if (homeOf(await slotOf(`k${i}`)) !== 0) elsewhere.push(`k${i}`)
    await expect(alone.get(elsewhere[0] as string, { namespace: 'n' })).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('MOVED'),
    })
    const cache = await createSemanticCache({ store: alone, decision: 'exact', namespace: 'alone' })
    const outcomes = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const { record } = await cache.getOrCall(ask(`q${i}`), async () => answer('from the model'))
      outcomes.add(`${record.outcome} ${record.reason}`)
    }
    expect([...outcomes]).toContain('bypass store-failed')
    await cache.close()
  })

  it('refuses a cluster client of redis 4', () => {
    expect(() => redisStore({ client: createCluster4({ rootNodes: [{ url: nodes[0] as string }] }) as never })).toThrow(
      /redis 4/,
    )
  })

  it('goes on through a failover during traffic', async () => {
    const store = opened(redisStore({ cluster: { nodes }, keyPrefix: 'failover' }))
    const about = aboutOf(store, 'failover')
    await expect
      .poll(() => store.get('k', { namespace: 'failover' }).catch(() => undefined), { timeout: 20_000 })
      .toBeDefined()
    const entries = Array.from({ length: 60 }, (_, i) => entryFor(about, { key: `k${i}` }))
    for (const entry of entries) await store.set(entry)
    // Copies reach the replicas before their masters die, so that nothing written is lost.
    for (const i of [0, 1, 2]) await servers[i]?.command('WAIT', '1', '2000')
    let running = true
    const failures: unknown[] = []
    const traffic = (async () => {
      for (let i = 0; running; i++) {
        await store.get(`k${i % 60}`, { namespace: 'failover' }).catch((error) => failures.push(error))
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    await servers[0]?.kill()
    const all = async () => {
      const reads = await Promise.all(
        entries.map(({ key }) => store.get(key, { namespace: 'failover' }).catch(() => undefined)),
      )
      return reads.filter((read) => read?.entry).length
    }
    await expect.poll(all, { timeout: 40_000, interval: 200 }).toBe(60)
    for (const entry of entries) expect(await store.set({ ...entry, value: 'after' })).toEqual({ stored: true })
    running = false
    await traffic
    for (const failure of failures) expect(failure).toMatchObject({ name: 'CacheError' })
  }, 60_000)
})

describe('Sentinel', () => {
  let master: RedisServer
  let replica: RedisServer
  let sentinels: RedisServer[]
  let options: { name: string; nodes: { host: string; port: number }[] }
  const folder = mkdtempSync(join(tmpdir(), 'reprise-sentinel-'))

  beforeAll(async () => {
    master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
    replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
    })
    await until(async () => String(await replica.command('INFO', 'replication')).includes('master_link_status:up'))
    sentinels = await Promise.all(
      [1, 2, 3].map(async (i) => {
        const port = await freePort()
        const config = join(folder, `sentinel-${i}.conf`)
        writeFileSync(
          config,
          [
            `port ${port}`,
            'bind 127.0.0.1',
            `dir ${folder}`,
            `sentinel monitor main 127.0.0.1 ${master.port} 2`,
            'sentinel down-after-milliseconds main 500',
            'sentinel failover-timeout main 3000',
          ].join('\n'),
        )
        return startRedis({ port, sentinelConfig: config })
      }),
    )
    options = { name: 'main', nodes: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })) }
    for (const sentinel of sentinels) {
      await until(async () => String(await sentinel.command('INFO', 'sentinel')).includes('slaves=1,sentinels=3'))
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all([...sentinels, master, replica].map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['6', createSentinel],
    ['5', createSentinel5 as unknown as typeof createSentinel],
  ])('a given sentinel client of redis %s', async (version, create) => {
    const client = create({ name: options.name, sentinelRootNodes: options.nodes })
    client.on('error', () => undefined)
    await client.connect()
    await expectWorking(opened(redisStore({ client: client as RedisStoreOptions['client'] })), `given ${version}`)
    client.destroy()
  })

  it('reads from the replica where that is allowed, and only there', async () => {
    const reads = async () =>
      Number(/cmdstat_hmget:calls=(\d+)/.exec(String(await replica.command('INFO', 'commandstats')))?.[1] ?? 0)
    for (const readFromReplicas of [false, true]) {
      const store = opened(
        redisStore({ sentinel: options, keyPrefix: `replicas-${readFromReplicas}`, readFromReplicas }),
      )
      const about = aboutOf(store, 'n')
      const read = (key: string) => store.get(key, { namespace: 'n' })
      await expect.poll(() => read('k').catch(() => undefined), { timeout: 20_000 }).toBeDefined()
      await store.set(entryFor(about, { key: 'k' }))
      await master.command('WAIT', '1', '2000')
      const before = await reads()
      for (let i = 0; i < 20; i++) expect((await read('k')).entry?.key).toBe('k')
      expect((await reads()) > before).toBe(readFromReplicas)
    }
  })

  it('made from sentinels, goes on after a failover', async () => {
    const store = opened(redisStore({ sentinel: options }))
    await expectWorking(store, 'sentinel')
    const about = aboutOf(store, 'sentinel failover')
    await store.set(entryFor(about, { key: 'k' }))
    await master.command('WAIT', '1', '2000')
    await master.kill()
    await expect
      .poll(async () => (await store.get('k', { namespace: about.namespace }).catch(() => undefined))?.entry?.key, {
        timeout: 40_000,
        interval: 200,
      })
      .toBe('k')
    await expect
      .poll(() => store.set(entryFor(about, { key: 'after' })).catch(() => undefined), {
        timeout: 20_000,
        interval: 200,
      })
      .toEqual({ stored: true })
  }, 60_000)
})
