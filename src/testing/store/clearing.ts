import { expect, it } from 'vitest'
import { entryFor, keysFound, ODD_NAMES, type Subject } from './subject.ts'

const ALL = ['a-x', 'a-y', 'a-xy', 'b-x', 'none-x', 'none'] as const

/** Tenants a, b and none; tags x and y. */
async function fill(about: Subject): Promise<void> {
  for (const key of ALL) {
    const [tenant, tags = ''] = key.split('-')
    await about.store.set(
      entryFor(about, { key, tags: [...tags], ...(tenant !== 'none' && { tenant: tenant as string }) }),
    )
  }
}

export function clearingContract(subject: () => Promise<Subject>): void {
  it.each([
    ['a namespace', {}, []],
    ['a tenant', { tenant: 'a' }, ['b-x', 'none-x', 'none']],
    ['a tag', { tags: ['x'] }, ['a-y', 'none']],
    ['any of several tags, each entry counted once', { tags: ['x', 'y'] }, ['none']],
    ['a tag of a tenant', { tenant: 'a', tags: ['x'] }, ['a-y', 'b-x', 'none-x', 'none']],
    ['an unknown tenant', { tenant: 'c' }, [...ALL]],
    ['an unknown tag', { tags: ['z'] }, [...ALL]],
    ['a tag that another tenant has', { tenant: 'b', tags: ['y'] }, [...ALL]],
    ['no tag at all', { tags: [] }, [...ALL]],
  ])('clears %s and counts what it removed', async (_what, filter, left) => {
    const about = await subject()
    await fill(about)
    expect(await about.store.clear({ namespace: about.namespace, ...filter })).toBe(ALL.length - left.length)
    expect(await keysFound(about, ALL)).toEqual(left)
  })

  it('leaves other namespaces alone', async () => {
    const about = await subject()
    const other = { ...about, namespace: `${about.namespace}:other` }
    await fill(about)
    await fill(other)
    await about.store.clear({ namespace: about.namespace })
    expect(await keysFound(other, ALL)).toEqual(ALL)
    expect(await about.store.clear({ namespace: other.namespace, tags: ['x'] })).toBe(4)
    await about.store.clear({ namespace: other.namespace })
  })

  it('takes tags literally, whatever their names', async () => {
    const about = await subject()
    for (const name of ODD_NAMES) await about.store.set(entryFor(about, { key: name, tags: [name, 'all'] }))
    const left = [...ODD_NAMES]
    for (const tag of ['*', 'a*', 'a', 'a:b', '{a}', 'a|b', '日本語', '-a', 'a\nb', 'cafe\u0301']) {
      const place = left.indexOf(tag)
      if (place >= 0) left.splice(place, 1)
      expect([tag, await about.store.clear({ namespace: about.namespace, tags: [tag] })]).toEqual([
        tag,
        place < 0 ? 0 : 1,
      ])
    }
    expect(await keysFound(about, ODD_NAMES)).toEqual(left)
    expect(await about.store.clear({ namespace: about.namespace, tags: ['all'] })).toBe(left.length)
  })

  it('takes tenants literally, whatever their names', async () => {
    const about = await subject()
    for (const name of ODD_NAMES) await about.store.set(entryFor(about, { key: name, tenant: name }))
    const left = [...ODD_NAMES]
    for (const tenant of ['*', 'a', 'a:b', '{a}', 'a|b', '日本語', '-a', 'A:B', 'undefined']) {
      const place = left.indexOf(tenant)
      if (place >= 0) left.splice(place, 1)
      expect([tenant, await about.store.clear({ namespace: about.namespace, tenant })]).toEqual([
        tenant,
        place < 0 ? 0 : 1,
      ])
    }
    expect(await keysFound(about, ODD_NAMES)).toEqual(left)
  })

  it('tells capital from small letters in tags and tenants', async () => {
    const about = await subject()
    await about.store.set(entryFor(about, { key: 'k', tags: ['Weather'], tenant: 'Acme' }))
    expect(await about.store.clear({ namespace: about.namespace, tags: ['weather'] })).toBe(0)
    expect(await about.store.clear({ namespace: about.namespace, tenant: 'acme' })).toBe(0)
    expect(await keysFound(about, ['k'])).toEqual(['k'])
  })

  it('clears thousands at once', async () => {
    const about = await subject()
    const entries = Array.from({ length: 3_000 }, (_, i) =>
      entryFor(about, { key: `k${i}`, tags: [i % 2 ? 'odd' : 'even'] }),
    )
    for (let i = 0; i < entries.length; i += 500) {
      await Promise.all(entries.slice(i, i + 500).map((entry) => about.store.set(entry)))
    }
    expect(await about.store.clear({ namespace: about.namespace, tags: ['odd'] })).toBe(1_500)
    expect(await keysFound(about, ['k0', 'k1', 'k2998', 'k2999'])).toEqual(['k0', 'k2998'])
    expect(await about.store.clear({ namespace: about.namespace })).toBe(1_500)
  })
}

