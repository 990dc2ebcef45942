/**
 * The LZ4 block format, against a dictionary. zlib and brotli of Node pack tighter, but set up a native stream for every
 * record, which costs more than all the rest of a lookup; this reads a record of 2 KB in a few microseconds.
 * The format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */

const MIN_MATCH = 4
/** The format's rules for the end of a block. */
const LAST_LITERALS = 5
const MATCH_FREE_TAIL = 12
const MAX_OFFSET = 65_535
/** Candidates looked at for each position, newest first. */
const MAX_CHAIN = 64
const HASH_BITS = 14

/** What stands before every text, so that the first words of a text are found there already. */
export interface Dictionary {
  /** With room behind the dictionary for what is read; grows. */
  scratch: Uint8Array<ArrayBuffer>
  /** Of the scratch. */
  view: DataView
  readonly length: number
  readonly heads: Int32Array
  readonly chain: Int32Array
}

export function lz4Dictionary(bytes: Uint8Array): Dictionary {
  const heads = new Int32Array(1 << HASH_BITS).fill(-1)
  const chain = new Int32Array(bytes.length).fill(-1)
  for (let at = 0; at + MIN_MATCH <= bytes.length; at++) link(bytes, at, heads, chain)
  const scratch = new Uint8Array(bytes.length + 16_384)
  scratch.set(bytes)
  return { scratch, view: new DataView(scratch.buffer), length: bytes.length, heads, chain }
}

/** @param text up to some megabytes; empty packs to one byte */
export function lz4Pack(text: Uint8Array, dictionary: Dictionary): Uint8Array {
  const start = dictionary.length
  const bytes = roomFor(text.length, dictionary)
  bytes.set(text, start)
  const end = start + text.length
  const heads = dictionary.heads.slice()
  const chain = new Int32Array(end)
  chain.set(dictionary.chain)

  const out = new Uint8Array(text.length + Math.ceil(text.length / 255) + 16)
  let written = 0
  let anchor = start
  const emit = (literalsEnd: number, offset: number, length: number): void => {
    const literals = literalsEnd - anchor
    const token = written++
    const extra = length - MIN_MATCH
    out[token] = (Math.min(literals, 15) << 4) | (length === 0 ? 0 : Math.min(extra, 15))
    if (literals >= 15) written = writeLength(out, written, literals - 15)
    out.set(bytes.subarray(anchor, literalsEnd), written)
    written += literals
    if (length === 0) return
    out[written++] = offset & 255
    out[written++] = offset >>> 8
    if (extra >= 15) written = writeLength(out, written, extra - 15)
    anchor = literalsEnd + length
  }

  const lastMatchStart = end - MATCH_FREE_TAIL
  const lastMatchEnd = end - LAST_LITERALS
  let linked = start
  const linkUpTo = (bound: number): void => {
    for (; linked < bound && linked + MIN_MATCH <= end; linked++) link(bytes, linked, heads, chain)
  }
  for (let at = start; at <= lastMatchStart; ) {
    linkUpTo(at)
    let found = longestMatch(bytes, at, lastMatchEnd, heads, chain)
    if (found.length === 0) {
      at++
      continue
    }
    // A longer one that begins a byte later is worth the literal.
    while (at + 1 <= lastMatchStart) {
      linkUpTo(at + 1)
      const next = longestMatch(bytes, at + 1, lastMatchEnd, heads, chain)
      if (next.length <= found.length) break
      found = next
      at++
    }
    emit(at, found.offset, found.length)
    at += found.length
  }
  emit(end, 0, 0)
  return out.subarray(0, written)
}

/**
 * Copies go eight bytes at a time and may end up to seven too far: most matches and literals are shorter than that, so
 * that none of them needs a loop, and a loop whose end cannot be foreseen costs more than the bytes.
 */
const STRIDE = 8

/**
 * Where in the dictionary's scratch the text lies, which holds until the next call; -1 when the block is none of
 * `length` bytes. Nothing outside the scratch is read or written, whatever the block says.
 */
