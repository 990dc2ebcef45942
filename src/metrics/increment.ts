import type { CacheEvent, FeedbackEvent, LookupEvent } from '../core/events.ts'
import { encodeErrorRate } from '../core/judge-error.ts'
import type { Usage } from '../core/response.ts'
import { AVOIDED_AT, addCall, addOverhead, type CounterRow, emptyRow, OUTCOME_AT, SPENT_AT } from './counters.ts'

/** What one event adds to the totals. */
export interface Increment {
  /** Reused between events: read it before the next one. */
  readonly row: CounterRow
  /** Names of the counts that go up, such as `tier:memory`. */
  readonly counts: readonly string[]
  /** By how much; default 1. */
  readonly by?: number
  /** Names of the counts that go down by one, because what was counted is taken back. */
  readonly takenBack?: readonly string[]
}

/** Spelt out, because joining strings is the dearest part of counting a hit. */
const TIER_COUNT = { memory: 'tier:memory', exact: 'tier:exact', semantic: 'tier:semantic' } as const

/**
 * Turns events into increments; undefined for an event that counts nothing.
 *
 * - What was avoided counts wherever it is on the event: on a hit, on a stale hit, and on a call that joined an
 *   identical one in flight. Such a joined call is a miss or hit as its leader was, so joining improves what is avoided
 *   and not the hit rate; `collapsed` says how many there were.
 * - A bypass counts as such and is no part of the hit rate.
 * - Overhead is that of lookups. Embedding and verifying are part of it, so that it has a tenant and a model; their own
 *   events are details, and counting them too would count them twice. What no lookup waits for counts by itself: a verdict
 *   made after the answer, and a shadow check.
 */
export function incrementReader(): (event: CacheEvent) => Increment | undefined {
  const row = emptyRow()
  return (event) => {
    switch (event.type) {
      case 'lookup':
        row.fill(0)
        return { row, counts: readLookup(row, event) }
      case 'write': {
        row.fill(0)
        const { call } = event
        if (call) addCall(row, SPENT_AT, call.usd, tokensOf(call.usage), call.durationMs)
        const counts = [`write:${event.outcome}`]
        if (event.reason) counts.push(`writeReason:${event.reason}`)
        return { row, counts }
      }
      case 'feedback': {
        if (event.outcome === 'repeated') return undefined
        row.fill(0)
        const counts = countsOfFeedback(event, event.correct)
        return event.changed ? { row, counts, takenBack: countsOfFeedback(event, !event.correct) } : { row, counts }
      }
      case 'verify':
        if (!event.after) return undefined
        row.fill(0)
        addOverhead(row, event.overhead)
        return { row, counts: [] }
      case 'shadow':
        row.fill(0)
        addOverhead(row, event.overhead)
        return { row, counts: [`falseHits:${event.of}@${encodeErrorRate(event.errorRate)}:${event.outcome}`] }
      case 'embedder': {
        // Texts alone: what they cost is overhead of the lookup that had them embedded.
        const { what, texts } = event
        if ((what !== 'usage' && what !== 'cache-hit') || !isCount(texts)) return undefined
        row.fill(0)
        return { row, counts: [what === 'usage' ? 'texts:embedded' : 'texts:cached'], by: texts }
      }
      default:
        return undefined
    }
  }
}

function countsOfFeedback({ tier }: FeedbackEvent, correct: boolean): readonly string[] {
  const verdict = correct ? 'correct' : 'wrong'
  return tier === 'semantic' ? [`feedback:${verdict}`, `falseHits:feedback:${verdict}`] : [`feedback:${verdict}`]
}

function readLookup(row: CounterRow, event: LookupEvent): readonly string[] {
  row[OUTCOME_AT[event.outcome]] = 1
  const { avoided } = event
  if (avoided) {
    addCall(row, AVOIDED_AT, avoided.usd ?? avoided.costUsd, tokensOf(avoided.usage), avoided.durationMs)
  }
  addOverhead(row, event.overhead)
  const counts: string[] = []
  const reused = event.outcome === 'hit' || event.outcome === 'stale'
  if (reused && event.tier) counts.push(TIER_COUNT[event.tier])
  if (!reused && event.reason) counts.push(`reason:${event.reason}`)
  if (event.collapsed) counts.push('collapsed')
  return counts
}

/** A number of texts from a broken embedder must not poison the totals. */
function isCount(texts: number | undefined): texts is number {
  return Number.isSafeInteger(texts) && (texts as number) > 0
}

function tokensOf(usage: Usage | undefined): number {
  if (!usage) return 0
  return usage.totalTokens > 0 ? usage.totalTokens : usage.inputTokens + usage.outputTokens
}
