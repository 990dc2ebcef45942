import { createHash } from 'node:crypto'
import type { Candidate } from '../../core/entry.ts'
import { dot } from '../../core/vector.ts'
import type { Embedder, EmbedderNotice } from '../../embeddings/embedder.ts'
import { type Assessment, assess } from '../../semantic-cache/decision/assessment.ts'
import { shippedFits } from '../../semantic-cache/decision/fits/index.ts'
import type { DecisionQuery } from '../../semantic-cache/decision/policy.ts'
import type { LabelledPair } from './labelled-pairs.ts'

/** A labelled pair with all that a decision could go by. */
export interface MeasuredPair extends LabelledPair {
  readonly query: DecisionQuery
  readonly candidate: Candidate<string>
  readonly similarity: number
  readonly kind: Assessment['kind']
  /** In log-odds, of the shipped fit; NaN unless `scored`. */
  readonly score: number
  /** Guards that see a difference. */
  readonly differing: readonly string[]
  /** Pairs that share a text are in one fold, so that none is judged by what was learned from its own text. */
  readonly fold: number
}

export const FOLDS = 10
const TEXTS_AT_ONCE = 64

export interface MeasureOptions {
  readonly report?: (notice: EmbedderNotice) => void
  /** Up to twice the number of pairs. */
  readonly onProgress?: (done: number) => void
}

export async function measurePairs(
  pairs: readonly LabelledPair[],
  embedder: Embedder,
  { report, onProgress }: MeasureOptions = {},
): Promise<MeasuredPair[]> {
  const texts = [...new Set(pairs.flatMap(({ asked, stored }) => [asked, stored]))]
  const vectors = new Map<string, Float32Array>()
  for (let from = 0; from < texts.length; from += TEXTS_AT_ONCE) {
    const part = texts.slice(from, from + TEXTS_AT_ONCE)
    const made = await embedder.embed(part, report ? { report } : {})
    for (const [i, vector] of made.entries()) vectors.set(part[i] as string, vector)
    onProgress?.((pairs.length * (from + part.length)) / texts.length)
  }
  const { id: embedderId } = await embedder.describe()
  const fits = shippedFits()
  const folds = foldsOf(pairs)
  return pairs.map((pair, i) => {
    const vector = vectors.get(pair.asked) as Float32Array
    const storedVector = vectors.get(pair.stored) as Float32Array
    const similarity = dot(vector, storedVector)
    const words = embedder.wordVectors && { wordVectors: embedder.wordVectors }
    const query = { text: pair.asked, vector, embedderId, ...words }
    const candidate = { entry: entryOf(pair.stored, storedVector, embedderId), similarity }
    const { kind, score, findings } = assess(query, candidate, fits)
    onProgress?.(pairs.length + i + 1)
    const differing = findings.filter(({ verdict }) => verdict === 'differ').map(({ guard }) => guard)
    return { ...pair, query, candidate, similarity, kind, score, differing, fold: folds[i] as number }
  })
}

/** An entry that exists for a decision only. */
export function entryOf(queryText: string, vector: Float32Array, embedderId: string): Candidate<string>['entry'] {
  return {
    key: queryText,
    namespace: 'cli',
    tags: [],
    scope: 'cli',
    value: '',
    queryText,
    vector,
    embedderId,
    origin: { provider: 'cli', name: 'cli', durationMs: 0 },
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  }
}

/** Groups of pairs that hang together by their texts, the largest first into the emptiest fold; the same each time. */
function foldsOf(pairs: readonly LabelledPair[]): number[] {
  const parent = new Map<string, string>()
  const rootOf = (text: string): string => {
    let root = text
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) root = up
    parent.set(text, root)
    return root
  }
  for (const { asked, stored } of pairs) parent.set(rootOf(asked), rootOf(stored))
  const groups = new Map<string, number[]>()
  for (const [i, { asked }] of pairs.entries()) {
    const root = rootOf(asked)
    groups.set(root, [...(groups.get(root) ?? []), i])
  }
  const ordered = [...groups]
    .map(([root, members]) => ({ members, order: createHash('sha256').update(root).digest('hex') }))
    .sort((a, b) => b.members.length - a.members.length || (a.order < b.order ? -1 : 1))
  const sizes = new Array<number>(FOLDS).fill(0)
  const folds = new Array<number>(pairs.length).fill(0)
  for (const { members } of ordered) {
    const fold = sizes.indexOf(Math.min(...sizes))
    sizes[fold] = (sizes[fold] as number) + members.length
    for (const i of members) folds[i] = fold
  }
  return folds
}
