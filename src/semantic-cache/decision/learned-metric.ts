/** A small network over two sentence vectors of one embedder, symmetric in the two: it weighs what cosine cannot. */
export interface LearnedMetric {
  readonly dimensions: number
  readonly width: number
  readonly hidden: number
  /** Base64 of int8, `width` rows of `dimensions`; each row times its scale. */
  readonly weights: string
  readonly scales: readonly number[]
  /** `hidden` rows of 2 × width + 1. */
  readonly inner: readonly number[]
  readonly innerBias: readonly number[]
  readonly outer: readonly number[]
  readonly outerBias: number
}

const decoded = new WeakMap<LearnedMetric, Int8Array>()

/** Log-odds that two vectors ask the same; NaN for vectors of another length. */
export function metricScore(metric: LearnedMetric, a: Float32Array, b: Float32Array): number {
  const { dimensions, width, hidden, inner, innerBias, outer, outerBias } = metric
  if (a.length !== dimensions || b.length !== dimensions) return Number.NaN
  const left = project(metric, a)
  const right = project(metric, b)
  const row = new Float64Array(2 * width + 1)
  for (let i = 0; i < width; i++) {
    row[i] = Math.abs((left[i] as number) - (right[i] as number))
    row[width + i] = (left[i] as number) * (right[i] as number)
  }
  for (let i = 0; i < dimensions; i++) row[2 * width] = (row[2 * width] as number) + (a[i] as number) * (b[i] as number)
  let score = outerBias
  for (let h = 0; h < hidden; h++) {
    let sum = innerBias[h] as number
    const at = h * row.length
    for (let i = 0; i < row.length; i++) sum += (inner[at + i] as number) * (row[i] as number)
    if (sum > 0) score += sum * (outer[h] as number)
  }
  return score
}

function project(metric: LearnedMetric, vector: Float32Array): Float64Array {
  const { dimensions, width, scales } = metric
  const weights = weightsOf(metric)
  const projected = new Float64Array(width)
  for (let k = 0; k < width; k++) {
    let sum = 0
    const at = k * dimensions
    for (let i = 0; i < dimensions; i++) sum += (weights[at + i] as number) * (vector[i] as number)
    projected[k] = Math.tanh(sum * (scales[k] as number))
  }
  return projected
}

function weightsOf(metric: LearnedMetric): Int8Array {
  const known = decoded.get(metric)
  if (known) return known
  const bytes = Buffer.from(metric.weights, 'base64')
  const weights = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  decoded.set(metric, weights)
  return weights
}
