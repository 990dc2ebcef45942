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
  const text = isPlain(value) ? encodeRecord(value, depth, ancestors) : encodeBuiltin(value, depth, ancestors)
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
  const kind = kindOfBuiltin(value)
  if (!kind) throw refused(`an instance of ${value.constructor?.name || 'an unnamed class'}`)
  // What an object carries beside what its kind is made of would be lost from the key.
  if (hasFurtherProperties(value, kind)) throw refused(`an instance of ${kind} with properties of its own`)
  if (Array.isArray(value)) return encodeArray(value, depth, ancestors)
  if (isMap(value, kind)) {
    const entries = [...value].map(
      ([key, held]) => `${encode(key, depth + 1, ancestors)}=>${encode(held, depth + 1, ancestors)}`,
    )
    return `#Map{${entries.sort().join(',')}}`
  }
  if (isSet(value, kind)) {
    const members = [...value].map((member) => encode(member, depth + 1, ancestors))
    return `#Set{${members.sort().join(',')}}`
  }
  if (kind === 'Date') return `#Date:${Number(value)}`
  if (kind === 'URL') return `#URL:${JSON.stringify(String(value))}`
  if (kind === 'RegExp') return `#RegExp:${JSON.stringify(String(value))}`
  if (ArrayBuffer.isView(value)) {
    return `#${kind}:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`
  }
  return `#ArrayBuffer:${Buffer.from(value as ArrayBuffer).toString('base64')}`
}

const BUILTINS = ['Array', 'Map', 'Set', 'Date', 'URL', 'RegExp', 'ArrayBuffer', 'DataView'] as const
const VIEWS = ['Uint8Array', 'Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array'] as const
const MORE_VIEWS = ['Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'] as const
const KINDS: ReadonlySet<string> = new Set([...BUILTINS, ...VIEWS, ...MORE_VIEWS])

/**
 * The name of the built-in kind an object is exactly of, in any realm; undefined for other classes and for subclasses,
 * whose further state nobody here knows.
 */
function kindOfBuiltin(value: object): string | undefined {
  // Buffer is a Uint8Array with another name: the same bytes mean the same.
  if (Buffer.isBuffer(value)) return 'Uint8Array'
  const prototype = Object.getPrototypeOf(value)
  const name: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor?.name : undefined
  if (typeof name !== 'string' || !KINDS.has(name)) return undefined
  const isOfThisRealm = prototype === (globalThis as unknown as Record<string, { prototype: object }>)[name]?.prototype
  return isOfThisRealm || isNative(prototype.constructor) ? name : undefined
}

function isNative(made: unknown): boolean {
  return typeof made === 'function' && Function.prototype.toString.call(made).includes('[native code]')
}

function hasFurtherProperties(value: object, kind: string): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return kind !== 'URL'
  const names = Object.keys(value)
  if (Array.isArray(value)) return names.length > value.length || names.some((name, i) => !isIndex(name, i, value))
  if (ArrayBuffer.isView(value)) return names.length > ('length' in value ? Number(value.length) : 0)
  return names.length > 0
}

/** Own keys of an array come in order, indices first; holes leave gaps. */
function isIndex(name: string, place: number, { length }: readonly unknown[]): boolean {
  const index = Number(name)
  return Number.isInteger(index) && index >= place && index < length && String(index) === name
}

function isMap(value: object, kind: string): value is Map<unknown, unknown> {
  return kind === 'Map'
}

function isSet(value: object, kind: string): value is Set<unknown> {
  return kind === 'Set'
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
