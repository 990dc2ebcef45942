import { mkdirSync } from 'node:fs'
import { type FileHandle, mkdir, open, stat, unlink } from 'node:fs/promises'
import { CacheError } from '../../core/errors.ts'
import type { StoreNotices } from '../store-notices.ts'
import type { ClearFilter } from './clear-marks.ts'
import { type DirectoryLock, HEARTBEAT_MS, lockDirectory } from './directory-lock.ts'
import { checkFormat, listFiles, logPath, removeFiles, replaceFile, snapshotPath, syncDirectory } from './log-files.ts'
import type { FrameInfo } from './log-frames.ts'
import { entryFrame, FORMAT, jsonFrame, subjectOf, type TotalsRecord } from './log-records.ts'
import { replay, type StoreState } from './replay.ts'
import { type SnapshotContent, writeAll, writeSnapshot } from './snapshot.ts'
import type { StoredEntry } from './stored-entry.ts'

/** When what was written reaches the disk itself, which matters for power cuts; see `EmbeddedStoreOptions.fsync`. */
export type FsyncPolicy = 'always' | 'interval' | 'never'

export interface JournalOptions {
  readonly directory: string
  readonly fsync: FsyncPolicy
  readonly fsyncIntervalMs: number
  readonly maxBytes: number
}

/** A log is rewritten when it is half as long as what the store holds, but not while it is short. */
const SHORT_LOG_BYTES = 8 * 1024 * 1024
/** Records kept in memory while the disk takes none; beyond it all is written anew once it does. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = 60_000

interface Log {
  readonly file: FileHandle
  readonly path: string
  offset: number
  isSynced: boolean
}

/**
 * The directory of a store: an append-only log of what happened since a snapshot. Records are appended in the order of
 * the changes in memory, which they follow; nothing here is ever waited for by a read.
 *
 * A disk that fails makes the journal fall behind, not the store: records wait in memory, the disk is tried again every
 * so often, and `flush` rejects until it has caught up.
 */
export class Journal {
  readonly #directory: string
  readonly #options: JournalOptions
  readonly #state: StoreState
  readonly #notices: StoreNotices
  readonly #lock: DirectoryLock
  readonly #closing = new AbortController()
  readonly #heartbeat: NodeJS.Timeout
  #log: Log | undefined
  #number = 0
  /** Superseding records so far, and before the first pending one. */
  #superseding = 0
  #pendingBase = 0
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** Records were lost, so only a snapshot makes the directory whole again; counted, because one may be under way. */
  #losses = 0
  #lossesMended = 0
  #failure: CacheError | undefined
  #retryMs = FIRST_RETRY_MS
  #retryTimer: NodeJS.Timeout | undefined
  #syncTimer: NodeJS.Timeout | undefined
  #next: { withSync: boolean; readonly done: Promise<void> } | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #compaction: Promise<void> | undefined
  #repair: Promise<void> | undefined
  #compactAtBytes = 0
  /** Resolves when the state is in memory. */
  readonly loaded: Promise<void>

