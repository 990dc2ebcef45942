import { seededRandom } from '../latency.ts'

/** Ranks 0…count−1 drawn by Zipf's law: rank r comes with a weight of 1 / (r + 1) ** exponent; 0 draws evenly. */
export function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 1) ** exponent
    sums[rank] = total
  }
  return () => {
    const at = random() * total
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] as number) > at) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** A copy in random order. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const mixed = [...items]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[mixed[i], mixed[j]] = [mixed[j] as Item, mixed[i] as Item]
  }
  return mixed
}

/** A seed of its own for each purpose and text, so that a draw does not depend on what was drawn before. */
export function seedOf(seed: number, text: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash
}

/** One lognormal draw around `median`; `spread` is the standard deviation of the logarithm. */
export function lognormal(median: number, spread: number, seed: number): number {
  const random = seededRandom(seed)
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return median * Math.exp(spread * normal)
}
