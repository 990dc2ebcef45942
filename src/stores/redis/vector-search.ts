import { type VectorType, vectorToBytes } from './half-floats.ts'
import { escapeName } from './key-names.ts'
import { RECORD_FIELDS, type RecordFields } from './record.ts'
import type { CheckedSettings } from './redis-options.ts'
import type { VectorIndex } from './vector-index.ts'

export interface Neighbour {
  /** Of the whole key. */
  readonly key: string
  readonly similarity: number
  readonly fields: RecordFields
}

export interface Search {
  readonly scope: string
  readonly vector: Float32Array
  readonly limit: number
  /** Leaves out, on the server, what expires before this instant: exact, but slower. */
  readonly aliveAt?: number
}

/** Of RediSearch ≥ 2.4. */
const DIALECT = '2'

/** One command: the scope inside the query, the payload in the reply, the vector in neither. */
export function searchCommand(
  index: VectorIndex,
  { scope, vector, limit, aliveAt }: Search,
  { algorithm, searchEffort }: CheckedSettings['index'],
): (string | Buffer)[] {
  // TAG values passed as parameters need no escaping, and these hold nothing but letters, digits and "%_.-".
  const alive = aliveAt === undefined ? '' : ` @n:[(${aliveAt} +inf]`
  const effort = searchEffort !== undefined && algorithm === 'HNSW' ? ` EF_RUNTIME ${searchEffort}` : ''
  return [
    ...['FT.SEARCH', index.name, `(@s:{$s}${alive})=>[KNN ${limit} @v $q${effort} AS d]`],
    ...['PARAMS', '4', 's', escapeName(scope), 'q', vectorToBytes(vector, index.space.type as VectorType)],
    // Without SORTBY the reply is in the order of the documents on some versions, without LIMIT it ends after ten.
    ...['SORTBY', 'd', 'ASC', 'RETURN', String(RECORD_FIELDS.length + 1), 'd', ...RECORD_FIELDS],
    ...['LIMIT', '0', String(limit), 'DIALECT', DIALECT],
  ]
}

/** The neighbours in a reply of either protocol. Documents that expired since come without fields and are left out. */
export function readNeighbours(reply: unknown): Neighbour[] {
  if (!Array.isArray(reply)) return []
  const found: Neighbour[] = []
  const add = (key: unknown, parts: unknown) => {
    if (!Array.isArray(parts)) return
    const fields: Record<string, Buffer> = {}
    for (let i = 0; i + 1 < parts.length; i += 2) fields[String(parts[i])] = parts[i + 1]
    const { d } = fields
    // Distance is of this file; from here on there is only similarity.
    const similarity = 1 - Number(d)
    if (d !== undefined && Number.isFinite(similarity)) {
      found.push({ key: String(key), similarity: Math.max(-1, Math.min(1, similarity)), fields })
    }
  }
  if (typeof reply[0] === 'number') {
    for (let i = 1; i + 1 < reply.length; i += 2) add(reply[i], reply[i + 1])
    return found
  }
  const at = reply.findIndex((part, i) => i % 2 === 0 && String(part) === 'results')
  for (const result of at < 0 ? [] : (reply[at + 1] as unknown[])) {
    if (!Array.isArray(result)) continue
    const named = new Map<string, unknown>()
    for (let i = 0; i + 1 < result.length; i += 2) named.set(String(result[i]), result[i + 1])
    add(named.get('id'), named.get('extra_attributes'))
  }
  return found
}
