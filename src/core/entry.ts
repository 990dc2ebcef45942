import type { Usage } from './response.ts'

/**
 * What was learned about an entry from feedback and shadow checks: sums only, so that two processes can add to them at
 * once. An absent one is 0.
 */
export interface Evidence {
  /** Verdicts on giving the answer to another question. */
  readonly correct: number
  readonly wrong: number
  /** How many of these the policy had itself expected to be wrong: the sum of 1 − probability. */
  readonly expectedWrong?: number
  /** Verdicts on the answer to its own question. */
  readonly ownCorrect?: number
  readonly ownWrong?: number
}

/** Who made the stored value and what that cost; money is computed from it when it is read, because prices change. */
export interface Origin {
  /** The provider of the model, or `'tool'`. */
  readonly provider: string
  /** The model, or the tool's name. */
  readonly name: string
  readonly usage?: Usage
  /** A fixed price of one call in US dollars, where it does not follow from tokens (tools). */
  readonly costUsd?: number
  /** How long the call took, in milliseconds. */
  readonly durationMs: number
  /** The life the entry was given, in milliseconds: what a sliding TTL slides by. */
  readonly ttlMs?: number
}

/** One turn of a conversation. */
export interface HistoryTurn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** The conversation that an entry was asked in, with `history: 'semantic'`. */
export interface EntryHistory {
  /** Before the last message, oldest first. */
  readonly turns: readonly HistoryTurn[]
  /** Unit vectors of each turn, and of the last message by itself; a store may hold them coarser, to two decimals. */
  readonly vectors: readonly Float32Array[]
}

/**
 * One store record: value, query text, vector, tags, times and evidence, written by one command so that nothing can be
 * orphaned. Entries are plain data; a store hands out copies.
 */
export interface CacheEntry<Value = unknown> {
  /** Fingerprint of scope and whole request; holds no text. Unique within the namespace. */
  readonly key: string
  readonly namespace: string
  /** Whose data it is; absent for the anonymous tenant and for shared entries. */
  readonly tenant?: string
  readonly tags: readonly string[]
  /** Fingerprint of everything that must match exactly before similarity counts. */
  readonly scope: string
  readonly value: Value
  readonly origin: Origin
  /** The text that was embedded; absent with `storeQueryText: false`. */
  readonly queryText?: string
  /** Unit length; absent for entries of the exact tier only. Comes with `embedderId`. */
  readonly vector?: Float32Array
  readonly embedderId?: string
  /** With it, `vector` is of the whole conversation, for the search. */
  readonly history?: EntryHistory
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds; from here on the entry does not exist, whether it was swept or not. */
  readonly expiresAt: number
  /** The last part of the life of the entry in which it is stale: usable while a fresh one is fetched. 0: never stale. */
  readonly staleMs: number
  readonly hits: number
  readonly evidence: Evidence
}

/** An entry near a query. */
export interface Candidate<Value = unknown> {
  readonly entry: CacheEntry<Value>
  /** Cosine similarity, −1…1, higher is closer. */
  readonly similarity: number
}
