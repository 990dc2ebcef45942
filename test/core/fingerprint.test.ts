import { describe, expect, it } from 'vitest'
import { createFingerprint, fingerprint } from '../../src/core/fingerprint.ts'

describe('fingerprint', () => {
  it('carries its version and holds nothing that needs escaping in a key', () => {
    expect(fingerprint('key', { text: 'secret words' })).toMatch(/^f1-[A-Za-z0-9_-]{43}$/)
  })

  it('is stable: a change of this value loses every stored entry and must be a new version', () => {
    expect(fingerprint('key', { b: [1, 'ä'], a: null })).toBe('f1-evLZloAnzCVetkZ5sr0DUX_anEsARxmTcY9Q_1eGY4w')
  })

  it('differs by purpose, so that a scope is never taken for a key', () => {
    expect(fingerprint('scope', 1)).not.toBe(fingerprint('key', 1))
  })

  it('cannot be guessed without the secret', () => {
    const secret = createFingerprint('a secret of some length')
    expect(secret('key', 'a')).not.toBe(fingerprint('key', 'a'))
    expect(secret('key', 'a')).not.toBe(createFingerprint('another secret of length')('key', 'a'))
    expect(secret('key', 'a')).toBe(createFingerprint('a secret of some length')('key', 'a'))
  })
})
