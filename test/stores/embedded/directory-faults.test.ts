import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CacheEntry } from '../../../src/core/entry.ts'
import type { StoreEvent } from '../../../src/core/events.ts'
import {
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  embeddedStore,
} from '../../../src/stores/embedded/embedded-store.ts'
import { jsonFrame } from '../../../src/stores/embedded/log-records.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const namespace = 'n'
const about = { namespace }
const WRITER = fileURLToPath(new URL('../../support/directory-writer.ts', import.meta.url))

function entry(key: string, given: Partial<CacheEntry<unknown>> = {}): CacheEntry<unknown> {
  return {
    key,
    namespace,
    tags: [],
    scope: 's',
    value: `value of ${key}`,
    origin: { provider: 'p', name: 'm', durationMs: 1 },
    createdAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
    ...given,
  }
}

function open(directory: string, options: EmbeddedStoreOptions = {}) {
  const store = embeddedStore({ directory, ...options })
  const events: StoreEvent[] = []
  store.listen((event) => events.push(event))
  onTestFinished(() => store.close().catch(() => undefined))
  const whats = () => events.map(({ what }) => what)
  return { store, events, whats }
}

async function keysIn(store: EmbeddedStore, keys: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const key of keys) {
    const read = await store.get(key, about)
    if (!read.entry) continue
    expect(read.entry.value).toBe(`value of ${key}`)
    found.push(key)
  }
  return found
}

const onlyLog = (directory: string) =>
  join(
    directory,
    readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .at(-1) as string,
  )

/** A directory as it is after the process was killed: a copy without the lock. */
function copyOf(directory: string): string {
  const copy = temporaryDirectory()
  cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('lock') })
  return copy
}

interface Said {
  readonly flushed?: number
  readonly notFlushed?: number
  readonly refused?: number
  readonly event?: string
  readonly errorCode?: string
  readonly closed?: boolean
  readonly code?: string
  readonly threw?: string
  readonly message?: string
}

function write(
  directory: string,
  options: { fsync?: string; count?: number; valueBytes?: number; shell?: string; uid?: number } = {},
) {
  const { fsync = 'interval', count = 0, valueBytes = 200, shell, uid } = options
  const args = ['--import', 'tsx', WRITER, directory, fsync, `${count}`, `${valueBytes}`]
  const child: ChildProcess = shell
    ? spawn('bash', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
    : spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], ...(uid !== undefined && { uid }) })
  const said: Said[] = []
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> })
  lines.on('line', (line) => said.push(JSON.parse(line)))
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')])
  const until = async (isReached: () => boolean) => {
    while (!isReached())
      await Promise.race([once(lines, 'line'), ended.then(() => Promise.reject(new Error('it ended')))])
  }
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, said, ended, until, flushed: () => Math.max(0, ...said.map(({ flushed }) => flushed ?? 0)) }
}

async function expectKept(directory: string, flushed: number) {
  const { store, events } = open(directory, { maxBytes: 1e9 })
  let kept = 0
  for (; ; kept++) {
    const { entry: found } = await store.get<string>(`key-${kept}`, about)
    if (!found) break
    expect(found.value.startsWith(`${kept}:xxx`)).toBe(true)
  }
  expect(kept).toBeGreaterThanOrEqual(flushed)
  // A log ends where the process ended: nothing comes after what is missing.
  for (let i = kept; i < kept + 100; i++) expect((await store.get(`key-${i}`, about)).entry).toBeUndefined()
  expect(events.filter(({ what }) => what === 'record-corrupt')).toEqual([])
  return { store, events, kept }
}

