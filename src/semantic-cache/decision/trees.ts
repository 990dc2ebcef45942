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

/** All trees in one place: a child ≥ 0 is a node, below a leaf. */
interface Forest {
  readonly roots: Int32Array
  readonly feature: Uint16Array
  readonly threshold: Float64Array
  /** Two a node: left and right. */
  readonly children: Int32Array
  readonly unknownLeft: Uint8Array
  readonly leaves: Float64Array
}

const planted = new WeakMap<readonly Tree[], Forest>()

/** The sum of the leaves the row falls into, in log-odds. */
export function scoreOf(trees: readonly Tree[], row: ArrayLike<number>): number {
  let forest = planted.get(trees)
  if (!forest) {
    forest = plant(trees)
    planted.set(trees, forest)
  }
  const { roots, feature, threshold, children, unknownLeft, leaves } = forest
  let score = 0
  for (let tree = 0; tree < roots.length; tree++) {
    let node = roots[tree] as number
    while (node >= 0) {
      const value = row[feature[node] as number] as number
      const isLeft = value <= (threshold[node] as number) || (Number.isNaN(value) && unknownLeft[node] === 1)
      node = children[2 * node + (isLeft ? 0 : 1)] as number
    }
    score += leaves[-1 - node] as number
  }
  return score
}

function plant(trees: readonly Tree[]): Forest {
  const nodes = trees.reduce((sum, { feature }) => sum + feature.length, 0)
  const roots = new Int32Array(trees.length)
  const feature = new Uint16Array(nodes)
  const threshold = new Float64Array(nodes)
  const children = new Int32Array(2 * nodes)
  const unknownLeft = new Uint8Array(nodes)
  const leaves: number[] = []
  let at = 0
  for (const [index, tree] of trees.entries()) {
    const child = (local: number) => (local >= 0 ? at + local : local - leaves.length)
    roots[index] = child(tree.feature.length > 0 ? 0 : -1)
    for (let node = 0; node < tree.feature.length; node++) {
      feature[at + node] = tree.feature[node] as number
      threshold[at + node] = tree.threshold[node] as number
      children[2 * (at + node)] = child(tree.left[node] as number)
      children[2 * (at + node) + 1] = child(tree.right[node] as number)
      unknownLeft[at + node] = tree.unknownLeft[node] as number
    }
    at += tree.feature.length
    leaves.push(...tree.leaf)
  }
  return { roots, feature, threshold, children, unknownLeft, leaves: Float64Array.from(leaves) }
}
