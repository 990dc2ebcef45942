import { CacheError } from './errors.ts'

/** A number option within a range; `undefined` takes the default. */
export function numberOption(
  name: string,
  value: unknown,
  range: { readonly min: number; readonly max?: number; readonly integer?: boolean; readonly default: number },
): number {
  if (value === undefined) return range.default
  const max = range.max ?? Number.MAX_SAFE_INTEGER
  const fits = typeof value === 'number' && value >= range.min && value <= max
  if (!fits || (range.integer && !Number.isInteger(value))) {
    const kind = range.integer ? 'an integer' : 'a number'
    const allowed = range.max === undefined ? `≥ ${range.min} and finite` : `in [${range.min}, ${range.max}]`
    throw invalidOption(name, `${kind} ${allowed}`, value)
  }
  return value
}

export function booleanOption(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') throw invalidOption(name, 'true or false', value)
  return value
}

export function stringOption(name: string, value: unknown, fallback: string): string {
  if (value === undefined) return fallback
  if (typeof value !== 'string' || value === '') throw invalidOption(name, 'a non-empty string', value)
  return value
}

/** Refuses names that are no option: a misspelt one would otherwise be ignored in silence. */
export function knownOptions(of: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption(`options of ${of}`, 'an object', options)
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw invalidOption(`option of ${of}`, `one of ${names.join(', ')}`, name)
  }
}

export function invalidOption(name: string, allowed: string, actual: unknown): CacheError {
  return new CacheError('INVALID_OPTION', `${name} must be ${allowed}, got ${describe(actual)}`)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object of type ${value.constructor?.name ?? 'Object'}`
  return String(value)
}
