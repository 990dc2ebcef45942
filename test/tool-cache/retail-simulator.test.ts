import { describe, expect, it } from 'vitest'
import { createToolCache } from '../../src/create-tool-cache.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { CacheStore } from '../../src/stores/store.ts'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'
import { sharedStore } from '../support/shared-store.ts'
import { missing } from './retail.ts'
import { retailPolicies, simulate } from './retail-simulation.ts'

/** Up to three turns of the event loop. */
async function turns(random: number) {
  for (let i = Math.floor(random * 4); i > 0; i--) await new Promise((resolve) => setImmediate(resolve))
}

async function simulated({
  seed,
  stores,
  policyOf,
}: {
  seed: number
  stores: readonly CacheStore[]
  policyOf?: (tool: { policy: ToolPolicy }) => ToolPolicy
}) {
  const policies = retailPolicies(policyOf)
  const caches = await Promise.all(stores.map((store) => createToolCache({ store, policies })))
  const callers = caches.map((cache) => cache.getOrCall.bind(cache))
  const counts = await simulate({ seed, agents: 6, callers, pause: turns })
  await Promise.all(caches.map((cache) => cache.flush()))
  return counts
}

const asProcesses = (count: number) => {
  const shared = sharedStore(embeddedStore())
  return Array.from({ length: count }, () => ({ ...shared }))
}

describe.skipIf(missing)(`tau2 retail shop${missing ? ` (not run: ${missing} is missing)` : ''}`, () => {
  it.each([1, 2, 3, 4, 5])('six agents on one store see no stale answer (seed %i)', async (seed) => {
    const counts = await simulated({ seed, stores: [embeddedStore()] })
    expect(counts.stale).toBe(0)
    expect(counts.overlapping).toBe(0)
    expect(counts.writes).toBeGreaterThan(150)
    expect(counts.hits / counts.reads).toBeGreaterThan(0.15)
  })

  it.each([1, 2, 3])(
    'six agents in three processes see no stale answer once a write has returned (seed %i)',
    async (seed) => {
      const counts = await simulated({ seed, stores: asProcesses(3) })
      expect(counts.stale).toBe(0)
      expect(counts.hits / counts.reads).toBeGreaterThan(0.1)
    },
  )

  it('the same without `writes` is seen to go wrong', async () => {
    const counts = await simulated({
      seed: 1,
      stores: [embeddedStore()],
      policyOf: ({ policy }) => (policy.writes ? {} : policy),
    })
    expect(counts.stale).toBeGreaterThan(20)
  })
})
