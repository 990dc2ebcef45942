import type { TableSection } from '../../../report/sections.ts'
import type { CostResult, SweepPoint } from './cost-benchmark.ts'
import { durationName } from './duration.ts'
import type { FalseHits } from './figures.ts'
import type { MonthlyFigures } from './monthly-report.ts'

type Table = Pick<TableSection, 'columns' | 'rows'>

/** One row a configuration: what it saved and what it broke. */
export function outcomeTable({ configurations, monthly }: CostResult): Table {
  return {
    columns: [
      { title: 'configuration' },
      { title: 'hit rate', format: 'share' },
      { title: 'second half', format: 'share' },
      { title: 'of what repeats', format: 'share' },
      { title: 'by meaning', format: 'count' },
      { title: 'false hits', format: 'count' },
      { title: 'of them by meaning (95 %)' },
      { title: 'tools wrong' },
      { title: 'avoided', format: 'usd' },
      { title: 'overhead', format: 'usd' },
      { title: 'net', format: 'usd' },
      { title: 'net a month', format: 'usd' },
    ],
    rows: configurations.map((one, index) => [
      one.name,
      one.hitRate,
      one.hitRateSecondHalf,
      one.coverage,
      one.hitRate === undefined ? undefined : one.tiers.semantic,
      one.hitRate === undefined ? undefined : one.falseHits.all.wrong,
      interval(one.falseHits.byMeaning),
      one.tools.hits > 0 ? `${one.falseHits.tools.wrong} of ${one.tools.hits}` : undefined,
      one.model.avoidedUsd + one.tools.avoidedUsd,
      one.model.overheadUsd,
      one.netUsd,
      monthly[index]?.netUsd,
    ]),
  }
}

function interval({ wrong, labelled, rate, interval: [low, high] }: FalseHits): string | undefined {
  if (rate === undefined) return undefined
  const percent = (share: number) => (share * 100).toFixed(1)
  return `${wrong}/${labelled}: ${percent(rate)} % (${percent(low)}–${percent(high)})`
}

/** What callers waited: measured in the cache, virtual in model and tools. */
export function latencyTable({ configurations }: CostResult): Table {
  return {
    columns: [
      { title: 'configuration' },
      { title: 'caller waits p50', format: 'ms' },
      { title: 'p95', format: 'ms' },
      { title: 'p99', format: 'ms' },
      { title: 'of it in the cache p50', format: 'ms' },
      { title: 'p95', format: 'ms' },
      { title: 'waiting spared', format: 'ms' },
    ],
    rows: configurations.map(({ name, measured: { latencyMs, cacheMs }, sparedMs }) => [
      name,
      latencyMs.p50,
      latencyMs.p95,
      latencyMs.p99,
      cacheMs.p50,
      cacheMs.p95,
      sparedMs,
    ]),
  }
}

/** The month as seed-requirements 6.4 lays it out, a column a configuration. */
export function monthlyTable({ monthly }: CostResult): Table {
  const row = (label: string, of: (one: MonthlyFigures) => number | undefined) => [label, ...monthly.map(of)]
  return {
    columns: [{ title: 'US dollars a month' }, ...monthly.map(({ name }) => ({ title: name, format: 'usd' as const }))],
    rows: [
      row('store (Redis)', ({ redisUsd }) => redisUsd),
      row('compute', ({ computeUsd }) => computeUsd),
      row('model', ({ modelUsd }) => modelUsd),
      row('tools', ({ toolUsd }) => toolUsd),
      row('embedding and deciding', ({ embeddingUsd }) => embeddingUsd),
      row('total', ({ totalUsd }) => totalUsd),
      row('without a cache', ({ withoutCacheUsd }) => withoutCacheUsd),
      row('net saving', ({ netUsd }) => netUsd),
    ],
  }
}

/** What the same month suggests, in sentences. */
export function advice({ monthly, configurations, byTtl, options }: CostResult): string[] {
  const [without] = monthly
  if (!without) return []
  const lines =
    without.tenPointsUsd === 0 ? [] : [`Ten points more of hit rate would save ${usd(without.tenPointsUsd)} a month.`]
  const best = [...monthly].sort((a, b) => b.netUsd - a.netUsd)[0]
  if (best && best.netUsd > 0) {
    const figures = configurations.find(({ name }) => name === best.name)
    const wrong = figures?.falseHits.all
    const price =
      wrong?.rate === undefined ? '' : `, and ${wrong.wrong} of its ${wrong.labelled} labelled reuses were wrong`
    lines.push(`Most is saved by ${best.name}: ${usd(best.netUsd)} a month${price}.`)
    if (best.breakEvenCalls !== undefined && best.breakEvenCalls > 0) {
      lines.push(`Its store has paid for itself from ${best.breakEvenCalls.toLocaleString('en-US')} calls a month on.`)
    }
  } else lines.push('No configuration saves more than it costs at this volume.')
  const longest = byTtl.at(-1)
  const usual = byTtl.find(
    ({ configuration, value }) => configuration === longest?.configuration && value >= Number(options.ttlMs) / 4,
  )
  if (longest && usual && usual !== longest && longest.hitRate !== undefined && usual.hitRate !== undefined) {
    const gain = (longest.hitRate - usual.hitRate) * 100
    lines.push(
      `Of ${longest.configuration}, a life of ${durationName(longest.value)} instead of ${durationName(usual.value)} adds ${gain.toFixed(1)} points of hit rate.`,
    )
  }
  return lines
}

