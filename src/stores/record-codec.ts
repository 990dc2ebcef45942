import { parse, stringify } from 'devalue'
import type { CacheEntry } from '../core/entry.ts'
import { CacheError } from '../core/errors.ts'
import { packHistory, unpackHistory } from './history-codec.ts'

/** The part of an entry that only its reader understands; everything a store filters or counts by lies beside it. */
export type RecordContent<Value = unknown> = Pick<CacheEntry<Value>, 'value' | 'origin' | 'queryText' | 'history'>

export type DecodedRecord<Value> =
  | { readonly content: RecordContent<Value>; readonly problem?: undefined }
  | { readonly content?: undefined; readonly problem: 'corrupt' | 'foreign' }

type Form = 'j' | 'd'

/** Rises when a reader of the old form would misread the new one. */
const VERSION = '1'
/** Of records with a history, which a reader of version 1 would leave out. */
const VERSION_WITH_HISTORY = '2'
/** Deeper values are refused: a bound keeps hostile ones from the end of the stack. */
const MAX_DEPTH = 200

/**
 * The content of an entry as one text: version and kind of the value, a line of JSON for origin and query text, then
 * the value. Values that JSON returns unchanged are JSON, which reads five times faster than the general form.
 * The text survives UTF-8 (lone surrogates are escaped).
 *
 * @throws CacheError NOT_ENCODABLE for what could not be read back unchanged: functions, symbols, class instances,
 * arrays with named properties, objects with a key `__proto__` beside values that JSON cannot hold, depth over 200
 */
export function encodeRecord({ value, origin, queryText, history }: RecordContent): string {
  return refusing(() => {
    const { form, body } = bodyOf(value)
    if (!history) return `${VERSION}${form}${JSON.stringify({ origin, queryText })}\n${body}`
    const head = JSON.stringify({ origin, queryText, history: packHistory(history) })
    return `${VERSION_WITH_HISTORY}${form}${head}\n${body}`
  })
}

/**
 * A value alone as one text: its kind and then JSON text, of which any character may be escaped the way JSON does.
 *
 * @throws CacheError NOT_ENCODABLE as `encodeRecord` does
 */
export function encodeValue(value: unknown): string {
  return refusing(() => {
    const { form, body } = bodyOf(value)
    return form + body
  })
}

/** Reads what `encodeValue` wrote; throws for anything else. */
export function decodeValue<Value>(text: string): Value {
  const form = text[0]
  if (form !== 'j' && form !== 'd') throw new TypeError(`no such kind of value: ${form}`)
  return readBody(form, text.slice(1))
}

/** Reads what `encodeRecord` wrote; never throws. A version of tomorrow, or no record of ours at all, is `foreign`. */
export function decodeRecord<Value>(text: string): DecodedRecord<Value> {
  const kind = text[1]
  const version = text[0]
  if ((version !== VERSION && version !== VERSION_WITH_HISTORY) || (kind !== 'j' && kind !== 'd'))
    return { problem: 'foreign' }
  const end = text.indexOf('\n')
  if (end < 0) return { problem: 'corrupt' }
  try {
    const { origin, queryText, history: packed } = JSON.parse(text.slice(2, end))
    const value = readBody<Value>(kind, text.slice(end + 1))
    if (typeof origin !== 'object' || origin === null) return { problem: 'corrupt' }
    const history = version === VERSION_WITH_HISTORY ? { history: unpackHistory(packed) } : {}
    return { content: { value, origin, ...(queryText !== undefined && { queryText }), ...history } }
  } catch {
    return { problem: 'corrupt' }
  }
}

function bodyOf(value: unknown): { readonly form: Form; readonly body: string } {
  const form = formOf(value)
  return { form, body: form === 'j' ? JSON.stringify(value) : stringify(value, { View: reduceView }) }
}

function readBody<Value>(form: Form, body: string): Value {
  return form === 'j' ? JSON.parse(body) : parse(body, { View: reviveView })
}

