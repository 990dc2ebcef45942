import { appendFile } from 'node:fs/promises'
import type { CacheRecord } from '../core/outcome.ts'

/** One lookup that found a candidate, with both texts: for tuning, opt-in, in a file of the user. */
export interface NearMiss {
  /** Epoch milliseconds. */
  readonly at: number
  readonly namespace: string
  readonly tenant?: string
  readonly asked: string
  readonly stored: string
  readonly similarity: number
  /** Why it was not reused; `'reused'` where it was. */
  readonly reason: string
  readonly key: string
  readonly entryKey: string
}

/** What somebody said of a reuse; belongs to the recorded one of the same keys. */
export interface RecordedVerdict extends Pick<NearMiss, 'at' | 'namespace' | 'key' | 'entryKey'> {
  readonly correct: boolean
}

/** Takes near misses off the hot path; the only place where texts leave the store. */
export interface NearMissSink {
  /** Reuses are recorded as well. */
  readonly hits: boolean
  add(line: NearMiss | RecordedVerdict): void
  flush(): Promise<void>
}

/** More waiting lines than this are dropped: a full disk must not become a full memory. */
const MAX_WAITING = 10_000

/** Appends JSON lines to a file that only its owner may read. A write that fails is told to `onError`, never thrown. */
export function nearMissFile(
  path: string,
  onError: (error: unknown, lost: number) => void,
  hits = false,
): NearMissSink {
  let waiting: string[] = []
  let writing: Promise<void> | undefined

  const write = async () => {
    while (waiting.length > 0) {
      const lines = waiting
      waiting = []
      try {
        await appendFile(path, lines.join(''), { mode: 0o600 })
      } catch (error) {
        onError(error, lines.length)
      }
    }
    writing = undefined
  }

  return {
    hits,
    add(nearMiss) {
      if (waiting.length >= MAX_WAITING) return onError(new Error(`more than ${MAX_WAITING} near misses waiting`), 1)
      waiting.push(`${JSON.stringify(nearMiss)}\n`)
      writing ??= Promise.resolve().then(write)
    },
    async flush() {
      await writing
    },
  }
}

/** Appends the verdict on a reuse by meaning, so that `reprise tune` finds label and texts in one file. */
export function recordVerdict(
  { outcome, tier, key, entryKey }: CacheRecord,
  correct: boolean,
  { nearMisses, now, namespace }: { nearMisses?: NearMissSink; now: () => number; namespace: string },
): void {
  const isReuse = (outcome === 'hit' || outcome === 'stale') && tier === 'semantic' && entryKey !== undefined
  if (nearMisses?.hits && isReuse) nearMisses.add({ at: now(), namespace, key, entryKey, correct })
}
