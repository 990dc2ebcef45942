import { randomBytes } from 'node:crypto'
import { isRecord } from './content.ts'

/**
 * New ids for the tool calls of a replayed answer: a stored id used twice in one conversation would pair a result with
 * the wrong call. The same old id becomes the same new one, wherever it occurs.
 */
export class FreshIds {
  readonly #made = new Map<string, string>()

  of(id: string | undefined): string {
    if (!id) return alike('call_')
    const known = this.#made.get(id)
    if (known !== undefined) return known
    const made = alike(id)
    this.#made.set(id, made)
    return made
  }

  /** A copy in which the fields that hold ids of calls hold the new ones. */
  rename<Value>(value: Value): Value {
    return this.#made.size === 0 ? value : (this.#renamed(value) as Value)
  }

  #renamed(value: unknown, name?: string): unknown {
    if (typeof value === 'string') return name && ID_FIELDS.has(name) ? (this.#made.get(value) ?? value) : value
    if (Array.isArray(value)) return value.map((held) => this.#renamed(held))
    if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(Object.entries(value).map(([field, held]) => [field, this.#renamed(held, field)]))
  }
}

const ID_FIELDS: ReadonlySet<string> = new Set(['id', 'call_id', 'callId', 'tool_call_id', 'toolCallId', 'tool_use_id'])

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * A random id of the same make: some providers accept only their own form of id (Mistral: nine letters or digits). A
 * prefix such as `call_` or `toolu_` stays, and so does the length, unless too little would be left to be random.
 */
function alike(id: string): string {
  const prefix = /^[A-Za-z]+[_-]/.exec(id)?.[0] ?? ''
  const tail = id.slice(prefix.length).length
  return prefix + randomText(tail >= 9 ? Math.min(tail, 64) : 20)
}

/** 62 does not divide 256: the first letters are a little likelier, which matters to nobody here. */
function randomText(length: number): string {
  let text = ''
  for (const byte of randomBytes(length)) text += LETTERS_AND_DIGITS[byte % LETTERS_AND_DIGITS.length]
  return text
}

/** The id of a replayed message. A stored one would make a checkpointed thread replace its earlier answer. */
export function freshMessageId(): string {
  return `reprise-${randomText(24)}`
}
