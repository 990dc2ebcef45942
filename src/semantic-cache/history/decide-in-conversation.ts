import type { CacheEntry, Candidate, EntryHistory } from '../../core/entry.ts'
import { dot } from '../../core/vector.ts'
import type {
  Decision,
  DecisionContext,
  DecisionPolicy,
  DecisionQuery,
  Finding,
  Verification,
} from '../decision/policy.ts'
import { answersAgree } from './answers-agree.ts'
import { leansOn } from './leaning.ts'

/**
 * A similarity below which two earlier questions are not even shown to the policy: they are other conversations. What
 * leans on them means what they mean, so nothing far may stand in for them.
 */
const MIN_TURN_SIMILARITY = { leaning: 0.5, free: 0.3 }

/**
 * Candidates found by the vector of the whole conversation, each with vector and similarity of its last message, as
 * policies know them. Entries without a history of the same shape are left out.
 */
export function byLastMessage<Value>(
  found: readonly Candidate<Value>[],
  { turns, vectors }: EntryHistory,
): Candidate<Value>[] {
  const last = vectors[turns.length] as Float32Array
  return found
    .flatMap(({ entry }) => {
      const stored = entry.history
      const vector = stored?.vectors[turns.length]
      const hasShape =
        stored?.turns.length === turns.length && stored.turns.every(({ role }, i) => role === turns[i]?.role)
      if (!hasShape || vector?.length !== last.length) return []
      return [{ entry: { ...entry, vector }, similarity: clamped(dot(last, vector)) }]
    })
    .sort((a, b) => b.similarity - a.similarity)
}

/**
 * Lets the policy decide each earlier question of the user as it decides the last one, and compares what the model said.
 * Only candidates whose whole way fits are offered for the last message; a doubt on the way is a refusal.
 */
export async function decideInConversation<Value>(
  policy: DecisionPolicy,
  query: DecisionQuery,
  candidates: readonly Candidate<Value>[],
  asked: EntryHistory,
  context: DecisionContext,
): Promise<Decision<Value>> {
  const leaning = leansOn(query.text)
  const fitting: Candidate<Value>[] = []
  const seen: { findings: readonly Finding[]; usd: number | undefined; tokens: number; verifications: Verification[] } =
    {
      findings: [],
      usd: 0,
      tokens: 0,
      verifications: [],
    }
  for (const candidate of candidates) {
    const stored = candidate.entry.history as EntryHistory
    let fits = true
    for (const [i, turn] of asked.turns.entries()) {
      const storedText = stored.turns[i]?.text ?? ''
      if (turn.text === storedText) continue
      const vector = asked.vectors[i] as Float32Array
      const storedVector = stored.vectors[i] as Float32Array
      const similarity = clamped(dot(vector, storedVector))
      if (turn.role === 'assistant') {
        const finding = answersAgree(turn.text, storedText, similarity, leaning)
        fits = finding.verdict === 'agree'
        if (!fits) seen.findings = [finding]
      } else if (similarity < MIN_TURN_SIMILARITY[leaning ? 'leaning' : 'free']) {
        fits = false
        seen.findings = [{ guard: 'history', verdict: 'differ', asked: turn.text, stored: storedText }]
      } else {
        const entry = turnEntry(candidate.entry, storedText, storedVector)
        // What was remembered or learned is about last messages.
        const { signal } = context
        const decided = await policy.decide({ ...query, text: turn.text, vector }, [{ entry, similarity }], { signal })
        seen.usd =
          seen.usd === undefined || decided.overhead.usd === undefined ? undefined : seen.usd + decided.overhead.usd
        seen.tokens += decided.overhead.tokens
        for (const { keep: _, ...verification } of decided.verifications ?? []) seen.verifications.push(verification)
        fits = decided.reuse !== undefined
        if (!fits) {
          const finding: Finding = { guard: 'history', verdict: 'differ', asked: turn.text, stored: storedText }
          seen.findings = [finding, ...decided.findings]
        }
      }
      if (!fits) break
    }
    if (fits) fitting.push(candidate)
  }
  const overhead = { tokens: seen.tokens, ...(seen.usd !== undefined && { usd: seen.usd }) }
  const verifications = seen.verifications.length > 0 ? { verifications: seen.verifications } : {}
  if (fitting.length === 0) return { reason: 'history-differs', findings: seen.findings, overhead, ...verifications }
  const decided = await policy.decide(query, fitting, context)
  const { usd } = decided.overhead
  const all = [...seen.verifications, ...(decided.verifications ?? [])]
  return {
    ...decided,
    overhead: {
      tokens: overhead.tokens + decided.overhead.tokens,
      ...(seen.usd !== undefined && usd !== undefined && { usd: seen.usd + usd }),
    },
    ...(all.length > 0 && { verifications: all }),
  }
}

/** An earlier question as a candidate of its own. */
function turnEntry<Value>(entry: CacheEntry<Value>, queryText: string, vector: Float32Array): CacheEntry<Value> {
  const { history: _, ...rest } = entry
  return { ...rest, queryText, vector, evidence: { correct: 0, wrong: 0 } }
}

function clamped(similarity: number): number {
  return Math.max(-1, Math.min(1, similarity))
}
