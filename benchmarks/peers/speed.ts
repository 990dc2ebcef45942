import type { PeerSession } from './peer.ts'

export interface SpeedResult {
  readonly hits: number
  /** Microseconds of a call that is answered from the cache, inside the peer's process. */
  readonly medianMicroseconds: number
  readonly p95Microseconds: number
}

/** Distinct questions are stored, then each is asked again, three times over; the first round warms up. */
export async function repeatHits(
  session: PeerSession,
  questions: readonly { readonly text: string; readonly vector: Float32Array }[],
): Promise<SpeedResult> {
  for (const question of questions) await session.call({ ...question, answer: `The answer to: ${question.text}` })
  const times: number[] = []
  for (let round = 0; round < 3; round++) {
    for (const question of questions) {
      const { cached, microseconds } = await session.call(question)
      if (round > 0 && cached) times.push(microseconds)
    }
  }
  times.sort((a, b) => a - b)
  return {
    hits: times.length,
    medianMicroseconds: times[Math.floor(times.length / 2)] ?? Number.NaN,
    p95Microseconds: times[Math.floor(times.length * 0.95)] ?? Number.NaN,
  }
}
