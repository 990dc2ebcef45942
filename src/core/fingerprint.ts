import { createHmac, hash } from 'node:crypto'
import { canonicalText } from './canonical.ts'

/** Part of every fingerprint: raise it when canonical form, scope or key change their meaning. */
const FINGERPRINT_VERSION = 'f1'

export type Fingerprint = (purpose: string, value: unknown) => string

/**
 * Makes the function that turns values into fingerprints: SHA-256 over version, purpose and canonical text, or its HMAC
 * under `keySecret`, so that nobody who sees keys can test guesses against them. 46 characters of [A-Za-z0-9_-].
 *
 * The function throws CacheError NOT_CANONICAL for values without canonical form.
 */
export function createFingerprint(keySecret?: string): Fingerprint {
  return (purpose, value) => {
    const text = `${FINGERPRINT_VERSION}\n${purpose}\n${canonicalText(value)}`
    const digest =
      keySecret === undefined
        ? hash('sha256', text, 'base64url')
        : createHmac('sha256', keySecret).update(text).digest('base64url')
    return `${FINGERPRINT_VERSION}-${digest}`
  }
}

/** Fingerprint without a secret, for what holds nothing secret. */
export const fingerprint: Fingerprint = createFingerprint()
