import { open } from 'node:fs/promises'
import type { ClearMarks, SavedMarks } from './clear-marks.ts'
import type { EntryTable } from './entry-table.ts'
import { type LogFiles, logPath, snapshotPath } from './log-files.ts'
import { type FrameInfo, type Scanned, scanFrames } from './log-frames.ts'
import {
  type ClearRecord,
  type DeleteRecord,
  EntryReader,
  type FileHeader,
  readJson,
  subjectOf,
  type TotalsRecord,
  type UpdateRecord,
} from './log-records.ts'
import type { RunningTotals } from './running-totals.ts'
import type { StoredEntry } from './stored-entry.ts'

/** Everything a directory keeps, in memory. */
export interface StoreState {
  readonly table: EntryTable
  readonly marks: ClearMarks
  readonly totals: RunningTotals
}

export interface ReplayResult {
  /** Where the newest log may be continued, and after how many superseding records. */
  readonly endOffset: number
  readonly superseding: number
  readonly tornBytes: number
  /** Records that were there but could not be read. */
  readonly corrupt: number
  /** Entries dropped because a lost record may have taken them back. */
  readonly dropped: number
  /** The last process closed the store, so nothing was lost that it had acknowledged. */
  readonly isClosedWell: boolean
}

/** Brings the state to where it was when the files were written. Rejects when a file cannot be read at all. */
export async function replay(
  directory: string,
  { snapshot, logs }: LogFiles,
  state: StoreState,
): Promise<ReplayResult> {
  const reader = new Replay(state)
  state.table.beginReplay()
  let endOffset = 0
  let tornBytes = 0
  try {
    if (snapshot !== undefined) await reader.read(snapshotPath(directory, snapshot), 'snapshot')
    let expected = snapshot ?? logs[0]
    for (const number of logs) {
      if (number !== expected) reader.loseEverything()
      expected = number + 1
      const scanned = await reader.read(logPath(directory, number), 'log', number === snapshot)
      endOffset = scanned.endOffset
      tornBytes += scanned.tornBytes
    }
    if (snapshot !== undefined && logs.length === 0) reader.loseEverything()
  } finally {
    state.table.endReplay()
  }
  const { superseding, corrupt, dropped, isClosedWell } = reader
  return { endOffset, tornBytes, superseding, corrupt, dropped, isClosedWell }
}

class Replay {
  readonly #state: StoreState
  readonly #reader = new EntryReader()
  #kind: FileHeader['kind'] = 'log'
  #hasSnapshot = false
  /** Superseding records up to here; undefined when nothing of the file has been read yet. */
  #superseding: number | undefined
  corrupt = 0
  dropped = 0
  isClosedWell = false

  constructor(state: StoreState) {
    this.#state = state
  }

  get superseding(): number {
    return this.#superseding ?? 0
  }

  async read(path: string, kind: FileHeader['kind'], hasSnapshot = false) {
    this.#kind = kind
    this.#hasSnapshot = hasSnapshot
    this.#superseding = undefined
    const file = await open(path, 'r')
    try {
      return await scanFrames(file, 0, (scanned) => this.#visit(scanned))
    } finally {
      await file.close()
    }
  }

  /** A loss means misses: what a lost record may have taken back is not served any more. */
  loseEverything(): void {
    this.dropped += this.#state.table.size
    this.#state.table.removeAll()
    this.#forgetGenerations()
  }

  #visit(scanned: Scanned): void {
    if (scanned.kind === 'gap') {
      this.corrupt++
      this.#judgeGap(scanned.next)
      return
    }
    const { info } = scanned
    this.isClosedWell = info.type === 'closed'
    this.#superseding = info.superseding + (info.supersedes ? 1 : 0)
    if (scanned.kind === 'damaged') this.#judgeDamage(info)
    else {
      try {
        this.#apply(info, scanned.payload)
      } catch {
        this.#judgeDamage(info)
      }
    }
  }

  #judgeGap(next: FrameInfo | undefined): void {
    this.#forgetGenerations()
    // A snapshot takes nothing back.
    if (this.#kind === 'snapshot') return
    if (next === undefined || this.#superseding === undefined || next.superseding !== this.#superseding) {
      this.loseEverything()
    }
  }

  #judgeDamage({ type, subject }: FrameInfo): void {
    this.corrupt++
    if (type === 'set' || type === 'update' || type === 'delete') {
      this.#drop((entry) => subjectOf(entry.namespace, entry.key) === subject)
    } else if (type === 'clear') {
      this.#drop((entry) => subjectOf(entry.namespace) === subject)
      this.#forgetGenerations()
    } else if (type === 'header') {
      // It might have said that what came before is void.
      if (this.#kind === 'log') this.loseEverything()
      else this.#forgetGenerations()
    } else if (type === 'marks') this.#forgetGenerations()
  }

  #drop(isMeant: (entry: StoredEntry) => boolean): void {
    for (const entry of this.#state.table.all()) {
      if (!isMeant(entry)) continue
      this.#state.table.remove(entry)
      this.dropped++
    }
  }

  #forgetGenerations(): void {
    this.#state.marks.beginNewLife()
  }

  #apply({ type }: FrameInfo, payload: Buffer): void {
    const { table, marks, totals } = this.#state
    switch (type) {
      case 'header': {
        const header = readJson<FileHeader>(payload)
        if (header.afterLoss && header.kind === 'log' && !this.#hasSnapshot) this.loseEverything()
        return
      }
      case 'marks':
        marks.restore(readJson<SavedMarks>(payload))
        return
      case 'set': {
        const { entry, vector } = this.#reader.read(payload)
        const former = table.get(entry.namespace, entry.key)
        if (former) table.remove(former)
        table.put(entry, vector)
        return
      }
      case 'update': {
        const { namespace, key, ...values } = readJson<UpdateRecord>(payload)
        const entry = table.get(namespace, key)
        if (entry) Object.assign(entry, values)
        return
      }
      case 'delete': {
        const { namespace, key } = readJson<DeleteRecord>(payload)
        const entry = table.get(namespace, key)
        if (entry) table.remove(entry)
        return
      }
      case 'clear': {
        const { at, ...filter } = readJson<ClearRecord>(payload)
        marks.mark(filter, at)
        table.clear(filter)
        return
      }
      case 'totals':
        totals.restore(readJson<TotalsRecord>(payload))
    }
  }
}
