import { promisify } from 'node:util'
import { brotliCompress, brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib'
import type { CacheEntry, Evidence } from '../../core/entry.ts'
import { decodeRecord } from '../record-codec.ts'
import { type VectorType, vectorFromBytes, vectorToBytes } from './half-floats.ts'
import { escapeName, unescapeName } from './key-names.ts'

/**
 * The HASH of an entry. What the index filters by, and the counts, are fields; all else is in the payload, because a
 * field costs 50 bytes beside its content. Short names: they are stored with every entry.
 *
 * p payload · n expiresAt · s scope · t tenant · m model · x tags · e vector space · v vector · c correct · w wrong · u expectedWrong
 * k ownCorrect · l ownWrong; a count that is absent is 0, so that records of earlier versions are read as they are
 */
export const PAYLOAD_FIELDS = ['p', 'n', 's', 't', 'x', 'c', 'w', 'u', 'k', 'l'] as const
export const RECORD_FIELDS = [...PAYLOAD_FIELDS, 'v', 'e'] as const

const EVIDENCE_FIELDS = [
  ['c', 'correct'],
  ['w', 'wrong'],
  ['u', 'expectedWrong'],
  ['k', 'ownCorrect'],
  ['l', 'ownWrong'],
] as const satisfies readonly (readonly [string, keyof Evidence])[]

type FieldName = (typeof RECORD_FIELDS)[number]
export type RecordFields = Readonly<Partial<Record<FieldName, Buffer | string | null>>>

/** Where the vectors of one embedder lie: entries of another space are in no index of this one. */
export interface VectorSpace {
  /** Hash of embedder, dimensions and vector type. */
  readonly id: string
  readonly type: VectorType
}

export interface RecordForm {
  /** Payloads of at least so many bytes are compressed. */
  readonly compressAboveBytes: number
  /** Bound of what a payload may unpack to. */
  readonly maxRecordBytes: number
}

export interface ReadRecord<Value> {
  readonly entry: CacheEntry<Value>
  /** Of the call that wrote it. */
  readonly generation: string
}

const MAGIC = 0x52
const VERSION = 1
const PLAIN = 0
const BROTLI = 1
const HEAD_BYTES = 7
/** Longer texts are compressed off the main thread. */
const ASYNC_ABOVE_BYTES = 32_768
const compressAsync = promisify(brotliCompress)

/** The fields of an entry, the payload first. `content` is what `encodeRecord` made of it. */
export async function encodeFields(
  entry: CacheEntry,
  content: string,
  generation: string,
  space: VectorSpace | undefined,
  form: RecordForm,
): Promise<{ readonly fields: readonly (string | Buffer)[]; readonly bytes: number }> {
  const { createdAt, staleMs, hits, embedderId, evidence, tenant, tags, vector } = entry
  const header = [createdAt, staleMs, hits, generation, space ? embedderId : null, space?.type ?? null]
  const text = Buffer.from(`${JSON.stringify(header)}\n${content}`, 'utf8')
  const fields: (string | Buffer)[] = ['p', await pack(text, form), 'n', String(entry.expiresAt)]
  fields.push('s', escapeName(entry.scope), 'm', escapeName(entry.origin.name))
  if (tenant !== undefined) fields.push('t', escapeName(tenant))
  if (tags.length > 0) fields.push('x', tags.map(escapeName).join(','))
  for (const [field, name] of EVIDENCE_FIELDS) if (evidence[name]) fields.push(field, String(evidence[name]))
  if (space && vector) fields.push('v', vectorToBytes(vector, space.type), 'e', space.id)
  return { fields, bytes: text.length }
}

/** Never throws. `addedHits` are those counted beside the record. */
export function decodeFields<Value>(
  about: { readonly key: string; readonly namespace: string },
  fields: RecordFields,
  addedHits: number,
  { maxRecordBytes }: RecordForm,
): ReadRecord<Value> | 'corrupt' | 'foreign' {
  const payload = fields.p
  if (!Buffer.isBuffer(payload) || payload.length < HEAD_BYTES) return 'foreign'
  if (payload[0] !== MAGIC || payload[1] !== VERSION || (payload[2] !== PLAIN && payload[2] !== BROTLI))
    return 'foreign'
  const body = payload.subarray(HEAD_BYTES)
  if (crc32(body) !== payload.readUInt32LE(3)) return 'corrupt'
  try {
    const unpacked = payload[2] === BROTLI ? brotliDecompressSync(body, { maxOutputLength: maxRecordBytes }) : body
    const text = unpacked.toString('utf8')
    const end = text.indexOf('\n')
    const [createdAt, staleMs, hits, generation, embedderId, type] = JSON.parse(text.slice(0, end))
    const { content, problem } = decodeRecord<Value>(text.slice(end + 1))
    if (problem) return problem
    const expiresAt = Number(fields.n?.toString())
    const scope = fields.s?.toString()
    if (scope === undefined || !Number.isFinite(expiresAt) || !Number.isFinite(createdAt)) return 'corrupt'
    const tags = fields.x ? fields.x.toString().split(',').map(unescapeName) : []
    const isPlaced = embedderId !== null && Buffer.isBuffer(fields.v)
    const entry: CacheEntry<Value> = {
      key: about.key,
      namespace: about.namespace,
      ...(fields.t && { tenant: unescapeName(fields.t.toString()) }),
      tags,
      scope: unescapeName(scope),
      ...content,
      ...(isPlaced && { vector: vectorFromBytes(fields.v as Buffer, type) }),
      ...(embedderId !== null && (isPlaced || fields.v === undefined) && { embedderId }),
      createdAt,
      expiresAt,
      staleMs,
      hits: hits + addedHits,
      evidence: {
        correct: Number(fields.c ?? 0),
        wrong: Number(fields.w ?? 0),
        ...(fields.u && { expectedWrong: Number(fields.u) }),
        ...(fields.k && { ownCorrect: Number(fields.k) }),
        ...(fields.l && { ownWrong: Number(fields.l) }),
      },
    }
    return { entry, generation }
  } catch {
    return 'corrupt'
  }
}

async function pack(text: Buffer, { compressAboveBytes }: RecordForm): Promise<Buffer> {
  const packed = text.length >= compressAboveBytes ? await compress(text) : text
  // What does not become smaller, such as base64 of images, is kept as it is.
  const body = packed.length < text.length ? packed : text
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt8(MAGIC, 0)
  head.writeUInt8(VERSION, 1)
  head.writeUInt8(body === text ? PLAIN : BROTLI, 2)
  head.writeUInt32LE(crc32(body), 3)
  return Buffer.concat([head, body])
}

async function compress(text: Buffer): Promise<Buffer> {
  const options = {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      // Larger windows cost memory and find nothing more in a text of this size.
      [constants.BROTLI_PARAM_LGWIN]: Math.min(22, Math.max(16, Math.ceil(Math.log2(text.length + 1)))),
    },
  }
  return text.length > ASYNC_ABOVE_BYTES ? compressAsync(text, options) : brotliCompressSync(text, options)
}