describe('a store with a directory', () => {
  it('keeps entries with everything about them, generations and totals over a restart', async () => {
    const directory = temporaryDirectory()
    const first = open(directory).store
    const whole = entry('whole', {
      tenant: 'acme\ud800',
      tags: ['x', 'ü:{}'],
      queryText: 'why? 为什么',
      value: { map: new Map([[1, new Date(5)]]), bytes: new Uint8Array([1, 2]), nothing: undefined },
      vector: Float32Array.of(0.6, 0.8),
      embedderId: 'e/1',
      staleMs: 5,
    })
    await first.set(whole)
    await first.update('whole', { namespace, addHits: 2, addWrong: 1, addExpectedWrong: 0.25, addOwnCorrect: 3 })
    await first.set(entry('cleared', { tags: ['y'] }))
    const { generation } = await first.get('later', about)
    await first.clear({ namespace, tags: ['y'] })
    await first.add('totals', { usd: 0.5 }, 1_000_000)
    await first.close()

    const { store: second, whats } = open(directory)
    const { entry: found } = await second.get('whole', about)
    expect(found).toStrictEqual({
      ...whole,
      hits: 2,
      evidence: { correct: 0, wrong: 1, expectedWrong: 0.25, ownCorrect: 3 },
    })
    expect(await keysIn(second, ['cleared'])).toEqual([])
    expect(await second.read(['totals'])).toEqual([{ usd: 0.5 }])
    expect(await second.set(entry('other'), { ifGeneration: generation })).toEqual({ stored: true })
    expect(await second.set(entry('later', { tags: ['y'] }), { ifGeneration: generation })).toEqual({
      stored: false,
      reason: 'cleared',
    })
    expect(await second.clear({ namespace, tenant: 'acme\ud800', tags: ['ü:{}'] })).toBe(1)
    expect(whats()).toEqual([])
  })

  it('drops a torn record at the end, wherever it was cut, and keeps all before it', async () => {
    const directory = temporaryDirectory()
    const { store } = open(directory)
    const ends = [0]
    const log = async () => onlyLog(directory)
    for (const key of ['a', 'b']) {
      await store.set(entry(key, { value: `value of ${key}` }))
      await store.flush()
      ends.push(readFileSync(await log()).length)
    }
    const bytes = readFileSync(await log())
    for (let length = 0; length <= bytes.length; length++) {
      const cut = temporaryDirectory()
      writeFileSync(join(cut, 'reprise-00000001.log'), bytes.subarray(0, length))
      const { store: reopened, events } = open(cut)
      const whole = ends.slice(1).filter((end) => end <= length).length
      expect(await keysIn(reopened, ['a', 'b'])).toEqual(['a', 'b'].slice(0, whole))
      expect(events.filter(({ what }) => what !== 'torn-tail')).toEqual([])
      // And goes on from there.
      await reopened.set(entry('d'))
      await reopened.close()
      const again = open(cut)
      expect(await keysIn(again.store, ['d'])).toEqual(['d'])
      expect(again.events).toEqual([])
      await again.store.close()
    }
  }, 120_000)

  it('never serves what a flipped bit has touched or uncovered, and tells of it once', async () => {
    const directory = temporaryDirectory()
    const { store } = open(directory)
    await store.set(entry('kept'))
    await store.set(entry('replaced', { value: 'an old value' }))
    await store.set(entry('cleared', { tags: ['x'] }))
    await store.set(entry('deleted'))
    await store.set(entry('replaced'))
    await store.clear({ namespace, tags: ['x'] })
    await store.delete(['deleted'], about)
    await store.set(entry('last'))
    await store.flush()
    const bytes = readFileSync(onlyLog(directory))
    let contained = 0
    for (let at = 0; at < bytes.length; at += 2) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8))
      const copy = temporaryDirectory()
      writeFileSync(join(copy, 'reprise-00000001.log'), damaged)
      const { store: reopened, events } = open(copy)
      // keysIn compares values: the old one of `replaced` would fail here.
      const found = await keysIn(reopened, ['kept', 'replaced', 'cleared', 'deleted', 'last'])
      expect(found).not.toContain('cleared')
      expect(found).not.toContain('deleted')
      if (found.length >= 2) contained++
      expect(events.filter(({ what }) => what === 'record-corrupt' || what === 'torn-tail')).toHaveLength(1)
      await reopened.flush()
      await reopened.close()
      if (at % 5 !== 0) continue
      const again = open(copy)
      expect(await keysIn(again.store, ['kept', 'replaced', 'cleared', 'deleted', 'last'])).toEqual(found)
      expect(again.events.filter(({ what }) => what === 'record-corrupt')).toEqual([])
      await again.store.close()
    }
    // Damage to one record costs that one alone, where it is known which that was.
    expect(contained).toBeGreaterThan(bytes.length / 2 / 2)
  }, 300_000)

  it('skips a damaged record in the middle of a snapshot and of a log, and counts it', async () => {
    const directory = temporaryDirectory()
    const { store } = open(directory)
    const keys = Array.from({ length: 20 }, (_, i) => `key${i}`)
    for (const key of keys) await store.set(entry(key))
    await store.close()
    const log = onlyLog(directory)
    const bytes = readFileSync(log)
    for (const key of ['key5', 'key11']) {
      const at = bytes.indexOf(`value of ${key}`)
      bytes[at] = 0
    }
    writeFileSync(log, bytes)
    const { store: reopened, events } = open(directory)
    expect(await keysIn(reopened, keys)).toEqual(keys.filter((key) => key !== 'key5' && key !== 'key11'))
    expect(events).toContainEqual(expect.objectContaining({ what: 'record-corrupt', count: 2 }))
    await expect.poll(() => events.some(({ what }) => what === 'compacted')).toBe(true)
    await reopened.close()

    const [snapshot = ''] = readdirSync(directory).filter((name) => name.endsWith('.snapshot'))
    const kept = readFileSync(join(directory, snapshot))
    const at = kept.indexOf('value of key7')
    // Header and all: the reader has to find the next record by itself.
    kept.fill(0x55, at - 300, at + 5)
    writeFileSync(join(directory, snapshot), kept)
    const third = open(directory)
    const found = await keysIn(third.store, keys)
    expect(found).not.toContain('key7')
    expect(found.length).toBeGreaterThanOrEqual(15)
    expect(third.whats()).toContain('record-corrupt')
  })

  it('refuses a file of a later version and says what to do', async () => {
    const directory = temporaryDirectory()
    await open(directory).store.close()
    const log = onlyLog(directory)
    writeFileSync(
      log,
      jsonFrame(
        { type: 'header', subject: 0, supersedes: false, superseding: 0 },
        { format: 9, kind: 'log', number: 1 },
      ),
    )
    expect(() => embeddedStore({ directory })).toThrow(/format 1 or older, got 9.*later version of reprise/)
    // And leaves it alone, free for the version that can read it.
    expect(existsSync(join(directory, 'lock'))).toBe(false)
    expect(readFileSync(log, 'latin1')).toContain('"format":9')
  })

  it('rewrites a log that has grown, and stays within its bounds on disk', async () => {
    const directory = temporaryDirectory()
    const maxBytes = 200_000
    const { store, whats } = open(directory, { maxBytes })
    for (let round = 0; round < 40; round++) {
      for (let i = 0; i < 50; i++) await store.set(entry(`${round % 7}-${i}`, { value: 'v'.repeat(1_000) }))
      await store.flush()
    }
    await store.close()
    expect(whats().filter((what) => what === 'compacted').length).toBeGreaterThan(3)
    const sizes = readdirSync(directory).map((name) => readFileSync(join(directory, name)).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3 * maxBytes)
    const again = open(directory, { maxBytes })
    expect((await again.store.get(`${39 % 7}-49`, about)).entry).toBeDefined()
    expect(again.events).toEqual([])
  })
})

