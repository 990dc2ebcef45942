import { expect, it } from 'vitest'
import type { CacheEntry } from '../../core/entry.ts'
import { at, entryFor, expectClose, HOUR_MS, keysFound, ODD_NAMES, plain, type Subject } from './subject.ts'

/** What may be stored, and must come back as it was. */
const VALUES: readonly (readonly [string, unknown])[] = [
  ['text', 'Grüße, 世界 🎉 \u0000 \ud800 "quoted" \\ \r\n'],
  ['an empty text', ''],
  ['null', null],
  ['undefined', undefined],
  ['false', false],
  ['zero', 0],
  ['minus zero', -0],
  ['NaN', Number.NaN],
  ['minus infinity', Number.NEGATIVE_INFINITY],
  ['a large integer', 2n ** 80n],
  ['a date', new Date(1_700_000_000_123)],
  ['an invalid date', new Date(Number.NaN)],
  ['bytes', new Uint8Array([0, 255, 10, 13, 128])],
  ['part of a buffer', new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)],
  ['a Buffer', Buffer.from([0, 1, 254])],
  ['floats', new Float64Array([0.1, -0, Number.NaN, Number.MIN_VALUE])],
  ['an ArrayBuffer', new Uint8Array([7, 8]).buffer],
  [
    'a map',
    new Map<unknown, unknown>([
      ['a', 1],
      [{ b: 2 }, new Set([1, '1'])],
    ]),
  ],
  ['a set', new Set(['x', Number.NaN, undefined])],
  ['a URL', new URL('https://example.org/?q=1#here')],
  ['a pattern', /a+\/"/giu],
  // biome-ignore lint/suspicious/noSparseArray: holes are the point
  ['an array with holes', [, 1, , undefined]],
  ['undefined fields', { a: undefined, b: [undefined, null], c: { d: -0 } }],
  // biome-ignore lint/suspicious/noThenProperty: models and tools name their fields as they like
  ['odd field names', { '': 1, 'a.b': 2, 'a\nb': 3, constructor: 4, toString: 5, then: 6 }],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 })],
  ['deep nesting', Array.from({ length: 100 }).reduce<unknown>((inner) => ({ inner: [inner] }), 'core')],
]

class Money {
  readonly cents = 100
}

/** What cannot come back as it was, and must be refused rather than changed. */
const NOT_ENCODABLE: readonly (readonly [string, unknown])[] = [
  ['a function', () => 1],
  ['a function inside', { a: [{ b: () => 1 }] }],
  ['a symbol', Symbol('s')],
  ['a class instance', new Money()],
  ['a class instance inside', { price: new Money() }],
  ['an error', new Error('no')],
  ['a promise', Promise.resolve(1)],
  ['a weak map', new WeakMap()],
  ['a subclass of a map', new (class Registry extends Map {})()],
  ['an array with a named property', Object.assign([1], { total: 1 })],
]

