import { CacheError } from '../../../core/errors.ts'
import { invalidOption } from '../../../core/options.ts'
import { createPriceOf, type PriceOverrides } from '../../../metrics/prices.ts'
import type { ReportStamp } from '../../../report/html-report.ts'
import type { ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { reportStamp } from '../stamp.ts'
import { isToolLine, type ModelLine } from '../traffic/traffic-line.ts'
import { bodyKey, callResult } from './answers.ts'
import { type BreakEven, breakEvenOf, hostedUsdPerMillionTokens } from './break-even.ts'
import { type Bought, buyAnswers } from './buy-answers.ts'
import { type Configuration, parseConfiguration } from './configuration.ts'
import { durationName } from './duration.ts'
import { EmbedderPool } from './embedder-pool.ts'
import { type Endpoint, openEndpoint } from './endpoint.ts'
import { type ConfigurationFigures, figuresOf } from './figures.ts'
import { type MonthlyFigures, monthlyOf } from './monthly-report.ts'
import { priced, purchasesOf } from './purchase-estimate.ts'
import { keysOf, type Simulated, simulate, type TimedCall } from './simulation.ts'
import { type Source, type SourceOptions, START_AT, trafficSource } from './traffic-source.ts'

export interface CostOptions extends SourceOptions {
  readonly configurations: readonly string[]
  readonly ttlMs: number
  readonly maxEntries: number
  /** Lives and sizes to try; empty: none. Default: parts of the span, and of what there is to store. */
  readonly ttlsMs?: readonly number[]
  readonly sizes?: readonly number[]
  readonly prices: PriceOverrides
  readonly policies: Readonly<Record<string, ToolPolicy>>
  readonly toolUsd: number
  readonly answerTokens: number
  readonly contextTokens: number
  readonly maxAnswerTokens: number
  readonly embeddingLatencyMs: number
  readonly hostedModel: string
  readonly machineUsdPerHour: number
  readonly machineProcessors: number
  readonly monthlyCalls: number
  readonly redisUsd: number
  readonly computeUsd: number
  readonly live: boolean
  readonly estimateOnly: boolean
  readonly maxUsd?: number
  readonly baseUrl?: string
  readonly answersFile?: string
  readonly watch: CostWatcher
}

/** Told of each step, for a bar. */
export interface CostWatcher {
  say(line: string): void
  begin(label: string, total: number): { update(done: number, remark?: string): void; stop(): void }
}

export interface SweepPoint {
  readonly configuration: string
  /** Entries, or milliseconds of life. */
  readonly value: number
  readonly hitRate?: number
  readonly netUsd: number
  readonly falseHits: number
}

export interface CostResult {
  readonly stamp: ReportStamp
  readonly source: Omit<Source, 'lines'>
  readonly traffic: {
    readonly calls: number
    readonly toolCalls: number
    readonly spanMs: number
    /** Calls that no cache may answer. */
    readonly bypassed: number
    /** Share of the calls that repeat an earlier one exactly: what exact reuse can reach at most. */
    readonly exactRepeats: number
    /** Share of the labelled calls whose answer was given before: what reuse by meaning can reach at most. */
    readonly repeatsByMeaning?: number
    readonly labelled: number
    readonly answers: { readonly logged: number; readonly bought: number }
  }
  readonly options: Readonly<Record<string, unknown>>
  readonly configurations: readonly ConfigurationFigures[]
  readonly monthly: readonly MonthlyFigures[]
  readonly bySize: readonly SweepPoint[]
  readonly byTtl: readonly SweepPoint[]
  readonly live?: { readonly spentUsd: number; readonly calls: number }
  readonly measured: { readonly breakEven: readonly BreakEven[]; readonly seconds: number }
}

/**
 * What each configuration would have saved and broken on one stream of traffic.
 *
 * @throws CacheError INVALID_OPTION
 */
export async function costBenchmark(options: CostOptions): Promise<CostResult | undefined> {
  const startedAt = performance.now()
  const { seed, watch } = options
  const configurations = checkedConfigurations(options)
  for (const { judge } of configurations) await judge?.load()
  const priceOfModel = createPriceOf(options.prices)
  const source = await trafficSource({
    ...options,
    check: (line) => {
      if (!isToolLine(line)) priced(line, priceOfModel, 1, 1, line.at ?? START_AT)
    },
  })
  const modelLines = source.lines.flatMap(({ line }) => (isToolLine(line) ? [] : [line]))
  const endpoint = await openEndpoint(options)
  const embedders = new EmbedderPool({ ...options, priceOf: createPriceOf(options.prices) })
  try {
    const priceOf = createPriceOf(await embedders.prices(configurations))
    const firstAt = source.lines[0]?.at ?? 0
    const bought = await buy(options, modelLines, endpoint, priceOf, firstAt)
    if (!bought) return undefined

    const keys = await keysOf(source.lines.map(({ line }) => line))
    const calls = source.lines.map(({ line, at, arrival }, index): TimedCall => {
      if (isToolLine(line)) return { at, line }
      const result = callResult(line, arrival, bought.answers.get(bodyKey(line)), options)
      return { at, line, key: keys[index] as string, result }
    })
    const run = async (
      configuration: Configuration,
      change: { ttlMs?: number; maxEntries?: number; label?: string },
    ) => {
      const { label = configuration.name, ...changed } = change
      const bar = watch.begin(label.padEnd(34), calls.length)
      try {
        const embedder = await embedders.get(configuration)
        if (embedder) embedder.remembersWords = change.label !== undefined
        const prices = await embedders.prices(configurations)
        const { ttlMs, maxEntries, policies } = { ...options, ...changed }
        return await simulate({
          calls,
          configuration,
          embedder,
          seed,
          ttlMs,
          maxEntries,
          prices,
          policies,
          onProgress: (done) => bar.update(done),
        })
      } finally {
        bar.stop()
      }
    }
    const figures = (simulated: Simulated) => figuresOf(simulated, { priceOf, toolUsd: options.toolUsd })
    const measured: ConfigurationFigures[] = []
    for (const configuration of configurations) measured.push(figures(await run(configuration, {})))

    const swept = sweptConfigurations(configurations)
    const spanMs = (source.lines.at(-1)?.at ?? 0) - firstAt
    const distinct = new Set(keys).size
    const sweep = async (values: readonly number[], name: 'ttlMs' | 'maxEntries'): Promise<SweepPoint[]> => {
      const points: SweepPoint[] = []
      for (const configuration of swept) {
        for (const value of values) {
          const label = `${configuration.name}, ${name === 'ttlMs' ? `life ${durationName(value)}` : `${value} entries`}`
          const { hitRate, netUsd, falseHits } = figures(await run(configuration, { [name]: value, label }))
          points.push({
            configuration: configuration.name,
            value,
            ...(hitRate !== undefined && { hitRate }),
            netUsd,
            falseHits: falseHits.all.wrong,
          })
        }
      }
      return points
    }
    const bySize = await sweep(options.sizes ?? partsOf(distinct, [1 / 32, 1 / 8, 1 / 4, 1 / 2, 1]), 'maxEntries')
    const byTtl = await sweep(options.ttlsMs ?? partsOf(spanMs, [1 / 96, 1 / 24, 1 / 8, 1 / 3, 1]), 'ttlMs')
    const { lines: _lines, ...about } = source
    return {
      stamp: reportStamp({ seed, dataset: source.dataset }),
      source: about,
      traffic: trafficFigures(source, keys, modelLines, bought.calls),
      options: shownOptions(options),
      configurations: measured,
      monthly: measured.map((one) => monthlyOf(one, options)),
      bySize,
      byTtl,
      ...(options.live && { live: { spentUsd: bought.spentUsd, calls: bought.calls } }),
      measured: {
        breakEven: await breakEvens(embedders, options, modelLines.length, measured, priceOf),
        seconds: (performance.now() - startedAt) / 1_000,
      },
    }
  } finally {
    await embedders.close()
    await endpoint.close()
  }
}

function checkedConfigurations({ configurations }: CostOptions): Configuration[] {
  const parsed = configurations.map(parseConfiguration)
  const twice = configurations.find((name, index) => configurations.indexOf(name) < index)
  if (twice !== undefined) throw invalidOption('--configuration', 'named once each', twice)
  return parsed.some(({ decision }) => decision === 'none') ? parsed : [parseConfiguration('none'), ...parsed]
}

/** Exact reuse, and the first configuration that goes by meaning: two curves that can be read. */
function sweptConfigurations(configurations: readonly Configuration[]): Configuration[] {
  const exact = configurations.find(({ decision, withTools }) => decision === 'exact' && !withTools)
  const byMeaning = configurations.filter(({ decision, withTools }) => typeof decision === 'object' && !withTools)
  const chosen = byMeaning.find(({ name }) => name.startsWith('calibrated:0.05')) ?? byMeaning[0]
  return [exact, chosen].filter((one) => one !== undefined)
}

function partsOf(whole: number, parts: readonly number[]): number[] {
  return [...new Set(parts.map((part) => Math.max(1, Math.round(whole * part))))]
}

async function buy(
  options: CostOptions,
  lines: readonly ModelLine[],
  endpoint: Endpoint,
  priceOf: ReturnType<typeof createPriceOf>,
  at: number,
): Promise<Bought | undefined> {
  const purchases = purchasesOf(lines, { ...options, priceOf, at })
  const { live, maxUsd, watch } = options
  if (live || options.estimateOnly) {
    const likely = purchases.reduce((sum, { likelyUsd }) => sum + likelyUsd, 0)
    const worst = purchases.reduce((sum, { worstUsd }) => sum + worstUsd, 0)
    watch.say(
      `${purchases.length} answers to buy at ${endpoint.baseUrl}: about $${likely.toFixed(4)}, at most $${worst.toFixed(4)}; each once, for all configurations`,
    )
    if (options.estimateOnly) return undefined
    if (maxUsd === undefined) throw invalidOption('--max-usd', 'given with --live, in US dollars > 0', undefined)
    if (likely > maxUsd) throw invalidOption('--max-usd', `at least the estimate of ${likely.toFixed(4)}`, maxUsd)
  }
  const bar = watch.begin('answers of the model'.padEnd(34), purchases.length)
  try {
    return await buyAnswers(purchases, {
      ...endpoint,
      maxUsd: live ? (maxUsd ?? 0) : Number.POSITIVE_INFINITY,
      priceOf,
      concurrency: live ? 4 : 16,
      measuresLatency: live,
      ...(live && options.answersFile !== undefined && { answersFile: options.answersFile }),
      onProgress: (done, spentUsd) => bar.update(done, live ? `$${spentUsd.toFixed(4)} spent` : undefined),
    })
  } finally {
    bar.stop()
  }
}

function trafficFigures(
  { lines }: Source,
  keys: readonly string[],
  modelLines: readonly ModelLine[],
  bought: number,
): CostResult['traffic'] {
  const seen = new Set<string>()
  let exactRepeats = 0
  let bypassed = 0
  for (const [index, key] of keys.entries()) {
    if (isToolLine(lines[index]?.line as ModelLine)) continue
    if (key === '') bypassed++
    else if (seen.has(key)) exactRepeats++
    seen.add(key)
  }
  const given = new Set<string>()
  const labels = lines.flatMap(({ line }) => (isToolLine(line) || line.answerId === undefined ? [] : [line.answerId]))
  let repeats = 0
  for (const label of labels) {
    if (given.has(label)) repeats++
    given.add(label)
  }
  return {
    calls: modelLines.length,
    toolCalls: lines.length - modelLines.length,
    spanMs: (lines.at(-1)?.at ?? 0) - (lines[0]?.at ?? 0),
    bypassed,
    exactRepeats: modelLines.length > 0 ? exactRepeats / modelLines.length : 0,
    ...(labels.length > 0 && { repeatsByMeaning: repeats / labels.length }),
    labelled: labels.length,
    answers: { logged: modelLines.filter(({ answer }) => answer !== undefined).length, bought },
  }
}

/** Every lookup that goes by meaning embeds, so the texts of a month are the lookups that were not exact hits. */
async function breakEvens(
  embedders: EmbedderPool,
  options: CostOptions,
  calls: number,
  figures: readonly ConfigurationFigures[],
  priceOf: ReturnType<typeof createPriceOf>,
): Promise<BreakEven[]> {
  if (hostedUsdPerMillionTokens({ priceOf, hostedModel: options.hostedModel }) === undefined) {
    throw new CacheError(
      'INVALID_OPTION',
      `--hosted-embedding must be an OpenAI model with a known price, got ${options.hostedModel}`,
    )
  }
  const found: BreakEven[] = []
  for (const [name, embedder] of embedders.local()) {
    const user = figures.find((one) => one.embedder === name)
    const lookups = user ? user.calls - user.outcomes.bypass - user.tiers.memory - user.tiers.exact : calls
    const monthlyTexts = calls > 0 ? (lookups / calls) * options.monthlyCalls : 0
    const one = await breakEvenOf(name, embedder, { ...options, priceOf, monthlyTexts })
    if (one) found.push(one)
  }
  return found
}

/** What decides the figures, without paths of files and functions. */
function shownOptions(options: CostOptions): Record<string, unknown> {
  const { log, trace, answersFile, questionSet, watch, policies, ...shown } = options
  return { ...shown, policies: Object.keys(policies) }
}
