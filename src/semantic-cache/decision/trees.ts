/**
 * Gradient-boosted trees as plain data. Inner nodes are numbered from 0, leaves are −1, −2, …; a value at most the
 * threshold goes left, an unknown one (NaN) where `unknownLeft` says.
 */
export interface Tree {
  readonly feature: readonly number[]
  readonly threshold: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** 1: NaN goes left. */
  readonly unknownLeft: readonly number[]
  readonly leaf: readonly number[]
}

/** The sum of the leaves the row falls into, in log-odds. */
export function scoreOf(trees: readonly Tree[], row: ArrayLike<number>): number {
  let score = 0
  for (const { feature, threshold, left, right, unknownLeft, leaf } of trees) {
    let node = feature.length > 0 ? 0 : -1
    while (node >= 0) {
      const value = row[feature[node] as number] as number
      const goesLeft = Number.isNaN(value) ? unknownLeft[node] === 1 : value <= (threshold[node] as number)
      node = (goesLeft ? left[node] : right[node]) as number
    }
    score += leaf[-1 - node] as number
  }
  return score
}
