import { transform } from 'esbuild'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { cachedFunction } from '../../src/tool-cache/cached-function.ts'
import { aToolCache } from './tool-calls.ts'

const POLICY = { ttlMs: 60_000 }

describe('cachedFunction', () => {
  it('reuses the result for equal arguments, and throws what the function throws', async () => {
    const { cache } = await aToolCache()
    const calls = vi.fn()
    async function price(sku: string, count: number) {
      calls(sku, count)
      if (sku === 'none') throw new RangeError('no such sku')
      return { sku, total: count * 2 }
    }
    const cached = cachedFunction(price, { cache, ...POLICY })
    expect([cached.name, cached.length]).toEqual(['price', 2])
    expect(await cached('a', 2)).toEqual({ sku: 'a', total: 4 })
    await cache.flush()
    expect(await cached('a', 2)).toEqual({ sku: 'a', total: 4 })
    expect(await cached('a', 3)).toEqual({ sku: 'a', total: 6 })
    await expect(cached('none', 1)).rejects.toBeInstanceOf(RangeError)
    expect(calls).toHaveBeenCalledTimes(3)
  })

  it('names tags by the fields of one object or by place, and is invalidated by them', async () => {
    const { cache } = await aToolCache()
    const calls = vi.fn()
    const say = <Value>(value: Value) => {
      calls()
      return value
    }
    const byObject = cachedFunction(async ({ id }: { id: number }) => say(id), {
      cache,
      name: 'by object',
      reads: ['order:{id}'],
    })
    const byPlace = cachedFunction(async (_region: string, id: number) => say(id), {
      cache,
      name: 'by place',
      reads: ['order:{1}'],
    })
    const cancel = cachedFunction(async (id: number) => `cancelled ${id}`, {
      cache,
      name: 'cancel',
      writes: ['order:{0}'],
    })
    const all = async () => {
      await byObject({ id: 7 })
      await byPlace('eu', 7)
      await cache.flush()
    }
    await all()
    await all()
    expect(calls).toHaveBeenCalledTimes(2)
    await cancel(7)
    await all()
    expect(calls).toHaveBeenCalledTimes(4)
  })

  it('keeps functions of one name apart by their source, and closures by context', async () => {
    const { cache } = await aToolCache()
    const one = cachedFunction(async () => 'one', { cache, name: 'same', ...POLICY })
    const two = cachedFunction(async () => 'two', { cache, name: 'same', ...POLICY })
    expect([await one(), await two()]).toEqual(['one', 'two'])
    const of = (region: string) =>
      cachedFunction(async () => region, { cache, name: 'region', context: () => region, ...POLICY })
    expect([await of('eu')(), await of('us')()]).toEqual(['eu', 'us'])
  })

  it('parses with a schema, and hands on what it parsed', async () => {
    const { cache } = await aToolCache()
    const calls = vi.fn(async ({ id, units }: { id: number; units?: string }) => `${id} ${units}`)
    const cached = cachedFunction(calls, {
      cache,
      name: 'f',
      schema: z.object({ id: z.coerce.number(), units: z.string().default('m') }),
      ...POLICY,
    })
    expect(await cached({ id: '7' as never })).toBe('7 m')
    await cache.flush()
    expect(await cached({ id: 7 })).toBe('7 m')
    expect(calls).toHaveBeenCalledTimes(1)
  })

  it('keeps a list given as the one argument apart from a list of arguments, with a schema too', async () => {
    const { cache } = await aToolCache()
    const show = cachedFunction(async (...args: unknown[]) => JSON.stringify(args), {
      cache,
      name: 'show',
      schema: z.array(z.number()),
      ...POLICY,
    })
    const ask = async (...args: unknown[]) => {
      const answer = await show(...args)
      await cache.flush()
      return answer
    }
    expect([await ask([1, 2]), await ask(1, 2), await ask([]), await ask()]).toEqual(['[[1,2]]', '[1,2]', '[[]]', '[]'])
    expect([await ask([1, 2]), await ask(1, 2)]).toEqual(['[[1,2]]', '[1,2]'])
  })

  it('never caches a stream or what has no canonical arguments', async () => {
    const { cache } = await aToolCache()
    const calls = vi.fn()
    const stream = cachedFunction(
      async function* () {
        calls()
        yield 1
      } as never,
      { cache, name: 'stream', ...POLICY },
    ) as () => Promise<AsyncIterable<number>>
    for (let i = 0; i < 2; i++) for await (const part of await stream()) expect(part).toBe(1)
    const callback = cachedFunction(async (_done: () => void) => void calls(), { cache, name: 'callback', ...POLICY })
    await callback(() => undefined)
    await callback(() => undefined)
    expect(calls).toHaveBeenCalledTimes(4)
  })

  it('decorates methods (TC39), each object by itself unless a context says what counts', async () => {
    const { cache } = await aToolCache()
    const calls = vi.fn()
    const source = `
      export class Shop {
        constructor(region) { this.region = region }
        @cachedFunction({ cache, reads: ['order:{0}'] }) async own(id) { calls(); return this.region + id }
        @cachedFunction({ cache, ttlMs: 60000, context: (shop) => shop.region }) async shared(id) { calls(); return this.region + id }
        @cachedFunction({ cache, ttlMs: 60000 }) static async all() { calls(); return 'all' }
      }`
    const { code } = await transform(source.replace('export ', ''), { target: 'es2022' })
    const Shop = new Function('cachedFunction', 'cache', 'calls', `${code}; return Shop`)(cachedFunction, cache, calls)
    const [one, two, three] = [new Shop('eu'), new Shop('eu'), new Shop('us')]
    const ask = async (method: 'own' | 'shared') => {
      const answers = []
      for (const shop of [one, one, two, three]) {
        answers.push(await shop[method](1))
        await cache.flush()
      }
      return answers
    }
    expect(await ask('own')).toEqual(['eu1', 'eu1', 'eu1', 'us1'])
    expect(calls).toHaveBeenCalledTimes(3)
    expect(await ask('shared')).toEqual(['eu1', 'eu1', 'eu1', 'us1'])
    expect(calls).toHaveBeenCalledTimes(5)
    expect(await Shop.all()).toBe('all')
    await cache.flush()
    expect(await Shop.all()).toBe('all')
    expect(calls).toHaveBeenCalledTimes(6)
    expect(Object.keys((await cache.stats()).by.tool)).toEqual(
      expect.arrayContaining(['Shop.own', 'Shop.shared', 'Shop.all']),
    )
  })

  it('keeps static methods of different classes apart, made twice or derived, unless a context says what counts', async () => {
    const { cache } = await aToolCache()
    const source = `
      const repository = (table) => class Repository {
        static table = table
        @cachedFunction({ cache, ttlMs: 60000 }) static async get(id) { return this.table + id }
        @cachedFunction({ cache, ttlMs: 60000 }) static async detached(id) { return table + id }
        @cachedFunction({ cache, ttlMs: 60000, context: (self) => self.region ?? '' }) static async shared(id) { return table + id }
      }
      class Base extends repository('base') {
        @cachedFunction({ cache, name: 'lookup', ttlMs: 60000 }) static async lookup(id) { return this.table + id }
      }
      class Derived extends Base { static table = 'derived' }
      const classes = { Users: repository('users'), Orders: repository('orders'), Base, Derived }`
    const { code } = await transform(source, { target: 'es2022' })
    const { Users, Orders, Base, Derived } = new Function('cachedFunction', 'cache', `${code}; return classes`)(
      cachedFunction,
      cache,
    )
    const answers = async (...calls: readonly (() => Promise<unknown>)[]) => {
      const given = []
      for (const call of calls) {
        given.push(await call())
        await cache.flush()
      }
      return given
    }
    expect(
      await answers(
        () => Users.get(1),
        () => Orders.get(1),
        () => Base.lookup(1),
        () => Derived.lookup(1),
      ),
    ).toEqual(['users1', 'orders1', 'base1', 'derived1'])
    const [one, two] = [Users.detached, Orders.detached]
    expect(
      await answers(
        () => one(1),
        () => two(1),
      ),
    ).toEqual(['users1', 'orders1'])
    expect(
      await answers(
        () => Users.shared(1),
        () => Orders.shared(1),
      ),
    ).toEqual(['users1', 'users1'])
  })

  it('keeps objects apart whose method was wrapped by hand', async () => {
    const { cache } = await aToolCache()
    const get = cachedFunction(
      async function get(this: unknown, id: number) {
        return `${(this as { table: string }).table} ${id}`
      },
      { cache, ...POLICY },
    )
    const [users, orders] = [
      { table: 'users', get },
      { table: 'orders', get },
    ]
    expect([await users.get(1), await orders.get(1)]).toEqual(['users 1', 'orders 1'])
  })

  it('wants a name for what shows no source: bound, native and proxied functions', async () => {
    const { cache } = await aToolCache()
    class Repository {
      readonly table: string
      constructor(table: string) {
        this.table = table
      }
      async get(id: string) {
        return `${this.table} ${id}`
      }
    }
    const [users, orders] = [new Repository('users'), new Repository('orders')]
    const bound = (repository: Repository) => repository.get.bind(repository)
    for (const fn of [bound(users), new Proxy(users.get, {}), structuredClone]) {
      expect(() => cachedFunction(fn as (id: string) => Promise<string>, { cache, ...POLICY })).toThrow(
        /^name of cachedFunction .*bound, native or proxied/,
      )
    }
    const one = cachedFunction(bound(users), { cache, name: 'users.get', ...POLICY })
    const two = cachedFunction(bound(orders), { cache, name: 'orders.get', ...POLICY })
    expect([await one('1'), await two('1')]).toEqual(['users 1', 'orders 1'])
  })

  it('refuses wrong options', async () => {
    const { cache } = await aToolCache()
    expect(() => cachedFunction(async () => 1, { cache, ...POLICY })).toThrow(/name/)
    expect(() => cachedFunction(async () => 1, { name: 'f' } as never)).toThrow(/cache/)
    expect(() => cachedFunction(async () => 1, { cache, name: 'f', ttlMs: 1, writes: ['x'] })).toThrow(
      /ttlMs or writes/,
    )
    expect(() => cachedFunction(async () => 1, { cache, name: 'f', ttl: 1 } as never)).toThrow(/"ttl"/)
    expect(() => cachedFunction({ cache, reads: ['{'] })).toThrow(/tag of tool/)
    expect(() => cachedFunction({ cache, ...POLICY })((async () => 1) as never, { kind: 'field' } as never)).toThrow(
      /method/,
    )
  })
})
