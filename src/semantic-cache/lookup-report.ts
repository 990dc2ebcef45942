import { randomBytes } from 'node:crypto'
import type { Origin } from '../core/entry.ts'
import type { LookupEvent } from '../core/events.ts'
import type { CacheRecord, Outcome } from '../core/outcome.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse } from '../core/response.ts'
import type { Found } from './lookup-pipeline.ts'
import type { Prepared, Refused } from './prepare.ts'
import type { SemanticCacheSettings } from './settings.ts'

/** What is said about a lookup: the record for the caller and the event for listeners, made of the same facts. */
export interface LookupReport {
  readonly record: CacheRecord
  readonly event: LookupEvent
}

/** A lookup that reached its outcome; `joined` is what a call that joined another one avoided, once that is known. */
export function reportFound(
  asked: Prepared,
  found: Found,
  durationMs: number,
  settings: SemanticCacheSettings,
  joined?: { readonly avoided?: Origin },
): LookupReport {
  const { outcome, overhead, findings } = found
  const facts = factsOf(outcome, settings.now())
  if (joined || found.collapsed) facts.collapsed = true
  if (found.reused?.probability !== undefined) facts.probability = found.reused.probability
  if (found.reused?.margin !== undefined) facts.margin = found.reused.margin
  const record: Writable<CacheRecord> = { key: asked.key, ...facts }
  // Built by assignment: spreading conditional parts costs more than the rest of a memory hit.
  const event: Writable<LookupEvent> = Object.assign(contextOf(asked.request, asked.tenant, settings), record, {
    durationMs,
    // A call that joined did no work of its own.
    overhead: joined ? NO_OVERHEAD : { ...overhead, durationMs },
  })
  if (outcome.outcome === 'miss' && outcome.notSemantic) event.notSemantic = outcome.notSemantic
  if (findings.length > 0) event.findings = findings.map(({ guard, verdict }) => ({ guard, verdict }))
  record.id = nextRecordId()
  const origin = 'entry' in outcome ? outcome.entry.origin : joined?.avoided
  if (origin) {
    const usd = priceOfOrigin(origin, asked.request, settings)
    event.avoided = origin
    if (usd !== undefined) {
      record.avoidedUsd = usd
      event.avoided = { ...origin, usd }
    }
  }
  return { record, event }
}

/** Of this process, and of this load of the module: two of them may serve one store. */
const RECORDS_OF = randomBytes(9).toString('base64url')
let records = 0

/** A counter, because randomness for each would cost more than the rest of a memory hit. */
function nextRecordId(): string {
  return `${RECORDS_OF}${(++records).toString(36)}`
}

type Writable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] }

const NO_OVERHEAD = { usd: 0, tokens: 0, durationMs: 0 }

/** A call the cache stayed out of. */
export function reportRefused(
  request: ModelRequest,
  { bypass, tenant, detail }: Refused,
  settings: SemanticCacheSettings,
): LookupReport {
  const record = { outcome: 'bypass', reason: bypass, key: '' } as const
  return {
    record: { ...record, id: nextRecordId() },
    event: {
      ...contextOf(request, tenant, settings),
      ...record,
      durationMs: 0,
      ...(detail !== undefined && { detail }),
      overhead: NO_OVERHEAD,
    },
  }
}

function factsOf(outcome: Outcome<ModelResponse>, now: number): Writable<Omit<CacheRecord, 'key'>> {
  switch (outcome.outcome) {
    case 'hit':
    case 'stale': {
      const { tier, similarity, entry } = outcome
      const ageMs = Math.max(0, now - entry.createdAt)
      return { outcome: outcome.outcome, tier, similarity, ageMs, entryKey: entry.key }
    }
    case 'miss': {
      const { reason, nearest } = outcome
      if (!nearest) return { outcome: 'miss', reason }
      return { outcome: 'miss', reason, similarity: nearest.similarity, entryKey: nearest.key }
    }
    case 'bypass':
      return { outcome: 'bypass', reason: outcome.reason }
  }
}

function contextOf(request: ModelRequest, tenant: string | undefined, { now, namespace }: SemanticCacheSettings) {
  // A refused request may have any shape.
  const provider = textIn(request, 'provider')
  const name = textIn(request, 'model')
  const context = { type: 'lookup', at: now(), cache: 'semantic', namespace, provider, name } as const
  return tenant === undefined ? context : { ...context, tenant }
}

function textIn(request: ModelRequest, field: 'provider' | 'model'): string {
  try {
    const value: unknown = request?.[field]
    return typeof value === 'string' ? value : ''
  } catch {
    return ''
  }
}

function priceOfOrigin(origin: Origin, { baseUrl }: ModelRequest, { priceOf, now }: SemanticCacheSettings) {
  if (origin.costUsd !== undefined) return origin.costUsd
  const { provider, name, usage } = origin
  return priceOf({ provider, name, ...(baseUrl !== undefined && { baseUrl }), ...(usage && { usage }), at: now() })
}
