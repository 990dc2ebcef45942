/** Every way in which Reprise itself can fail; branch on this, never on the message. */
export type CacheErrorCode =
  /** An option of a factory or a call is missing, unknown, of the wrong type or out of range. */
  | 'INVALID_OPTION'
  /** An optional peer dependency is not installed; the message names the package. */
  | 'MISSING_PEER'
  /** `mode: 'only-if-cached'` found nothing: the one deliberate error of a call. */
  | 'NOT_CACHED'
  /** A value has no canonical form (cycle, function, class instance, too deep), so it can be no part of a key. */
  | 'NOT_CANONICAL'
  /** A value cannot be stored and read back unchanged. */
  | 'NOT_ENCODABLE'
  /** An operation took longer than its deadline. */
  | 'DEADLINE_EXCEEDED'
  /** The circuit breaker is open: the part failed too often just now and is left alone for a while. */
  | 'CIRCUIT_OPEN'
  | 'STORE_FAILED'
  | 'EMBEDDER_FAILED'
  /** A text has nothing the embedder can read; says nothing about the embedder's health. */
  | 'NOT_EMBEDDABLE'
  | 'VERIFIER_FAILED'
  /** The cache or store was closed before. */
  | 'CLOSED'

/**
 * The only error class of Reprise. Errors of drivers and models travel as `cause`, or unchanged where they are the
 * caller's own.
 */
export class CacheError extends Error {
  override readonly name = 'CacheError'
  readonly code: CacheErrorCode

  constructor(code: CacheErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** True for a CacheError of any copy of this package, optionally of one code. */
  static is(error: unknown, code?: CacheErrorCode): error is CacheError {
    return error instanceof Error && error.name === 'CacheError' && 'code' in error && (!code || error.code === code)
  }
}
