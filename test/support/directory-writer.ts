/**
 * A process that writes into a store with a directory and says what it has done, for tests that kill it or take its disk
 * away. Arguments: directory, fsync policy, entries to write (0: until killed), bytes of each value.
 *
 * Prints a line of JSON for each thing that happened; `flushed: n` promises that entries 0…n−1 are kept.
 */
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import type { FsyncPolicy } from '../../src/stores/embedded/journal.ts'

const [directory = '', fsync = 'interval', count = '0', valueBytes = '200'] = process.argv.slice(2)

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

async function run(): Promise<void> {
  const store = embeddedStore({ directory, fsync: fsync as FsyncPolicy, maxBytes: 400_000 * Number(valueBytes) })
  store.listen(({ what, operation, errorCode }) => say({ event: what, operation, errorCode }))
  for (let i = 0; Number(count) === 0 || i < Number(count); i++) {
    const outcome = await store
      .set({
        key: `key-${i}`,
        namespace: 'n',
        tags: [i % 2 === 0 ? 'even' : 'odd'],
        scope: `scope-${i}`,
        value: `${i}:${'x'.repeat(Number(valueBytes))}`,
        origin: { provider: 'p', name: 'm', durationMs: 1 },
        vector: Float32Array.of(1, 0, 0, 0),
        embedderId: 'e',
        createdAt: Date.now(),
        expiresAt: Date.now() + 86_400_000,
        staleMs: 0,
        hits: 0,
        evidence: { correct: 0, wrong: 0 },
      })
      .then(
        ({ stored }) => stored,
        () => false,
      )
    const read = await store.get(`key-${i}`, { namespace: 'n' })
    if (!outcome || !read.entry) say({ refused: i })
    if (i % 50 === 49) {
      await store.flush().then(
        () => say({ flushed: i + 1 }),
        (error) => say({ notFlushed: i + 1, code: error.code }),
      )
    }
  }
  await store.close().then(
    () => say({ closed: true }),
    (error) => say({ closed: false, code: error.code }),
  )
}

run().catch((error) => say({ threw: error.code, message: error.message }))
