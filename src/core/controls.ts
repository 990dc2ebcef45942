import { booleanOption, invalidOption, numberOption } from './options.ts'

/** What one call may ask of the cache; every field overrides the option of the same name of the cache or wrapper. */
export interface CallControls {
  /**
   * `default`: look up, call on a miss, store. `bypass`: neither read nor write. `refresh`: call and write without
   * reading. `only-if-cached`: a miss throws `CacheError('NOT_CACHED')` and the model is not called.
   */
  readonly mode?: 'default' | 'bypass' | 'refresh' | 'only-if-cached'
  /** Life of the entry this call may write, in milliseconds, ≥ 1. */
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

/** Stands where a tenant would, when the function that was to say whose data it is threw. */
export class UnknownTenant {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

const MODES: readonly unknown[] = ['default', 'bypass', 'refresh', 'only-if-cached']
const NAMES: readonly string[] = ['mode', 'ttlMs', 'maxAgeMs', 'minSimilarity', 'tenant', 'shared', 'tags', 'signal']

/**
 * Throws for controls that cannot be meant. The caches turn that into a bypass with reason `invalid-controls`, because a
 * call never fails for its cache.
 *
 * @throws CacheError INVALID_OPTION
 */
export function checkControls(controls: CallControls): void {
  if (typeof controls !== 'object' || controls === null) throw invalidOption('controls', 'an object', controls)
  for (const name in controls) {
    if (!NAMES.includes(name)) throw invalidOption('a call control', `one of ${NAMES.join(', ')}`, name)
  }
  const { mode, ttlMs, maxAgeMs, minSimilarity, tenant, shared, tags, signal } = controls
  if (signal !== undefined && !isSignal(signal)) throw invalidOption('signal', 'an AbortSignal', signal)
  if (mode !== undefined && !MODES.includes(mode)) throw invalidOption('mode', `one of ${MODES.join(', ')}`, mode)
  numberOption('ttlMs', ttlMs, { min: 1, default: 1 })
  numberOption('maxAgeMs', maxAgeMs, { min: 0, default: 0 })
  numberOption('minSimilarity', minSimilarity, { min: -1, max: 1, default: 0 })
  booleanOption('shared', shared, false)
  if (tenant !== undefined) checkTenant(tenant)
  if (tags !== undefined) checkTags(tags)
}

/** By structure: signals of polyfills and of other realms count too. */
export function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener, throwIfAborted } = value as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof throwIfAborted === 'function'
}

export function checkTenant(tenant: unknown): asserts tenant is string {
  if (typeof tenant !== 'string' || tenant === '') throw invalidOption('tenant', 'a non-empty string', tenant)
}

export function checkTags(tags: unknown): asserts tags is readonly string[] {
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string' || tag === '')) {
    throw invalidOption('tags', 'an array of non-empty strings', tags)
  }
}
