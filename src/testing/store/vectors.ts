import { expect, it } from 'vitest'
import type { CacheEntry } from '../../core/entry.ts'
import type { VectorCacheStore } from '../../stores/store.ts'
import { at, entryFor, expectClose, HOUR_MS, plain, type Subject, vectorSubject } from './subject.ts'

export function vectorsContract(anySubject: () => Promise<Subject>, manyEntries: number): void {
  const subject = async () => vectorSubject(await anySubject())
  type About = Subject<VectorCacheStore>

  const put = async (about: About, key: string, degrees: number, given: Partial<CacheEntry<string>> = {}) => {
    const entry = entryFor(about, { key, vector: at(degrees), embedderId: 'e', ...given })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    return entry
  }
  const nearest = (
    { store, namespace }: About,
    degrees: number,
    query: { scope?: string; embedderId?: string; limit?: number } = {},
  ) => store.nearest<string>({ namespace, embedderId: 'e', scope: 'scope', vector: at(degrees), limit: 5, ...query })
  const keys = async (...query: Parameters<typeof nearest>) => (await nearest(...query)).map(({ entry }) => entry.key)

  it('finds the closest first, with their cosines', async () => {
    const about = await subject()
    for (const degrees of [90, 10, 180, 40]) await put(about, `${degrees}`, degrees)
    const found = await nearest(about, 0)
    expect(found.map(({ entry }) => entry.key)).toEqual(['10', '40', '90', '180'])
    for (const [i, cosine] of [0.985, 0.766, 0, -1].entries()) {
      expect(found[i]?.similarity).toBeCloseTo(cosine, 2)
      expect(Math.abs(found[i]?.similarity ?? 9)).toBeLessThanOrEqual(1)
    }
  })

  it('returns whole entries', async () => {
    const about = await subject()
    const given = await put(about, 'k', 0, {
      tenant: 'acme',
      tags: ['x'],
      queryText: 'why?',
      hits: 2,
      evidence: { correct: 4, wrong: 1 },
      staleMs: 5,
    })
    const [found] = await nearest(about, 5)
    expect(plain(found?.entry)).toEqual(plain(given))
  })

  it('keeps the history of a conversation, its vectors to two decimals at least', async () => {
    const about = await subject()
    const turns = [
      { role: 'user', text: 'Was kostet das? \ud800 "世界"\n' },
      { role: 'assistant', text: '' },
    ] as const
    const vectors = [at(10), at(200), at(77)]
    await put(about, 'k', 0, { history: { turns, vectors }, queryText: 'And then?' })
    const [found] = await nearest(about, 5)
    const { entry: read } = await about.store.get<string>('k', about)
    for (const entry of [found?.entry, read]) {
      expect(entry?.history?.turns).toEqual(turns)
      expect(entry?.history?.vectors).toHaveLength(3)
      for (const [i, vector] of vectors.entries()) expectClose(entry?.history?.vectors[i], vector)
      expect(entry?.queryText).toBe('And then?')
    }
  })

  it('gives at most the limit, and the closest of all', async () => {
    const about = await subject()
    for (let degrees = 0; degrees < 60; degrees++) await put(about, `${degrees}`, degrees)
    expect(await keys(about, 30.1, { limit: 1 })).toEqual(['30'])
    expect(await keys(about, 0, { limit: 3 })).toEqual(['0', '1', '2'])
    expect(await keys(about, 59, { limit: 200 })).toHaveLength(60)
  })

  it('finds nothing in an empty scope', async () => {
    const about = await subject()
    expect(await keys(about, 0)).toEqual([])
    await put(about, 'k', 0)
    expect(await keys(about, 0, { scope: 'empty' })).toEqual([])
  })

  it('never crosses a scope, even when the other scope is closer', async () => {
    const about = await subject()
    await put(about, 'ours', 80)
    for (let i = 0; i < 50; i++) await put(about, `theirs${i}`, 0, { scope: i % 2 ? 'scope2' : 'Scope' })
    expect(await keys(about, 0)).toEqual(['ours'])
    expect(await keys(about, 0, { scope: 'SCOPE' })).toEqual([])
  })

  it('never crosses a namespace', async () => {
    const about = await subject()
    const other = { ...about, namespace: `${about.namespace}:other` }
    await put(about, 'ours', 80)
    await put(other, 'theirs', 0)
    expect(await keys(about, 0)).toEqual(['ours'])
    expect(await keys(other, 0)).toEqual(['theirs'])
    await about.store.clear({ namespace: other.namespace })
  })

  it('never mixes embedders, also of different dimensions', async () => {
    const about = await subject()
    await put(about, 'ours', 80)
    await put(about, 'same length', 0, { embedderId: 'E' })
    await put(about, 'other length', 0, { embedderId: 'e/2', vector: Float32Array.of(1, 0, 0) })
    expect(await keys(about, 0)).toEqual(['ours'])
    const shorter = { namespace: about.namespace, embedderId: 'e/2', scope: 'scope', vector: Float32Array.of(0, 1, 0) }
    expect((await about.store.nearest({ ...shorter, limit: 5 })).map(({ entry }) => entry.key)).toEqual([
      'other length',
    ])
  })

  it('does not find entries without a vector', async () => {
    const about = await subject()
    await about.store.set(entryFor(about, { key: 'exact only' }))
    await put(about, 'k', 50)
    expect(await keys(about, 0)).toEqual(['k'])
  })

  it('does not let an expired entry take the place of a live one', async () => {
    const about = await subject()
    await put(about, 'live', 40, { expiresAt: about.clock.now() + 2 * HOUR_MS })
    for (let i = 0; i < 3; i++) await put(about, `expired${i}`, 0, { expiresAt: about.clock.now() + HOUR_MS })
    about.clock.advance(HOUR_MS)
    expect(await keys(about, 0, { limit: 1 })).toEqual(['live'])
    expect(await keys(about, 0, { limit: 5 })).toEqual(['live'])
  })

  it('does not find what was deleted or cleared', async () => {
    const about = await subject()
    const { store, namespace } = about
    await put(about, 'deleted', 1)
    await put(about, 'cleared', 2, { tags: ['x'] })
    await put(about, 'kept', 3)
    await put(about, 'cleared too', 4, { tenant: 'acme' })
    await store.delete(['deleted'], { namespace })
    await store.clear({ namespace, tags: ['x'] })
    await store.clear({ namespace, tenant: 'acme' })
    expect(await keys(about, 0)).toEqual(['kept'])
    await store.clear({ namespace })
    expect(await keys(about, 0)).toEqual([])
  })

  it('follows an entry that is replaced into its new scope, vector and embedder', async () => {
    const about = await subject()
    await put(about, 'other', 60)
    await put(about, 'k', 0)
    await put(about, 'k', 90)
    expect(await keys(about, 0)).toEqual(['other', 'k'])
    await put(about, 'k', 0, { scope: 'next' })
    expect(await keys(about, 0)).toEqual(['other'])
    expect(await keys(about, 0, { scope: 'next' })).toEqual(['k'])
    await put(about, 'k', 0, { embedderId: 'e2' })
    expect(await keys(about, 0, { scope: 'next' })).toEqual([])
    expect(await keys(about, 0, { embedderId: 'e2' })).toEqual(['k'])
    await about.store.set(entryFor(about, { key: 'k' }))
    expect(await keys(about, 0, { embedderId: 'e2' })).toEqual([])
  })

  it('sees counts and times that were updated', async () => {
    const about = await subject()
    const { store, namespace, clock } = about
    await put(about, 'k', 0)
    await store.update('k', {
      namespace,
      addWrong: 2,
      addExpectedWrong: 0.5,
      addOwnWrong: 1,
      expiresAt: clock.now() + 5 * HOUR_MS,
    })
    clock.advance(2 * HOUR_MS)
    const [found] = await nearest(about, 0)
    expect(found?.entry.evidence).toEqual({ correct: 0, wrong: 2, expectedWrong: 0.5, ownWrong: 1 })
    expect(found?.entry.expiresAt).toBe(clock.now() + 3 * HOUR_MS)
  })

  it('hands out copies', async () => {
    const about = await subject()
    await put(about, 'k', 0, { tags: ['t'] })
    const [first] = await nearest(about, 0)
    ;(first?.entry.tags as string[] | undefined)?.push('later')
    first?.entry.vector?.fill(0)
    const [second] = await nearest(about, 0)
    expect(second?.similarity).toBeCloseTo(1, 2)
    expect(second?.entry.tags).toEqual(['t'])
  })

  it(`finds the closest among ${manyEntries} entries`, async () => {
    const about = await subject()
    const { store, namespace } = about
    const vectors = Array.from({ length: manyEntries }, (_, i) => randomUnit(i + 1))
    for (let i = 0; i < manyEntries; i += 500) {
      const entries = vectors
        .slice(i, i + 500)
        .map((vector, j) => entryFor(about, { key: `${i + j}`, vector, embedderId: 'e' }))
      await Promise.all(entries.map((entry) => store.set(entry)))
    }
    for (const i of [0, 1, Math.floor(manyEntries / 2), manyEntries - 1]) {
      const vector = vectors[i] as Float32Array
      const [found] = await store.nearest({ namespace, embedderId: 'e', scope: 'scope', vector, limit: 5 })
      expect(found?.entry.key).toBe(`${i}`)
      expect(found?.similarity).toBeCloseTo(1, 2)
    }
    expect(await store.clear({ namespace })).toBe(manyEntries)
  }, 120_000)
}

/** The same for the same seed; any two of 16 dimensions are far from equal. */
function randomUnit(seed: number): Float32Array {
  let state = seed * 2_654_435_761
  const vector = Float32Array.from({ length: 16 }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) | 0
    return (state >>> 8) / 0x1000000 - 0.5
  })
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
