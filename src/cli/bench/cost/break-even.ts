import type { PriceOf } from '../../../core/stats.ts'
import { quantileOf } from '../replay.ts'
import type { RememberedEmbedder } from './remembered-embedder.ts'

export interface BreakEvenOptions {
  readonly priceOf: PriceOf
  /** The hosted embedding model of OpenAI to compare with. */
  readonly hostedModel: string
  /** A machine that would embed: US dollars an hour, and its processors. */
  readonly machineUsdPerHour: number
  readonly machineProcessors: number
  /** Texts to be embedded in a month. */
  readonly monthlyTexts: number
}

/** What a local embedder costs beside a hosted one; all of it follows from the time measured on this machine. */
export interface BreakEven {
  readonly embedder: string
  readonly texts: number
  readonly tokensPerText: number
  /** One text, alone: what a lookup waits. */
  readonly waitMs: { readonly p50: number; readonly p95: number }
  readonly cpuMsPerText: number
  /** Processor time in the application's own process, at the machine's price. */
  readonly localUsdPerMillionTokens: number
  readonly hostedUsdPerMillionTokens: number
  /** At the stated volume, a month. */
  readonly monthly: { readonly hostedUsd: number; readonly inProcessUsd: number; readonly ownMachineUsd: number }
  /** Above so many tokens a month a machine of its own is cheaper than the hosted model; absent: never. */
  readonly breakEvenTokensPerMonth?: number
  readonly machineUsdPerMonth: number
  /** What one such machine can embed in a month, every processor busy. */
  readonly machineTokensPerMonth: number
}

const HOURS_PER_MONTH = 730

/**
 * The sum of seed-requirements 6.2, strategy 3, with measured speed in place of an assumed one. A machine that cannot
 * embed the break-even volume never breaks even: every further machine costs the same again.
 */
export async function breakEvenOf(
  name: string,
  embedder: RememberedEmbedder,
  options: BreakEvenOptions,
): Promise<BreakEven | undefined> {
  const { remembered } = embedder
  if (remembered.length === 0) return undefined
  const hosted = hostedUsdPerMillionTokens(options)
  if (hosted === undefined) return undefined
  const { machineUsdPerHour, machineProcessors, monthlyTexts } = options
  const mean = (of: (one: (typeof remembered)[number]) => number) =>
    remembered.reduce((sum, one) => sum + of(one), 0) / remembered.length
  const cpuMsPerText = await embedder.cpuMsPerText()
  // The hosted model's own tokens, estimated: a local one counts its own, or none at all.
  const tokensPerText = mean(({ estimatedTokens }) => estimatedTokens)
  const monthlyMachineUsd = machineUsdPerHour * HOURS_PER_MONTH
  const usdPerCpuMs = machineUsdPerHour / machineProcessors / 3_600_000
  const machineTokensPerMonth = ((machineProcessors * 3_600_000 * HOURS_PER_MONTH) / cpuMsPerText) * tokensPerText
  const breakEvenTokensPerMonth = (monthlyMachineUsd / hosted) * 1_000_000
  const monthlyTokens = monthlyTexts * tokensPerText
  return {
    embedder: name,
    texts: remembered.length,
    tokensPerText,
    waitMs: {
      p50: quantileOf(
        remembered.map(({ waitMs }) => waitMs),
        0.5,
      ),
      p95: quantileOf(
        remembered.map(({ waitMs }) => waitMs),
        0.95,
      ),
    },
    cpuMsPerText,
    localUsdPerMillionTokens: ((cpuMsPerText * usdPerCpuMs) / tokensPerText) * 1_000_000,
    hostedUsdPerMillionTokens: hosted,
    monthly: {
      hostedUsd: (monthlyTokens / 1_000_000) * hosted,
      inProcessUsd: monthlyTexts * cpuMsPerText * usdPerCpuMs,
      ownMachineUsd: monthlyMachineUsd * Math.max(1, Math.ceil(monthlyTokens / machineTokensPerMonth)),
    },
    ...(breakEvenTokensPerMonth <= machineTokensPerMonth && { breakEvenTokensPerMonth }),
    machineUsdPerMonth: monthlyMachineUsd,
    machineTokensPerMonth,
  }
}

export function hostedUsdPerMillionTokens({
  priceOf,
  hostedModel,
}: Pick<BreakEvenOptions, 'priceOf' | 'hostedModel'>): number | undefined {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, totalTokens: 1_000_000 }
  return priceOf({ provider: 'openai', name: hostedModel, usage, at: Date.now() })
}