/** What a local embedder costs beside a hosted one. */
export function breakEvenTable({ measured: { breakEven } }: CostResult): Table {
  return {
    columns: [
      { title: 'embedder' },
      { title: 'a text p50', format: 'ms' },
      { title: 'p95', format: 'ms' },
      { title: 'processor a text', format: 'ms' },
      { title: '$ per 1M tokens, local', format: 'usd' },
      { title: 'hosted', format: 'usd' },
      { title: 'month: hosted', format: 'usd' },
      { title: 'in process', format: 'usd' },
      { title: 'own machine', format: 'usd' },
      { title: 'own machine pays from, M tokens/month' },
      { title: 'it can do, M tokens/month', format: 'count' },
    ],
    rows: breakEven.map((one) => [
      one.embedder,
      one.waitMs.p50,
      one.waitMs.p95,
      one.cpuMsPerText,
      one.localUsdPerMillionTokens,
      one.hostedUsdPerMillionTokens,
      one.monthly.hostedUsd,
      one.monthly.inProcessUsd,
      one.monthly.ownMachineUsd,
      one.breakEvenTokensPerMonth === undefined
        ? 'never'
        : Math.round(one.breakEvenTokensPerMonth / 1e6).toLocaleString('en-US'),
      one.machineTokensPerMonth / 1e6,
    ]),
  }
}

export function sweepTable(points: readonly SweepPoint[], what: 'entries' | 'life'): Table {
  const names = [...new Set(points.map(({ configuration }) => configuration))]
  const values = [...new Set(points.map(({ value }) => value))]
  return {
    columns: [
      { title: what === 'life' ? 'life of an entry' : 'entries kept' },
      ...names.flatMap((name) => [
        { title: `${name}: hit rate`, format: 'share' as const },
        { title: 'net', format: 'usd' as const },
        { title: 'false hits', format: 'count' as const },
      ]),
    ],
    rows: values.map((value) => [
      what === 'life' ? durationName(value) : value.toLocaleString('en-US'),
      ...names.flatMap((name) => {
        const point = points.find((one) => one.configuration === name && one.value === value)
        return [point?.hitRate, point?.netUsd, point?.falseHits]
      }),
    ]),
  }
}

/** What is assumed and what is measured; every reader of the figures must see it. */
export function remarks({ source, traffic, options, live }: CostResult): string[] {
  const share = (value: number) => `${(value * 100).toFixed(1)} %`
  const lines = [
    `${traffic.calls.toLocaleString('en-US')} calls of a model and ${traffic.toolCalls.toLocaleString('en-US')} of tools within ${durationName(traffic.spanMs)} of virtual time. ${share(traffic.exactRepeats)} of the calls repeat an earlier one exactly${traffic.repeatsByMeaning === undefined ? '' : `; by the labels ${share(traffic.repeatsByMeaning)} ask again what was asked before`}; ${traffic.bypassed} ask about now and are never cached.`,
  ]
  if (source.isMadeUp) {
    lines.push(
      `Made-up traffic: questions by Zipf ${options.zipf}, their wordings by Zipf ${options.wordingZipf}, ${share(Number(options.followUps))} follow-ups, ${share(Number(options.toolCalls))} calls of tools, arrivals "${source.arrivals}". The hit rate follows from these assumptions as much as from the cache: --log FILE says it for your own traffic.`,
    )
    if (traffic.toolCalls > 0) {
      lines.push(
        'Tools wrong: the made-up weather changes every 20 minutes, and its policy allows one that is 10 minutes old; such hits are counted here as wrong.',
      )
    }
  } else if (traffic.labelled < traffic.calls) {
    lines.push(
      `${traffic.labelled} of ${traffic.calls} calls have an answerId: false hits are counted among those only, and none of the others was checked.`,
    )
  }
  if (source.malformed.length > 0) {
    const [first] = source.malformed
    lines.push(
      `${source.malformed.length} malformed lines were left out; the first is line ${first?.line}: ${first?.problem}`,
    )
  }
  if (source.outOfOrder > 0) lines.push(`${source.outOfOrder} lines were out of order of time, and were sorted.`)
  if (live)
    lines.push(`Live: ${live.calls} answers bought for $${live.spentUsd.toFixed(4)}; times of the model are measured.`)
  else if (traffic.answers.logged < traffic.calls)
    lines.push(
      `The model is a local stand-in: lengths of answers (median ${options.answerTokens} tokens) and its times (480 ms to the first token, 12 ms a token) are drawn; prices are those of the model named.`,
    )
  if (Number(options.contextTokens) > 0)
    lines.push(
      `Each call without logged tokens carries ${options.contextTokens} tokens of instructions beside its text: an assumption.`,
    )
  return lines
}

function usd(value: number): string {
  return `$${value.toLocaleString('en-US', { maximumFractionDigits: 2, minimumFractionDigits: 2 })}`
}