export function entriesContract(subject: () => Promise<Subject>): void {
  it('finds nothing where nothing was stored, and still gives a generation', async () => {
    const { store, namespace } = await subject()
    const read = await store.get('nothing', { namespace })
    expect(read.entry).toBeUndefined()
    expect(read.problem).toBeUndefined()
    expect(read.generation).toBeTypeOf('string')
  })

  it('returns every field of an entry as it was given', async () => {
    const about = await subject()
    const entry = entryFor(about, {
      tenant: 'acme',
      tags: ['weather:paris', 'weather'],
      origin: {
        provider: 'openai',
        name: 'gpt-4o',
        durationMs: 12.5,
        costUsd: 0.001,
        usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30, cachedInputTokens: 5 },
      },
      queryText: 'What is the weather in 巴黎?\n\ud800',
      vector: at(30),
      embedderId: 'embedder/1',
      staleMs: 1_000,
      hits: 3,
      evidence: { correct: 2, wrong: 1, expectedWrong: 0.125, ownCorrect: 3, ownWrong: 4 },
    })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    const { entry: found } = await about.store.get(entry.key, {
      namespace: about.namespace,
      tenant: 'acme',
      whole: true,
    })
    expect(plain(found)).toEqual(plain(entry))
    expectClose(found?.vector, at(30))
  })

  it('keeps fields absent that were absent', async () => {
    const about = await subject()
    const entry = entryFor(about)
    await about.store.set(entry)
    const { entry: found } = await about.store.get(entry.key, { namespace: about.namespace, whole: true })
    for (const name of ['tenant', 'queryText', 'vector', 'embedderId']) expect(found).not.toHaveProperty(name)
  })

  it.each(VALUES)('returns %s unchanged', async (_what, value) => {
    const about = await subject()
    const entry = entryFor<unknown>(about, { value })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    const { entry: found } = await about.store.get(entry.key, { namespace: about.namespace, whole: true })
    expect(found?.value).toStrictEqual(value)
  })

  it('returns a value that refers to itself', async () => {
    const about = await subject()
    const value: { self?: unknown; twice: unknown[] } = { twice: [] }
    value.self = value
    const entry = entryFor<unknown>(about, { value })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    const found = (await about.store.get<typeof value>(entry.key, { namespace: about.namespace })).entry?.value
    expect(found?.self).toBe(found)
  })

  it.each(NOT_ENCODABLE)('refuses %s', async (_what, value) => {
    const about = await subject()
    const entry = entryFor<unknown>(about, { value })
    expect(await about.store.set(entry)).toEqual({ stored: false, reason: 'not-encodable' })
    expect((await about.store.get(entry.key, { namespace: about.namespace })).entry).toBeUndefined()
  })

  it('keeps a value of half a megabyte', async () => {
    const about = await subject()
    const value = 'long 长 '.repeat(80_000)
    const entry = entryFor(about, { value })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    expect((await about.store.get(entry.key, { namespace: about.namespace })).entry?.value).toBe(value)
  })

  it('is not changed by a change of what was given', async () => {
    const about = await subject()
    const given = entryFor(about, { value: { list: [1] }, tags: ['t'], vector: at(0), embedderId: 'e' })
    await about.store.set(given)
    given.value.list.push(2)
    ;(given.tags as string[]).push('later')
    given.vector?.fill(9)
    const { entry } = await about.store.get<typeof given.value>(given.key, { namespace: about.namespace, whole: true })
    expect(entry?.value).toEqual({ list: [1] })
    expect(entry?.tags).toEqual(['t'])
    expectClose(entry?.vector, at(0))
  })

  it('is not changed by a change of what was received', async () => {
    const about = await subject()
    const given = entryFor(about, { value: { list: [1] }, tags: ['t'], vector: at(0), embedderId: 'e' })
    await about.store.set(given)
    const first = (await about.store.get<typeof given.value>(given.key, { namespace: about.namespace, whole: true }))
      .entry
    first?.value.list.push(2)
    ;(first?.tags as string[] | undefined)?.push('later')
    first?.vector?.fill(9)
    ;(first?.evidence as { correct: number }).correct = 99
    const { entry } = await about.store.get<typeof given.value>(given.key, { namespace: about.namespace, whole: true })
    expect(plain(entry)).toEqual(plain(given))
    expectClose(entry?.vector, at(0))
  })

  it('replaces an entry of the same key as a whole', async () => {
    const about = await subject()
    const former = entryFor(about, {
      tenant: 'acme',
      tags: ['old'],
      queryText: 'old',
      hits: 7,
      vector: at(0),
      embedderId: 'e',
    })
    const latter = entryFor(about, { key: former.key, value: 'new' })
    await about.store.set(former)
    await about.store.set(latter)
    expect((await about.store.get(former.key, { namespace: about.namespace, whole: true })).entry).toEqual(latter)
    expect(await about.store.clear({ namespace: about.namespace, tags: ['old'] })).toBe(0)
    expect(await about.store.clear({ namespace: about.namespace, tenant: 'acme' })).toBe(0)
    expect(await keysFound(about, [former.key])).toEqual([former.key])
  })

  it('keeps namespaces apart, whatever their names', async () => {
    const about = await subject()
    const names = ODD_NAMES.map((name) => `${about.namespace}${name}`)
    for (const namespace of names) await about.store.set(entryFor(about, { key: 'k', namespace, value: namespace }))
    for (const namespace of names) {
      expect((await about.store.get('k', { namespace })).entry?.value).toBe(namespace)
    }
    const [first = ''] = names
    expect(await about.store.clear({ namespace: first })).toBe(1)
    expect((await about.store.get('k', { namespace: names[1] as string })).entry).toBeDefined()
    for (const namespace of names) await about.store.clear({ namespace })
  })

  it('keeps keys apart, whatever their names', async () => {
    const about = await subject()
    for (const key of ODD_NAMES) await about.store.set(entryFor(about, { key, value: key }))
    for (const key of ODD_NAMES) {
      expect((await about.store.get(key, { namespace: about.namespace })).entry?.value).toBe(key)
    }
    expect(await about.store.delete(['*', 'a:b'], { namespace: about.namespace })).toBe(2)
    expect(await keysFound(about, ODD_NAMES)).toEqual(ODD_NAMES.filter((key) => key !== '*' && key !== 'a:b'))
  })

  it('has no entry any more from its expiresAt on, to the millisecond', async () => {
    const about = await subject()
    const entry = entryFor(about, { expiresAt: about.clock.now() + HOUR_MS })
    await about.store.set(entry)
    about.clock.advance(HOUR_MS - 1)
    expect(await keysFound(about, [entry.key])).toEqual([entry.key])
    about.clock.advance(1)
    expect(await keysFound(about, [entry.key])).toEqual([])
    expect(await about.store.update(entry.key, { namespace: about.namespace, addHits: 1 })).toBe(false)
  })

  it('accepts an entry that has already expired, and never shows it', async () => {
    const about = await subject()
    const entry = entryFor(about, { expiresAt: about.clock.now() })
    expect(await about.store.set(entry)).toEqual({ stored: true })
    expect(await keysFound(about, [entry.key])).toEqual([])
  })

  it('deletes by key and counts those that were there', async () => {
    const about = await subject()
    const entries = [entryFor(about), entryFor(about), entryFor(about)] as const
    for (const entry of entries) await about.store.set(entry)
    const [first, second, third] = entries
    const { namespace } = about
    expect(await about.store.delete([first.key, second.key, 'nothing', first.key], { namespace })).toBe(2)
    expect(await about.store.delete([first.key], { namespace })).toBe(0)
    expect(await about.store.delete([], { namespace })).toBe(0)
    expect(await about.store.delete([third.key], { namespace: `${namespace}2` })).toBe(0)
    expect(await keysFound(about, [first.key, second.key, third.key])).toEqual([third.key])
  })

  updatesContract(subject)
}

