import { quantileOf } from '../../src/cli/bench/replay.ts'

export interface Measured {
  readonly medianUs: number
  readonly p95Us: number
  readonly perSecond: number
}

/** Times of single runs in microseconds, after a warm-up; `perSecond` is of the whole loop. */
export async function measure(runs: number, work: (index: number) => unknown): Promise<Measured> {
  for (let i = 0; i < Math.min(runs, 2_000); i++) await work(-1 - i)
  const times: number[] = []
  const startedAt = performance.now()
  for (let i = 0; i < runs; i++) {
    const before = performance.now()
    await work(i)
    times.push((performance.now() - before) * 1_000)
  }
  const seconds = (performance.now() - startedAt) / 1_000
  return { medianUs: quantileOf(times, 0.5), p95Us: quantileOf(times, 0.95), perSecond: runs / seconds }
}

/** Random unit vectors, the same for a seed. */
export function unitVectors(count: number, dimensions: number, random: () => number): Float32Array[] {
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5)
    const length = Math.hypot(...vector)
    return vector.map((value) => value / length)
  })
}

/** About so many bytes of English-looking prose: padding would compress better than any answer. */
export function prose(bytes: number, random: () => number): string {
  const words =
    'the a cache answer question store when time model because order value account change before after small large review payment step code reset every month customer'.split(
      ' ',
    )
  let text = ''
  while (text.length < bytes) text += `${words[Math.floor(random() * words.length)]} `
  return text.slice(0, bytes)
}
