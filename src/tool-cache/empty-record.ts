import { wordsOf } from './tool-name.ts'

/** Numbers that count, or say which part of a list this is. */
const COUNTER_WORDS = new Set(
  `page pages total totals count counts limit offset size start per shards took elapsed duration ms time timestamp
  num number found hits results matches rows records items length index version status code`.split(/\s+/),
)
/** Names of what is said about a list beside its items, whatever it holds. */
const REMARK_NAMES = new Set(
  `success ok message msg error errors warning warnings query q search object kind
  next previous prev first last cursor next_cursor previous_cursor prev_cursor next_page previous_page next_page_token
  page_token continuation_token has_more has_next has_next_page has_previous has_previous_page more is_last truncated
  incomplete_results exhaustive timed_out request_id trace_id meta metadata pagination paging page page_info links url
  href total shards facets`.split(/\s+/),
)

/** `shipped` would be an answer. */
const PLAIN_STATUS =
  /^(?:ok|success|successful|succeeded|complete|completed|done|empty|none|not[ _-]found|no[ _-]results?)$/i

/**
 * A record that found nothing: its lists are empty or its values null, all the way down, and the rest are counters and
 * remarks about the list (`{ results: [], total: 0, page: 1 }`, `{ data: { user: null } }`). A number, text or flag of
 * its own name is an answer: `{ valid: true, problems: [] }`.
 */
export function isEmptyRecord(value: object): boolean {
  if (!isPlain(value)) return false
  const names = Object.keys(value)
  return names.length === 0 || contentOf(value, 0) === 'empty'
}

/** `empty`: a place for data without any; `beside`: says nothing of data; `zero`: a 0, which an empty list explains. */
type Content = 'empty' | 'beside' | 'zero' | 'data'

const MAX_DEPTH = 10

function contentOf(record: object, depth: number): Content {
  let found: Content = 'beside'
  let hasZero = false
  let hasEmptyList = false
  for (const [name, held] of Object.entries(record)) {
    const content = contentOfField(name, held, depth)
    if (content === 'data') return 'data'
    if (content === 'zero') hasZero = true
    if (content === 'empty') found = 'empty'
    if (content === 'empty' && held !== null) hasEmptyList = true
  }
  return hasZero && !hasEmptyList ? 'data' : found
}

function contentOfField(name: string, held: unknown, depth: number): Content {
  if (held === undefined) return 'beside'
  const words = wordsOf(name)
  if (REMARK_NAMES.has(words.join('_'))) return 'beside'
  if (words.join('_') === 'status' && typeof held === 'string' && PLAIN_STATUS.test(held)) return 'beside'
  switch (typeof held) {
    case 'number':
      return words.some((word) => COUNTER_WORDS.has(word)) ? 'beside' : held === 0 ? 'zero' : 'data'
    case 'string':
      return held === '' ? 'beside' : 'data'
    case 'object':
      return contentOfObject(held, depth)
    default:
      return 'data'
  }
}

function contentOfObject(held: object | null, depth: number): Content {
  if (held === null) return 'empty'
  if (Array.isArray(held)) return held.length === 0 ? 'empty' : 'data'
  if (held instanceof Map || held instanceof Set) return held.size === 0 ? 'empty' : 'data'
  if (!isPlain(held) || depth >= MAX_DEPTH) return 'data'
  return Object.keys(held).length === 0 ? 'empty' : contentOf(held, depth + 1)
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
