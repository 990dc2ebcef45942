import { describe, expect, it, vi } from 'vitest'
import type { CacheEvent } from '../../src/core/events.ts'
import { dot } from '../../src/core/vector.ts'
import { cachedEmbedder, type Embedder, type EmbedderNotice, hashingEmbedder } from '../../src/embeddings/index.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { CacheStore } from '../../src/stores/store.ts'
import { embedderContract } from '../../src/testing/index.ts'
import { ask, cacheBench, countingModel } from '../support/cache-bench.ts'

embedderContract('cached embedder', () => cachedEmbedder(hashingEmbedder(), { store: embeddedStore() }))
embedderContract('cached embedder without memory', () =>
  cachedEmbedder(hashingEmbedder(), { store: embeddedStore(), memory: { maxEntries: 0 } }),
)

/** An embedder that tells what it was asked. */
function countingEmbedder(inner: Embedder = hashingEmbedder()) {
  const asked: string[][] = []
  const embedder: Embedder = {
    describe: () => inner.describe(),
    embed(texts, options) {
      asked.push([...texts])
      return inner.embed(texts, options)
    },
  }
  return { asked, embedder }
}

const failing = (changes: Partial<CacheStore>): CacheStore => Object.assign(embeddedStore(), changes)

describe('cachedEmbedder', () => {
  it('asks once for a text, within a list and across calls, and tells of the rest as hits', async () => {
    const { asked, embedder } = countingEmbedder()
    const cached = cachedEmbedder(embedder, { store: embeddedStore() })
    const notices: EmbedderNotice[] = []
    await cached.embed(['a', 'b', 'a'])
    const [vector] = await cached.embed(['b', 'c'], { report: (notice) => notices.push(notice) })
    expect(asked).toEqual([['a', 'b'], ['c']])
    expect(notices).toContainEqual({ what: 'cache-hit', texts: 1 })
    const [plain] = await hashingEmbedder().embed(['b'])
    expect(dot(vector as Float32Array, plain as Float32Array)).toBeCloseTo(1, 5)
  })

  it('makes one call of many callers with one text, none of whom can take the others down', async () => {
    const { asked, embedder } = countingEmbedder()
    const store = embeddedStore()
    const cached = cachedEmbedder(embedder, { store, memory: { maxEntries: 0 } })
    const all = await Promise.all(Array.from({ length: 50 }, () => cached.embed(['how are you'])))
    expect(asked).toEqual([['how are you']])
    expect(new Set(all.map(([vector]) => vector?.[0])).size).toBe(1)

    const failures = [new Error('busy')]
    const flaky = cachedEmbedder(
      {
        describe: () => embedder.describe(),
        embed: async (texts, options) => {
          const failure = failures.pop()
          if (failure) throw failure
          return embedder.embed(texts, options)
        },
      },
      { store: embeddedStore() },
    )
    const [first, second] = await Promise.allSettled([flaky.embed(['fine, thanks']), flaky.embed(['fine, thanks'])])
    expect(first.status).toBe('rejected')
    expect(second.status).toBe('fulfilled')
  })

  it('is counted in the ledger of the cache that uses it', async () => {
    const embedder = cachedEmbedder(hashingEmbedder(), { store: embeddedStore() })
    const { cache } = await cacheBench({ embedder })
    const model = countingModel()
    for (const tenant of ['acme', 'globex', 'initech'])
      await cache.getOrCall(ask('how are you'), model.call, { tenant })
    expect((await cache.stats()).texts).toEqual({ embedded: 1, cached: 2 })
  })

  it('finds in the store what another process has embedded', async () => {
    const store = embeddedStore()
    const first = cachedEmbedder(hashingEmbedder(), { store })
    const [before] = await first.embed(['how are you'])
    await first.flush()
    const { asked, embedder } = countingEmbedder()
    const [after] = await cachedEmbedder(embedder, { store }).embed(['how are you'])
    expect(asked).toEqual([])
    expect(dot(before as Float32Array, after as Float32Array)).toBeCloseTo(1, 6)
  })

  it('never shares between embedders, namespaces or secrets', async () => {
    const store = embeddedStore()
    const first = cachedEmbedder(hashingEmbedder(), { store })
    await first.embed(['a'])
    await first.flush()
    for (const [inner, options] of [
      [hashingEmbedder({ dimensions: 64 }), {}],
      [hashingEmbedder(), { namespace: 'other' }],
      [hashingEmbedder(), { keySecret: 'hush' }],
    ] as const) {
      const { asked, embedder } = countingEmbedder(inner)
      await cachedEmbedder(embedder, { store, ...options }).embed(['a'])
      expect(asked).toEqual([['a']])
    }
  })

  it('asks again when the stored vector has expired', async () => {
    let time = 1_000_000
    const now = () => time
    const store = embeddedStore({ now })
    const { asked, embedder } = countingEmbedder()
    const make = () => cachedEmbedder(embedder, { store, now, ttlMs: 1_000, memory: { maxEntries: 0 } })
    const cached = make()
    await cached.embed(['a'])
    await cached.flush()
    time += 999
    await make().embed(['a'])
    expect(asked).toHaveLength(1)
    time += 1
    await make().embed(['a'])
    expect(asked).toHaveLength(2)
  })

  it.each<[string, Partial<CacheStore>]>([
    ['rejects every read', { get: async () => Promise.reject(new Error('down')) }],
    ['rejects every write', { set: async () => Promise.reject(new Error('down')) }],
    [
      'throws',
      {
        get: () => {
          throw new Error('down')
        },
      },
    ],
    ['never answers', { get: () => new Promise(() => {}) }],
  ])('embeds all the same when the store %s, and says so', async (_what, changes) => {
    const events: CacheEvent[] = []
    const cached = cachedEmbedder(hashingEmbedder(), {
      store: failing(changes),
      storeDeadlineMs: 5,
      on: [(event) => events.push(event)],
    })
    expect(await cached.embed(['a'])).toHaveLength(1)
    await cached.flush()
    expect(events).toContainEqual(expect.objectContaining({ type: 'store', namespace: 'embeddings' }))
    expect(JSON.stringify(events)).not.toContain('"a"')
  })

  it('leaves a store alone that failed five times, and tries it again later', async () => {
    let time = 0
    const get = vi.fn(async () => Promise.reject(new Error('down')))
    const cached = cachedEmbedder(hashingEmbedder(), { store: failing({ get }), now: () => time })
    for (let i = 0; i < 8; i++) await cached.embed([`text ${i}`])
    expect(get).toHaveBeenCalledTimes(5)
    time += 2_000
    await cached.embed(['later'])
    expect(get).toHaveBeenCalledTimes(6)
  })

  it.each([
    ['no record', 'x'],
    ['no vector', {}],
    ['too short', { vector: 'AAAA' }],
    ['zero', { vector: Buffer.alloc(384 * 4).toString('base64') }],
  ])('embeds anew what is stored damaged: %s', async (_what, value) => {
    const { asked, embedder } = countingEmbedder()
    const store = failing({
      get: async () => ({ generation: 'g', entry: { value } as never }),
    })
    expect(await cachedEmbedder(embedder, { store }).embed(['a'])).toHaveLength(1)
    expect(asked).toHaveLength(1)
  })

  it('does not store what an embedder gives wrongly', async () => {
    const store = embeddedStore()
    const wrong: Embedder = { describe: hashingEmbedder().describe, embed: async () => [new Float32Array(384)] }
    const cached = cachedEmbedder(wrong, { store })
    await expect(cached.embed(['a'])).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
    await cached.flush()
    const { asked, embedder } = countingEmbedder()
    await cachedEmbedder(embedder, { store }).embed(['a'])
    expect(asked).toHaveLength(1)
  })

  it('passes the error of the embedder on', async () => {
    const error = new Error('no')
    const broken: Embedder = { describe: hashingEmbedder().describe, embed: async () => Promise.reject(error) }
    await expect(cachedEmbedder(broken, { store: embeddedStore() }).embed(['a'])).rejects.toBe(error)
  })

  it.each<[string, object]>([
    ['no store', { store: undefined }],
    ['an endless life', { ttlMs: Number.POSITIVE_INFINITY }],
    ['an unknown option', { ttl: 5 }],
    ['an unknown option of memory', { memory: { max: 5 } }],
    ['an empty secret', { keySecret: '' }],
  ])('refuses %s', (_what, options) => {
    expect(() => cachedEmbedder(hashingEmbedder(), { store: embeddedStore(), ...options } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})
