import { CacheError } from '../core/errors.ts'
import type { CacheRecord } from '../core/outcome.ts'
import type { ToolControls } from './tool-cache.ts'

/** The signal of a call that brings none. */
export function never(): AbortSignal {
  return new AbortController().signal
}

/** @throws CacheError NOT_CACHED, the one deliberate error of a call */
export function refuseUncached({ mode }: ToolControls, { outcome, reason }: CacheRecord): void {
  if (mode !== 'only-if-cached') return
  throw new CacheError('NOT_CACHED', `mode 'only-if-cached' found no stored result: ${outcome}, ${reason}`)
}
