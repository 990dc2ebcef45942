import type { PriceOf } from '../../../core/stats.ts'
import { wilson } from '../../../core/wilson.ts'
import { quantileOf } from '../replay.ts'
import type { ModelLine } from '../traffic/traffic-line.ts'
import { isModelCall, type Seen, type Simulated, type TimedCall } from './simulation.ts'

/** How many of what was served were made for another question, as far as the labels tell. */
export interface FalseHits {
  readonly wrong: number
  /** Reuses whose question and source both have a label. */
  readonly labelled: number
  /** Absent when nothing labelled was reused. */
  readonly rate?: number
  /** 95 % Wilson interval of the rate. */
  readonly interval: readonly [number, number]
}

export interface Money {
  /** What the same calls cost without a cache. */
  readonly withoutCacheUsd: number
  readonly spentUsd: number
  readonly avoidedUsd: number
  /** Embedding and deciding, as far as it is billed. */
  readonly overheadUsd: number
  readonly netUsd: number
}

/** What one configuration did with the traffic; everything but `measured` follows from the seed. */
export interface ConfigurationFigures {
  readonly name: string
  readonly embedder?: string
  readonly calls: number
  readonly toolCalls: number
  readonly outcomes: Readonly<Record<'hit' | 'stale' | 'miss' | 'bypass' | 'collapsed', number>>
  readonly tiers: Readonly<Record<'memory' | 'exact' | 'semantic', number>>
  readonly reasons: Readonly<Record<string, number>>
  /** Absent without a cache. */
  readonly hitRate?: number
  /** Of the second half of the calls alone: without the cold start. */
  readonly hitRateSecondHalf?: number
  readonly modelCalls: number
  /** Of reuses by meaning, of all reuses of model answers, and of tool results that were no longer right. */
  readonly falseHits: { readonly byMeaning: FalseHits; readonly all: FalseHits; readonly tools: FalseHits }
  /** Right reuses among the calls whose answer had been given before, as far as the labels tell. */
  readonly coverage?: number
  readonly model: Money
  readonly tools: Omit<Money, 'overheadUsd' | 'netUsd'> & { readonly hits: number; readonly calls: number }
  readonly netUsd: number
  readonly tokens: { readonly withoutCache: number; readonly spent: number; readonly embedded: number }
  /** Waiting for model and tools that callers were spared, in virtual milliseconds. */
  readonly sparedMs: number
  /** The cache's own account, which knows what it avoided only by what the stored answers had cost. */
  readonly ledger?: { readonly avoidedUsd: number; readonly spentUsd: number; readonly unpricedCalls: number }
  /** Hit rate so far, and of the last of 60 equal parts of the span: [epoch ms, so far, of the part]. */
  readonly overTime: readonly (readonly [number, number, number | undefined])[]
  readonly measured: {
    readonly latencyMs: Quantiles
    readonly cacheMs: Quantiles
    /** A hundred points of the distribution of what callers waited, for the plot. */
    readonly latencyPercentilesMs: readonly number[]
    readonly storeOrEmbedderFailures: number
  }
}

export interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

const PARTS = 60

export function figuresOf(simulated: Simulated, options: { priceOf: PriceOf; toolUsd: number }): ConfigurationFigures {
  const { configuration, seen, stats, toolStats, troubles } = simulated
  const ofModel = seen.filter(({ call }) => isModelCall(call))
  const ofTools = seen.filter(({ call }) => !isModelCall(call))
  const priced = priceList(options)
  const model = moneyOf(ofModel, priced)
  const tools = moneyOf(ofTools, priced)
  const overheadUsd = stats?.overhead.usd ?? 0
  const latencies = seen.map(({ callMs, cacheMs }) => callMs + cacheMs)
  const secondHalf = ofModel.slice(Math.floor(ofModel.length / 2))
  const hitRate = hitRateOf(ofModel)
  const hitRateSecondHalf = hitRateOf(secondHalf)
  const coverage = coverageOf(ofModel)
  return {
    name: configuration.name,
    ...(typeof configuration.decision === 'object' && { embedder: configuration.embedder }),
    calls: ofModel.length,
    toolCalls: ofTools.length,
    outcomes: {
      hit: count(ofModel, ({ record }) => record?.outcome === 'hit'),
      stale: count(ofModel, ({ record }) => record?.outcome === 'stale'),
      miss: count(ofModel, ({ record }) => record?.outcome === 'miss'),
      bypass: count(ofModel, ({ record }) => record?.outcome === 'bypass'),
      collapsed: count(ofModel, ({ record }) => record?.collapsed === true),
    },
    tiers: stats?.tiers ?? { memory: 0, exact: 0, semantic: 0 },
    reasons: sortedRecord(stats?.reasons ?? {}),
    ...(hitRate !== undefined && { hitRate }),
    ...(hitRateSecondHalf !== undefined && { hitRateSecondHalf }),
    modelCalls: count(ofModel, isPaid),
    falseHits: {
      byMeaning: falseHitsOf(ofModel.filter(({ record }) => record?.tier === 'semantic')),
      all: falseHitsOf(ofModel),
      tools: falseHitsOf(ofTools),
    },
    ...(coverage !== undefined && { coverage }),
    model: { ...model, overheadUsd, netUsd: model.avoidedUsd - overheadUsd },
    tools: { ...tools, hits: count(ofTools, isReused), calls: ofTools.length },
    netUsd: model.avoidedUsd - overheadUsd + tools.avoidedUsd,
    tokens: {
      withoutCache: sum(ofModel, ({ call }) => tokensOf(call)),
      spent: sum(ofModel, (one) => (isPaid(one) ? tokensOf(one.call) : 0)),
      embedded: stats?.overhead.tokens ?? 0,
    },
    sparedMs: sum(seen, (one) => fullMs(one.call) - one.callMs),
    ...(stats && {
      ledger: {
        avoidedUsd: stats.avoided.usd + (toolStats?.avoided.usd ?? 0),
        spentUsd: stats.spent.usd,
        unpricedCalls: stats.avoided.unpricedCalls + stats.overhead.unpricedCalls + stats.spent.unpricedCalls,
      },
    }),
    overTime: overTime(ofModel),
    measured: {
      latencyMs: quantiles(latencies),
      cacheMs: quantiles(seen.filter(({ record }) => record).map(({ cacheMs }) => cacheMs)),
      latencyPercentilesMs: percentiles(latencies),
      storeOrEmbedderFailures: troubles,
    },
  }
}