describe('one writer per directory', () => {
  it('refuses a second store of this process, and lets it in after the first was closed', async () => {
    const directory = temporaryDirectory()
    const { store } = open(directory)
    expect(() => embeddedStore({ directory })).toThrow(`in use by process ${process.pid} (this one)`)
    await store.close()
    const second = open(directory)
    await second.store.flush()
  })

  it('refuses another process by name while it lives, and takes over when it was killed', async () => {
    const directory = temporaryDirectory()
    const writer = write(directory)
    await writer.until(() => writer.flushed() > 0)
    expect(() => embeddedStore({ directory })).toThrow(`in use by process ${writer.child.pid}: `)
    writer.child.kill('SIGKILL')
    await writer.ended
    const { store, events } = open(directory, { maxBytes: 1e9 })
    expect((await store.get('key-0', about)).entry).toBeDefined()
    expect(events).toContainEqual(
      expect.objectContaining({
        what: 'recovered',
        operation: 'lock',
        detail: `taken over from process ${writer.child.pid}`,
      }),
    )
  }, 60_000)

  it('is told apart from an earlier process of the same number', async () => {
    const directory = temporaryDirectory()
    const [host, token] = [(await import('node:os')).hostname(), 'old']
    writeFileSync(
      join(directory, 'lock'),
      JSON.stringify({ pid: process.pid, threadId: 0, host, token, startedTicks: '1' }),
    )
    const { store } = open(directory)
    await store.flush()
    await store.close()
    expect(existsSync(join(directory, 'lock'))).toBe(false)
  })
})

