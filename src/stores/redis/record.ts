import type { CacheEntry, Evidence, Origin } from '../../core/entry.ts'
import { packHistory, unpackHistory } from '../history-codec.ts'
import { decodeValue } from '../record-codec.ts'
import { type VectorType, vectorFromBytes, vectorToBytes } from './half-floats.ts'
import { escapeName, unescapeName } from './key-names.ts'
import { type PayloadForm, packPayload, unpackPayload } from './payload.ts'

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
  readonly entry: Omit<CacheEntry, 'value'>
  readonly generation: string
  value(): string
}

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
    const [createdAt, staleMs, hits, generation, embedderId, type, origin, queryText, history] = head
    const { t, x, v } = fields
    const expiresAt = Number(fields.n?.toString('latin1'))
    const scope = fields.s?.toString('latin1')
    if (scope === undefined || !Number.isFinite(expiresAt) || !Number.isFinite(createdAt)) return 'corrupt'
    if (typeof origin !== 'object' || origin === null) return 'corrupt'
    // One after the other: several times faster than what is spread when it is there.
    const entry: Writable<Omit<CacheEntry, 'value'>> = {
      key,
      namespace,
      tags: x ? x.toString('latin1').split(',').map(unescapeName) : [],
      scope: unescapeName(scope),
      origin,
      createdAt,
      expiresAt,
      staleMs,
      hits,
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
    return { entry, generation, value: payload.value }
  } catch {
    return 'corrupt'
  }
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
export function withValue<Value>({ entry, value }: PackedRecord): CacheEntry<Value> {
  return Object.assign(entry, { value: decodeValue<Value>(value()) })
}

/** Of several candidates one at most is reused, and unpacking is most of what reading costs. */
export function withLazyValue<Value>({ entry, value: unpack }: PackedRecord): CacheEntry<Value> {
  let value: { readonly read: Value } | undefined
  return Object.defineProperty(entry as CacheEntry<Value>, 'value', {
    enumerable: true,
    configurable: true,
    get: () => {
      value ??= { read: decodeValue<Value>(unpack()) }
      return value.read
    },
  })
}
