import type { WriteRefusal } from '../core/events.ts'
import { isEmptyRecord } from './empty-record.ts'
import type { ToolResult } from './tool-cache.ts'

export type ResultKind = 'ordinary' | 'negative' | 'error' | 'not-a-result'

/** Longer texts are answers that happen to hold such words. */
const MAX_REMARK_CHARS = 300

const ERROR_REMARK = /^\s*(?:\[?(?:error|exception|traceback|fatal|failed|failure)\b|错误|錯誤|エラー)/iu
const NOTHING_REMARK =
  /\b(?:not found|no (?:\w+ )?(?:results?|match(?:es)?|records?|rows|entries|data|items)\b|nothing found|does not exist|doesn't exist|could(?: not|n't) (?:be )?f(?:i|ou)nd|0 results)|未找到|没有找到|沒有找到|不存在|查无|无结果|見つかりません/iu

/** Long JSON is only read when it may be a remark. */
const LONG_REMARK = /^\s*\{.*"(?:error|isError|is_error|status|success|ok|found)"\s*:/s

/**
 * What kind of result it is. Many tools return errors and "not found" as ordinary text: a short text that reads like one
 * counts as one, because not storing it costs a call, and storing it repeats a failure until it expires.
 */
export function resultKind(result: ToolResult, isNegative?: (result: ToolResult) => boolean): ResultKind {
  if (result.passThrough || isStream(result.content)) return 'not-a-result'
  if (result.status === 'error') return 'error'
  if (isNegative?.(result)) return 'negative'
  const content = plainContent(result.content)
  if (typeof content === 'string' && content.length <= MAX_REMARK_CHARS && ERROR_REMARK.test(content)) return 'error'
  if (isErrorRecord(content)) return 'error'
  if (isNegative) return 'ordinary'
  return isNothing(content) ? 'negative' : 'ordinary'
}

export function refusalOf(kind: ResultKind, negativeTtlMs: number | undefined): WriteRefusal | undefined {
  if (kind === 'error') return 'error-result'
  if (kind === 'not-a-result') return 'not-a-result'
  if (kind === 'negative' && negativeTtlMs === undefined) return 'negative-result'
  return undefined
}

/** A generator, async iterable or web stream: it can be read once only. */
function isStream(content: unknown): boolean {
  if (typeof content !== 'object' || content === null) return false
  return (
    Symbol.asyncIterator in content ||
    ('next' in content && typeof content.next === 'function') ||
    'getReader' in content
  )
}

/** Text blocks as their text, text that is JSON as its value. */
function plainContent(content: unknown): unknown {
  const text = isTextBlocks(content) ? content.map((block) => block.text).join('\n') : content
  if (typeof text !== 'string' || !/^\s*[[{"n]/.test(text)) return text
  if (text.length > MAX_REMARK_CHARS && !LONG_REMARK.test(text.slice(0, MAX_REMARK_CHARS))) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isTextBlocks(content: unknown): content is readonly { readonly text: string }[] {
  if (!Array.isArray(content) || content.length === 0) return false
  return content.every(
    (block) => typeof block === 'object' && block !== null && block.type === 'text' && typeof block.text === 'string',
  )
}

function isErrorRecord(content: unknown): boolean {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return false
  const record = content as Record<string, unknown>
  if (record.isError === true || record.is_error === true) return true
  if (record.status === 'error' || record.success === false || record.ok === false) return true
  return Boolean(record.error) && record.data === undefined && record.result === undefined
}

function isNothing(content: unknown): boolean {
  if (content === undefined || content === null) return true
  if (typeof content === 'string') {
    return content.trim() === '' || (content.length <= MAX_REMARK_CHARS && NOTHING_REMARK.test(content))
  }
  if (Array.isArray(content)) return content.length === 0
  if (typeof content !== 'object') return false
  if (content instanceof Map || content instanceof Set) return content.size === 0
  const record = content as Record<string, unknown>
  if (record.found === false || record.status === 404 || record.statusCode === 404) return true
  return isEmptyRecord(content)
}
