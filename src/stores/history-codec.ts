import type { EntryHistory } from '../core/entry.ts'

/** A byte per component and one scale a vector: a quarter of the space, and similarities right to three decimals. */
interface PackedHistory {
  readonly turns: EntryHistory['turns']
  /** Scale, and base64 of int8. */
  readonly vectors: readonly (readonly [scale: number, bytes: string])[]
}

export function packHistory({ turns, vectors }: EntryHistory): PackedHistory {
  return { turns: turns.map(({ role, text }) => ({ role, text })), vectors: vectors.map(packVector) }
}

/** @throws for what `packHistory` did not write */
export function unpackHistory(packed: PackedHistory): EntryHistory {
  const turns = packed.turns.map(({ role, text }) => {
    if ((role !== 'user' && role !== 'assistant') || typeof text !== 'string') throw new TypeError('not a turn')
    return { role, text }
  })
  return { turns, vectors: packed.vectors.map(unpackVector) }
}

function packVector(vector: Float32Array): readonly [number, string] {
  let most = 0
  for (const value of vector) most = Math.max(most, Math.abs(value))
  const scale = Math.fround(most / 127) || 1
  const bytes = Int8Array.from(vector, (value) => Math.round(value / scale))
  return [scale, Buffer.from(bytes.buffer).toString('base64')]
}

function unpackVector([scale, text]: readonly [number, string]): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!Number.isFinite(scale) || values.length === 0) throw new TypeError('not a vector')
  return Float32Array.from(values, (value) => value * scale)
}
