import { CacheError } from './errors.ts'
import type { BypassReason } from './outcome.ts'

/** The reason for which a store did not answer. */
export function storeReason(
  error: unknown,
): Extract<BypassReason, 'store-failed' | 'store-late' | 'breaker-open' | 'closed'> {
  if (!CacheError.is(error)) return 'store-failed'
  if (error.code === 'DEADLINE_EXCEEDED') return 'store-late'
  if (error.code === 'CIRCUIT_OPEN') return 'breaker-open'
  return error.code === 'CLOSED' ? 'closed' : 'store-failed'
}
