import { LRUCache } from 'lru-cache'
import type { LookupEvent } from '../core/events.ts'
import type { EffectivenessRow } from './effectiveness-row.ts'
import type { EffectivenessSums } from './effectiveness-sums.ts'

export type Suggestion = 'raise-ttl' | 'lower-ttl' | 'switch-off' | 'keep' | 'not-enough-calls' | 'not-cached'

export interface Effectiveness {
  readonly tool: string
  readonly suggestion: Suggestion
  /** The suggestion in a sentence, with the figures it rests on. */
  readonly why: string
  /** Where the suggestion names another life for results, in milliseconds. */
  readonly suggestedTtlMs?: number
  readonly figures: EffectivenessFigures
}

/**
 * Of all processes on a store that keeps totals, in this month and the two before; without one of this process, since the
 * cache was made.
 */
export interface EffectivenessFigures {
  /** Lookups: hits (stale ones too), misses and bypasses. */
  readonly calls: number
  readonly hits: number
  readonly misses: number
  readonly bypasses: number
  /** hits / (hits + misses); undefined before any such lookup. */
  readonly hitRate?: number
  /** Joined an identical call in flight. */
  readonly collapsed: number
  readonly avoidedUsd: number
  /** Time the tool would have taken for the hits, minus the time of all lookups, in milliseconds. */
  readonly savedMs: number
  /**
   * Results that one process fetched again though nothing had thrown the earlier one away, and how many were the same as
   * before.
   */
  readonly refetched: number
  readonly refetchedSame: number
  /** Life given to the latest result this process stored, else the mean of those others stored, in milliseconds. */
  readonly ttlMs?: number
}

interface ResultMark {
  readonly digest: string
  readonly generation: string
}

/** A suggestion needs so many lookups, and one about the TTL so many results seen twice. */
const MIN_CALLS = 20
const MIN_REFETCHES = 5
const MIN_HIT_RATE = 0.05
/** Of hits that may be outdated: above the first the TTL is too long, below the second it could be longer. */
const MAX_OUTDATED = 0.1
const MIN_OUTDATED = 0.01
const MAX_REMEMBERED = 10_000

/**
 * Counts per tool and remembers digests of results, so that a result fetched again tells whether the old one was still
 * right. That is evidence about the TTL, which a hit rate is not.
 */
export class EffectivenessCounters {
  readonly #sums: EffectivenessSums
  readonly #latestTtlMs = new Map<string, number>()
  readonly #seen = new LRUCache<string, ResultMark & { readonly at: number }>({ max: MAX_REMEMBERED })

  constructor(sums: EffectivenessSums) {
    this.#sums = sums
  }

  noteLookup(event: LookupEvent): void {
    const row = this.#sums.row(event.name)
    row.lookupMs += event.durationMs
    if (event.collapsed) row.collapsed++
    if (event.outcome === 'bypass') row.bypasses++
    else if (event.outcome === 'miss') row.misses++
    else {
      row.hits++
      row.avoidedUsd += event.avoided?.usd ?? 0
      row.avoidedMs += event.avoided?.durationMs ?? 0
    }
  }

  noteStored(tool: string, ttlMs: number): void {
    const row = this.#sums.row(tool)
    row.stored++
    row.storedTtlMs += ttlMs
    this.#latestTtlMs.set(tool, ttlMs)
  }

  /** A result came from the tool; one of another generation was thrown away in between, which says nothing of its age. */
  noteResult(tool: string, key: string, { digest, generation }: ResultMark, at: number): void {
    const before = this.#seen.get(key)
    this.#seen.set(key, { digest, generation, at })
    if (!before || before.generation !== generation || at <= before.at) return
    const row = this.#sums.row(tool)
    row.refetched++
    row.refetchGapMs += at - before.at
    if (before.digest === digest) row.refetchedSame++
  }

  /** After an invalidation by hand. */
  forgetResults(): void {
    this.#seen.clear()
  }

