import { promisify } from 'node:util'
import { brotliCompress, brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib'
import { lz4Pack, lz4Unpack } from './lz4-block.ts'
import { payloadDictionary } from './payload-dictionary.ts'

/**
 * The bytes of one record: what describes it (head) and what it holds (value), packed apart, so that of several
 * candidates only the one that is reused is unpacked whole.
 *
 * magic · version · checksum of what follows · forms of head and value · lengths · head · value
 */
export interface PayloadForm {
  /** Values of at least so many bytes are packed. */
  readonly compressAboveBytes: number
  /** `fast`: values up to 32 KiB by LZ4; `small`: all by brotli. */
  readonly compression: 'fast' | 'small'
  /** Bound of what a payload may unpack to, in bytes. */
  readonly maxRecordBytes: number
}

const MAGIC = 0x52
const VERSION = 2
const CHECKED_FROM = 6
const LENGTHS_FROM = 7
const PREAMBLE_BYTES = 19
/** From here on brotli costs less than the bytes it saves. */
const BROTLI_ABOVE_BYTES = 32_768
/** Longer texts are packed off the main thread. */
const ASYNC_ABOVE_BYTES = 32_768
const compressAsync = promisify(brotliCompress)

const PLAIN = 0
const LZ4 = 1
const BROTLI = 2
const UTF8 = 4

/** JSON texts in, their payload out; with the bytes that both take unpacked. */
export async function packPayload(
  head: string,
  value: string,
  form: PayloadForm,
): Promise<{ readonly payload: Buffer; readonly bytes: number }> {
  const headText = bytesOf(head)
  const valueText = bytesOf(value)
  const { compression, compressAboveBytes } = form
  // Of every candidate of a search the head is read: short ones are not worth their unpacking.
  const isHeadPacked = headText.bytes.length >= (compression === 'small' ? 0 : compressAboveBytes)
  const packedHead = isHeadPacked ? pack(headText, 'fast') : headText
  const isValuePacked = valueText.bytes.length >= compressAboveBytes
  const packedValue = isValuePacked ? await packValue(valueText, compression) : valueText
  const preamble = Buffer.allocUnsafe(PREAMBLE_BYTES)
  preamble.writeUInt8(MAGIC, 0)
  preamble.writeUInt8(VERSION, 1)
  preamble.writeUInt8(packedHead.form | (packedValue.form << 4), CHECKED_FROM)
  preamble.writeUInt32LE(packedHead.bytes.length, LENGTHS_FROM)
  preamble.writeUInt32LE(headText.bytes.length, LENGTHS_FROM + 4)
  preamble.writeUInt32LE(valueText.bytes.length, LENGTHS_FROM + 8)
  const payload = Buffer.concat([preamble, packedHead.bytes, packedValue.bytes])
  payload.writeUInt32LE(crc32(payload.subarray(CHECKED_FROM)), 2)
  return { payload, bytes: headText.bytes.length + valueText.bytes.length }
}

/** Never throws. */
export function unpackPayload(payload: unknown, maxBytes: number): Payload | 'corrupt' | 'foreign' {
  if (!Buffer.isBuffer(payload) || payload.length < PREAMBLE_BYTES) return 'foreign'
  if (payload[0] !== MAGIC || payload[1] !== VERSION) return 'foreign'
  if (crc32(payload.subarray(CHECKED_FROM)) !== payload.readUInt32LE(2)) return 'corrupt'
  const forms = payload[CHECKED_FROM] as number
  const headEnd = PREAMBLE_BYTES + payload.readUInt32LE(LENGTHS_FROM)
  const headBytes = payload.readUInt32LE(LENGTHS_FROM + 4)
  const valueBytes = payload.readUInt32LE(LENGTHS_FROM + 8)
  if (headEnd > payload.length || headBytes + valueBytes > maxBytes) return 'corrupt'
  try {
    const head = unpack(payload, PREAMBLE_BYTES, headEnd, headBytes, forms & 15)
    return new Payload(head, payload, headEnd, valueBytes, forms >>> 4)
  } catch {
    return 'corrupt'
  }
}

/** JSON texts, which may escape what they hold. A class, because every candidate of a search has one. */
export class Payload {
  readonly head: string
  readonly #bytes: Buffer
  readonly #valueAt: number
  readonly #valueBytes: number
  readonly #form: number

  constructor(head: string, bytes: Buffer, valueAt: number, valueBytes: number, form: number) {
    this.head = head
    this.#bytes = bytes
    this.#valueAt = valueAt
    this.#valueBytes = valueBytes
    this.#form = form
  }

  /** @throws when the value cannot be unpacked, which the checksum has ruled out for all but foreign records */
  value(): string {
    return unpack(this.#bytes, this.#valueAt, this.#bytes.length, this.#valueBytes, this.#form)
  }
}

interface Packed {
  readonly bytes: Uint8Array
  readonly form: number
}

/** One in so many characters at most is written as six. */
const ESCAPED_ONE_IN = 32

/**
 * One byte a character where that is possible: it is read several times faster than UTF-8 and is smaller for most
 * European texts. A few dashes and quotes beyond Latin-1 are written as JSON escapes them.
 */
function bytesOf(json: string): Packed {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of Latin-1
  const beyond = /[^\x00-\xff]/g
  const count = json.match(beyond)?.length ?? 0
  if (count * ESCAPED_ONE_IN > json.length) return { bytes: Buffer.from(json, 'utf8'), form: UTF8 }
  const escaped = count === 0 ? json : json.replace(beyond, escapeUnit)
  return { bytes: Buffer.from(escaped, 'latin1'), form: PLAIN }
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function pack(text: Packed, how: 'fast' | 'small'): Packed {
  const [bytes, form] =
    how === 'fast'
      ? [lz4Pack(text.bytes, payloadDictionary()), LZ4]
      : [brotliCompressSync(text.bytes, brotliOptions(text)), BROTLI]
  return smaller({ bytes, form: form | text.form }, text)
}

async function packValue(text: Packed, compression: PayloadForm['compression']): Promise<Packed> {
  if (compression === 'fast' && text.bytes.length < BROTLI_ABOVE_BYTES) return pack(text, 'fast')
  if (text.bytes.length < ASYNC_ABOVE_BYTES) return pack(text, 'small')
  const bytes = await compressAsync(text.bytes, brotliOptions(text))
  return smaller({ bytes, form: BROTLI | text.form }, text)
}

/** What does not become smaller, such as base64 of images, is kept as it is. */
function smaller(packed: Packed, text: Packed): Packed {
  return packed.bytes.length < text.bytes.length ? packed : text
}

function unpack(payload: Buffer, from: number, to: number, length: number, form: number): string {
  const encoding = form & UTF8 ? 'utf8' : 'latin1'
  const packing = form & 3
  if (packing === LZ4) {
    const dictionary = payloadDictionary()
    const at = lz4Unpack(payload, from, to, length, dictionary)
    if (at < 0) throw new RangeError('the block is damaged')
    return textAt(dictionary.scratch, encoding, at, at + length)
  }
  if (packing !== BROTLI) return payload.toString(encoding, from, to)
  const unpacked = brotliDecompressSync(payload.subarray(from, to), { maxOutputLength: Math.max(1, length) })
  return unpacked.toString(encoding)
}

let view = Buffer.alloc(0)

function textAt(bytes: Uint8Array<ArrayBuffer>, encoding: 'utf8' | 'latin1', from: number, to: number): string {
  if (view.buffer !== bytes.buffer) view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.toString(encoding, from, to)
}

function brotliOptions({ bytes }: Packed) {
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      // Larger windows cost memory and find nothing more in a text of this size.
      [constants.BROTLI_PARAM_LGWIN]: Math.min(22, Math.max(16, Math.ceil(Math.log2(bytes.length + 1)))),
    },
  }
}
