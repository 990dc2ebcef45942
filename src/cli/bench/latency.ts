/** A model's answer times: lognormal around the medians. */
export interface Latency {
  readonly firstTokenMs: number
  readonly perTokenMs: number
  /** Standard deviation of the logarithm; 0.4 means that one answer in six takes 1.5 times the median or more. */
  readonly spread: number
}

/**
 * What users of small hosted chat models commonly see: half a second to the first token, then some eighty tokens a
 * second. An assumption, not a measurement.
 */
const REALISTIC_LATENCY: Latency = { firstTokenMs: 480, perTokenMs: 12, spread: 0.4 }

export interface Timing {
  readonly firstTokenMs: number
  readonly perTokenMs: number
}

/** Draws the timing of one answer; `totalMs` fixes the whole of it. Deterministic for a seed. */
export function latencySampler(
  latency: 'off' | 'realistic' | Latency,
  seed: number,
): (completionTokens: number, totalMs?: number) => Timing {
  const { firstTokenMs, perTokenMs, spread } =
    latency === 'off'
      ? { firstTokenMs: 0, perTokenMs: 0, spread: 0 }
      : latency === 'realistic'
        ? REALISTIC_LATENCY
        : latency
  const random = seededRandom(seed)
  return (completionTokens, totalMs) => {
    if (totalMs !== undefined) {
      const firstPartMs = totalMs / 2
      return { firstTokenMs: firstPartMs, perTokenMs: (totalMs - firstPartMs) / Math.max(1, completionTokens) }
    }
    const factor = Math.exp(spread * standardNormal(random))
    return { firstTokenMs: firstTokenMs * factor, perTokenMs: perTokenMs * factor }
  }
}

/** Mulberry32: uniform in [0, 1), the same sequence for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Box and Muller's transform. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
