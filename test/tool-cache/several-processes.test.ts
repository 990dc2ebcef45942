import { describe, expect, it, vi } from 'vitest'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { sharedStore } from '../support/shared-store.ts'
import { aToolCache, gate, lookups } from './tool-calls.ts'

/** Caches as of several processes: each sees the store through an object of its own. */
async function processes(count: number, options: object = {}) {
  const now = () => 1_000_000
  const shared = sharedStore(embeddedStore({ now }))
  return Promise.all(Array.from({ length: count }, () => aToolCache({ store: { ...shared }, ...options })))
}

const call = (policy: object = { ttlMs: 60_000 }) => ({ name: 'search', args: { id: 1 }, policy })
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('identical calls of several processes on a store with leases', () => {
  it.each([[{ ttlMs: 60_000 }], [{ reads: ['order:{id}'] }]])('are one call: %o', async (policy) => {
    const all = await processes(4)
    const held = gate<{ content: string }>()
    const run = vi.fn(() => held.opened)
    const answers = all.flatMap(({ cache }) => [cache.getOrCall(call(policy), run), cache.getOrCall(call(policy), run)])
    await turn()
    held.open({ content: 'x' })
    const records = (await Promise.all(answers)).map(({ record, result }) => ({ ...record, content: result.content }))
    expect(run).toHaveBeenCalledTimes(1)
    expect(records.every(({ content }) => content === 'x')).toBe(true)
    expect(records.filter(({ outcome, collapsed }) => outcome === 'hit' && collapsed)).toHaveLength(6)
    expect(all.flatMap(({ events }) => lookups(events))).toHaveLength(8)
  })

  it('call by themselves when the first one failed, all at once', async () => {
    const all = await processes(3)
    const held = gate<{ content: string }>()
    const failing = all[0]?.cache.getOrCall(call(), () => held.opened)
    await turn()
    const running = gate<{ content: string }>()
    const run = vi.fn(() => running.opened)
    const others = all.slice(1).map(({ cache }) => cache.getOrCall(call(), run))
    await turn()
    held.fail(new Error('down'))
    await expect(failing).rejects.toThrow('down')
    // Neither waits for the other: both calls are under way before one of them ends.
    await vi.waitFor(() => expect(run).toHaveBeenCalledTimes(2))
    running.open({ content: 'x' })
    expect((await Promise.all(others)).map(({ result }) => result.content)).toEqual(['x', 'x'])
  })

  it('stop waiting when their caller aborts', async () => {
    const [one, two] = await processes(2)
    const held = gate<{ content: string }>()
    const first = one?.cache.getOrCall(call(), () => held.opened)
    await turn()
    const controller = new AbortController()
    const waiting = two?.cache.getOrCall(call(), async () => ({ content: 'own' }), { signal: controller.signal })
    await turn()
    controller.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    held.open({ content: 'x' })
    await first
  })

  it('are not collapsed with lockLeaseMs: 0', async () => {
    const all = await processes(2, { lockLeaseMs: 0 })
    const run = vi.fn(async () => ({ content: 'x' }))
    await Promise.all(all.map(({ cache }) => cache.getOrCall(call(), run)))
    expect(run).toHaveBeenCalledTimes(2)
  })

  it("see each other's writes at once: results with tags are never kept in memory", async () => {
    const [one, two] = await processes(2)
    if (!one || !two) throw new Error('two processes were asked for')
    const read = { name: 'get', args: { id: 1 }, policy: { reads: ['order:{id}'] } }
    await one.ask(read)
    expect((await one.ask(read)).tier).toBe('exact')
    await two.ask({ name: 'change', args: { id: 1 }, policy: { writes: ['order:{id}'] } })
    expect((await one.ask(read)).outcome).toBe('miss')
  })
})
