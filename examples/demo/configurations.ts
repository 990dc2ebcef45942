import { fileURLToPath } from 'node:url'
import { localJudge } from '../../src/embeddings/index.ts'
import { calibrated, type SemanticCacheOptions, similarityThreshold, verified } from '../../src/index.ts'

export interface Configuration {
  readonly name: string
  /** Without options there is no cache. */
  readonly options?: SemanticCacheOptions
  close?(): Promise<void>
}

/** What the demo runs, side by side; the last is looked at closely. */
export function configurations(): Configuration[] {
  const judge = localJudge({ model: fileURLToPath(new URL('../../packages/reprise-judge', import.meta.url)) })
  const calibratedAtFivePercent = calibrated({ maxFalseHitRate: 0.05 })
  return [
    { name: 'no cache' },
    { name: 'Reprise, as it comes', options: {} },
    { name: 'similarity alone, ≥ 0.8', options: { decision: similarityThreshold({ minSimilarity: 0.8 }) } },
    { name: 'calibrated, 5 % risk', options: { decision: calibratedAtFivePercent } },
    {
      name: 'with the judge, 5 % risk',
      options: { decision: verified(calibratedAtFivePercent, { verifier: judge }) },
      close: () => judge.close(),
    },
  ]
}