  async report(): Promise<readonly Effectiveness[]> {
    const rows = await this.#sums.rows()
    return [...rows]
      .map(([tool, row]) => judge(tool, { ...row, ttlMs: this.#latestTtlMs.get(tool) ?? meanTtlMs(row) }))
      .sort((a, b) => b.figures.calls - a.figures.calls)
  }

  flush(): Promise<void> {
    return this.#sums.flush()
  }
}

interface Row extends EffectivenessRow {
  readonly ttlMs: number | undefined
}

function meanTtlMs({ stored, storedTtlMs }: EffectivenessRow): number | undefined {
  return stored > 0 ? Math.round(storedTtlMs / stored) : undefined
}

function judge(tool: string, row: Row): Effectiveness {
  const { hits, misses, bypasses, refetched, refetchedSame, ttlMs } = row
  const lookups = hits + misses
  const hitRate = lookups > 0 ? hits / lookups : undefined
  const savedMs = row.avoidedMs - row.lookupMs
  const figures: EffectivenessFigures = {
    calls: lookups + bypasses,
    hits,
    misses,
    bypasses,
    hitRate,
    collapsed: row.collapsed,
    avoidedUsd: row.avoidedUsd,
    savedMs,
    refetched,
    refetchedSame,
    ttlMs,
  }
  const say = (suggestion: Suggestion, why: string, suggestedTtlMs?: number): Effectiveness => ({
    tool,
    suggestion,
    why,
    ...(suggestedTtlMs === undefined ? {} : { suggestedTtlMs }),
    figures,
  })
  if (hitRate === undefined) return say('not-cached', `none of its ${bypasses} calls was looked up`)
  if (lookups < MIN_CALLS) return say('not-enough-calls', `${lookups} lookups so far, ${MIN_CALLS} are needed`)
  const outdated = outdatedShare(row)
  if (outdated && outdated.share > MAX_OUTDATED) {
    const ttl = Math.max(1, Math.floor(outdated.ttlFor(MAX_OUTDATED)))
    const why = `${refetched - refetchedSame} of ${refetched} results had changed when fetched again, so that up to ${percent(outdated.share)} of hits at the end of a life of ${ttlMs} ms may be outdated`
    return say('lower-ttl', why, ttl)
  }
  if (hitRate < MIN_HIT_RATE && !(outdated && outdated.share < MIN_OUTDATED && refetched > misses / 2)) {
    return say('switch-off', `${percent(hitRate)} of ${lookups} lookups were hits, less than ${percent(MIN_HIT_RATE)}`)
  }
  if (outdated && outdated.share < MIN_OUTDATED && refetched >= misses / 5) {
    const why = `${refetchedSame} of ${refetched} results were the same when fetched again, and ${percent(refetched / misses)} of the misses were such`
    return say('raise-ttl', why, ttlMs === undefined ? undefined : ttlMs * 2)
  }
  if (savedMs < 0 && row.avoidedUsd === 0) {
    return say(
      'switch-off',
      `its lookups took ${Math.round(row.lookupMs)} ms, its hits saved ${Math.round(row.avoidedMs)} ms and no money`,
    )
  }
  return say('keep', `${percent(hitRate)} of ${lookups} lookups were hits`)
}

/**
 * Changes are taken to come at a constant rate: of results fetched again after `gap`, the share that changed gives the
 * rate, and the rate gives the share outdated at the end of a life. Undefined without enough of them.
 */
function outdatedShare({ refetched, refetchedSame, refetchGapMs, ttlMs }: Row) {
  if (refetched < MIN_REFETCHES || ttlMs === undefined) return undefined
  // Half a change more in the denominator keeps "all changed" finite.
  const same = Math.max(refetchedSame, 0.5) / refetched
  const ratePerMs = -Math.log(same) / (refetchGapMs / refetched)
  return {
    share: 1 - Math.exp(-ratePerMs * ttlMs),
    ttlFor: (share: number) => -Math.log(1 - share) / ratePerMs,
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
