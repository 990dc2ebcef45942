import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { faultyStore } from '../support/faulty-store.ts'
import { aToolCache, gate, writes } from './tool-calls.ts'

const policies = { get_order: { reads: ['order:{id}'] }, cancel_order: { writes: ['order:{id}'] } }
const read = (id = 1) => ({ name: 'get_order', args: { id } })
const write = (id = 1) => ({ name: 'cancel_order', args: { id } })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A backend with one value per order, and the two tools on it. */
async function aShop(options: object = {}) {
  const orders = new Map<number, number>()
  const made = await aToolCache({ policies, ...options })
  const contentOf = (id: number) => `v${orders.get(id) ?? 0}`
  return {
    ...made,
    orders,
    contentOf,
    get: (id = 1, controls?: object) =>
      made.cache.getOrCall(read(id), async () => ({ content: contentOf(id) }), controls),
    cancel: (id = 1, error?: Error) =>
      made.cache.getOrCall(write(id), async () => {
        orders.set(id, (orders.get(id) ?? 0) + 1)
        if (error) throw error
        return { content: 'done' }
      }),
  }
}

describe('a tool that writes', () => {
  it('drops what reads its tags, and nothing else, in all tenants, before its caller sees the result', async () => {
    const { cache, get, cancel, events } = await aShop()
    for (const tenant of ['a', 'b']) for (const id of [1, 2]) await get(id, { tenant })
    await cache.flush()
    await cancel(1)
    for (const tenant of ['a', 'b']) {
      expect((await get(1, { tenant })).result.content).toBe('v1')
      expect((await get(2, { tenant })).record.outcome).toBe('hit')
    }
    expect(events.find((event) => event.type === 'invalidate')).toMatchObject({
      cache: 'tool',
      by: ['tags'],
      outcome: 'done',
      removed: 2,
    })
  })

  it('does so when it fails too, and throws the same error', async () => {
    const { cache, get, cancel } = await aShop()
    await get()
    await cache.flush()
    const error = new Error('half done')
    await expect(cancel(1, error)).rejects.toBe(error)
    expect((await get()).result.content).toBe('v1')
  })

  it('is never stored, never joined, and works in every mode', async () => {
    const { cache } = await aShop({ allow: ['*'] })
    const run = vi.fn(async () => ({ content: 'done' }))
    await Promise.all([
      cache.getOrCall(write(), run),
      cache.getOrCall(write(), run, { mode: 'bypass' }),
      cache.getOrCall(write(), run, { mode: 'refresh' }),
    ])
    expect(run).toHaveBeenCalledTimes(3)
    await expect(cache.getOrCall(write(), run, { mode: 'only-if-cached' })).rejects.toMatchObject({
      code: 'NOT_CACHED',
    })
  })

  it('refuses the result of a read that was in flight', async () => {
    const { cache, cancel, get, events } = await aShop()
    const held = gate<{ content: string }>()
    const slow = cache.getOrCall(read(), () => held.opened)
    await turn()
    await cancel()
    held.open({ content: 'v0' })
    expect((await slow).result.content).toBe('v0')
    await cache.flush()
    expect(writes(events)).toMatchObject([{ outcome: 'refused', reason: 'cleared' }])
    expect((await get()).result.content).toBe('v1')
  })

  it('is not answered by an older call in flight', async () => {
    const { cache, cancel, get } = await aShop()
    const held = gate<{ content: string }>()
    const slow = cache.getOrCall(read(), () => held.opened)
    await turn()
    await cancel()
    expect(await get()).toMatchObject({ result: { content: 'v1' }, record: { outcome: 'miss' } })
    held.open({ content: 'v0' })
    await slow
    await cache.flush()
    expect((await get()).result.content).toBe('v1')
  })

  it('keeps its tags from being read in this process while it runs, also through another cache on the store', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const one = await aShop({ store })
    const two = await aShop({ store })
    await one.get()
    await one.cache.flush()
    const held = gate<{ content: string }>()
    const writing = one.cache.getOrCall(write(), () => held.opened)
    await turn()
    for (const shop of [one, two]) {
      expect((await shop.get()).record).toMatchObject({ outcome: 'bypass', reason: 'invalidation-pending' })
      expect((await shop.get(2)).record.outcome).not.toBe('bypass')
    }
    held.open({ content: 'done' })
    await writing
    expect((await two.get()).record.outcome).toBe('miss')
  })

  it('reaches results by tags of a list, of a call, and of defaults filled in', async () => {
    const { z } = await import('zod')
    const { cache, ask } = await aToolCache()
    const getMany = { name: 'get_many', args: { ids: [1, 2] }, policy: { reads: ['order:{ids}'] } }
    const getHome = {
      name: 'get_home',
      args: {},
      schema: z.object({ region: z.string().default('eu') }),
      policy: { reads: ['region:{region}'] },
    }
    const tagged = { name: 'get_other', args: {}, policy: { ttlMs: 60_000 } }
    for (const [call, tag] of [
      [getMany, 'order:2'],
      [getHome, 'region:eu'],
      [tagged, 'extra'],
    ] as const) {
      await ask(call, { tags: call === tagged ? ['extra'] : [] })
      await ask({ name: 'touch', args: { tag }, policy: { writes: ['{tag}'] } })
      expect((await ask(call)).outcome).toBe('miss')
    }
    expect(await cache.invalidate({ tags: ['order:1'] })).toBe(1)
  })
})

