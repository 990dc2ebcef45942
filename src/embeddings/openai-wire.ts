import { CacheError } from '../core/errors.ts'
import type { BatchResult } from './batching.ts'
import { field, isRecord } from './wire.ts'

/** Reads `{ data: [{ index, embedding }], usage }`; the order of `data` is not promised, `index` is. */
export function readOpenaiAnswer(answer: unknown, count: number): BatchResult {
  const data = field(answer, 'data')
  if (!Array.isArray(data)) throw malformed(`data as a list, got ${typeof data}`)
  if (data.length !== count) throw malformed(`${count} embeddings, got ${data.length}`)
  const vectors: (ArrayLike<number> | undefined)[] = new Array(count).fill(undefined)
  for (const [position, item] of data.entries()) {
    const index = isRecord(item) && typeof item.index === 'number' ? item.index : position
    if (!Number.isInteger(index) || index < 0 || index >= count || vectors[index]) {
      throw malformed(`one embedding for each index below ${count}, got index ${index} amiss`)
    }
    vectors[index] = readVector(field(item, 'embedding'))
  }
  const usage = field(answer, 'usage')
  const tokens = field(usage, 'total_tokens') ?? field(usage, 'prompt_tokens')
  return { vectors: vectors as ArrayLike<number>[], ...(typeof tokens === 'number' && tokens >= 0 && { tokens }) }
}

/** Base64 of little-endian float32 was asked for; services that do not know it send numbers. */
function readVector(embedding: unknown): ArrayLike<number> {
  if (Array.isArray(embedding)) return embedding
  if (typeof embedding !== 'string') throw malformed(`embeddings as base64 or lists, got ${typeof embedding}`)
  const bytes = Buffer.from(embedding, 'base64')
  if (bytes.length === 0 || bytes.length % 4 !== 0) {
    throw malformed(`embeddings of whole float32 numbers, got ${bytes.length} bytes`)
  }
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4))
}

function malformed(what: string): CacheError {
  return new CacheError('EMBEDDER_FAILED', `openaiEmbedder: the answer must hold ${what}`)
}
