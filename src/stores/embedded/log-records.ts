import { crc32 } from 'node:zlib'
import type { ClearFilter } from './clear-marks.ts'
import { FRAME_HEADER_BYTES, type FrameInfo, sealFrame } from './log-frames.ts'
import { StoredEntry } from './stored-entry.ts'

export const FORMAT = 1

/** The first frame of every file. */
export interface FileHeader {
  /** Of the files as a whole; rises when an older reader would misread them. */
  readonly format: number
  readonly kind: 'log' | 'snapshot'
  readonly number: number
  /** What was written before this file does not tell all that happened: without a snapshot of this number it is void. */
  readonly afterLoss?: true
}

/** A whole set of sums: absolute, so that reading it twice changes nothing. */
export interface TotalsRecord {
  readonly key: string
  readonly sums: Readonly<Record<string, number>>
  readonly expiresAt: number
}

/** Absolute values, for the same reason. */
export interface UpdateRecord {
  readonly namespace: string
  readonly key: string
  readonly expiresAt: number
  readonly hits: number
  readonly correct: number
  readonly wrong: number
  readonly expectedWrong: number
  readonly ownCorrect: number
  readonly ownWrong: number
}

/** `at` is the count of clears with this one. */
export interface ClearRecord extends ClearFilter {
  readonly at: number
}

export interface DeleteRecord {
  readonly namespace: string
  readonly key: string
}

export function subjectOf(namespace: string, key = ''): number {
  return crc32(key, crc32(`${namespace}\n`))
}

/** A frame with a JSON payload; of everything but entries there is too little to save bytes on. */
export function jsonFrame(info: FrameInfo, payload: object): Buffer {
  const text = JSON.stringify(payload)
  const length = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length)
  frame.write(text, FRAME_HEADER_BYTES, 'utf8')
  sealFrame(frame, info)
  return frame
}

/** Numbers of an entry, in order; then come its texts, each with its length, then its vector. */
const NUMBERS = ['createdAt', 'expiresAt', 'staleMs', 'hits', 'correct', 'wrong'] as const
const NUMBERS_BYTES = NUMBERS.length * 8

export function entryFrame(
  entry: StoredEntry,
  vector: Float32Array | undefined,
  about: Pick<FrameInfo, 'supersedes' | 'superseding'>,
): Buffer {
  // Names as JSON: it keeps lone surrogates, which bare UTF-8 would lose.
  const names = JSON.stringify([
    ...[entry.namespace, entry.key, entry.scope, entry.tags, entry.tenant, entry.embedderId],
    ...learnedOf(entry),
  ])
  const namesBytes = Buffer.byteLength(names)
  const vectorBytes = vector ? vector.byteLength : 0
  const frame = Buffer.allocUnsafe(
    FRAME_HEADER_BYTES + NUMBERS_BYTES + 12 + namesBytes + entry.content.length + vectorBytes,
  )
  let at = FRAME_HEADER_BYTES
  for (const name of NUMBERS) at = frame.writeDoubleLE(entry[name], at)
  at = frame.writeUInt32LE(namesBytes, at)
  at = frame.writeUInt32LE(entry.content.length, at)
  at = frame.writeUInt32LE(vectorBytes, at)
  at += frame.write(names, at, 'utf8')
  at += frame.write(entry.content, at, 'latin1')
  if (vector) frame.set(new Uint8Array(vector.buffer, vector.byteOffset, vectorBytes), at)
  sealFrame(frame, { type: 'set', subject: subjectOf(entry.namespace, entry.key), ...about })
  return frame
}

/**
 * Sums that came after the first version of the format, behind the names: a reader of either version reads the files of
 * both, and most entries have none.
 */
function learnedOf({ expectedWrong, ownCorrect, ownWrong }: StoredEntry): [] | [readonly number[]] {
  return expectedWrong !== 0 || ownCorrect !== 0 || ownWrong !== 0 ? [[expectedWrong, ownCorrect, ownWrong]] : []
}

/** Reads what `entryFrame` wrote. */
export class EntryReader {
  /** One string for all equal ones: names of namespaces and embedders repeat in every entry. */
  readonly #names = new Map<string, string>()
  #vector = new Float32Array(0)

  /**
   * The vector is good until the next call.
   *
   * @throws when the payload is another, which its checksum makes a matter of versions
   */
  read(payload: Buffer): { readonly entry: StoredEntry; readonly vector: Float32Array | undefined } {
    const namesBytes = payload.readUInt32LE(NUMBERS_BYTES)
    const contentBytes = payload.readUInt32LE(NUMBERS_BYTES + 4)
    const vectorBytes = payload.readUInt32LE(NUMBERS_BYTES + 8)
    const namesAt = NUMBERS_BYTES + 12
    const contentAt = namesAt + namesBytes
    const vectorAt = contentAt + contentBytes
    const [namespace, key, scope, tags, tenant, embedderId, learned = []] = JSON.parse(
      payload.toString('utf8', namesAt, contentAt),
    )
    const [expectedWrong = 0, ownCorrect = 0, ownWrong = 0] = learned
    const entry = new StoredEntry(
      {
        namespace: this.#intern(namespace),
        key,
        scope,
        tags,
        tenant: tenant ?? undefined,
        embedderId: embedderId === null ? undefined : this.#intern(embedderId),
        createdAt: payload.readDoubleLE(0),
        expiresAt: payload.readDoubleLE(8),
        staleMs: payload.readDoubleLE(16),
        hits: payload.readDoubleLE(24),
        evidence: {
          correct: payload.readDoubleLE(32),
          wrong: payload.readDoubleLE(40),
          expectedWrong,
          ownCorrect,
          ownWrong,
        },
      },
      payload.toString('latin1', contentAt, vectorAt),
      vectorBytes / 4,
    )
    return { entry, vector: vectorBytes ? this.#readVector(payload, vectorAt, vectorBytes) : undefined }
  }

  /** By way of memory of its own, because the bytes are not aligned. */
  #readVector(payload: Buffer, at: number, bytes: number): Float32Array {
    if (this.#vector.byteLength !== bytes) this.#vector = new Float32Array(bytes / 4)
    payload.copy(new Uint8Array(this.#vector.buffer), 0, at, at + bytes)
    return this.#vector
  }

  #intern(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#names.set(name, name)
    return name
  }
}

export function readJson<Payload>(payload: Buffer): Payload {
  return JSON.parse(payload.toString('utf8'))
}
