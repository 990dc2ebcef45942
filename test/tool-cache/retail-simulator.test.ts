import { describe, expect, it } from 'vitest'
import { createToolCache } from '../../src/create-tool-cache.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { CacheStore } from '../../src/stores/store.ts'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'
import { sharedStore } from '../support/shared-store.ts'
import { type Action, missing, TOOLS, theDatabase, theTasks } from './retail.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Numbers in [0, 1) that a seed fixes. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

/**
 * Agents work on the shop at the same time, each in one of several processes. Every answer of a read is compared with
 * what the shop itself would have said, without a cache, at the moments since the read began: for each such moment the
 * true answer is computed from the state. A stale answer is one that was true at none of them.
 */
async function simulate({
  seed,
  agents,
  stores,
  policyOf = ({ policy }) => policy,
}: {
  seed: number
  agents: number
  stores: readonly CacheStore[]
  policyOf?: (tool: { policy: ToolPolicy }) => ToolPolicy
}) {
  const random = seeded(seed)
  const database = theDatabase()
  const tasks = theTasks().filter((actions) => actions.length > 0)
  const policies = Object.fromEntries(Object.entries(TOOLS).map(([name, tool]) => [name, policyOf(tool)]))
  const caches = await Promise.all(
    stores.map((store) => createToolCache({ store, policies, memory: { maxEntries: 1_000 } })),
  )
  const open = new Set<{ readonly truth: () => string; readonly seen: Set<string> }>()
  const observe = () => {
    for (const read of open) read.seen.add(read.truth())
  }
  const wait = async () => {
    for (let i = Math.floor(random() * 4); i > 0; i--) await turn()
  }
  const counts = { calls: 0, reads: 0, hits: 0, writes: 0, stale: 0 }

  const call = async (action: Action, cacheAt: number) => {
    const tool = TOOLS[action.name]
    const cache = caches[cacheAt]
    if (!tool || !cache) return
    const answerOf = () => {
      try {
        return JSON.stringify(tool.run(database, action.arguments))
      } catch (error) {
        return String(error)
      }
    }
    const isWrite = tool.policy.writes !== undefined
    const read = { truth: answerOf, seen: new Set<string>() }
    if (!isWrite) {
      read.seen.add(answerOf())
      open.add(read)
    }
    counts.calls++
    const { result, record } = await cache
      .getOrCall({ name: action.name, args: action.arguments }, async () => {
        await wait()
        const content = answerOf()
        if (isWrite) {
          counts.writes++
          observe()
          // A tool may fail after it has changed something.
          if (random() < 0.2) throw new Error('connection lost')
        }
        await wait()
        return { content }
      })
      .catch(() => ({ result: undefined, record: undefined }))
    if (isWrite) return
    open.delete(read)
    counts.reads++
    if (record?.outcome === 'hit') counts.hits++
    if (!read.seen.has(String(result?.content))) counts.stale++
  }

  const agent = async (first: number) => {
    for (let at = first; at < tasks.length; at += agents) {
      for (const action of tasks[at] ?? []) {
        await call(action, Math.floor(random() * caches.length))
        await wait()
      }
      // Others look at the same orders and users.
      const elsewhere = tasks[Math.floor(random() * tasks.length)] ?? []
      for (const action of elsewhere)
        if (!TOOLS[action.name]?.policy.writes) await call(action, Math.floor(random() * caches.length))
    }
  }
  await Promise.all(Array.from({ length: agents }, (_, first) => agent(first)))
  await Promise.all(caches.map((cache) => cache.flush()))
  return counts
}

const asProcesses = (count: number) => {
  const shared = sharedStore(embeddedStore())
  return Array.from({ length: count }, () => ({ ...shared }))
}

describe.skipIf(missing)(`tau2 retail shop${missing ? ` (not run: ${missing} is missing)` : ''}`, () => {
  it.each([1, 2, 3, 4, 5])('six agents on one store see no stale answer (seed %i)', async (seed) => {
    const counts = await simulate({ seed, agents: 6, stores: [embeddedStore()] })
    expect(counts.stale).toBe(0)
    expect(counts.writes).toBeGreaterThan(150)
    expect(counts.hits / counts.reads).toBeGreaterThan(0.15)
  })

  it.each([1, 2, 3])(
    'six agents in three processes see no stale answer once a write has returned (seed %i)',
    async (seed) => {
      const counts = await simulate({ seed, agents: 6, stores: asProcesses(3) })
      expect(counts.stale).toBe(0)
      expect(counts.hits / counts.reads).toBeGreaterThan(0.1)
    },
  )

  it('the same without `writes` is seen to go wrong', async () => {
    const counts = await simulate({
      seed: 1,
      agents: 6,
      stores: [embeddedStore()],
      policyOf: ({ policy }) => (policy.writes ? {} : policy),
    })
    expect(counts.stale).toBeGreaterThan(20)
  })
})
