import { CacheError } from '../../../core/errors.ts'

/** What, allowed, actual; the reader of a file puts its name and line before it. */
export function wrong(name: string, allowed: string, actual: unknown): CacheError {
  const shown = actual === undefined ? 'nothing' : JSON.stringify(actual)
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown
  return new CacheError('INVALID_OPTION', `${name} must be ${allowed}, got ${short}`)
}
