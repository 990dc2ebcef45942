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
  readonly aliveAt?: number | undefined
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
  const query = `(@s:{$s}${alive})=>[KNN ${limit} @v $q${effort} AS d]`
  const parameters = ['PARAMS', '4', 's', escapeName(scope), 'q', vectorToBytes(vector, index.space.type as VectorType)]
  // Without SORTBY the reply is in the order of the documents on some versions, without LIMIT it ends after ten.
  return ['FT.SEARCH', index.name, query, ...parameters, ...SORTED, 'LIMIT', '0', String(limit), 'DIALECT', DIALECT]
}

const SORTED = ['SORTBY', 'd', 'ASC', 'RETURN', String(RECORD_FIELDS.length + 1), 'd', ...RECORD_FIELDS]

/** A neighbour as it came; see `readNeighbour`. */
export interface RawNeighbour {
  readonly key: unknown
  readonly parts: unknown
}

/** What a reply of either protocol holds, closest first, with those that expired since: they took a place. */
export function listNeighbours(reply: unknown): RawNeighbour[] {
  if (!Array.isArray(reply)) return []
  const found: RawNeighbour[] = []
  if (typeof reply[0] === 'number') {
    for (let i = 1; i + 1 < reply.length; i += 2) found.push({ key: reply[i], parts: reply[i + 1] })
    return found
  }
  for (const result of listOf(partOf(reply, 'results'))) {
    const parts = partOf(result, 'extra_attributes')
    found.push({ key: partOf(result, 'id'), parts })
  }
  return found
}

function partOf(named: unknown, name: string): unknown {
  const parts = listOf(named)
  for (let i = 0; i + 1 < parts.length; i += 2) if (isNamed(parts[i], name)) return parts[i + 1]
  return undefined
}

/** Without a text for each name: a reply of ten neighbours has thirty of them. */
function isNamed(part: unknown, name: string): boolean {
  if (!Buffer.isBuffer(part)) return part === name
  if (part.length !== name.length) return false
  for (let i = 0; i < name.length; i++) if (part[i] !== name.charCodeAt(i)) return false
  return true
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Nothing for a document that expired since: those come without fields. */
export function readNeighbour({ key, parts }: RawNeighbour): Neighbour | undefined {
  if (!Array.isArray(parts)) return undefined
  let distance: unknown
  let p: Buffer | null = null
  let n: Buffer | null = null
  let s: Buffer | null = null
  let t: Buffer | null = null
  let x: Buffer | null = null
  let c: Buffer | null = null
  let w: Buffer | null = null
  let u: Buffer | null = null
  let k: Buffer | null = null
  let l: Buffer | null = null
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const value = parts[i + 1]
    // Names have one letter; a text for each of a hundred in a reply costs more than all else in it.
    switch (String.fromCharCode(parts[i][0])) {
      case 'd':
        distance = value
        break
      case 'p':
        p = value
        break
      case 'n':
        n = value
        break
      case 's':
        s = value
        break
      case 't':
        t = value
        break
      case 'x':
        x = value
        break
      case 'c':
        c = value
        break
      case 'w':
        w = value
        break
      case 'u':
        u = value
        break
      case 'k':
        k = value
        break
      case 'l':
        l = value
        break
    }
  }
  // Distance is of this file; from here on there is only similarity.
  const similarity = 1 - Number(distance)
  if (distance === undefined || !Number.isFinite(similarity)) return undefined
  const fields = { p, n, s, t, x, c, w, u, k, l }
  return { key: String(key), similarity: Math.max(-1, Math.min(1, similarity)), fields }
}
