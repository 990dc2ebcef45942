import { CacheError } from './errors.ts'

/**
 * Checks a vector that comes from outside and scales it to unit length.
 *
 * @throws CacheError EMBEDDER_FAILED for a wrong length, a non-finite component or a zero vector
 */
export function unitVector(values: ArrayLike<number>, dimensions: number): Float32Array {
  if (values.length !== dimensions) {
    throw new CacheError('EMBEDDER_FAILED', `a vector must have ${dimensions} dimensions, got ${values.length}`)
  }
  let squares = 0
  for (let i = 0; i < dimensions; i++) {
    const value: unknown = values[i]
    // A list from a service may hold null or texts, which arithmetic takes for numbers.
    squares += typeof value === 'number' ? value * value : Number.NaN
  }
  if (!Number.isFinite(squares)) {
    throw new CacheError('EMBEDDER_FAILED', 'a vector must have finite components, got NaN, Infinity or an overflow')
  }
  if (squares === 0) throw new CacheError('EMBEDDER_FAILED', 'a vector must not be zero')
  const scale = 1 / Math.sqrt(squares)
  const unit = new Float32Array(dimensions)
  for (let i = 0; i < dimensions; i++) unit[i] = (values[i] as number) * scale
  return unit
}

/** Dot product of two vectors of one length: the cosine similarity of unit vectors. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
