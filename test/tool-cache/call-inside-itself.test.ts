import { describe, expect, it } from 'vitest'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { ToolResult } from '../../src/tool-cache/tool-cache.ts'
import { sharedStore } from '../support/shared-store.ts'
import { aToolCache, gate } from './tool-calls.ts'

const policy = { ttlMs: 60_000 }
const a = { name: 'a', args: {}, policy }
const b = { name: 'b', args: {}, policy }

/** A tool that asks for the same call waited for itself, for ever; on a store with leases, until those were given up. */
describe.each([
  ['in a store of one process', () => embeddedStore()],
  ['in a store with leases', () => sharedStore(embeddedStore())],
])('a tool that calls the cache from inside its own call, %s', (_name, storeOf) => {
  it('gets an answer when it asks for the very same call', async () => {
    const { cache } = await aToolCache({ store: storeOf() })
    let depth = 0
    const run = async (): Promise<ToolResult> => {
      if (++depth === 2) return { content: 'inner' }
      const { result, record } = await cache.getOrCall(a, run)
      return { content: `outer round ${result.content}, ${record.outcome}` }
    }
    const { result } = await cache.getOrCall(a, run)
    expect(result.content).toBe('outer round inner, miss')
    expect(depth).toBe(2)
  })

  it('gets one when only the life of the result is another', async () => {
    const { cache } = await aToolCache({ store: storeOf() })
    const { result } = await cache.getOrCall(a, async () => {
      const inner = await cache.getOrCall({ ...a, policy: { ttlMs: 1_000 } }, async () => ({ content: 'inner' }))
      return { content: `outer round ${inner.result.content}` }
    })
    expect(result.content).toBe('outer round inner')
  })

  it('gets one when two calls under way ask for each other', async () => {
    const { cache } = await aToolCache({ store: storeOf() })
    const bothUnderWay = gate()
    const begun: string[] = []
    const asking = (name: string, other: typeof a) => async (): Promise<ToolResult> => {
      begun.push(name)
      if (begun.length === 2) bothUnderWay.open()
      await bothUnderWay.opened
      const { result } = await cache.getOrCall(other, async () => ({ content: `${other.name} alone` }))
      return { content: `${name} after ${result.content}` }
    }
    const answers = await Promise.all([cache.getOrCall(a, asking('a', b)), cache.getOrCall(b, asking('b', a))])
    expect(answers.map(({ result }) => String(result.content).slice(0, 8)).sort()).toEqual(['a after ', 'b after '])
  })

  it('is still one call for those who ask from outside', async () => {
    const { cache } = await aToolCache({ store: storeOf() })
    const held = gate()
    let runs = 0
    const run = async (): Promise<ToolResult> => {
      runs++
      await held.opened
      return { content: 'x' }
    }
    const asked = [cache.getOrCall(a, run), cache.getOrCall(a, run)]
    await new Promise((resolve) => setImmediate(resolve))
    held.open()
    const answers = await Promise.all(asked)
    expect(runs).toBe(1)
    expect(answers.map(({ record }) => record.collapsed)).toEqual([undefined, true])
  })

  it('is joined again by work that goes on after the call has ended', async () => {
    const { cache, clock } = await aToolCache({ store: storeOf(), ttlJitter: 0, memory: { maxEntries: 0 } })
    let later: () => Promise<string | undefined> = async () => undefined
    await cache.getOrCall(a, async () => {
      const held = gate()
      let runs = 0
      const run = async (): Promise<ToolResult> => {
        runs++
        await held.opened
        return { content: 'x' }
      }
      // Bound to the async context of this call.
      const again = Promise.resolve().then(() => () => Promise.all([cache.getOrCall(a, run), cache.getOrCall(a, run)]))
      later = async () => {
        const both = (await again)()
        await new Promise((resolve) => setTimeout(resolve, 20))
        held.open()
        await both
        return String(runs)
      }
      return { content: 'first' }
    })
    await cache.flush()
    clock.now += 120_000
    expect(await later()).toBe('1')
  })
})
