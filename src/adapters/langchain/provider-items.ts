import { isRecord } from './content.ts'

/**
 * Ids by which a provider keeps the items of an answer (OpenAI's `rs_`, `msg_`, `fc_` …, of responses and completions).
 * Sent back a second time they are refused as duplicates, so a replayed answer must not carry them.
 */
const ITEM_ID = /^(rs|msg|fc|ctc|resp|ws|fs|ci|ig|mcp|mcpl|mcpr|cu|sh|lsh|cmp|chatcmpl|gen)[_-]/

/** Items a provider accepts without an id; others (reasoning, built-in tools) mean nothing without theirs. */
const PORTABLE_ITEMS: ReadonlySet<unknown> = new Set(['message', 'function_call', 'custom_tool_call'])

/** `response_metadata` without the provider's ids. */
export function portableMetadata(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { reprise: _record, ...kept }: Record<string, unknown> = metadata
  if (Array.isArray(kept.output)) {
    kept.output = kept.output.filter((item) => !isRecord(item) || PORTABLE_ITEMS.has(item.type))
  }
  return withoutItemIds(kept) as Record<string, unknown>
}

/** `additional_kwargs` without raw responses and the provider's ids. */
export function portableKwargs(kwargs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(kwargs).filter(
    ([name, value]) => value !== undefined && !BOUND_KWARGS.has(name) && (name !== 'parsed' || isJson(value)),
  )
  return withoutItemIds(Object.fromEntries(kept)) as Record<string, unknown>
}

const BOUND_KWARGS: ReadonlySet<string> = new Set([
  '__raw_response',
  '__openai_function_call_ids__',
  '__openai_custom_tool_call_ids__',
  'reasoning',
])

/** A copy in which no object has an `id` of the provider's items. */
export function withoutItemIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutItemIds)
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept = Object.entries(value).filter(
    ([name, held]) => !(name === 'id' && typeof held === 'string' && ITEM_ID.test(held)),
  )
  return Object.fromEntries(kept.map(([name, held]) => [name, withoutItemIds(held)]))
}

/** A parsed answer may hold what a schema's transform made of it; only what is JSON is the same after storing. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (!isRecord(value) || Object.getPrototypeOf(value) !== Object.prototype) return false
  return Object.values(value).every(isJson)
}
