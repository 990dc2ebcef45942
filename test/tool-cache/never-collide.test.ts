import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { aToolCache } from './tool-calls.ts'

const search = (args: unknown, name = 'search') => ({ name, args, policy: { ttlMs: 60_000 } })

describe('different calls never share a result', () => {
  it.each([
    [{ app: 'SOMEAPP' }, { app: 'SOMEAPP2' }],
    [{ project: 'ProjectAlpha' }, { project: 'ProjectAlpha2' }],
    [{ project: 'ProjectBeta' }, { project: 'ProjectBeta2' }],
    [
      { q: 'a', page: 1 },
      { q: 'a', page: 2 },
    ],
    [{ q: 'a' }, { q: 'a', extra: true }],
    [{ filter: { owner: { id: 1, role: 'admin' } } }, { filter: { owner: { id: 1, role: 'user' } } }],
    [{ q: '' }, {}],
    [{ q: null }, {}],
    [{ id: 1 }, { id: '1' }],
    [{ ids: [1, 2] }, { ids: [2, 1] }],
    [{ n: Number.NaN }, { n: null }],
    [{ n: 1n }, { n: 1 }],
    [{ m: new Map() }, { m: {} }],
  ])('%o and %o', async (one, other) => {
    const { ask } = await aToolCache()
    expect((await ask(search(one))).content).toBe('search 1')
    expect((await ask(search(other))).content).toBe('search 2')
    expect((await ask(search(one))).content).toBe('search 1')
    expect((await ask(search(other))).content).toBe('search 2')
  })

  it('the same arguments for another tool', async () => {
    const { ask } = await aToolCache()
    await ask(search({ q: 'a' }))
    expect((await ask(search({ q: 'a' }, 'lookup'))).content).toBe('lookup 1')
  })

  it.each([{ tenant: 'beta' }, { tenant: undefined }, { shared: true }, { context: { locale: 'de' } }])(
    'across %o',
    async (difference) => {
      const { ask } = await aToolCache()
      await ask(search({ q: 'a' }), { tenant: 'acme' })
      expect((await ask(search({ q: 'a' }), { tenant: 'acme', ...difference })).content).toBe('search 2')
      expect((await ask(search({ q: 'a' }), { tenant: 'acme' })).content).toBe('search 1')
    },
  )

  it('across another schema, namespace, or secret', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const one = await aToolCache({ store })
    await one.ask({ ...search({ q: 'a' }), schema: { type: 'object', properties: { q: {} } } })
    expect((await one.ask({ ...search({ q: 'a' }), schema: { type: 'object' } })).content).toBe('search 2')
    for (const options of [{ namespace: 'other' }, { keySecret: 'a secret of sixteen' }]) {
      expect((await (await aToolCache({ store, ...options })).ask(search({ q: 'a' }))).outcome).toBe('miss')
    }
  })

  it('holds for any two arguments that are not equal', async () => {
    const { cache } = await aToolCache()
    const value = fc.jsonValue({ maxDepth: 3 })
    await fc.assert(
      fc.asyncProperty(value, value, async (one, other) => {
        const run = (args: unknown) =>
          cache.getOrCall(search({ args }), async () => ({ content: JSON.stringify(sorted(args)) }))
        for (const args of [one, other, one])
          expect((await run(args)).result.content).toBe(JSON.stringify(sorted(args)))
      }),
      { numRuns: 200 },
    )
  })
})

describe('the same call shares its result', () => {
  it('whatever the order of keys', async () => {
    const { ask } = await aToolCache()
    await ask(search({ a: 1, b: { c: 2, d: 3 } }))
    expect(await ask(search({ b: { d: 3, c: 2 }, a: 1 }))).toMatchObject({ outcome: 'hit', content: 'search 1' })
  })

  it('ten times from one call', async () => {
    const { ask, counts } = await aToolCache()
    for (let i = 0; i < 10; i++) await ask(search({ q: 'a' }))
    expect(counts.get('search')).toBe(1)
  })

  it('when ignored arguments differ, at any depth, and not when others do', async () => {
    const policy = { ttlMs: 60_000, ignoredPaths: ['request_id', 'options.trace_id', 'items.*.seen'] }
    const { ask } = await aToolCache({ ignoredPaths: ['session'] })
    const call = (args: unknown) => ({ name: 'search', args, policy })
    await ask(
      call({ q: 'a', request_id: 1, options: { trace_id: 'x', size: 3 }, items: [{ id: 1, seen: 5 }], session: 's' }),
    )
    const same = { q: 'a', request_id: 2, options: { trace_id: 'y', size: 3 }, items: [{ id: 1, seen: 6 }] }
    expect((await ask(call(same))).outcome).toBe('hit')
    expect((await ask(call({ ...same, q: 'b' }))).outcome).toBe('miss')
    expect((await ask(call({ ...same, options: { size: 4 } }))).outcome).toBe('miss')
  })

  it('after the schema has filled defaults and coerced, and the tool gets what it parsed', async () => {
    const { cache } = await aToolCache()
    const schema = z.object({ id: z.coerce.number(), units: z.string().default('metric') })
    const seen: unknown[] = []
    const run = async (args: unknown) => {
      seen.push(args)
      return { content: 'warm' }
    }
    const ask = async (args: unknown) => (await cache.getOrCall({ ...search(args), schema }, run)).record.outcome
    expect(await ask({ id: '7' })).toBe('miss')
    await cache.flush()
    expect(await ask({ id: 7, units: 'metric' })).toBe('hit')
    expect(await ask({ id: 7, units: 'imperial' })).toBe('miss')
    expect(seen[0]).toEqual({ id: 7, units: 'metric' })
  })

  it('by a key of the policy', async () => {
    const policy = { ttlMs: 60_000, key: (args: unknown) => String((args as { q: string }).q).toLowerCase() }
    const { ask } = await aToolCache()
    await ask({ name: 'search', args: { q: 'Paris' }, policy })
    expect((await ask({ name: 'search', args: { q: 'PARIS' }, policy })).outcome).toBe('hit')
    expect((await ask({ name: 'search', args: { q: 'Rome' }, policy })).outcome).toBe('miss')
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, held]) => [key, sorted(held)])
}
