/**
 * Whether `count` wrong of `of` show a rate: the one-sided 95 % bound of Clopper and Pearson lies at or below it. Exact for
 * small counts; with none wrong it is the rule of three, `of` ≥ 3 / rate.
 */
export function isShown(count: number, of: number, rate: number): boolean {
  return count < of && atMost(count, of, rate) <= 0.05
}

/** The chance of at most `count` among `of` when each has the chance `share`. */
function atMost(count: number, of: number, share: number): number {
  let term = of * Math.log1p(-share)
  let sum = Math.exp(term)
  for (let k = 1; k <= count; k++) {
    term += Math.log((of - k + 1) / k) + Math.log(share) - Math.log1p(-share)
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}

/** Correct reuses that must be seen without a wrong one to show a rate with 95 % confidence: the rule of three. */
export function reusesNeeded(rate: number): number {
  return Math.ceil(3 / rate)
}

export interface Weights {
  readonly intercept: number
  readonly score: number
  readonly similarity: number
}

interface Row {
  readonly score: number
  readonly similarity: number
  readonly isSame: boolean
}

/** Where similarities of interest lie, so that the ridge weighs all three alike. */
const SIMILARITY_CENTRE = 0.8
const SIMILARITY_SCALE = 0.1
const RIDGE = 2

/**
 * Logistic regression of the label on score and similarity, drawn by a ridge to what the fit says by itself: few labels
 * move it little. Weights are never negative: more similar is never less alike.
 */
export function fitWeights(rows: readonly Row[], usesScore: boolean): Weights {
  const prior = usesScore ? [0, 1, 0] : [0, 0, 1]
  let weights = [...prior]
  const free = usesScore ? [0, 1, 2] : [0, 2]
  const used = rows.filter(({ similarity }) => Number.isFinite(similarity))
  for (let round = 0; round < 50; round++) {
    const gradient = prior.map((at, i) => RIDGE * ((weights[i] as number) - at))
    const curvature = prior.map((_, i) => prior.map((__, j) => (i === j ? RIDGE : 0)))
    for (const row of used) {
      const x = [1, usesScore ? row.score : 0, (row.similarity - SIMILARITY_CENTRE) / SIMILARITY_SCALE]
      const p = sigmoid(x.reduce((sum, value, i) => sum + value * (weights[i] as number), 0))
      for (const i of free) {
        gradient[i] = (gradient[i] as number) + (p - (row.isSame ? 1 : 0)) * (x[i] as number)
        for (const j of free) {
          const line = curvature[i] as number[]
          line[j] = (line[j] as number) + Math.max(p * (1 - p), 1e-6) * (x[i] as number) * (x[j] as number)
        }
      }
    }
    const step = solve(curvature, gradient)
    const size = Math.max(...step.map(Math.abs))
    // A long step of Newton overshoots where the classes part cleanly.
    const scale = Math.min(1, 2 / size)
    weights = weights.map((weight, i) =>
      i === 0 ? weight - scale * (step[i] as number) : Math.max(0, weight - scale * (step[i] as number)),
    )
    if (size < 1e-8) break
  }
  const [intercept = 0, score = 0, similarity = 0] = weights
  return {
    intercept: rounded(intercept - (similarity * SIMILARITY_CENTRE) / SIMILARITY_SCALE),
    score: rounded(score),
    similarity: rounded(similarity / SIMILARITY_SCALE),
  }
}

/** Gauss with pivots; the matrix is positive definite by its ridge. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, i) => [...line, right[i] as number])
  const size = rows.length
  for (let i = 0; i < size; i++) {
    const pivot = rows[i] as number[]
    for (let k = i + 1; k < size; k++) {
      const line = rows[k] as number[]
      const factor = (line[i] as number) / (pivot[i] as number)
      for (let j = i; j <= size; j++) line[j] = (line[j] as number) - factor * (pivot[j] as number)
    }
  }
  const solution = new Array<number>(size).fill(0)
  for (let i = size - 1; i >= 0; i--) {
    const line = rows[i] as number[]
    let sum = line[size] as number
    for (let j = i + 1; j < size; j++) sum -= (line[j] as number) * (solution[j] as number)
    solution[i] = sum / (line[i] as number)
  }
  return solution
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Six digits: enough for any limit, and the same file on every machine. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6))
}

/** The rising step function closest to the labels (pool adjacent violators), as points of its middles. */
export function isotonicCurve(
  scored: readonly { readonly score: number; readonly isSame: boolean }[],
): [number, number][] {
  const blocks: { sum: number; size: number; scores: number }[] = []
  for (const { score, isSame } of [...scored].sort((a, b) => a.score - b.score)) {
    blocks.push({ sum: isSame ? 1 : 0, size: 1, scores: score })
    for (;;) {
      const [before, last] = blocks.slice(-2)
      if (!before || !last || before === last || before.sum / before.size < last.sum / last.size) break
      blocks.splice(-2, 2, {
        sum: before.sum + last.sum,
        size: before.size + last.size,
        scores: before.scores + last.scores,
      })
    }
  }
  const points: [number, number][] = []
  for (const { sum, size, scores } of blocks) {
    // Laplace: no block is so sure as to say 0 or 1.
    const point: [number, number] = [rounded(scores / size), rounded((sum + 1) / (size + 2))]
    const before = points.at(-1)
    if (before && (point[0] <= before[0] || point[1] < before[1])) continue
    points.push(point)
  }
  return points
}
