import type { CacheRecord } from '../../core/outcome.ts'
import type { WorkloadRequest } from './workload.ts'

/** One answered question of a replay. */
export interface Observation {
  readonly request: WorkloadRequest
  /** What the caller waited, in milliseconds. */
  readonly latencyMs: number
  /** Absent where no cache was asked. */
  readonly record?: CacheRecord
  /** The answer was stored for a question that may not share it; undefined where the labels do not tell. */
  readonly isFalseHit?: boolean
}

export interface ReplayOptions {
  readonly requests: readonly WorkloadRequest[]
  /** Asks one question and gives the record of the answer, where a cache answered. */
  readonly ask: (request: WorkloadRequest) => Promise<CacheRecord | undefined>
  /** Questions in flight at once, ≥ 1. */
  readonly concurrency: number
  readonly onProgress?: (done: number, observations: readonly Observation[]) => void
}

/**
 * Asks the questions in arrival order, so many at once, and notes what each got. Observations come in order of arrival.
 * A failed question ends the replay: figures with holes in them are no figures.
 */
export async function replay({ requests, ask, concurrency, onProgress }: ReplayOptions): Promise<Observation[]> {
  const observations: Observation[] = []
  const answerOf = new Map<string, string | undefined>()
  let next = 0
  let done = 0
  const worker = async () => {
    for (;;) {
      const index = next++
      const request = requests[index]
      if (!request) return
      const startedAt = performance.now()
      const record = await ask(request)
      const latencyMs = performance.now() - startedAt
      // An answer belongs to the question it was made for: the one whose key its entry has.
      if (record && record.outcome === 'miss' && !record.collapsed) answerOf.set(record.key, request.answerId)
      const isFalseHit = record && falseHit(record, request, answerOf)
      observations[index] = {
        request,
        latencyMs,
        ...(record && { record }),
        ...(isFalseHit !== undefined && { isFalseHit }),
      }
      onProgress?.(++done, observations)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return observations
}

function falseHit(
  { outcome, entryKey }: CacheRecord,
  { answerId }: WorkloadRequest,
  answerOf: ReadonlyMap<string, string | undefined>,
): boolean | undefined {
  if ((outcome !== 'hit' && outcome !== 'stale') || entryKey === undefined) return undefined
  const served = answerOf.get(entryKey)
  return served === undefined || answerId === undefined ? undefined : served !== answerId
}

/** The value below which the share `quantile` (0…1) of the values lies; NaN for none. */
export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? Number.NaN
}