describe('a process that is killed', () => {
  it.each(['always', 'interval', 'never'])(
    'loses nothing that was flushed, at any moment (fsync %s)',
    async (fsync) => {
      for (let round = 0; round < 4; round++) {
        const directory = temporaryDirectory()
        // Small values and a small bound make it rewrite its log all the time.
        const writer = write(directory, { fsync, valueBytes: round % 2 === 0 ? 5 : 2_000 })
        const target = 50 + round * 350
        await writer.until(() => writer.flushed() >= target)
        writer.child.kill('SIGKILL')
        await writer.ended
        const { kept } = await expectKept(directory, writer.flushed())
        expect(kept).toBeGreaterThanOrEqual(target)
      }
    },
    120_000,
  )
})

describe('a disk that fails', () => {
  it('goes on from memory when it is full (a limit on file size), tells so once, and acknowledges nothing', async () => {
    const directory = temporaryDirectory()
    const writer = write(directory, { count: 600, valueBytes: 1_000, shell: "trap '' XFSZ; ulimit -f 200" })
    await writer.ended
    const { said } = writer
    expect(said.filter(({ refused }) => refused !== undefined)).toEqual([])
    expect(said.filter(({ event }) => event === 'failed')).toMatchObject([{ errorCode: 'EFBIG' }])
    expect(said.some(({ notFlushed }) => notFlushed !== undefined)).toBe(true)
    expect(said.at(-1)).toMatchObject({ closed: false, code: 'STORE_FAILED' })
    await expectKept(directory, writer.flushed())
    expect(writer.flushed()).toBeGreaterThan(0)
  }, 60_000)

  it('goes on from memory when its directory is removed, and makes it anew with all there is', async () => {
    const directory = join(temporaryDirectory(), 'store')
    const { store, whats } = open(directory)
    await store.set(entry('before'))
    await store.flush()
    rmSync(directory, { recursive: true })
    await store.set(entry('after'))
    expect(await keysIn(store, ['before', 'after'])).toEqual(['before', 'after'])
    await store.flush()
    expect(whats()).toEqual(['failed', 'compacted', 'recovered'])
    const copy = copyOf(directory)
    expect(await keysIn(open(copy).store, ['before', 'after'])).toEqual(['before', 'after'])
  })

  it('does not acknowledge while its directory cannot be made anew, and catches up when it can', async () => {
    const parent = join(temporaryDirectory(), 'parent')
    const directory = join(parent, 'store')
    const { store, whats } = open(directory)
    await store.set(entry('a', { tags: ['x'] }))
    await store.flush()
    rmSync(parent, { recursive: true })
    writeFileSync(parent, 'a file in its place')
    await expect(store.flush()).rejects.toMatchObject({ code: 'STORE_FAILED' })
    await expect(store.clear({ namespace, tags: ['x'] })).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await store.set(entry('b'))).toEqual({ stored: true })
    expect(await keysIn(store, ['a', 'b'])).toEqual(['b'])
    rmSync(parent)
    await store.flush()
    expect(whats()).toEqual(['failed', 'compacted', 'recovered'])
    expect(await keysIn(open(copyOf(directory)).store, ['a', 'b'])).toEqual(['b'])
  })

  it('refuses to begin in a place that is no directory', () => {
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    expect(() => embeddedStore({ directory: file })).toThrow(/cannot be used \(EEXIST\)/)
    expect(() => embeddedStore({ directory: join(file, 'below') })).toThrow(/cannot be used \(ENOTDIR\)/)
  })

  it('refuses to begin in a directory that it may only read', async () => {
    const directory = join(temporaryDirectory(), 'store')
    mkdirSync(directory)
    chmodSync(directory, 0o555)
    if (process.getuid?.() !== 0) {
      expect(() => embeddedStore({ directory })).toThrow(/cannot be used \(EACCES\)/)
      return
    }
    // Root may write anywhere, so a process of nobody tries it.
    chmodSync(join(directory, '..'), 0o755)
    const writer = write(directory, { count: 1, uid: 65_534 })
    await writer.ended
    expect(writer.said).toMatchObject([{ threw: 'STORE_FAILED', message: expect.stringContaining('(EACCES)') }])
  }, 60_000)

  it.each([{ directory: '' }, { directory: 5 }, { directory: 'd', fsync: 'sometimes' }, { fsyncIntervalMs: 0 }])(
    'refuses the options %o',
    (options) => {
      expect(() => embeddedStore(options as EmbeddedStoreOptions)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    },
  )
})
