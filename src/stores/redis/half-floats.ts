/**
 * IEEE 754 binary16 of the bits of a binary32, rounded to nearest, ties to even. Components of unit vectors are within
 * its range.
 */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const size = bits & 0x7fffffff
  // All but the tiny: without a branch on what lies below the last bit, which nobody can foresee.
  if (size >= SMALLEST_NORMAL && size < INFINITE) return sign | ((size - REBIAS + 0xfff + ((size >>> 13) & 1)) >>> 13)
  if (size >= INFINITE) return sign | 0x7c00
  const exponent = (size >>> 23) - 112
  return exponent < -10 ? sign : sign | roundedShift((size & 0x7fffff) | 0x800000, 14 - exponent)
}

function roundedShift(value: number, shift: number): number {
  const kept = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept
}

/** Bits of a binary32: 2⁻¹⁴, 65 536, and what lies between the exponents of both formats. */
const SMALLEST_NORMAL = 0x38800000
const INFINITE = 0x47800000
const REBIAS = 0x38000000

let floats: Float32Array | undefined

/** All 65 536 of them, made on first use: a table reads three times faster than arithmetic. */
function floatTable(): Float32Array {
  if (floats) return floats
  floats = new Float32Array(65_536)
  for (let half = 0; half < 65_536; half++) {
    const exponent = (half >>> 10) & 31
    const fraction = (half & 0x3ff) / 1024
    const size =
      exponent === 0
        ? fraction * 2 ** -14
        : exponent === 31
          ? fraction === 0
            ? Number.POSITIVE_INFINITY
            : Number.NaN
          : (1 + fraction) * 2 ** (exponent - 15)
    floats[half] = half & 0x8000 ? -size : size
  }
  return floats
}

/** How vectors lie in records and index. */
export type VectorType = 'FLOAT16' | 'FLOAT32'

export function vectorToBytes(vector: Float32Array, type: VectorType): Buffer {
  if (type === 'FLOAT32')
    return Buffer.from(vector.buffer.slice(vector.byteOffset, vector.byteOffset + vector.byteLength))
  const bits = new Uint32Array(vector.buffer, vector.byteOffset, vector.length)
  const bytes = Buffer.allocUnsafe(2 * vector.length)
  for (let i = 0; i < bits.length; i++) {
    const half = toHalf(bits[i] as number)
    bytes[2 * i] = half
    bytes[2 * i + 1] = half >>> 8
  }
  return bytes
}

/** A copy: what a driver hands out is part of its read buffer, and not aligned. */
export function vectorFromBytes(bytes: Buffer, type: VectorType): Float32Array {
  if (type === 'FLOAT32') {
    const copy = new Uint8Array(bytes.length - (bytes.length % 4))
    copy.set(bytes.subarray(0, copy.length))
    return new Float32Array(copy.buffer)
  }
  const table = floatTable()
  const start = bytes.byteOffset
  const halves = new Uint16Array(bytes.buffer.slice(start, start + bytes.length - (bytes.length % 2)))
  const vector = new Float32Array(halves.length)
  for (let i = 0; i < halves.length; i++) vector[i] = table[halves[i] as number] as number
  return vector
}