const CALL = { tenant: 'acme', tags: ['x', 'y'] }

export function generationsContract(subject: () => Promise<Subject>): void {
  async function inFlight(about: Subject) {
    const entry = entryFor(about, CALL)
    const { generation } = await about.store.get(entry.key, { namespace: about.namespace, ...CALL })
    return { entry, write: () => about.store.set(entry, { ifGeneration: generation }) }
  }

  it.each([
    ['its namespace', {}],
    ['its tenant', { tenant: 'acme' }],
    ['its first tag', { tags: ['x'] }],
    ['its last tag', { tags: ['y'] }],
    ['one of its tags among others', { tags: ['z', 'y'] }],
    ['its tag of its tenant', { tenant: 'acme', tags: ['x'] }],
  ])('refuses a write of a call that began before a clear of %s', async (_what, filter) => {
    const about = await subject()
    const { entry, write } = await inFlight(about)
    await about.store.clear({ namespace: about.namespace, ...filter })
    expect(await write()).toEqual({ stored: false, reason: 'cleared' })
    expect(await keysFound(about, [entry.key])).toEqual([])
  })

  it.each([
    ['another tenant', { tenant: 'other' }],
    ['another tag', { tags: ['z'] }],
    ['no tag', { tags: [] }],
  ])('accepts a write of a call that began before a clear of %s', async (_what, filter) => {
    const about = await subject()
    const { entry, write } = await inFlight(about)
    await about.store.clear({ namespace: about.namespace, ...filter })
    expect(await write()).toEqual({ stored: true })
    expect(await keysFound(about, [entry.key])).toEqual([entry.key])
  })

  it('accepts a write of a call that began before a clear of another namespace', async () => {
    const about = await subject()
    const { write } = await inFlight(about)
    await about.store.clear({ namespace: `${about.namespace}:other` })
    expect(await write()).toEqual({ stored: true })
  })

  it('accepts a write of a call that began after the clear', async () => {
    const about = await subject()
    await about.store.clear({ namespace: about.namespace, ...CALL })
    await about.store.clear({ namespace: about.namespace })
    const { write } = await inFlight(about)
    expect(await write()).toEqual({ stored: true })
  })

  it('accepts the write of an entry found before, and refuses to bring it back after a clear', async () => {
    const about = await subject()
    const { entry, write } = await inFlight(about)
    await write()
    const { generation, entry: found } = await about.store.get(entry.key, { namespace: about.namespace, ...CALL })
    expect(found?.key).toBe(entry.key)
    expect(await about.store.set(entry, { ifGeneration: generation })).toEqual({ stored: true })
    await about.store.clear({ namespace: about.namespace, tags: ['y'] })
    expect(await about.store.set(entry, { ifGeneration: generation })).toEqual({ stored: false, reason: 'cleared' })
  })

  it('accepts writes without tags or tenant after a clear of tags and tenants', async () => {
    const about = await subject()
    const entry = entryFor(about)
    const { generation } = await about.store.get(entry.key, { namespace: about.namespace })
    await about.store.clear({ namespace: about.namespace, tenant: 'acme' })
    await about.store.clear({ namespace: about.namespace, tags: ['x'] })
    expect(await about.store.set(entry, { ifGeneration: generation })).toEqual({ stored: true })
  })

  it('refuses a generation it cannot judge', async () => {
    const about = await subject()
    for (const ifGeneration of ['', 'made-up', 'a:b:c', '0']) {
      const entry = entryFor(about, CALL)
      expect(await about.store.set(entry, { ifGeneration })).toEqual({ stored: false, reason: 'cleared' })
    }
  })

  it('asks for no generation where none is given', async () => {
    const about = await subject()
    await about.store.clear({ namespace: about.namespace })
    expect(await about.store.set(entryFor(about, CALL))).toEqual({ stored: true })
  })
}
