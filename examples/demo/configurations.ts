import { calibrated, type SemanticCacheOptions, similarityThreshold } from '../../src/index.ts'

/** What the demo runs, side by side; the last is looked at closely. No options: no cache. */
export function configurations(): { readonly name: string; readonly options?: SemanticCacheOptions }[] {
  return [
    { name: 'no cache' },
    { name: 'Reprise, as it comes', options: {} },
    { name: 'similarity alone, ≥ 0.8', options: { decision: similarityThreshold({ minSimilarity: 0.8 }) } },
    { name: 'calibrated, 5 % risk', options: { decision: calibrated({ maxFalseHitRate: 0.05 }) } },
  ]
}
