import type { CacheEntry, Evidence } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import { decodeRecord } from '../record-codec.ts'
import type { Listed } from './recency-list.ts'
import type { RowOwner, VectorRows } from './vector-rows.ts'

/** What an entry costs beside its texts and vector: object, places in maps and lists. Measured by bench:memory. */
const FIXED_BYTES = 600

/** An entry as it is kept: the content encoded, the vector in shared rows, the rest as fields. */
export class StoredEntry implements Listed<StoredEntry>, RowOwner {
  readonly key: string
  readonly namespace: string
  readonly tenant: string | undefined
  readonly tags: readonly string[]
  readonly scope: string
  readonly embedderId: string | undefined
  readonly content: string
  readonly createdAt: number
  readonly staleMs: number
  /** What it takes of the bound on bytes. */
  readonly bytes: number
  expiresAt: number
  hits: number
  correct: number
  wrong: number
  expectedWrong: number
  ownCorrect: number
  ownWrong: number
  rows: VectorRows<StoredEntry> | undefined = undefined
  row = -1
  /** The last walk of the table that came by. */
  walk = 0
  newer: StoredEntry | undefined = undefined
  older: StoredEntry | undefined = undefined

  /** @param content what `encodeRecord` made of the entry, packed by `packText` */
  constructor(
    entry: Omit<CacheEntry, 'value' | 'origin' | 'queryText' | 'vector'>,
    content: string,
    dimensions: number,
  ) {
    this.key = entry.key
    this.namespace = entry.namespace
    this.tenant = entry.tenant
    this.tags = entry.tags.length === 0 ? NO_TAGS : [...entry.tags]
    this.scope = entry.scope
    this.embedderId = entry.embedderId
    this.content = content
    this.createdAt = entry.createdAt
    this.staleMs = entry.staleMs
    this.expiresAt = entry.expiresAt
    this.hits = entry.hits
    this.correct = entry.evidence.correct
    this.wrong = entry.evidence.wrong
    this.expectedWrong = entry.evidence.expectedWrong ?? 0
    this.ownCorrect = entry.evidence.ownCorrect ?? 0
    this.ownWrong = entry.evidence.ownWrong ?? 0
    let bytes = FIXED_BYTES + content.length + 4 * dimensions + this.key.length + this.scope.length
    if (this.tenant !== undefined) bytes += this.tenant.length
    for (const tag of this.tags) bytes += tag.length + 16
    this.bytes = bytes
  }

  /** A copy of the entry as it was given, or why it cannot be read. */
  toEntry<Value>(): CacheEntry<Value> | 'corrupt' | 'foreign' {
    const { content, problem } = decodeRecord<Value>(unpackText(this.content))
    if (!content) return problem
    const entry: { -readonly [Name in keyof CacheEntry<Value>]: CacheEntry<Value>[Name] } = {
      key: this.key,
      namespace: this.namespace,
      tags: [...this.tags],
      scope: this.scope,
      ...content,
      createdAt: this.createdAt,
      expiresAt: this.expiresAt,
      staleMs: this.staleMs,
      hits: this.hits,
      evidence: evidenceOf(this),
    }
    if (this.tenant !== undefined) entry.tenant = this.tenant
    if (this.embedderId !== undefined && this.rows) {
      entry.embedderId = this.embedderId
      entry.vector = this.rows.view(this.row).slice()
    }
    return entry
  }
}

function evidenceOf({ correct, wrong, expectedWrong, ownCorrect, ownWrong }: StoredEntry): Evidence {
  return {
    correct,
    wrong,
    ...(expectedWrong !== 0 && { expectedWrong }),
    ...(ownCorrect !== 0 && { ownCorrect }),
    ...(ownWrong !== 0 && { ownWrong }),
  }
}

const NO_TAGS: readonly string[] = []

/**
 * The UTF-8 bytes of a text as a string of one byte per character: half the memory for texts with a single character
 * outside Latin-1, and less than a Buffer, which costs 250 bytes beside its content.
 */
export function packText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function unpackText(packed: string): string {
  return Buffer.from(packed, 'latin1').toString('utf8')
}

/** Far above the rounding of float32, far below a vector that nobody scaled. */
const UNIT_TOLERANCE = 1e-3

/** @throws CacheError INVALID_OPTION for a vector that is not of unit length or not finite */
export function checkUnitVector(vector: Float32Array): void {
  if (!(vector instanceof Float32Array) || vector.length === 0) {
    throw new CacheError('INVALID_OPTION', 'a vector must be a Float32Array of at least one dimension')
  }
  let squares = 0
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2
  const length = Math.sqrt(squares)
  if (!(Math.abs(length - 1) <= UNIT_TOLERANCE)) {
    throw new CacheError('INVALID_OPTION', `a vector must be of unit length and finite, got length ${length}`)
  }
}
