import { CacheError } from './errors.ts'

/** Deeper values are refused: real requests stay far below, and a bound keeps hostile ones from the stack's end. */
const MAX_DEPTH = 200

/**
 * A text that is equal for two values exactly when they mean the same: JSON with sorted keys, and a `#` tag for what
 * JSON would merge with something else (undefined, NaN, bigint, Map, Set, Date, bytes …), which cannot occur in JSON.
 * Order of keys, of Set members and of Map entries does not count; −0 is 0.
 *
 * @throws CacheError NOT_CANONICAL for functions, symbols, class instances, cycles and depth over 200
 */
export function canonicalText(value: unknown): string {
  return encode(value, 0, [])
}

function encode(value: unknown, depth: number, ancestors: object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : `#${value}`
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return '#undefined'
    case 'bigint':
      return `#bigint:${value}`
    case 'object':
      return value === null ? 'null' : encodeObject(value, depth, ancestors)
    default:
      throw refused(`a ${typeof value}`)
  }
}

function encodeObject(value: object, depth: number, ancestors: object[]): string {
  if (depth >= MAX_DEPTH) throw refused(`a value nested deeper than ${MAX_DEPTH}`)
  if (ancestors.includes(value)) throw refused('a cycle')
  ancestors.push(value)
  const text = Array.isArray(value)
    ? encodeArray(value, depth, ancestors)
    : isPlain(value)
      ? encodeRecord(value, depth, ancestors)
      : encodeBuiltin(value, depth, ancestors)
  ancestors.pop()
  return text
}

function encodeArray(values: readonly unknown[], depth: number, ancestors: object[]): string {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ','
    text += i in values ? encode(values[i], depth + 1, ancestors) : '#hole'
  }
  return `${text}]`
}

function encodeRecord(record: Record<string, unknown>, depth: number, ancestors: object[]): string {
  if (Object.getOwnPropertySymbols(record).length > 0) throw refused('an object with symbol keys')
  const names = Object.keys(record).sort()
  let text = '{'
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string
    if (i > 0) text += ','
    text += `${PLAIN_NAME.test(name) ? `"${name}"` : JSON.stringify(name)}:${encode(record[name], depth + 1, ancestors)}`
  }
  return `${text}}`
}

/** Names that JSON would not escape: nearly all there are, and much cheaper to quote by hand. */
const PLAIN_NAME = /^[\w$.-]*$/

function encodeBuiltin(value: object, depth: number, ancestors: object[]): string {
  if (value instanceof Map) {
    const entries = [...value].map(
      ([key, held]) => `${encode(key, depth + 1, ancestors)}=>${encode(held, depth + 1, ancestors)}`,
    )
    return `#Map{${entries.sort().join(',')}}`
  }
  if (value instanceof Set) {
    const members = [...value].map((member) => encode(member, depth + 1, ancestors))
    return `#Set{${members.sort().join(',')}}`
  }
  if (value instanceof Date) return `#Date:${value.getTime()}`
  if (value instanceof URL) return `#URL:${JSON.stringify(value.href)}`
  if (value instanceof RegExp) return `#RegExp:${JSON.stringify(String(value))}`
  if (ArrayBuffer.isView(value)) {
    // Buffer is a Uint8Array with another name: the same bytes mean the same.
    const kind = value instanceof Uint8Array ? 'Uint8Array' : value.constructor.name
    return `#${kind}:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`
  }
  if (value instanceof ArrayBuffer) return `#ArrayBuffer:${Buffer.from(value).toString('base64')}`
  throw refused(`an instance of ${value.constructor?.name || 'an unnamed class'}`)
}

/** Plain also across realms (vm contexts), where `Object.prototype` is another object. */
function isPlain(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}

function refused(what: string): CacheError {
  return new CacheError('NOT_CANONICAL', `a key can be made of plain data only, got ${what}`)
}