function refusing(work: () => string): string {
  try {
    return work()
  } catch (cause) {
    if (CacheError.is(cause)) throw cause
    throw new CacheError('NOT_ENCODABLE', 'a value must be plain data, got one that failed to be read', { cause })
  }
}

/** `j`: JSON returns it unchanged; `d`: it needs the general form (devalue). Throws for what neither holds. */
function formOf(value: unknown): Form {
  const seen = new Set<object>()
  let form: Form = 'j'
  const visit = (held: unknown, depth: number): void => {
    switch (typeof held) {
      case 'string':
      case 'boolean':
        return
      case 'number':
        if (!Number.isFinite(held) || Object.is(held, -0)) form = 'd'
        return
      case 'undefined':
      case 'bigint':
        form = 'd'
        return
      case 'object':
        if (held !== null) visitObject(held, depth)
        return
      default:
        throw refused(`a ${typeof held}`)
    }
  }
  const visitObject = (held: object, depth: number): void => {
    if (depth >= MAX_DEPTH) throw refused(`one nested deeper than ${MAX_DEPTH}`)
    if (seen.has(held)) {
      // Shared and cyclic references keep their identity; JSON would multiply or never finish them.
      form = 'd'
      return
    }
    seen.add(held)
    if (Array.isArray(held)) {
      if (!isOf('Array', held)) throw refused(nameOf(held))
      const names = Object.keys(held)
      if (names.length !== held.length) {
        if (names.some((name) => !/^\d+$/.test(name))) throw refused('an array with named properties')
        form = 'd'
      }
      for (const name of names) visit(held[Number(name)], depth + 1)
      return
    }
    if (isPlain(held)) {
      if (Object.getPrototypeOf(held) === null) form = 'd'
      if (Object.getOwnPropertySymbols(held).length > 0) throw refused('an object with symbol keys')
      for (const name of Object.keys(held)) visit((held as Record<string, unknown>)[name], depth + 1)
      return
    }
    form = 'd'
    if (held instanceof Map && isOf('Map', held)) {
      for (const [key, member] of held) {
        visit(key, depth + 1)
        visit(member, depth + 1)
      }
    } else if (held instanceof Set && isOf('Set', held)) {
      for (const member of held) visit(member, depth + 1)
    } else if (!isLeaf(held)) throw refused(nameOf(held))
  }
  visit(value, 0)
  return form
}

function isLeaf(value: object): boolean {
  if (ArrayBuffer.isView(value)) return Buffer.isBuffer(value) || Object.hasOwn(VIEWS, value.constructor?.name)
  return ['Date', 'URL', 'URLSearchParams', 'RegExp', 'ArrayBuffer'].some((name) => isOf(name, value))
}

/** By name, not identity: values of another realm (vm contexts, test runners) are the same data. */
function isOf(name: string, value: object): boolean {
  return Object.prototype.toString.call(value) === `[object ${name}]` && value.constructor?.name === name
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty')
}

const VIEWS: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
}

/** Only the bytes a view shows: the general form would write the whole buffer under it, and Node pools those. */
function reduceView(value: unknown): [string, ArrayBuffer] | undefined {
  if (!ArrayBuffer.isView(value)) return undefined
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()
  return [Buffer.isBuffer(value) ? 'Buffer' : value.constructor.name, bytes.buffer]
}

function reviveView([name, buffer]: [string, ArrayBuffer]): ArrayBufferView {
  if (name === 'Buffer') return Buffer.from(buffer)
  const View = VIEWS[name]
  if (!View) throw new TypeError(`no such view: ${name}`)
  return new View(buffer)
}

function nameOf(value: object): string {
  return `an instance of ${value.constructor?.name || 'an unnamed class'}`
}

function refused(what: string): CacheError {
  return new CacheError('NOT_ENCODABLE', `a value must be plain data, got ${what}`)
}