  /** @throws CacheError STORE_FAILED when the directory cannot be used: not writable, in use, of a later version */
  constructor(options: JournalOptions, state: StoreState, notices: StoreNotices) {
    this.#directory = options.directory
    this.#options = options
    this.#state = state
    this.#notices = notices
    this.#lock = this.#open()
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS)
    this.#heartbeat.unref()
    this.loaded = this.#load()
    this.loaded.catch((error) =>
      notices.tell({ what: 'failed', operation: 'load', errorCode: codeOf(error), detail: messageOf(error) }),
    )
  }

  set(entry: StoredEntry, vector: Float32Array | undefined, replaces: boolean): void {
    this.#append(entryFrame(entry, vector, this.#count(replaces)))
  }

  /** Nothing is taken back by it: what comes back by a loss was only dropped for want of space. */
  evict({ namespace, key }: StoredEntry): void {
    this.#append(
      jsonFrame({ type: 'delete', subject: subjectOf(namespace, key), ...this.#count(false) }, { namespace, key }),
    )
  }

  /** @param takesBack false for what may be lost without harm, such as a count of hits */
  update(entry: StoredEntry, takesBack: boolean): void {
    const { namespace, key, expiresAt, hits, correct, wrong, expectedWrong, ownCorrect, ownWrong } = entry
    const about = { type: 'update', subject: subjectOf(namespace, key), ...this.#count(takesBack) } as const
    const sums = { hits, correct, wrong, expectedWrong, ownCorrect, ownWrong }
    this.#append(jsonFrame(about, { namespace, key, expiresAt, ...sums }))
  }

  delete(namespace: string, key: string): void {
    const about = { type: 'delete', subject: subjectOf(namespace, key), ...this.#count(true) } as const
    this.#append(jsonFrame(about, { namespace, key }))
  }

  clear(filter: ClearFilter, at: number): void {
    this.#append(
      jsonFrame({ type: 'clear', subject: subjectOf(filter.namespace), ...this.#count(true) }, { ...filter, at }),
    )
  }

  totals(record: TotalsRecord): void {
    this.#append(jsonFrame({ type: 'totals', subject: 0, ...this.#count(false) }, record))
  }

  /** What the writer of an entry waits for, if anything: the disk, or room on it while the log grows too fast. */
  entryWritten(): Promise<void> | undefined {
    if (this.#options.fsync === 'always') return this.#catchUp(true)
    return this.#logBytes > this.#compactAtBytes && !this.#failure ? this.#compaction : undefined
  }

  /** At least with the operating system, so that what was taken back stays so after the process is killed. */
  removalWritten(): Promise<void> {
    return this.#catchUp(this.#options.fsync === 'always')
  }

  /** Resolves when everything so far is on the disk: a power cut does not lose it. */
  async synced(): Promise<void> {
    await this.#checkPlace()
    if (this.#failure) await this.#recover()
    await this.#catchUp(true)
  }

  /** Rejects when not all could be made durable; the directory is free for others either way. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.loaded.catch(() => undefined)
    try {
      if (!this.#log) return
      if (this.#failure) await this.synced()
      await this.#repair
      this.#closing.abort(new CacheError('CLOSED', 'the embedded store was closed'))
      await this.#compaction
      this.#append(jsonFrame({ type: 'closed', subject: 0, ...this.#count(false) }, {}))
      await this.synced()
    } finally {
      this.#closing.abort()
      await this.#compaction
      clearTimeout(this.#syncTimer)
      clearTimeout(this.#retryTimer)
      await this.#log?.file.close().catch(() => undefined)
      this.#log = undefined
      this.#lock.release()
    }
  }

  /** Rewrites the directory from memory in the background; one at a time. */
  compact(): Promise<void> {
    this.#compaction ??= this.#compact().finally(() => {
      this.#compaction = undefined
    })
    return this.#compaction
  }

  #open(): DirectoryLock {
    try {
      mkdirSync(this.#directory, { recursive: true })
      const lock = lockDirectory(this.#directory)
      try {
        const { snapshot, logs } = listFiles(this.#directory)
        for (const number of logs) checkFormat(logPath(this.#directory, number))
        if (snapshot !== undefined) checkFormat(snapshotPath(this.#directory, snapshot))
      } catch (error) {
        lock.release()
        throw error
      }
      return lock
    } catch (error) {
      if (CacheError.is(error)) throw error
      throw this.#failureOf(error, 'cannot be used')
    }
  }

  async #load(): Promise<void> {
    if (this.#lock.takenOverFrom) {
      this.#notices.tell({
        what: 'recovered',
        operation: 'lock',
        detail: `taken over from ${this.#lock.takenOverFrom}`,
      })
    }
    const files = listFiles(this.#directory)
    const found = await replay(this.#directory, files, this.#state)
    this.#superseding = found.superseding
    const newest = files.logs.at(-1)
    this.#number = Math.max(newest ?? 0, files.snapshot ?? 0)
    this.#compactAtBytes = Number.POSITIVE_INFINITY
    const isDamaged = found.corrupt > 0 || found.dropped > 0
    if (newest === undefined) await this.#startLog()
    else {
      const path = logPath(this.#directory, newest)
      const file = await open(path, 'r+')
      if (found.tornBytes > 0) await file.truncate(found.endOffset)
      this.#log = { file, path, offset: found.endOffset, isSynced: true }
      if (found.endOffset === 0) this.#pending.unshift(this.#headerFrame(this.#number, false))
    }
    await removeFiles(files.stale)
    if (!found.isClosedWell) {
      // What the last process did not get to write may have been clears.
      this.#state.marks.beginNewLife()
      this.#append(jsonFrame({ type: 'marks', subject: 0, ...this.#count(false) }, this.#state.marks.saved()))
    }
    if (found.tornBytes > 0) {
      const detail = `${found.tornBytes} bytes of a record that was never finished were dropped`
      this.#notices.tell({ what: 'torn-tail', count: 1, detail })
    }
    if (isDamaged) {
      const detail = `${found.corrupt} records could not be read, and ${found.dropped} entries that they may have taken back were dropped`
      this.#notices.tell({ what: 'record-corrupt', count: found.corrupt, detail })
      // So that the damage is gone, and is told of once.
      this.#repair = this.compact()
    }
    if (!isDamaged) this.#setCompactionBar()
  }

  #count(supersedes: boolean): Pick<FrameInfo, 'supersedes' | 'superseding'> {
    const about = { supersedes, superseding: this.#superseding }
    if (supersedes) this.#superseding = (this.#superseding + 1) >>> 0
    return about
  }

  #append(frame: Buffer): void {
    if (this.#pending.length === 0) this.#pendingBase = frame.readUInt32LE(12)
    this.#pending.push(frame)
    this.#pendingBytes += frame.length
    if (this.#pendingBytes > MAX_PENDING_BYTES && this.#failure) {
      this.#dropPending()
      return
    }
    if (this.#failure) return
    this.#catchUp(false).catch(() => undefined)
    if (this.#logBytes > this.#compactAtBytes) void this.compact()
  }

  #dropPending(): void {
    this.#pending = []
    this.#pendingBytes = 0
    this.#losses++
  }

  get #logBytes(): number {
    return (this.#log?.offset ?? 0) + this.#pendingBytes
  }

  get #needsSnapshot(): boolean {
    return this.#losses > this.#lossesMended
  }

  /** Calls of one moment share one write. */
  #catchUp(withSync: boolean): Promise<void> {
    if (this.#next) {
      this.#next.withSync ||= withSync
      return this.#next.done
    }
    const done = new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
      this.#inTurn(async () => {
        const isSyncing = this.#next?.withSync ?? withSync
        this.#next = undefined
        await this.#write(isSyncing)
      }),
    )
    this.#next = { withSync, done }
    done.catch(() => undefined)
    return done
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #write(withSync: boolean): Promise<void> {
    if (this.#needsSnapshot) throw this.#failure ?? new CacheError('STORE_FAILED', 'the log is incomplete')
    const log = this.#log
    if (!log) throw new CacheError('CLOSED', 'the embedded store was closed')
    const batch = this.#pending
    const batchBase = this.#pendingBase
    this.#pending = []
    this.#pendingBytes = 0
    try {
      if (batch.length > 0) {
        log.offset += await writeAll(log.file, batch, log.offset)
        log.isSynced = false
      }
    } catch (error) {
      this.#pending = [...batch, ...this.#pending]
      this.#pendingBytes = this.#pending.reduce((sum, { length }) => sum + length, 0)
      this.#pendingBase = batchBase
      throw this.#fail('append', error)
    }
    if (withSync && !log.isSynced) {
      try {
        await log.file.datasync()
        log.isSynced = true
      } catch (error) {
        // The system may have dropped what it could not write, and will not say so again.
        this.#losses++
        throw this.#fail('sync', error)
      }
    }
    this.#succeed()
    if (!log.isSynced && this.#options.fsync === 'interval') this.#syncLater()
  }

  #syncLater(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined
      this.#catchUp(true).catch(() => undefined)
    }, this.#options.fsyncIntervalMs)
    this.#syncTimer.unref()
  }

  #fail(operation: string, error: unknown): CacheError {
    const failure = CacheError.is(error) ? error : this.#failureOf(error, 'could not be written')
    if (!this.#failure)
      this.#notices.tell({ what: 'failed', operation, errorCode: codeOf(error), detail: failure.message })
    this.#failure = failure
    if (!this.#closing.signal.aborted && !this.#retryTimer) {
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined
        this.#recover().catch(() => undefined)
      }, this.#retryMs)
      this.#retryTimer.unref()
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2)
    }
    return failure
  }

  #succeed(): void {
    if (!this.#failure || this.#needsSnapshot) return
    this.#failure = undefined
    this.#retryMs = FIRST_RETRY_MS
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#notices.tell({ what: 'recovered', operation: 'append' })
  }

  async #recover(): Promise<void> {
    await this.#checkPlace()
    if (!this.#needsSnapshot) return this.#catchUp(true)
    await this.#compaction
    await this.compact()
    if (this.#needsSnapshot) throw this.#failure ?? new CacheError('STORE_FAILED', 'the log is incomplete')
  }

  /** A log whose directory was removed can still be written to, and nobody will ever read it. */
  async #checkPlace(): Promise<void> {
    const log = this.#log
    if (!log) return
    const [there, ours] = await Promise.all([
      stat(log.path).catch(() => undefined),
      log.file.stat().catch(() => undefined),
    ])
    const isOurs = there !== undefined && ours !== undefined && there.ino === ours.ino && there.dev === ours.dev
    if (isOurs && this.#lock.isHeld()) return
    if (!this.#failure) this.#losses++
    this.#fail('append', Object.assign(new Error('the files are gone'), { code: 'ENOENT' }))
  }

  #beat(): void {
    try {
      this.#lock.beat()
    } catch {
      // What has become of the directory is found out below.
    }
    if (!this.#failure) void this.#checkPlace()
  }

  async #compact(): Promise<void> {
    const temporary = `${snapshotPath(this.#directory, this.#number + 1)}.tmp`
    try {
      await mkdir(this.#directory, { recursive: true })
      if (!this.#lock.isHeld()) this.#lock.renew()
      const losses = this.#losses
      const content = await this.#startLog()
      const bytes = await writeSnapshot(temporary, content, this.#state.table, this.#closing.signal)
      await replaceFile(temporary, snapshotPath(this.#directory, content.number), this.#directory)
      const { stale } = listFiles(this.#directory)
      await removeFiles(stale)
      this.#lossesMended = losses
      this.#notices.tell({ what: 'compacted', count: content.entries, detail: `${bytes} bytes` })
      await this.#inTurn(() => this.#write(true))
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      if (!this.#closing.signal.aborted) this.#fail('compact', error)
    }
    this.#setCompactionBar()
  }

  /** Goes on in a new log, and takes down what the snapshot beside it is to hold. */
  async #startLog(): Promise<SnapshotContent> {
    const number = this.#number + 1
    const path = logPath(this.#directory, number)
    const file = await open(path, 'w')
    await syncDirectory(this.#directory)
    return this.#inTurn(async () => {
      const former = this.#log
      this.#number = number
      this.#pending.unshift(this.#headerFrame(number, this.#needsSnapshot))
      this.#log = { file, path, offset: 0, isSynced: false }
      const { table, marks, totals } = this.#state
      table.beginWalk()
      const content = {
        number,
        marks: marks.saved(),
        totals: totals.all(),
        entries: table.size,
      }
      if (former && !former.isSynced && !this.#needsSnapshot) {
        // What was acknowledged before is in that log alone until the snapshot is complete.
        await former.file.datasync().catch(() => {
          this.#losses++
        })
      }
      await former?.file.close().catch(() => undefined)
      return content
    })
  }

  #headerFrame(number: number, afterLoss: boolean): Buffer {
    const superseding = this.#pending.length > 0 ? this.#pendingBase : this.#superseding
    this.#pendingBase = superseding
    const header = { format: FORMAT, kind: 'log', number }
    return jsonFrame(
      { type: 'header', subject: 0, supersedes: false, superseding },
      { ...header, ...(afterLoss && { afterLoss: true }) },
    )
  }

  /** Also after a compaction that failed, so that the next one is not tried with every write. */
  #setCompactionBar(): void {
    const short = Math.min(SHORT_LOG_BYTES, this.#options.maxBytes / 2)
    this.#compactAtBytes = (this.#failure ? (this.#log?.offset ?? 0) : 0) + Math.max(short, this.#state.table.bytes / 2)
  }

  #failureOf(cause: unknown, what: string): CacheError {
    return new CacheError(
      'STORE_FAILED',
      `the directory of the embedded store ${what} (${codeOf(cause)}): ${this.#directory}`,
      {
        cause,
      },
    )
  }
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code
  return error instanceof Error ? error.name : typeof error
}

/** File systems name paths in their messages, never what is in the files. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
