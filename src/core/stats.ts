import type { Usage } from './response.ts'

/** A sum of money, tokens and time. `usd` sums the known prices; `unpricedCalls` counts the calls without one. */
export interface Amounts {
  readonly usd: number
  readonly tokens: number
  readonly durationMs: number
  readonly unpricedCalls: number
}

export interface StatsRow {
  readonly hits: number
  readonly stale: number
  readonly misses: number
  readonly bypasses: number
  /** (hits + stale) / (hits + stale + misses); undefined before any such lookup. */
  readonly hitRate?: number
  /** Cost of the calls that were not made. */
  readonly avoided: Amounts
  /** Cost of embedding and verifying. */
  readonly overhead: Amounts
  /** avoided − overhead; its `unpricedCalls` are those of both, because each makes the difference uncertain. */
  readonly net: Amounts
  /** Cost of the calls that were made after a miss. */
  readonly spent: Amounts
}

/** Verdicts, and what they say about the share of wrong answers among those reused by meaning. */
export interface FalseHitEstimate {
  readonly observations: number
  /** Verdicts "wrong", a judge's errors included. */
  readonly wrong: number
  /** Best guess, corrected for a judge's stated errors; absent without observations, as are the bounds. */
  readonly rate?: number
  /** 95 %: Wilson's interval, widened by the judge's stated errors. */
  readonly low?: number
  readonly high?: number
}

/** What is known of false hits of the semantic tier. Each kind of evidence stands for itself. */
export interface FalseHits {
  /** What people or tests said by `feedback`. Not an even sample: who is content says nothing. */
  readonly feedback: FalseHitEstimate
  /** Shadow checks of hits by judges that state how often they err. */
  readonly judge: FalseHitEstimate
  /** By judges that state nothing: no bound rests on them. */
  readonly judgeUnstated: FalseHitEstimate
  /** Shadow checks of near misses: what the bar kept out. */
  readonly nearMisses: FalseHitEstimate
  /** Checks in which the embedder alone compared the answers: advice, and no verdict. */
  readonly advisory: { readonly alike: number; readonly unlike: number }
  /** Checks without a verdict. */
  readonly unsure: number
  readonly failed: number
  readonly skipped: number
}

/** The dimensions of the ledger. Rows of `tenant` beyond the bound are summed under `'(other)'`. */
export type StatsDimension = 'namespace' | 'tenant' | 'model' | 'tool' | 'day'

/**
 * A snapshot of the ledger: totals of all processes on the store since they were first kept, this process included.
 * `process` is the part of this process.
 */
export interface CacheStats extends StatsRow {
  readonly tiers: Readonly<Record<'memory' | 'exact' | 'semantic', number>>
  /** Misses and bypasses by reason. */
  readonly reasons: Readonly<Record<string, number>>
  readonly collapsed: number
  readonly writes: Readonly<Record<'stored' | 'refused' | 'failed' | 'dropped', number>>
  readonly writeReasons: Readonly<Record<string, number>>
  readonly feedback: Readonly<Record<'correct' | 'wrong', number>>
  readonly falseHits: FalseHits
  /** Texts the lookups' embedder turned into vectors, and those `cachedEmbedder` had already and that cost nothing. */
  readonly texts: Readonly<Record<'embedded' | 'cached', number>>
  readonly by: Readonly<Record<StatsDimension, Readonly<Record<string, StatsRow>>>>
  readonly process: StatsRow
  /** Events that a listener failed on, in this process. */
  readonly listenerErrors: number
  /** The store could not be read: everything here is of this process alone. */
  readonly storeUnread?: true
}

/** What a cache needs of its ledger; it is fed by events alone. */
export interface Totals {
  snapshot(): Promise<CacheStats>
  /** Adds what was counted since the last flush to the store. */
  flush(): Promise<void>
}

/** US dollars of one call, or undefined when the price is unknown: never 0 for unknown. */
export type PriceOf = (call: {
  readonly provider: string
  readonly name: string
  readonly baseUrl?: string
  readonly usage?: Usage
  readonly at: number
}) => number | undefined
