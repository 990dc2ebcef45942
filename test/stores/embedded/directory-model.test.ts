import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoreEvent } from '../../../src/core/events.ts'
import { type EmbeddedStore, embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { operation, StoreAndModel } from '../../support/store-model.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const step = fc.oneof(
  { weight: 12, arbitrary: operation },
  fc.constantFrom('flush' as const, 'reopen' as const, 'crash' as const),
)

/** Small, so that the log is rewritten within a run; still room for all entries there can be. */
const MAX_BYTES = 32_000

/** The files as a killed process leaves them. What is renamed or removed meanwhile makes it start again. */
function copyAsKilled(from: string, to: string): void {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      rmSync(to, { recursive: true, force: true })
      cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith('lock') })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('the directory does not hold still')
}

it('equals a model in memory through any order of operations, crashes and restarts', async () => {
  const root = temporaryDirectory()
  let compactions = 0
  const unexpected: StoreEvent[] = []
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 200, size: 'max' }), async (steps) => {
      const base = mkdtempSync(join(root, 'run-'))
      let directory = join(base, '0')
      let current: EmbeddedStore | undefined
      const both = new StoreAndModel((now) => {
        current = embeddedStore({ directory, now, maxBytes: MAX_BYTES })
        current.listen((event: StoreEvent) => {
          if (event.what === 'compacted') compactions++
          else if (event.what !== 'torn-tail') unexpected.push(event)
        })
        return current
      })
      /** What a crash may lead back to: the model at the last flush, and after each operation since. */
      let possible = [both.save()]
      for (const [i, next] of steps.entries()) {
        if (next === 'flush') {
          await both.store.flush()
          possible = [both.save()]
        } else if (next === 'reopen') {
          await both.store.close()
          both.reopen()
          possible = [both.save()]
        } else if (next === 'crash') {
          const former = both.store
          const left = join(base, `after-${i}`)
          copyAsKilled(directory, left)
          directory = left
          both.reopen()
          await former.close()
          both.forgetCalls()
          let isOneOfThem = false
          for (const model of possible.reverse()) {
            both.restore(model)
            isOneOfThem = await both.compare().then(
              () => true,
              () => false,
            )
            if (isOneOfThem) break
          }
          expect(isOneOfThem).toBe(true)
          both.forgetCalls()
          possible = [both.save()]
        } else {
          const before = both.save().entries.length
          await both.run(next)
          // What was taken back stays so when the process is killed.
          const isRemoval = next.do === 'clear' || (next.do === 'delete' && both.save().entries.length < before)
          possible = isRemoval ? [both.save()] : [...possible, both.save()]
        }
      }
      await both.compare()
      await both.store.close()
      both.reopen()
      await both.compare()
      await both.store.close()
      rmSync(base, { recursive: true, force: true })
    }),
    { numRuns: 60 },
  )
  expect(unexpected).toEqual([])
  expect(compactions).toBeGreaterThan(5)
}, 300_000)
