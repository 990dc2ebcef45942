import type { LookupEvent } from '../../../core/events.ts'
import type { CacheRecord } from '../../../core/outcome.ts'
import type { CacheStats } from '../../../core/stats.ts'
import { createSemanticCache } from '../../../create.ts'
import { createToolCache } from '../../../create-tool-cache.ts'
import type { ModelResponse, SemanticCache } from '../../../index.ts'
import type { PriceOverrides } from '../../../metrics/prices.ts'
import { embeddedStore } from '../../../stores/embedded/embedded-store.ts'
import type { ToolCache } from '../../../tool-cache/tool-cache.ts'
import type { ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { seededRandom } from '../latency.ts'
import { isToolLine, type ModelLine, type ToolLine, type TrafficLine } from '../traffic/traffic-line.ts'
import type { CallResult } from './answers.ts'
import type { Configuration } from './configuration.ts'
import { seedOf } from './random.ts'
import type { RememberedEmbedder } from './remembered-embedder.ts'
import { VirtualEvents } from './virtual-events.ts'

/** A line of traffic with its time and, for a model, its key and what the call would give. */
export type TimedCall =
  | { readonly at: number; readonly line: ModelLine; readonly key: string; readonly result: CallResult }
  | { readonly at: number; readonly line: ToolLine }

export interface SimulationOptions {
  /** In order of time. */
  readonly calls: readonly TimedCall[]
  readonly configuration: Configuration
  readonly embedder: RememberedEmbedder | undefined
  readonly seed: number
  readonly ttlMs: number
  readonly maxEntries: number
  readonly prices: PriceOverrides
  readonly policies: Readonly<Record<string, ToolPolicy>>
  readonly onProgress?: (done: number) => void
}

/** What became of one call. */
export interface Seen {
  readonly call: TimedCall
  /** Absent where no cache was asked. */
  readonly record?: CacheRecord
  /** The stored answer was made for another question; undefined where the labels do not tell, or nothing was reused. */
  readonly isFalseHit?: boolean
  /** The caller's time in the model or tool, in virtual milliseconds; 0 on a hit. */
  readonly callMs: number
  /** The caller's time in the cache, measured, in milliseconds. */
  readonly cacheMs: number
  /** Whose answer it was: the call that made it, where it was reused. */
  readonly source?: TimedCall
}

export interface Simulated {
  readonly configuration: Configuration
  /** In order of the calls. */
  readonly seen: readonly Seen[]
  /** Of both caches; absent without any. */
  readonly stats?: CacheStats
  readonly toolStats?: CacheStats
  /** Longest answers to lookups would otherwise be bypasses of a slow machine. */
  readonly troubles: number
}

interface Flight {
  readonly index: number
  readonly answer: Promise<{ record: CacheRecord }>
  readonly joined: { readonly index: number; readonly at: number; readonly answer: Promise<{ record: CacheRecord }> }[]
  readonly finish: () => void
}

/** A slow machine must not change what is counted: these waits are never reached. */
const NO_HURRY_MS = 600_000

/**
 * Replays the calls in virtual time: the clock of cache and store jumps from event to event, calls of the model take the
 * virtual time they are said to take, and identical or similar calls meanwhile meet the cache as it is then. The work of
 * the cache itself is real, and measured.
 */
export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { calls, configuration, embedder, seed } = options
  const { decision, withTools } = configuration
  const clock = { now: calls[0]?.at ?? 0 }
  const now = () => clock.now
  let lastLookup: LookupEvent | undefined
  let troubles = 0
  const common = {
    now,
    ttlMs: options.ttlMs,
    storeDeadlineMs: NO_HURRY_MS,
    memory: { maxEntries: Math.min(1_000, options.maxEntries) },
  }
  const semantic: SemanticCache | undefined =
    decision === 'none'
      ? undefined
      : await createSemanticCache({
          ...common,
          store: embeddedStore({ maxEntries: options.maxEntries, maxBytes: 8 * 1024 ** 3, now }),
          random: seededRandom(seedOf(seed, 'lives')),
          decision,
          ...(embedder && { embedder }),
          embedderDeadlineMs: NO_HURRY_MS,
          verifierDeadlineMs: NO_HURRY_MS,
          maxPendingWrites: 100_000,
          prices: options.prices,
          on: (event) => {
            if (event.type === 'lookup') lastLookup = event
            if (
              (event.type === 'store' && event.what !== 'evicted') ||
              (event.type === 'embedder' && event.what === 'failed')
            )
              troubles++
          },
        })
  const tools: ToolCache | undefined = withTools
    ? await createToolCache({
        ...common,
        store: embeddedStore({ maxEntries: options.maxEntries, now }),
        random: seededRandom(seedOf(seed, 'tool lives')),
        policies: options.policies,
      })
    : undefined

  const seen: Seen[] = []
  const madeBy = new Map<string, TimedCall>()
  const inFlight = new Map<string, Flight>()
  const events = new VirtualEvents<Flight>()

  const land = async () => {
    const due = events.take()
    if (!due) return
    clock.now = due.at
    const { index, joined, answer, finish } = due.event
    const call = calls[index] as TimedCall & { key: string }
    inFlight.delete(call.key)
    finish()
    await answer
    for (const other of joined) {
      const { record } = await other.answer
      const callMs = due.at - other.at
      seen[other.index] = { call: calls[other.index] as TimedCall, record, callMs, cacheMs: 0, source: call }
    }
    await semantic?.flush()
  }

  const askModel = async (index: number, call: Extract<TimedCall, { key: string }>) => {
    const { line, key, result } = call
    if (!semantic) {
      seen[index] = { call, callMs: result.latencyMs, cacheMs: 0 }
      return
    }
    let finish: (() => void) | undefined
    let begun: (() => void) | undefined
    const called = new Promise<void>((resolve) => {
      begun = resolve
    })
    const makeCall = (): Promise<ModelResponse> =>
      new Promise((resolve) => {
        finish = () => resolve(result.response)
        begun?.()
      })
    const controls = line.tenant === undefined ? {} : { tenant: line.tenant }
    embedder?.takeWait()
    lastLookup = undefined
    const answer = semantic.getOrCall(line.request, makeCall, controls)
    const flight = key === '' ? undefined : inFlight.get(key)
    if (flight) {
      flight.joined.push({ index, at: call.at, answer })
      return
    }
    const hit = await Promise.race([answer, called])
    const wait = embedder?.takeWait()
    const lookup = lastLookup as LookupEvent | undefined
    const cacheMs = Math.max(0, (lookup?.durationMs ?? 0) - (wait?.elapsedMs ?? 0)) + (wait?.replayedMs ?? 0)
    if (hit) {
      const { record } = hit
      const source = madeBy.get(record.entryKey ?? '')
      const isFalseHit = source && falseHit(source, line)
      seen[index] = {
        call,
        record,
        callMs: 0,
        cacheMs,
        ...(source && { source }),
        ...(isFalseHit !== undefined && { isFalseHit }),
      }
      return
    }
    const letGo = finish as unknown as () => void
    if (lookup?.outcome === 'bypass') {
      letGo()
      const { record } = await answer
      seen[index] = { call, record, callMs: result.latencyMs, cacheMs }
      return
    }
    const { key: ownKey, outcome, reason, similarity, entryKey } = lookup as LookupEvent
    const record = {
      key: ownKey,
      outcome,
      ...(reason && { reason }),
      ...(similarity !== undefined && { similarity, entryKey }),
    }
    seen[index] = { call, record: record as CacheRecord, callMs: result.latencyMs, cacheMs }
    madeBy.set(key, call)
    const begunFlight: Flight = { index, answer, joined: [], finish: letGo }
    inFlight.set(key, begunFlight)
    events.add(call.at + result.latencyMs, begunFlight)
  }

  const askTool = async (index: number, call: Extract<TimedCall, { line: ToolLine }>) => {
    const { tool, args, result, isError, tenant, durationMs = 0 } = call.line
    if (!tools) {
      seen[index] = { call, callMs: durationMs, cacheMs: 0 }
      return
    }
    const startedAt = performance.now()
    const answer = await tools.getOrCall(
      { name: tool, args },
      async () => ({ content: result, ...(isError && { status: 'error' as const }) }),
      tenant === undefined ? {} : { tenant },
    )
    const cacheMs = performance.now() - startedAt
    await tools.flush()
    const reused = answer.record.outcome === 'hit' || answer.record.outcome === 'stale'
    seen[index] = {
      call,
      record: answer.record,
      callMs: reused ? 0 : durationMs,
      cacheMs,
      ...(reused && { isFalseHit: JSON.stringify(answer.result.content) !== JSON.stringify(result) }),
    }
  }

  for (const [index, call] of calls.entries()) {
    while (events.nextAt <= call.at) await land()
    clock.now = call.at
    if (isModelCall(call)) await askModel(index, call)
    else await askTool(index, call)
    options.onProgress?.(index + 1)
  }
  while (Number.isFinite(events.nextAt)) await land()

  const stats = await semantic?.stats()
  const toolStats = await tools?.stats()
  await semantic?.close()
  await tools?.close()
  return { configuration, seen, troubles, ...(stats && { stats }), ...(toolStats && { toolStats }) }
}

export function isModelCall(call: TimedCall): call is Extract<TimedCall, { key: string }> {
  return !isToolLine(call.line)
}

function falseHit({ line: made }: TimedCall, asked: ModelLine): boolean | undefined {
  if (isToolLine(made) || made.answerId === undefined || asked.answerId === undefined) return undefined
  return made.answerId !== asked.answerId
}

/** The key of each line, by a cache of its own that stores nothing; empty where no cache may answer. */
export async function keysOf(lines: readonly TrafficLine[]): Promise<string[]> {
  const probe = await createSemanticCache({ store: embeddedStore(), decision: 'exact' })
  const keys: string[] = []
  for (const line of lines) {
    if (isToolLine(line)) keys.push('')
    else {
      const controls = line.tenant === undefined ? {} : { tenant: line.tenant }
      const { record } = await probe.lookup(line.request, { ...controls, mode: 'refresh' })
      keys.push(record.key)
    }
  }
  await probe.close()
  return keys
}
