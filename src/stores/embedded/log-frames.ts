import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

const FRAME_TYPES = ['header', 'set', 'update', 'delete', 'clear', 'marks', 'totals', 'end', 'closed'] as const
export type FrameType = (typeof FRAME_TYPES)[number]

/**
 * magic u16 · type u8 · flags u8 · length u32 · subject u32 · superseding u32 · CRC of payload u32 · CRC of these u32
 */
export const FRAME_HEADER_BYTES = 24
/** Two bytes that no UTF-8 text contains, so that no text can look like a record. */
const MAGIC = Buffer.from([0xff, 0xfe])

/** What a frame says of itself apart from its payload. */
export interface FrameInfo {
  readonly type: FrameType
  /** Checksum of the namespace and key it is about, so that damage to the payload costs no other entry. */
  readonly subject: number
  /** Takes something back that came before: a clear, a delete, a replacement, new evidence. */
  readonly supersedes: boolean
  /** How many such records came before this one: tells what a gap between two frames has lost. */
  readonly superseding: number
}

/** Fills in the header in front of a payload that the caller has put at `FRAME_HEADER_BYTES`. */
export function sealFrame(frame: Buffer, { type, subject, supersedes, superseding }: FrameInfo): void {
  MAGIC.copy(frame)
  frame[2] = FRAME_TYPES.indexOf(type)
  frame[3] = supersedes ? 1 : 0
  frame.writeUInt32LE(frame.length - FRAME_HEADER_BYTES, 4)
  frame.writeUInt32LE(subject, 8)
  frame.writeUInt32LE(superseding, 12)
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER_BYTES)), 16)
  frame.writeUInt32LE(crc32(frame.subarray(0, 20)), 20)
}

export type Scanned =
  | { readonly kind: 'frame'; readonly info: FrameInfo; readonly payload: Buffer }
  /** The payload is damaged, its header is not. */
  | { readonly kind: 'damaged'; readonly info: FrameInfo }
  /** Bytes that are no frames; `next` is the frame after them, undefined at the end of the file. */
  | { readonly kind: 'gap'; readonly next: FrameInfo | undefined }

export interface ScanResult {
  /** Where the next record may be written. */
  readonly endOffset: number
  /** Bytes after that: the beginning of a record whose writing was cut short. */
  readonly tornBytes: number
}

const READ_BYTES = 1 << 20

/**
 * Reads a file frame by frame from an offset; a payload is valid only during the visit. Reading pauses between pieces,
 * so the process is never held up for long.
 */
export async function scanFrames(
  file: FileHandle,
  startOffset: number,
  visit: (scanned: Scanned) => void,
): Promise<ScanResult> {
  let window: Buffer = Buffer.alloc(0)
  let windowOffset = startOffset
  let at = 0
  let isEnd = false
  // Two pieces of memory by turns: what is left of one moves to the other.
  let spare = Buffer.allocUnsafeSlow(2 * READ_BYTES)
  let current = Buffer.allocUnsafeSlow(2 * READ_BYTES)
  /** Where bytes began that are no frame. */
  let gapAt: number | undefined

  const readMore = async (wanted: number): Promise<void> => {
    const rest = window.subarray(at)
    const room = rest.length + Math.max(READ_BYTES, wanted)
    const next = spare.length >= room ? spare : Buffer.allocUnsafeSlow(room)
    spare = current
    current = next
    rest.copy(next)
    const { bytesRead } = await file.read(next, rest.length, room - rest.length, windowOffset + window.length)
    windowOffset += at
    window = next.subarray(0, rest.length + bytesRead)
    at = 0
    if (bytesRead === 0) isEnd = true
  }

  for (;;) {
    const left = window.length - at
    if (left < FRAME_HEADER_BYTES) {
      if (!isEnd) {
        await readMore(0)
        continue
      }
      break
    }
    const header = readHeader(window, at)
    if (!header) {
      gapAt ??= windowOffset + at
      const next = window.indexOf(MAGIC, at + 1)
      at = next < 0 ? Math.max(at + 1, window.length - 1) : next
      continue
    }
    const total = FRAME_HEADER_BYTES + header.length
    if (left < total) {
      if (!isEnd) {
        await readMore(total - left)
        continue
      }
      break
    }
    if (gapAt !== undefined) visit({ kind: 'gap', next: header.info })
    gapAt = undefined
    const payload = window.subarray(at + FRAME_HEADER_BYTES, at + total)
    if (crc32(payload) === header.payloadCrc) visit({ kind: 'frame', info: header.info, payload })
    else visit({ kind: 'damaged', info: header.info })
    at += total
  }

  const end = windowOffset + window.length
  if (gapAt === undefined) return { endOffset: windowOffset + at, tornBytes: window.length - at }
  if (await isZero(file, gapAt, end)) return { endOffset: gapAt, tornBytes: end - gapAt }
  visit({ kind: 'gap', next: undefined })
  return { endOffset: end, tornBytes: 0 }
}

/** The frame at the beginning of a piece of a file, when it is whole and sound. */
export function firstFrame(piece: Buffer): { readonly info: FrameInfo; readonly payload: Buffer } | undefined {
  const header = piece.length < FRAME_HEADER_BYTES ? undefined : readHeader(piece, 0)
  const payload = piece.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + (header?.length ?? 0))
  if (!header || payload.length < header.length || crc32(payload) !== header.payloadCrc) return undefined
  return { info: header.info, payload }
}

function readHeader(buffer: Buffer, at: number) {
  if (buffer[at] !== MAGIC[0] || buffer[at + 1] !== MAGIC[1]) return undefined
  if (crc32(buffer.subarray(at, at + 20)) !== buffer.readUInt32LE(at + 20)) return undefined
  const type = FRAME_TYPES[buffer[at + 2] as number]
  if (!type) return undefined
  return {
    info: {
      type,
      subject: buffer.readUInt32LE(at + 8),
      supersedes: buffer[at + 3] === 1,
      superseding: buffer.readUInt32LE(at + 12),
    },
    length: buffer.readUInt32LE(at + 4),
    payloadCrc: buffer.readUInt32LE(at + 16),
  }
}

/** Some file systems lengthen a file before its bytes arrive; a power cut then leaves zeros. */
async function isZero(file: FileHandle, from: number, to: number): Promise<boolean> {
  const piece = Buffer.allocUnsafe(64 * 1024)
  for (let offset = from; offset < to; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, to - offset), offset)
    if (bytesRead === 0) return true
    for (let i = 0; i < bytesRead; i++) if (piece[i] !== 0) return false
    offset += bytesRead
  }
  return true
}
