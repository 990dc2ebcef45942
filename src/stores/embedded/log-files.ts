import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import { firstFrame } from './log-frames.ts'
import { FORMAT, readJson } from './log-records.ts'

const NAME = /^reprise-(\d{8})\.(log|snapshot)$/

export interface LogFiles {
  /** The newest snapshot, which holds everything before the log of its number. */
  readonly snapshot: number | undefined
  /** Logs from there on, ascending. */
  readonly logs: readonly number[]
  /** What a newer snapshot has made superfluous, and what was left half written. */
  readonly stale: readonly string[]
}

export function logPath(directory: string, number: number): string {
  return join(directory, `reprise-${String(number).padStart(8, '0')}.log`)
}

export function snapshotPath(directory: string, number: number): string {
  return join(directory, `reprise-${String(number).padStart(8, '0')}.snapshot`)
}

export function listFiles(directory: string): LogFiles {
  const names = readdirSync(directory)
  const numbers = (kind: string) =>
    names
      .map((name) => NAME.exec(name))
      .filter((match) => match?.[2] === kind)
      .map((match) => Number(match?.[1]))
      .sort((a, b) => a - b)
  const snapshots = numbers('snapshot')
  const snapshot = snapshots.pop()
  const logs = numbers('log')
  const superfluous = (number: number) => snapshot !== undefined && number < snapshot
  return {
    snapshot,
    logs: logs.filter((number) => !superfluous(number)),
    stale: [
      ...snapshots.map((number) => snapshotPath(directory, number)),
      ...logs.filter(superfluous).map((number) => logPath(directory, number)),
      ...names.filter((name) => /^reprise-\d{8}\.snapshot\.tmp$/.test(name)).map((name) => join(directory, name)),
    ],
  }
}

/** @throws CacheError STORE_FAILED for a file of a later version, whose records this one would misread */
export function checkFormat(path: string): void {
  const start = Buffer.alloc(4_096)
  const descriptor = openSync(path, 'r')
  let length: number
  try {
    length = readSync(descriptor, start, 0, start.length, 0)
  } finally {
    closeSync(descriptor)
  }
  const frame = firstFrame(start.subarray(0, length))
  // A damaged header is for the reader of the whole file to judge.
  if (frame?.info.type !== 'header') return
  const { format } = readJson<{ readonly format?: unknown }>(frame.payload)
  if (typeof format === 'number' && format > FORMAT) {
    throw new CacheError(
      'STORE_FAILED',
      `${path} must be of format ${FORMAT} or older, got ${format}: it was written by a later version of reprise; ` +
        'update this one, or give it a directory of its own',
    )
  }
}

/** Makes the names in a directory as durable as the files; systems that cannot open a directory need no such thing. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } catch {
    // EINVAL on some network file systems.
  } finally {
    await handle?.close()
  }
}

export async function replaceFile(from: string, to: string, directory: string): Promise<void> {
  await rename(from, to)
  await syncDirectory(directory)
}

export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await unlink(path).catch(() => undefined)
}
