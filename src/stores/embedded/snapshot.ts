import { type FileHandle, open } from 'node:fs/promises'
import type { SavedMarks } from './clear-marks.ts'
import type { EntryTable } from './entry-table.ts'
import { entryFrame, FORMAT, jsonFrame, type TotalsRecord } from './log-records.ts'

/** What a snapshot is to hold, taken in one step; entries may change or go while it is written. */
export interface SnapshotContent {
  readonly number: number
  readonly marks: SavedMarks
  readonly totals: readonly TotalsRecord[]
  /** How many there are; which ones is a walk of the table that has begun in the same step. */
  readonly entries: number
}

/** How long the writing may hold up the process at a time, and how much it gathers before it writes. */
const SLICE_MS = 2
const SLICE_BYTES = 256 * 1024

/** Nothing in a snapshot takes anything back. */
const PLAIN = { supersedes: false, superseding: 0 }

/**
 * Writes a snapshot in slices, between which the process goes on. An entry is written as it is when its turn comes: what
 * has happened to it meanwhile is in the log as well, whose records may be repeated.
 *
 * @returns the bytes written
 */
export async function writeSnapshot(
  path: string,
  content: SnapshotContent,
  table: EntryTable,
  signal: AbortSignal,
): Promise<number> {
  const { number, marks, totals, entries } = content
  const header = { format: FORMAT, kind: 'snapshot', number }
  const slice = [
    jsonFrame({ type: 'header', subject: 0, ...PLAIN }, header),
    jsonFrame({ type: 'marks', subject: 0, ...PLAIN }, marks),
    ...totals.map((record) => jsonFrame({ type: 'totals', subject: 0, ...PLAIN }, record)),
  ]
  let gathered = 0
  let offset = 0
  const file = await open(path, 'w')
  try {
    let sliceStartedAt = performance.now()
    while (!table.isWalkOver) {
      const entry = table.nextInWalk()
      if (entry) {
        const frame = entryFrame(entry, entry.rows?.view(entry.row), PLAIN)
        slice.push(frame)
        gathered += frame.length
      }
      if (gathered < SLICE_BYTES && performance.now() - sliceStartedAt < SLICE_MS) continue
      if (slice.length > 0) offset += await writeAll(file, slice.splice(0), offset)
      else await new Promise((resolve) => setImmediate(resolve))
      gathered = 0
      signal.throwIfAborted()
      sliceStartedAt = performance.now()
    }
    slice.push(jsonFrame({ type: 'end', subject: 0, ...PLAIN }, { entries }))
    offset += await writeAll(file, slice, offset)
    await file.datasync()
    signal.throwIfAborted()
    return offset
  } finally {
    await file.close()
  }
}

/** Writes the buffers one after the other, however many calls that takes. */
export async function writeAll(file: FileHandle, buffers: readonly Buffer[], offset: number): Promise<number> {
  const bytes = buffers.length === 1 ? (buffers[0] as Buffer) : Buffer.concat(buffers)
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, offset + written)
    if (bytesWritten === 0) throw Object.assign(new Error('no byte could be written'), { code: 'ENOSPC' })
    written += bytesWritten
  }
  return written
}
