import type { CacheEntry, Evidence, Origin } from '../../core/entry.ts'
import { packHistory, unpackHistory } from '../history-codec.ts'
import { decodeValue } from '../record-codec.ts'
import { type VectorType, vectorFromBytes, vectorToBytes } from './half-floats.ts'
import { escapeName, unescapeName } from './key-names.ts'
import { type Payload, type PayloadForm, packPayload, unpackPayload } from './payload.ts'

/**
 * The HASH of an entry. What the index filters by, and the counts, are fields; all else is in the payload, because a
 * field costs 50 bytes beside its content. Short names: they are stored with every entry.
 *
 * p payload · n expiresAt · s scope · t tenant · m model · x tags · e vector space · v vector · c correct · w wrong · u expectedWrong
 * k ownCorrect · l ownWrong; a count that is absent is 0, so that records of earlier versions are read as they are
 */
export const RECORD_FIELDS = ['p', 'n', 's', 't', 'x', 'c', 'w', 'u', 'k', 'l'] as const
/** Read only when it is asked for: most of the bytes of a record. */
export const VECTOR_FIELD = 'v'

const EVIDENCE_FIELDS = [
  ['c', 'correct'],
  ['w', 'wrong'],
  ['u', 'expectedWrong'],
  ['k', 'ownCorrect'],
  ['l', 'ownWrong'],
] as const satisfies readonly (readonly [string, keyof Evidence])[]

type FieldName = (typeof RECORD_FIELDS)[number] | typeof VECTOR_FIELD
/** `null` for a field that is not there, `undefined` for one that was not asked for. */
export type RecordFields = Readonly<Partial<Record<FieldName, Buffer | null>>>

/** Where the vectors of one embedder lie: entries of another space are in no index of this one. */
export interface VectorSpace {
  /** Hash of embedder, dimensions and vector type. */
  readonly id: string
  readonly type: VectorType
}

type Head = readonly [
  createdAt: number,
  staleMs: number,
  hits: number,
  generation: string,
  embedderId: string | null,
  vectorType: VectorType | null,
  origin: Origin,
  queryText?: string | null,
  history?: ReturnType<typeof packHistory>,
]

/** The fields of an entry, the payload first. `value` is what `encodeValue` made of it. */
export async function encodeFields(
  entry: Omit<CacheEntry, 'value'>,
  value: string,
  generation: string,
  space: VectorSpace | undefined,
  form: PayloadForm,
): Promise<{ readonly fields: readonly (string | Buffer)[]; readonly bytes: number }> {
  const { createdAt, staleMs, hits, embedderId, evidence, tenant, tags, vector, origin, queryText, history } = entry
  const head: Head = [
    ...([createdAt, staleMs, hits, generation, space ? (embedderId ?? null) : null, space?.type ?? null] as const),
    ...(history
      ? ([origin, queryText ?? null, packHistory(history)] as const)
      : queryText === undefined
        ? ([origin] as const)
        : ([origin, queryText] as const)),
  ]
  const { payload, bytes } = await packPayload(JSON.stringify(head), value, form)
  const fields: (string | Buffer)[] = ['p', payload, 'n', String(entry.expiresAt)]
  fields.push('s', escapeName(entry.scope), 'm', escapeName(origin.name))
  if (tenant !== undefined) fields.push('t', escapeName(tenant))
  if (tags.length > 0) fields.push('x', tags.map(escapeName).join(','))
  for (const [field, name] of EVIDENCE_FIELDS) if (evidence[name]) fields.push(field, String(evidence[name]))
  if (space && vector) fields.push('v', vectorToBytes(vector, space.type), 'e', space.id)
  return { fields, bytes }
}

/** A record whose value was not unpacked yet; the value of `withLazyValue` is, when it is first read. */
export interface PackedRecord {
  readonly entry: UnreadEntry
  readonly generation: string
  readonly payload: Payload
}

type UnreadEntry = Writable<Omit<CacheEntry, 'value'>> & { value?: unknown }

/** Never throws. */
export function decodeFields(
  key: string,
  namespace: string,
  fields: RecordFields,
  { maxRecordBytes }: PayloadForm,
): PackedRecord | 'corrupt' | 'foreign' {
  const payload = unpackPayload(fields.p, maxRecordBytes)
  if (typeof payload === 'string') return payload
  try {
    const head: Head = JSON.parse(payload.head)
    const createdAt = head[0]
    const embedderId = head[4]
    const type = head[5]
    const origin = head[6]
    const queryText = head[7]
    const history = head[8]
    const { n, s, t, x, v } = fields
    const expiresAt = n ? numberOf(n) : Number.NaN
    if (!s || !Number.isFinite(expiresAt) || !Number.isFinite(createdAt)) return 'corrupt'
    if (typeof origin !== 'object' || origin === null) return 'corrupt'
    // One after the other: several times faster than what is spread when it is there.
    const entry: UnreadEntry = {
      key,
      namespace,
      tags: x ? x.toString('latin1').split(',').map(unescapeName) : [],
      scope: unescapeName(s.toString('latin1')),
      origin,
      createdAt,
      expiresAt,
      staleMs: head[1],
      hits: head[2],
      evidence: evidenceOf(fields),
    }
    if (t) entry.tenant = unescapeName(t.toString('latin1'))
    if (typeof queryText === 'string') entry.queryText = queryText
    if (history) entry.history = unpackHistory(history)
    if (embedderId !== null && type !== null) {
      if (v) entry.vector = vectorFromBytes(v, type)
      // Not asked for, or lost: an entry has both or neither.
      if (v !== null) entry.embedderId = embedderId
    }
    return { entry, generation: head[3], payload }
  } catch {
    return 'corrupt'
  }
}

/** Of digits alone without a text of them, because every candidate has some. */
function numberOf(digits: Buffer): number {
  let number = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = (digits[i] as number) - 48
    if (digit < 0 || digit > 9 || i > 14) return Number(digits.toString('latin1'))
    number = 10 * number + digit
  }
  return digits.length === 0 ? Number.NaN : number
}

function evidenceOf({ c, w, u, k, l }: RecordFields): Evidence {
  const evidence: Writable<Evidence> = { correct: c ? Number(c) : 0, wrong: w ? Number(w) : 0 }
  if (u) evidence.expectedWrong = Number(u)
  if (k) evidence.ownCorrect = Number(k)
  if (l) evidence.ownWrong = Number(l)
  return evidence
}

type Writable<Held> = { -readonly [Name in keyof Held]: Held[Name] }

/** @throws when the value cannot be read */
export function withValue<Value>({ entry, payload }: PackedRecord): CacheEntry<Value> {
  entry.value = decodeValue<Value>(payload.value())
  return entry as CacheEntry<Value>
}

/** Of several candidates one at most is reused, and unpacking is most of what reading costs. */
export function withLazyValue<Value>({ entry, payload }: PackedRecord): CacheEntry<Value> {
  const packed: LazyValue = { payload, read: undefined }
  Object.defineProperty(entry, PACKED, { value: packed })
  return Object.defineProperty(entry as CacheEntry<Value>, 'value', LAZY_VALUE)
}

interface LazyValue {
  readonly payload: Payload
  read: { readonly value: unknown } | undefined
}

const PACKED = Symbol('packed value')
/** One for all: with a getter of its own each entry would be a slow object. */
const LAZY_VALUE: PropertyDescriptor & ThisType<{ readonly [PACKED]: LazyValue }> = {
  enumerable: true,
  configurable: true,
  get() {
    const packed = this[PACKED]
    packed.read ??= { value: decodeValue(packed.payload.value()) }
    return packed.read.value
  },
}
