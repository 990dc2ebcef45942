import type { ConfigurationFigures } from './figures.ts'

export interface MonthlyOptions {
  /** Model calls a month; of traffic without any: calls of tools. */
  readonly monthlyCalls: number
  /** What the cache's store costs a month, in US dollars. */
  readonly redisUsd: number
  /** What the application's machines cost a month, in US dollars, with and without a cache. */
  readonly computeUsd: number
}

/** The month at a stated volume, of one configuration: the report of seed-requirements 6.4, from a replay. */
export interface MonthlyFigures {
  readonly name: string
  readonly modelCalls: number
  readonly withoutCacheUsd: number
  readonly redisUsd: number
  readonly computeUsd: number
  readonly modelUsd: number
  readonly toolUsd: number
  readonly embeddingUsd: number
  readonly totalUsd: number
  /** Without a cache − with it, everything included. */
  readonly netUsd: number
  /** Calls a month at which the store has paid for itself; absent when nothing is avoided. */
  readonly breakEvenCalls?: number
  /** What ten points more of hit rate would save. */
  readonly tenPointsUsd: number
}

export function monthlyOf(figures: ConfigurationFigures, options: MonthlyOptions): MonthlyFigures {
  const { monthlyCalls, computeUsd } = options
  const { name, model, tools } = figures
  const calls = figures.calls > 0 ? figures.calls : tools.calls
  const scale = calls > 0 ? monthlyCalls / calls : 0
  const redisUsd = figures.hitRate === undefined && tools.hits === 0 ? 0 : options.redisUsd
  const modelUsd = model.spentUsd * scale
  const toolUsd = tools.spentUsd * scale
  const embeddingUsd = model.overheadUsd * scale
  const withoutCacheUsd = (model.withoutCacheUsd + tools.withoutCacheUsd) * scale + computeUsd
  const totalUsd = redisUsd + computeUsd + modelUsd + toolUsd + embeddingUsd
  const netPerCall = calls > 0 ? figures.netUsd / calls : 0
  return {
    name,
    modelCalls: Math.round(figures.modelCalls * scale),
    withoutCacheUsd,
    redisUsd,
    computeUsd,
    modelUsd,
    toolUsd,
    embeddingUsd,
    totalUsd,
    netUsd: figures.netUsd * scale - redisUsd,
    ...(netPerCall > 0 && { breakEvenCalls: Math.ceil(redisUsd / netPerCall) }),
    tenPointsUsd: calls > 0 ? (monthlyCalls * 0.1 * model.withoutCacheUsd) / calls : 0,
  }
}