describe('an invalidation that fails', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('leaves the write its result; the tags are bypassed until it is delivered, and nothing stale is served', async () => {
    const faulty = faultyStore(embeddedStore({ now: () => 1_000_000 }))
    const { cache, get, cancel, events } = await aShop({ store: faulty.store, breaker: { failures: 1_000 } })
    await get()
    await get(2)
    await cache.flush()
    faulty.break('clear', { kind: 'fail' })
    expect((await cancel()).result.content).toBe('done')
    expect(events.filter((event) => event.type === 'invalidate')).toMatchObject([{ outcome: 'failed' }])
    expect(await get()).toMatchObject({
      result: { content: 'v1' },
      record: { outcome: 'bypass', reason: 'invalidation-pending' },
    })
    expect((await get(2)).record.outcome).toBe('hit')
    await vi.advanceTimersByTimeAsync(2_000)
    expect((await get()).record.outcome).toBe('bypass')
    faulty.heal()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(events.filter((event) => event.type === 'invalidate').at(-1)).toMatchObject({ outcome: 'done', removed: 1 })
    expect(await get()).toMatchObject({ result: { content: 'v1' }, record: { outcome: 'miss' } })
  })

  it('does not hold the write longer than its deadline, and is delivered by flush', async () => {
    const faulty = faultyStore(embeddedStore({ now: () => 1_000_000 }))
    const { cache, get, cancel } = await aShop({ store: faulty.store, invalidationDeadlineMs: 100 })
    await get()
    await cache.flush()
    faulty.break('clear', { kind: 'hang' })
    const writing = cancel()
    await vi.advanceTimersByTimeAsync(200)
    expect((await writing).result.content).toBe('done')
    faulty.heal()
    await cache.flush()
    expect(await get()).toMatchObject({ result: { content: 'v1' }, record: { outcome: 'miss' } })
  })
})

describe('any order of reads and writes', () => {
  it('never gives an answer older than the latest write that had returned when the read began', async () => {
    const step = fc.record({
      kind: fc.constantFrom('get', 'get', 'cancel', 'fail', 'flush', 'drop'),
      id: fc.integer({ min: 1, max: 2 }),
      cache: fc.integer({ min: 0, max: 1 }),
      waits: fc.nat({ max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.scheduler(), async (steps, scheduler) => {
        const store = embeddedStore({ now: () => 1_000_000 })
        const caches = await Promise.all([0, 1].map(() => aToolCache({ store, policies })))
        const state = new Map<number, number>()
        const returned = new Map<number, number>()
        const work: Promise<unknown>[] = []
        const versionOf = (map: Map<number, number>, id: number) => map.get(id) ?? 0
        for (const { kind, id, cache: at, waits } of steps) {
          const { cache } = caches[at] as (typeof caches)[0]
          if (kind === 'flush') await cache.flush()
          else if (kind === 'drop') work.push(cache.invalidate({ tags: [`order:${id}`] }))
          else if (kind === 'get') {
            const atLeast = versionOf(returned, id)
            const answer = cache.getOrCall(read(id), async () => {
              await scheduler.schedule(Promise.resolve())
              const content = versionOf(state, id) + 1
              await scheduler.schedule(Promise.resolve())
              return { content }
            })
            work.push(answer.then(({ result }) => expect(Number(result.content) - 1).toBeGreaterThanOrEqual(atLeast)))
          } else {
            const written = cache.getOrCall(write(id), async () => {
              await scheduler.schedule(Promise.resolve())
              state.set(id, versionOf(state, id) + 1)
              await scheduler.schedule(Promise.resolve())
              if (kind === 'fail') throw new Error('half done')
              return { content: versionOf(state, id) }
            })
            const seen = () => void returned.set(id, versionOf(state, id))
            work.push(written.then(seen, seen))
          }
          for (let i = 0; i < waits; i++) {
            await turn()
            if (scheduler.count() > 0) await scheduler.waitOne()
          }
        }
        const all = Promise.all(work)
        let isDone = false
        const settled = all.finally(() => {
          isDone = true
        })
        settled.catch(() => undefined)
        while (!isDone) {
          await turn()
          if (scheduler.count() > 0) await scheduler.waitOne()
        }
        await settled
      }),
      { numRuns: 150 },
    )
  })
})
