import { describe, expect, it } from 'vitest'
import type { CacheEntry } from '../../../src/core/entry.ts'
import { CacheError } from '../../../src/core/errors.ts'
import { type EmbeddedStoreOptions, embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'

const namespace = 'n'
const about = { namespace }
const NOW = 1_700_000_000_000

function entry(given: Partial<CacheEntry<unknown>> & { readonly key: string }): CacheEntry<unknown> {
  return {
    namespace,
    tags: [],
    scope: 's',
    value: 'v',
    origin: { provider: 'p', name: 'm', durationMs: 1 },
    createdAt: NOW,
    expiresAt: NOW + 1_000,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
    ...given,
  }
}

function storeAt(options: EmbeddedStoreOptions = {}) {
  const clock = { at: NOW }
  const store = embeddedStore({ now: () => clock.at, ...options })
  const put = (key: string, given: Partial<CacheEntry<unknown>> = {}) => store.set(entry({ key, ...given }))
  const has = async (...keys: string[]) => {
    const found: string[] = []
    for (const key of keys) if ((await store.get(key, about)).entry) found.push(key)
    return found
  }
  const nearest = (vector: Float32Array, limit = 1) =>
    store.nearest({ namespace, embedderId: 'e', scope: 's', vector, limit })
  return { clock, store, put, has, nearest }
}

describe('the embedded store', () => {
  it.each([
    [{ maxEntries: 0 }, 'maxEntries must be an integer ≥ 1 and finite, got 0'],
    [{ maxEntries: 1.5 }, 'maxEntries'],
    [{ maxBytes: -1 }, 'maxBytes'],
    [{ maxBytes: Number.POSITIVE_INFINITY }, 'maxBytes'],
    [{ now: 5 }, 'now must be a function'],
    [{ maxEntrys: 5 }, 'maxEntrys'],
    [[], 'options of embeddedStore'],
  ])('refuses the options %o', (options, message) => {
    expect(() => embeddedStore(options as EmbeddedStoreOptions)).toThrow(message)
  })

  it('sees a write in a read that is issued after it, before either has settled', async () => {
    const { store, put } = storeAt()
    const written = put('k')
    const read = store.get('k', about)
    expect((await read).entry?.key).toBe('k')
    await written
  })

  it('keeps the bound on entries, least recently used first out', async () => {
    const { put, has } = storeAt({ maxEntries: 3 })
    for (const key of ['a', 'b', 'c', 'd']) await put(key)
    expect(await has('a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd'])
  })

  it('takes reading, finding and updating as use', async () => {
    const { store, put, has, nearest } = storeAt({ maxEntries: 3 })
    await put('found', { vector: Float32Array.of(1, 0), embedderId: 'e' })
    await put('read')
    await put('updated')
    await nearest(Float32Array.of(0.6, 0.8))
    await store.get('read', about)
    await store.update('updated', { namespace, addHits: 1 })
    await put('new')
    expect(await has('found', 'read', 'updated', 'new')).toEqual(['read', 'updated', 'new'])
    await put('newer')
    expect(await has('read', 'updated', 'new', 'newer')).toEqual(['updated', 'new', 'newer'])
  })

  it('does not take being looked at in vain as use', async () => {
    const { put, has, nearest } = storeAt({ maxEntries: 2 })
    await put('far', { vector: Float32Array.of(0, 1), embedderId: 'e' })
    await put('near', { vector: Float32Array.of(1, 0), embedderId: 'e' })
    await nearest(Float32Array.of(1, 0))
    await put('new')
    expect(await has('far', 'near', 'new')).toEqual(['near', 'new'])
  })

  it('keeps the bound on bytes', async () => {
    const { put, has } = storeAt({ maxBytes: 20_000 })
    for (const key of ['a', 'b', 'c']) await put(key, { value: 'x'.repeat(8_000) })
    expect(await has('a', 'b', 'c')).toEqual(['b', 'c'])
  })

  it('refuses an entry larger than all it may hold, and keeps the one it would have replaced', async () => {
    const { store, put, has } = storeAt({ maxBytes: 10_000 })
    await put('k', { value: 'small' })
    expect(await put('k', { value: 'x'.repeat(10_000) })).toEqual({ stored: false, reason: 'too-large' })
    expect((await store.get('k', about)).entry?.value).toBe('small')
    expect(await put('wide', { vector: new Float32Array(3_000).fill(1 / Math.sqrt(3_000)), embedderId: 'e' })).toEqual({
      stored: false,
      reason: 'too-large',
    })
    expect(await has('k')).toEqual(['k'])
  })

  it('counts text by its bytes, not its characters', async () => {
    const { put } = storeAt({ maxBytes: 10_000 })
    expect(await put('latin', { value: 'x'.repeat(4_000) })).toEqual({ stored: true })
    expect(await put('chinese', { value: '长'.repeat(4_000) })).toEqual({ stored: false, reason: 'too-large' })
  })

  it('makes room by dropping what has expired before anything is evicted', async () => {
    const { clock, put, has } = storeAt({ maxEntries: 10 })
    for (let i = 0; i < 5; i++) await put(`old${i}`, { expiresAt: NOW + 100_000 })
    for (let i = 0; i < 5; i++) await put(`short${i}`, { expiresAt: NOW + 10 })
    clock.at += 10
    for (let i = 0; i < 5; i++) await put(`new${i}`, { expiresAt: NOW + 100_000 })
    expect(await has('old0', 'old1', 'old2', 'old3', 'old4', 'new0', 'new4')).toHaveLength(7)
  })

  it('counts expired entries neither as deleted nor as cleared', async () => {
    const { clock, store, put } = storeAt()
    await put('a', { tags: ['x'] })
    await put('b', { tags: ['x'], expiresAt: NOW + 5_000 })
    await put('c', { expiresAt: NOW + 5_000 })
    await put('d')
    clock.at += 1_000
    expect(await store.delete(['d', 'c'], about)).toBe(1)
    expect(await store.clear({ namespace, tags: ['x'] })).toBe(1)
  })

  it('finds the same as a bare loop while scopes grow large and shrink again', async () => {
    const { store } = storeAt({ now: () => NOW })
    const random = numbers()
    const kept = new Map<string, { scope: string; vector: Float32Array }>()
    const find = async (scope: string, vector: Float32Array) =>
      (await store.nearest({ namespace, embedderId: 'e', scope, vector, limit: 4 })).map(({ entry: { key } }) => key)
    for (let step = 0; step < 1_500; step++) {
      const key = `k${Math.floor(random() * 600)}`
      const isShrinking = step > 700 && step < 1_200
      if (random() < (isShrinking ? 0.8 : 0.2)) {
        const [some = key] = [...kept.keys()].slice(Math.floor(random() * kept.size))
        expect(await store.delete([some], about)).toBe(kept.delete(some) ? 1 : 0)
      } else {
        const vector = unit(Float32Array.from({ length: 5 }, () => random() - 0.5))
        const scope = ['large', 'medium', `small${step % 40}`][Math.floor(random() * 2.2)] as string
        await store.set(entry({ key, scope, vector, embedderId: 'e' }))
        kept.set(key, { scope, vector })
      }
      if (step % 10 !== 0) continue
      const query = unit(Float32Array.from({ length: 5 }, () => random() - 0.5))
      for (const scope of ['large', 'medium', 'small7']) {
        const expected = [...kept]
          .filter(([, held]) => held.scope === scope)
          .map(([name, { vector }]) => ({
            name,
            similarity: vector.reduce((sum, value, i) => sum + value * (query[i] ?? 0), 0),
          }))
          .sort((a, b) => b.similarity - a.similarity)
        expect(await find(scope, query)).toEqual(expected.slice(0, 4).map(({ name }) => name))
      }
    }
    for (const [key, { vector }] of kept) expect((await store.get(key, about)).entry?.vector).toEqual(vector)
  })

  it('hands out vectors exactly as they were given', async () => {
    const { store, put, nearest } = storeAt()
    const vector = Float32Array.of(0.6, -0.8)
    await put('k', { vector, embedderId: 'e' })
    expect((await store.get('k', about)).entry?.vector).toEqual(vector)
    expect((await nearest(vector))[0]?.entry.vector).toEqual(vector)
  })

  it('never reports a similarity beyond 1', async () => {
    const { put, nearest } = storeAt()
    for (let i = 0; i < 200; i++) {
      const raw = Float32Array.from({ length: 7 }, (_, j) => Math.sin(i * 7 + j) + 0.01)
      const length = Math.hypot(...raw)
      const vector = raw.map((value) => value / length)
      await put(`${i}`, { vector, embedderId: 'e' })
      const [found] = await nearest(vector)
      expect(found?.similarity).toBeLessThanOrEqual(1)
    }
  })

  it.each([
    ['of zeros', Float32Array.of(0, 0)],
    ['that nobody scaled', Float32Array.of(3, 4)],
    ['with NaN', Float32Array.of(Number.NaN, 1)],
    ['with infinity', Float32Array.of(Number.POSITIVE_INFINITY, 0)],
    ['of no dimension', new Float32Array(0)],
    ['of another length than the others', Float32Array.of(1, 0, 0)],
    ['that is no Float32Array', [1, 0] as unknown as Float32Array],
  ])('rejects a vector %s, to write and to ask', async (_what, vector) => {
    const { put, nearest, has } = storeAt()
    await put('k', { vector: Float32Array.of(1, 0), embedderId: 'e' })
    const invalid = expect.objectContaining({ code: 'INVALID_OPTION' })
    await expect(put('wrong', { vector, embedderId: 'e' })).rejects.toEqual(invalid)
    await expect(nearest(vector)).rejects.toEqual(invalid)
    expect(await has('wrong')).toEqual([])
  })

  it('rejects a vector without its embedder, and an embedder without a vector', async () => {
    const { put } = storeAt()
    await expect(put('k', { vector: Float32Array.of(1) })).rejects.toThrow('both vector and embedderId')
    await expect(put('k', { embedderId: 'e' })).rejects.toThrow('both vector and embedderId')
  })

  it.each([0, -1, 1.5, Number.NaN])('rejects a limit of %s', async (limit) => {
    const { nearest } = storeAt()
    await expect(nearest(Float32Array.of(1), limit)).rejects.toThrow('limit must be an integer ≥ 1')
  })

  it.each([{ addHits: Number.NaN }, { addWrong: Number.POSITIVE_INFINITY }, { expiresAt: Number.NaN }])(
    'rejects the update %o',
    async (change) => {
      const { store, put } = storeAt()
      await put('k')
      await expect(store.update('k', { namespace, ...change })).rejects.toThrow('a finite number')
    },
  )

  it('forgets the oldest clears when there are very many, and then refuses older calls rather than trust them', async () => {
    const { store } = storeAt()
    const { generation } = await store.get('k', about)
    for (let i = 0; i < 10_001; i++) await store.clear({ namespace, tags: [`tag${i}`] })
    expect(await store.set(entry({ key: 'k', tags: ['unrelated'] }), { ifGeneration: generation })).toEqual({
      stored: false,
      reason: 'cleared',
    })
    const { generation: later } = await store.get('k', about)
    expect(await store.set(entry({ key: 'k' }), { ifGeneration: later })).toEqual({ stored: true })
  })

  it('does not accept the generation of another store', async () => {
    const { generation } = await storeAt().store.get('k', about)
    const { store } = storeAt()
    expect(await store.set(entry({ key: 'k' }), { ifGeneration: generation })).toEqual({
      stored: false,
      reason: 'cleared',
    })
  })

  it('forgets totals at the end of their life, which every addition renews', async () => {
    const { clock, store } = storeAt()
    await store.add('t', { n: 1 }, 1_000)
    clock.at += 900
    await store.add('t', { n: 1 }, 1_000)
    clock.at += 999
    expect(await store.read(['t'])).toEqual([{ n: 2 }])
    clock.at += 1
    expect(await store.read(['t'])).toEqual([{}])
    await store.add('t', { n: 5 }, 1_000)
    expect(await store.read(['t'])).toEqual([{ n: 5 }])
  })

  it('rejects amounts that are no numbers, and adds none of them', async () => {
    const { store } = storeAt()
    await expect(store.add('t', { n: 1, wrong: Number.NaN }, 1)).rejects.toThrow('finite')
    await expect(store.add('t', { n: 1 }, 0)).rejects.toThrow('ttlMs')
    expect(await store.read(['t'])).toEqual([{}])
  })

  it('tells of evictions, the first at once and then a thousand at a time, also to who listens late', async () => {
    const { store, put } = storeAt({ maxEntries: 1 })
    for (let i = 0; i < 3; i++) await put(`early${i}`)
    const told: unknown[] = []
    const stop = store.listen((event) => told.push(event))
    const evicted = { type: 'store', store: 'embedded', what: 'evicted', at: NOW }
    expect(told).toEqual([{ ...evicted, count: 1 }])
    for (let i = 0; i < 1_000; i++) await put(`late${i}`)
    expect(told.slice(1)).toEqual([{ ...evicted, count: 1_001 }])
    stop()
    for (let i = 0; i < 1_000; i++) await put(`later${i}`)
    expect(told).toHaveLength(2)
  })

  it('goes on when a listener throws', async () => {
    const { store, put, has } = storeAt({ maxEntries: 1 })
    store.listen(() => {
      throw new Error('of the listener')
    })
    await put('a')
    expect(await put('b')).toEqual({ stored: true })
    expect(await has('a', 'b')).toEqual(['b'])
  })

  it('rejects every call after it was closed', async () => {
    const { store, nearest } = storeAt()
    await store.close()
    const closed = (error: unknown) => CacheError.is(error, 'CLOSED')
    await expect(nearest(Float32Array.of(1))).rejects.toSatisfy(closed)
    await expect(store.add('t', { n: 1 }, 1)).rejects.toSatisfy(closed)
    await expect(store.read(['t'])).rejects.toSatisfy(closed)
    await expect(store.flush()).rejects.toSatisfy(closed)
  })
})

/** Between 0 and 1, the same in every run. */
function numbers(): () => number {
  let state = 7
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0
    return state / 0x1_0000_0000
  }
}

function unit(raw: Float32Array): Float32Array {
  const length = Math.hypot(...raw)
  return raw.map((value) => value / length)
}
