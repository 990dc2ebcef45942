import { CacheError } from '../../core/errors.ts'

/** How the vectors of the tokens become one: their mean, that of the first or last token, or the largest components. */
export type Pooling = 'mean' | 'cls' | 'last' | 'max'

export const POOLINGS: readonly Pooling[] = ['mean', 'cls', 'last', 'max']

/** Modes of sentence-transformers by their names in `1_Pooling/config.json`. Scale is lost at unit length anyway. */
const MODES: Readonly<Record<string, Pooling>> = {
  pooling_mode_mean_tokens: 'mean',
  pooling_mode_mean_sqrt_len_tokens: 'mean',
  pooling_mode_cls_token: 'cls',
  pooling_mode_lasttoken: 'last',
  pooling_mode_max_tokens: 'max',
}

/** @throws CacheError EMBEDDER_FAILED for modes that are not known here, or several at once */
export function poolingFrom(config: Readonly<Record<string, unknown>>): Pooling {
  const on = Object.keys(config).filter((name) => name.startsWith('pooling_mode_') && config[name] === true)
  const pooling = on.length === 1 ? MODES[on[0] as string] : undefined
  if (pooling) return pooling
  throw new CacheError(
    'EMBEDDER_FAILED',
    `1_Pooling/config.json must switch on one of ${Object.keys(MODES).join(', ')}, got ${on.join(', ') || 'none'}; set the option pooling if you know better`,
  )
}

/** Pools the `tokens` × `width` numbers of one text, none of them padding. */
export function pooled(states: Float32Array, tokens: number, width: number, pooling: Pooling): Float32Array {
  if (pooling === 'cls') return states.slice(0, width)
  if (pooling === 'last') return states.slice((tokens - 1) * width, tokens * width)
  const result = states.slice(0, width)
  for (let token = 1; token < tokens; token++) {
    for (let i = 0; i < width; i++) {
      const value = states[token * width + i] as number
      const held = result[i] as number
      result[i] = pooling === 'max' ? Math.max(held, value) : held + value
    }
  }
  return result
}