export function lz4Unpack(block: Uint8Array, from: number, to: number, length: number, dictionary: Dictionary): number {
  const start = dictionary.length
  const end = start + length
  // The block lies behind the text, so that one view reads and writes all.
  let read = end + STRIDE
  const readEnd = read + to - from
  const bytes = roomFor(length + STRIDE + to - from + STRIDE, dictionary)
  const { view } = dictionary
  bytes.set(block.subarray(from, to), read)
  let at = start
  while (read < readEnd) {
    const token = bytes[read++] as number
    let literals = token >>> 4
    if (literals === 15) {
      let more = 255
      while (more === 255) {
        if (read >= readEnd) return -1
        more = bytes[read++] as number
        literals += more
      }
    }
    let stop = at + literals
    if (read + literals > readEnd || stop > end) return -1
    for (let source = read; at < stop; at += STRIDE, source += STRIDE) copyStride(view, source, at)
    at = stop
    read += literals
    // The last sequence has no match.
    if (read === readEnd) return at === end ? start : -1
    if (read + 2 > readEnd) return -1
    const offset = view.getUint16(read, true)
    read += 2
    let matched = (token & 15) + MIN_MATCH
    if (matched === 15 + MIN_MATCH) {
      let more = 255
      while (more === 255) {
        if (read >= readEnd) return -1
        more = bytes[read++] as number
        matched += more
      }
    }
    stop = at + matched
    let source = at - offset
    if (offset === 0 || source < 0 || stop > end) return -1
    if (offset < STRIDE) while (at < stop) bytes[at++] = bytes[source++] as number
    else for (; at < stop; at += STRIDE, source += STRIDE) copyStride(view, source, at)
    at = stop
  }
  return -1
}

function copyStride(view: DataView, from: number, to: number): void {
  view.setUint32(to, view.getUint32(from, true), true)
  view.setUint32(to + 4, view.getUint32(from + 4, true), true)
}

/** Larger texts get room of their own, so that one of them does not hold its megabytes for ever. */
const MAX_KEPT_ROOM = 1 << 20

function roomFor(length: number, dictionary: Dictionary): Uint8Array<ArrayBuffer> {
  const needed = dictionary.length + length
  if (needed <= dictionary.scratch.length && dictionary.scratch.length <= MAX_KEPT_ROOM) return dictionary.scratch
  const larger = new Uint8Array(Math.max(needed, dictionary.length + 16_384))
  larger.set(dictionary.scratch.subarray(0, dictionary.length))
  dictionary.scratch = larger
  dictionary.view = new DataView(larger.buffer)
  return larger
}

function link(bytes: Uint8Array, at: number, heads: Int32Array, chain: Int32Array): void {
  const hash = hashAt(bytes, at)
  chain[at] = heads[hash] as number
  heads[hash] = at
}

function hashAt(bytes: Uint8Array, at: number): number {
  const four =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  return Math.imul(four, -1_640_531_535) >>> (32 - HASH_BITS)
}

function longestMatch(
  bytes: Uint8Array,
  at: number,
  bound: number,
  heads: Int32Array,
  chain: Int32Array,
): { readonly offset: number; readonly length: number } {
  let length = MIN_MATCH - 1
  let offset = 0
  let candidate = heads[hashAt(bytes, at)] as number
  for (let tries = MAX_CHAIN; candidate >= 0 && tries > 0 && at - candidate <= MAX_OFFSET; tries--) {
    if (bytes[candidate + length] === bytes[at + length]) {
      let same = 0
      while (at + same < bound && bytes[candidate + same] === bytes[at + same]) same++
      if (same > length) {
        length = same
        offset = at - candidate
      }
    }
    candidate = chain[candidate] as number
  }
  return offset === 0 ? NO_MATCH : { offset, length }
}

const NO_MATCH = { offset: 0, length: 0 }

function writeLength(out: Uint8Array, at: number, length: number): number {
  let left = length
  let next = at
  for (; left >= 255; left -= 255) out[next++] = 255
  out[next++] = left
  return next
}
