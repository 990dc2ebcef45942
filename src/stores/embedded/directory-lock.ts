import { randomUUID } from 'node:crypto'
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { CacheError } from '../../core/errors.ts'

/** A holder shows every so often that it lives, for those that cannot ask for its process. */
export const HEARTBEAT_MS = 5_000
/** A holder on another machine that was silent for so long is taken to be dead. */
const SILENT_MS = 60_000

interface Holder {
  readonly pid: number
  readonly threadId: number
  readonly host: string
  /** When the process began, in ticks of the kernel, where that can be known: tells a process from a later namesake. */
  readonly startedTicks?: string
  readonly token: string
}

/**
 * Directories that this thread holds, for every copy of this module: the id of this process in a lock file may also be
 * that of a namesake that is gone (in a container every process is number 1).
 */
const HELD = Symbol.for('reprise.held-directories')
const shared = globalThis as { [HELD]?: Set<string> }
shared[HELD] ??= new Set()
const held = shared[HELD]

/** One writer per directory. */
export interface DirectoryLock {
  /** The process that held the directory and is gone, when there was one. */
  readonly takenOverFrom: string | undefined
  /** False when the lock file is gone or somebody else's. */
  isHeld(): boolean
  /** Writes the lock file anew after the directory was lost, when nobody else has it. */
  renew(): void
  beat(): void
  release(): void
}

/** @throws CacheError STORE_FAILED naming the process that has the directory, or what the file system said */
export function lockDirectory(directory: string, now: () => number = Date.now): DirectoryLock {
  const file = join(realpathSync(directory), 'lock')
  const host = hostname()
  const startedTicks = startedTicksOf(process.pid)
  const own: Holder = { pid: process.pid, threadId, host, token: randomUUID(), ...(startedTicks && { startedTicks }) }
  const takenOverFrom = take(file, own, now)
  held.add(file)
  return {
    takenOverFrom,
    isHeld: () => readHolder(file)?.token === own.token,
    renew: () => void take(file, own, now),
    beat() {
      if (readHolder(file)?.token !== own.token) return
      const seconds = now() / 1_000
      utimesSync(file, seconds, seconds)
    },
    release() {
      held.delete(file)
      if (readHolder(file)?.token === own.token) unlinkSync(file)
    },
  }
}

function take(file: string, own: Holder, now: () => number): string | undefined {
  let takenOverFrom: string | undefined
  // More than one round only when others come and go at the same moment.
  for (let round = 0; round < 10; round++) {
    if (create(file, own)) return takenOverFrom
    const text = readText(file)
    if (text === undefined) continue
    const holder = parseHolder(text)
    if (holder?.token === own.token) return takenOverFrom
    if (isAlive(file, holder, own, now)) {
      const who = holder
        ? `process ${holder.pid}${holder.host === own.host ? '' : ` on ${holder.host}`}`
        : 'another process'
      const mine = holder?.pid === own.pid && holder.host === own.host ? ' (this one)' : ''
      throw new CacheError('STORE_FAILED', `the directory of the embedded store is in use by ${who}${mine}: ${file}`)
    }
    takenOverFrom = holder ? `process ${holder.pid}` : 'a process that left no name'
    putAside(file, text, own.token)
  }
  throw new CacheError('STORE_FAILED', `the lock of the embedded store changes hands too often: ${file}`)
}

function create(file: string, own: Holder): boolean {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  try {
    writeSync(descriptor, JSON.stringify(own))
  } catch (error) {
    unlinkSync(file)
    throw error
  } finally {
    closeSync(descriptor)
  }
  return true
}

/** By a rename, which one of many who try it at once wins; what turns out to be another's lock is put back. */
function putAside(file: string, judged: string, token: string): void {
  const aside = `${file}.${token}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (readText(aside) !== judged) {
    try {
      linkSync(aside, file)
    } catch {
      // Somebody has already made a new one.
    }
  }
  unlinkSync(aside)
}

function isAlive(file: string, holder: Holder | undefined, own: Holder, now: () => number): boolean {
  // A lock without a name is one that is being written just now, or whose writer died doing so.
  if (!holder) return now() - modifiedAt(file) < HEARTBEAT_MS
  if (holder.host !== own.host) return now() - modifiedAt(file) < SILENT_MS
  if (holder.pid === own.pid) {
    if (holder.threadId === own.threadId) return held.has(file)
    return holder.startedTicks === own.startedTicks && now() - modifiedAt(file) < SILENT_MS
  }
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const startedTicks = startedTicksOf(holder.pid)
  return !holder.startedTicks || !startedTicks || holder.startedTicks === startedTicks
}

/** The 22nd field of /proc/<pid>/stat, counted after the command in parentheses; undefined where there is no /proc. */
function startedTicksOf(pid: number): string | undefined {
  const text = readText(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19]
}

function readHolder(file: string): Holder | undefined {
  const text = readText(file)
  return text === undefined ? undefined : parseHolder(text)
}

function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text)
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? holder : undefined
  } catch {
    return undefined
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function modifiedAt(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch {
    return 0
  }
}