function isReused({ record }: Seen): boolean {
  return record?.outcome === 'hit' || record?.outcome === 'stale'
}

/** A stale answer is renewed by a call of its own; a joined call is paid by its leader. */
function isPaid(one: Seen): boolean {
  return one.record?.outcome === 'stale' || !(isReused(one) || one.record?.collapsed)
}

function moneyOf(seen: readonly Seen[], priced: (call: TimedCall) => number) {
  const withoutCacheUsd = sum(seen, ({ call }) => priced(call))
  const spentUsd = sum(seen, (one) => (isPaid(one) ? priced(one.call) : 0))
  return { withoutCacheUsd, spentUsd, avoidedUsd: withoutCacheUsd - spentUsd }
}

function priceList({ priceOf, toolUsd }: { priceOf: PriceOf; toolUsd: number }): (call: TimedCall) => number {
  return (call) => {
    if (!isModelCall(call)) return call.line.costUsd ?? toolUsd
    const { provider, model: name } = call.line.request
    return priceOf({ provider, name, usage: call.result.usage, at: call.at }) ?? 0
  }
}

function tokensOf(call: TimedCall): number {
  return isModelCall(call) ? call.result.usage.totalTokens : 0
}

function fullMs(call: TimedCall): number {
  return isModelCall(call) ? call.result.latencyMs : (call.line.durationMs ?? 0)
}

function falseHitsOf(seen: readonly Seen[]): FalseHits {
  const labelled = count(seen, ({ isFalseHit }) => isFalseHit !== undefined)
  const wrong = count(seen, ({ isFalseHit }) => isFalseHit === true)
  return { wrong, labelled, ...(labelled > 0 && { rate: wrong / labelled }), interval: wilson(wrong, labelled) }
}

function hitRateOf(seen: readonly Seen[]): number | undefined {
  const asked = count(seen, ({ record }) => record !== undefined && record.outcome !== 'bypass')
  return asked > 0 ? count(seen, isReused) / asked : undefined
}

/** Joined calls got the right answer too, and were given it. */
function coverageOf(seen: readonly Seen[]): number | undefined {
  if (!seen.some(({ record }) => record)) return undefined
  const given = new Set<string>()
  let possible = 0
  let right = 0
  for (const one of seen) {
    const { answerId } = one.call.line as ModelLine
    if (answerId === undefined) continue
    if (given.has(answerId)) {
      possible++
      if ((isReused(one) && one.isFalseHit === false) || one.record?.collapsed) right++
    }
    given.add(answerId)
  }
  return possible > 0 ? right / possible : undefined
}

function overTime(seen: readonly Seen[]): ConfigurationFigures['overTime'] {
  const startAt = seen[0]?.call.at ?? 0
  const spanMs = Math.max(1, (seen.at(-1)?.call.at ?? 0) - startAt)
  const points: [number, number, number | undefined][] = []
  let hits = 0
  let asked = 0
  let part = 0
  let before = { hits: 0, asked: 0 }
  const close = () => {
    if (asked === 0) return
    const inPart = asked - before.asked
    const at = startAt + ((part + 1) / PARTS) * spanMs
    points.push([at, hits / asked, inPart > 0 ? (hits - before.hits) / inPart : undefined])
    before = { hits, asked }
  }
  for (const one of seen) {
    const { record, call } = one
    const own = Math.min(PARTS - 1, Math.floor(((call.at - startAt) / spanMs) * PARTS))
    while (part < own) {
      close()
      part++
    }
    if (!record || record.outcome === 'bypass') continue
    asked++
    if (isReused(one)) hits++
  }
  close()
  return points
}

function quantiles(values: readonly number[]): Quantiles {
  return { p50: quantileOf(values, 0.5), p95: quantileOf(values, 0.95), p99: quantileOf(values, 0.99) }
}

function percentiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  return Array.from({ length: 100 }, (_, i) => sorted[Math.floor(((i + 0.5) / 100) * sorted.length)] ?? 0)
}

function sortedRecord(record: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function count<Item>(items: readonly Item[], is: (item: Item) => boolean): number {
  return items.reduce((total, item) => total + (is(item) ? 1 : 0), 0)
}
