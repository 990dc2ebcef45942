import fc from 'fast-check'
import { expect, it } from 'vitest'
import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { operation, StoreAndModel } from '../../support/store-model.ts'

it('does what a naive model does, in any order of writes, clears, deletes, updates and expiry', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (steps) => {
      const both = new StoreAndModel((now) => embeddedStore({ now }))
      for (const step of steps) {
        await both.run(step)
        await both.compare()
      }
    }),
    { numRuns: 150 },
  )
}, 120_000)

it('keeps its bound on entries in any order of operations', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      async (steps, maxEntries) => {
        let at = 0
        const store = embeddedStore({ maxEntries, now: () => at })
        for (const step of steps) {
          if (step.do === 'advance') at += step.byMs
          if (step.do !== 'set') continue
          await store.set({
            ...step.entry,
            origin: { provider: 'p', name: 'm', durationMs: 1 },
            createdAt: at,
            expiresAt: at + step.entry.ttlMs,
            staleMs: 0,
            hits: 0,
            evidence: { correct: 0, wrong: 0 },
          })
          const { entry } = await store.get(step.entry.key, step.entry)
          expect(entry?.value).toEqual(step.entry.value)
        }
        let count = 0
        for (const namespace of ['n', 'n:2']) count += await store.clear({ namespace })
        expect(count).toBeLessThanOrEqual(maxEntries)
      },
    ),
  )
}, 120_000)