function updatesContract(subject: () => Promise<Subject>): void {
  it('adds to counts, also less than nothing, and moves the expiry', async () => {
    const about = await subject()
    const { store, namespace, clock } = about
    const entry = entryFor(about, { hits: 1, evidence: { correct: 1, wrong: 1 } })
    await store.set(entry)
    const expiresAt = clock.now() + 3 * HOUR_MS
    expect(await store.update(entry.key, { namespace, addHits: 2, addCorrect: 3, addWrong: -1, expiresAt })).toBe(true)
    const expected: CacheEntry = { ...entry, hits: 3, evidence: { correct: 4, wrong: 0 }, expiresAt }
    expect((await store.get(entry.key, { namespace, whole: true })).entry).toEqual(expected)
    clock.advance(2 * HOUR_MS)
    expect(await keysFound(about, [entry.key])).toEqual([entry.key])
    expect(await store.update(entry.key, { namespace, expiresAt: clock.now() })).toBe(true)
    expect(await keysFound(about, [entry.key])).toEqual([])
  })

  it('adds to every sum of the evidence, and to no other', async () => {
    const about = await subject()
    const { store, namespace } = about
    const entry = entryFor(about, { vector: at(0), embedderId: 'e' })
    await store.set(entry)
    for (let i = 0; i < 2; i++) {
      await store.update(entry.key, { namespace, addExpectedWrong: 0.25, addOwnCorrect: 1, addOwnWrong: 2 })
    }
    const { entry: found } = await store.get(entry.key, { namespace })
    expect(found?.evidence).toEqual({ correct: 0, wrong: 0, expectedWrong: 0.5, ownCorrect: 2, ownWrong: 4 })
    await store.update(entry.key, { namespace, addCorrect: 1 })
    const { entry: later } = await store.get(entry.key, { namespace })
    expect(later?.evidence).toEqual({ correct: 1, wrong: 0, expectedWrong: 0.5, ownCorrect: 2, ownWrong: 4 })
  })

  it('does not update what is not there', async () => {
    const about = await subject()
    const entry = entryFor(about)
    expect(await about.store.update(entry.key, { namespace: about.namespace, addHits: 1 })).toBe(false)
    expect(await keysFound(about, [entry.key])).toEqual([])
    await about.store.set(entry)
    expect(await about.store.update(entry.key, { namespace: `${about.namespace}2`, addHits: 1 })).toBe(false)
  })

  it('loses no update of many at once', async () => {
    const about = await subject()
    const { store, namespace } = about
    const entry = entryFor(about)
    await store.set(entry)
    const updates = Array.from({ length: 200 }, (_, i) =>
      store.update(entry.key, { namespace, addHits: 1, addCorrect: i % 2, addWrong: (i + 1) % 2 }),
    )
    expect(await Promise.all(updates)).toEqual(updates.map(() => true))
    const { entry: found } = await store.get(entry.key, { namespace, whole: true })
    expect(found).toMatchObject({ hits: 200, evidence: { correct: 100, wrong: 100 } })
  })
}
