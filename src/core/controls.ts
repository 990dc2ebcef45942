/** What one call may ask of the cache; every field overrides the option of the same name of the cache or wrapper. */
export interface CallControls {
  /**
   * `default`: look up, call on a miss, store. `bypass`: neither read nor write. `refresh`: call and write without
   * reading. `only-if-cached`: a miss throws `CacheError('NOT_CACHED')` and the model is not called.
   */
  readonly mode?: 'default' | 'bypass' | 'refresh' | 'only-if-cached'
  /** Life of the entry this call may write, in milliseconds, > 0. */
  readonly ttlMs?: number
  /** Entries older than this are not reused by this call, in milliseconds, ≥ 0. */
  readonly maxAgeMs?: number
  /** Floor on the similarity of candidates before any policy sees them, −1…1. */
  readonly minSimilarity?: number
  /** Whose data it is. */
  readonly tenant?: string
  /** True shares the entry between all tenants. */
  readonly shared?: boolean
  /** Names by which `invalidate` finds the entry again. */
  readonly tags?: readonly string[]
  readonly signal?: AbortSignal
}
