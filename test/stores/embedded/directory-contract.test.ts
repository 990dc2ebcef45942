import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

const root = mkdtempSync(join(tmpdir(), 'reprise-contract-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

for (const fsync of ['always', 'interval', 'never'] as const) {
  storeContract(`embedded store with a directory, fsync ${fsync}`, ({ now }) =>
    embeddedStore({ directory: mkdtempSync(join(root, 'store-')), fsync, now }),
  )
}
