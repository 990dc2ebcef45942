import type { Candidate } from '../../src/core/entry.ts'
import { dot } from '../../src/core/vector.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import type { DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import type { LabelledPair } from './sets.ts'

export interface PairCount {
  same: number
  servedSame: number
  different: number
  servedDifferent: number
  /** True pairs refused by a guard's veto. */
  falseVetoes: number
  milliseconds: number
  readonly kinds: Record<string, { different: number; served: number }>
}

/** Each pair in a cache of its own: the stored text is the only candidate. `exact` serves equal texts alone. */
export async function judgePairs(
  pairs: readonly LabelledPair[],
  policy: DecisionPolicy | 'exact',
  embedder: Embedder,
  vectors: ReadonlyMap<string, Float32Array>,
): Promise<Map<string, PairCount>> {
  const { id: embedderId } = await embedder.describe()
  const { signal } = new AbortController()
  const counts = new Map<string, PairCount>()
  for (const { set, kind, isSame, asked, stored } of pairs) {
    const vector = vectors.get(asked)
    const storedVector = vectors.get(stored)
    if (!vector || !storedVector) continue
    const count = counts.get(set) ?? {
      same: 0,
      servedSame: 0,
      different: 0,
      servedDifferent: 0,
      falseVetoes: 0,
      milliseconds: 0,
      kinds: {},
    }
    counts.set(set, count)
    const candidate = candidateOf(stored, storedVector, dot(vector, storedVector))
    const startedAt = performance.now()
    const query = {
      text: asked,
      vector,
      embedderId,
      ...(embedder.wordVectors && { wordVectors: embedder.wordVectors }),
    }
    const decision = policy === 'exact' ? undefined : await policy.decide(query, [candidate], { signal })
    count.milliseconds += performance.now() - startedAt
    const isServed = decision ? decision.reuse !== undefined : asked === stored
    if (isSame) {
      count.same++
      if (isServed) count.servedSame++
      if (decision?.reason === 'guard-veto') count.falseVetoes++
      continue
    }
    count.different++
    if (isServed) count.servedDifferent++
    const ofKind = count.kinds[kind] ?? { different: 0, served: 0 }
    count.kinds[kind] = ofKind
    ofKind.different++
    if (isServed) ofKind.served++
  }
  return counts
}

function candidateOf(queryText: string, vector: Float32Array, similarity: number): Candidate<string> {
  const entry = {
    key: queryText,
    namespace: 'bench',
    tags: [],
    scope: 'bench',
    value: queryText,
    queryText,
    vector,
    origin: { provider: 'bench', name: 'bench', durationMs: 0 },
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  }
  return { entry, similarity }
}
