import { CircuitBreaker } from '../../core/circuit-breaker.ts'
import type { Candidate } from '../../core/entry.ts'
import { invalidOption, knownOptions, numberOption } from '../../core/options.ts'
import type { VerdictCombination, Verifier, VerifierFunction } from '../../core/verifier.ts'
import { combinationFor, combinedProbability, DEFAULT_COMBINATION, leastProbability } from './combined-probability.ts'
import { type Asked, asVerifier, GuardedVerifier, isCombination } from './guarded-verifier.ts'
import type {
  Decision,
  DecisionContext,
  DecisionPolicy,
  DecisionQuery,
  Finding,
  LaterVerification,
  Verification,
} from './policy.ts'
import { logOdds } from './traffic-evidence.ts'

export interface VerifiedOptions {
  /** Such as `localJudge()`, `chatVerifier(model)`, or a function that says whether the answer to `stored` fits `asked`. */
  readonly verifier: Verifier | VerifierFunction
  /**
   * Candidates that the policy gives a probability in [from, to] are asked about; above `to` the policy's own decision
   * stands, below `from` nothing is reused. Default from 0.05, to 0.99 or, if that is more, 1 − `maxFalseHitRate`.
   */
  readonly band?: { readonly from?: number; readonly to?: number }
  /** At most so many candidates of a question are asked about, the most probable first; 1…100, default 4. */
  readonly maxAsked?: number
  /**
   * `'before'` (default): the answer waits for the verdict. `'after'`: this call is a miss, and the verdict is made after
   * its answer and remembered for the next one that asks the same.
   */
  readonly mode?: 'before' | 'after'
  /**
   * The share of wrong answers among reused ones to stay under, in [0.001, 0.5]; default the policy's, else 0.01. It holds
   * as far as the two probabilities do, on the mix they were measured on.
   */
  readonly maxFalseHitRate?: number
  /** How the two probabilities are put together, instead of what the verifier brings along (`localJudge()` does). */
  readonly combination?: VerdictCombination
  /** Failures in a row that leave the verifier alone, and milliseconds until it is tried again. Default 5 and 2 000. */
  readonly breaker?: { readonly failures?: number; readonly halfOpenAfterMs?: number }
  /** The clock of the breaker, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const NAMES: readonly (keyof VerifiedOptions)[] = [
  ...(['verifier', 'band', 'maxAsked', 'mode', 'maxFalseHitRate', 'combination', 'breaker', 'now'] as const),
]

/**
 * Asks a verifier about the candidates that the policy is in doubt of. What a guard of the policy vetoes stays refused and
 * is not asked about. A candidate that was asked about is reused when the probabilities of policy and verifier together
 * keep `maxFalseHitRate`; where no combined probability is known to keep it, what the policy alone would reuse at that rate,
 * if the verifier finds it rather right than wrong. A policy that names no probability, such as `similarityThreshold()`, leaves it to the verifier
 * which of those it would reuse are.
 *
 * A verifier that fails or is late makes the call a miss with reason `verifier-failed`.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * verified(calibrated({ maxFalseHitRate: 0.05 }), { verifier: localJudge() })
 */
export function verified(policy: DecisionPolicy, options: VerifiedOptions): DecisionPolicy {
  const { verifier, maxFalseHitRate, band, maxAsked, mode, combination: own } = settingsOf(policy, options)

  const keepsRate = policy.maxFalseHitRate !== undefined && policy.maxFalseHitRate <= maxFalseHitRate

  /** The policy's and the verifier's word on a candidate put together. */
  const concluded = <Value>(view: View<Value>, asked: Asked, embedderId: string): Concluded<Value> => {
    if (asked.probability === undefined) return { view, verification: asked }
    const { keep, combination: measured, ...said } = asked
    const combination = combinationFor(own ?? measured ?? DEFAULT_COMBINATION, embedderId)
    const probability = combinedProbability(view.probability, asked.probability, combination)
    // Without the policy's part the measured limits mean nothing.
    const bar = view.probability === undefined ? 1 - maxFalseHitRate : leastProbability(combination, maxFalseHitRate)
    // Where no combined probability is known to keep the rate, the policy may keep it by itself; that the verifier looks on
    // as well makes it no worse.
    const isKept = bar === 1 && view.decision.reuse !== undefined && keepsRate && asked.probability >= 0.5
    const isProbable = probability >= bar || isKept
    const outcome = isProbable ? 'accepted' : asked.probability >= 0.5 ? 'unsure' : 'refused'
    return {
      view,
      probability,
      margin: isKept ? Math.max(0, view.decision.margin ?? 0) : logOdds(probability) - logOdds(bar),
      verification: { ...said, outcome, ...(keep && isProbable && { keep }) },
    }
  }

  return {
    name: `verified(${policy.name}, ${verifier.name})`,
    maxFalseHitRate,
    ...(policy.learns && { learns: policy.learns }),
    async decide<Value>(query: DecisionQuery, candidates: readonly Candidate<Value>[], context: DecisionContext) {
      if (candidates.length === 0) return policy.decide(query, candidates, context)
      // The policy is asked about each by itself, because its decision about all of them names only one.
      const views: View<Value>[] = []
      for (const candidate of candidates) {
        views.push(viewOf(candidate, await policy.decide(query, [candidate], context)))
      }
      // Of one among several it may be less sure than of the same one alone.
      if (views.some(({ decision }) => isCertain(decision, band.to))) {
        const whole = candidates.length === 1 ? views[0]?.decision : await policy.decide(query, candidates, context)
        if (whole && isCertain(whole, band.to)) return whole
      }
      views.sort(mostProbableFirst)
      const doubtful = views.filter((view) => isDoubtful(view, band)).slice(0, maxAsked)
      if (doubtful.length === 0) return refusedBy(views)

      const made: Concluded<Value>[] = []
      const later: LaterVerification[] = []
      for (const view of doubtful) {
        const { candidate } = view
        const known = await verifier.remembered(query.text, candidate, context)
        if (!known && mode === 'after') {
          const run = async (signal: AbortSignal) =>
            concluded(view, await verifier.ask(query.text, candidate, signal), query.embedderId).verification
          later.push({
            verifier: verifier.name,
            entryKey: candidate.entry.key,
            similarity: candidate.similarity,
            run,
          })
          continue
        }
        const asked = known ?? (await verifier.ask(query.text, candidate, context.signal))
        const last = concluded(view, asked, query.embedderId)
        made.push(last)
        // One that has just failed would fail for the next candidate as well, and every wait delays the answer.
        if (last.verification.outcome === 'accepted' || last.probability === undefined) break
      }
      return decisionOf(views, made, later)
    },
  }
}

/** What the policy says of one candidate by itself. */
interface View<Value> {
  readonly candidate: Candidate<Value>
  readonly decision: Decision<Value>
  readonly probability?: number
}

interface Concluded<Value> {
  readonly view: View<Value>
  /** Of both together; absent without a verdict. */
  readonly probability?: number
  /** From the bar, in log-odds. */
  readonly margin?: number
  readonly verification: Verification
}

function viewOf<Value>(candidate: Candidate<Value>, decision: Decision<Value>): View<Value> {
  const { probability } = decision
  return { candidate, decision, ...(probability !== undefined && { probability }) }
}

function isCertain({ reuse, probability }: Decision<unknown>, to: number): boolean {
  return reuse !== undefined && probability !== undefined && probability > to
}

function isDoubtful({ candidate, decision, probability }: View<unknown>, { from, to }: Band): boolean {
  if (candidate.entry.queryText === undefined || decision.reason === 'guard-veto') return false
  if (decision.reuse) return true
  return probability !== undefined && probability >= from && probability <= to
}

/** The closest first among equals: candidates come in that order, and sorting keeps it. */
function mostProbableFirst(a: View<unknown>, b: View<unknown>): number {
  return (b.probability ?? 0) - (a.probability ?? 0)
}

function refusedBy<Value>(views: readonly View<Value>[]): Decision<Value> {
  const { decision } = views[0] as View<Value>
  const { probability, findings } = decision
  const reason =
    decision.reason ?? (views[0]?.candidate.entry.queryText === undefined ? 'no-query-text' : 'policy-refused')
  return { reason, findings, ...(probability !== undefined && { probability }), ...spent(views) }
}

function decisionOf<Value>(
  views: readonly View<Value>[],
  made: readonly Concluded<Value>[],
  later: readonly LaterVerification[],
): Decision<Value> {
  const last = made.at(-1)
  const best = [...made].sort((a, b) => (b.probability ?? -1) - (a.probability ?? -1))[0]
  const accepted = last?.verification.outcome === 'accepted'
  const shown = accepted || last?.probability === undefined ? last : best
  const account = {
    findings: shown ? [...shown.view.decision.findings, findingOf(shown.verification)] : [],
    ...(shown?.probability !== undefined && { probability: shown.probability }),
    ...(shown?.margin !== undefined && { margin: shown.margin }),
    ...spent(views, made),
  }
  if (accepted) return { ...account, reuse: last.view.candidate }
  const reason =
    last && last.probability === undefined
      ? 'verifier-failed'
      : later.length > 0
        ? 'verifier-pending'
        : 'verifier-refused'
  const considered = shown?.probability === undefined ? {} : { considered: shown.view.candidate }
  return { ...account, reason, ...considered, ...(later.length > 0 && { later }) }
}

/** What asking the policy about every candidate took, with the verifications of a verified policy inside it. */
function spent<Value>(views: readonly View<Value>[], made: readonly Concluded<Value>[] = []) {
  let usd: number | undefined = 0
  let tokens = 0
  for (const { decision } of views) {
    tokens += decision.overhead.tokens
    usd = usd === undefined || decision.overhead.usd === undefined ? undefined : usd + decision.overhead.usd
  }
  const verifications = [
    ...views.flatMap(({ decision }) => decision.verifications ?? []),
    ...made.map(({ verification }) => verification),
  ]
  return { overhead: { tokens, ...(usd !== undefined && { usd }) }, verifications }
}

const VERDICTS = { accepted: 'agree', refused: 'differ' } as const

function findingOf({ verifier, outcome, probability, kind, detail }: Verification): Finding {
  const said = probability === undefined ? detail : `probability ${probability.toFixed(3)}`
  const asked = [verifier, said, kind].filter((part) => part !== undefined).join(', ')
  const verdict = outcome === 'accepted' || outcome === 'refused' ? VERDICTS[outcome] : 'unsure'
  return { guard: 'verifier', verdict, asked }
}

interface Band {
  readonly from: number
  readonly to: number
}

function settingsOf(policy: DecisionPolicy, options: VerifiedOptions) {
  if (typeof policy !== 'object' || policy === null || typeof policy.decide !== 'function') {
    throw invalidOption('policy of verified', 'a DecisionPolicy', policy)
  }
  knownOptions('verified', options, NAMES)
  const { verifier, mode = 'before', now = Date.now, band = {}, combination, breaker = {} } = options
  const isVerifier =
    typeof verifier === 'function' ||
    (typeof verifier === 'object' && verifier !== null && typeof verifier.verify === 'function')
  if (!isVerifier) throw invalidOption('verifier', 'a Verifier or a function (asked, stored) => verdict', verifier)
  if (typeof verifier === 'object' && (typeof verifier.name !== 'string' || verifier.name === '')) {
    throw invalidOption('verifier.name', 'a non-empty string', verifier.name)
  }
  if (mode !== 'before' && mode !== 'after') throw invalidOption('mode', "'before' or 'after'", mode)
  if (typeof now !== 'function') throw invalidOption('now', 'a function', now)
  knownOptions('band', band, ['from', 'to'])
  knownOptions('breaker', breaker, ['failures', 'halfOpenAfterMs'])
  const maxFalseHitRate = numberOption('maxFalseHitRate', options.maxFalseHitRate ?? policy.maxFalseHitRate, {
    min: 0.001,
    max: 0.5,
    default: 0.01,
  })
  const from = numberOption('band.from', band.from, { min: 0, max: 1, default: 0.05 })
  const to = numberOption('band.to', band.to, { min: 0, max: 1, default: Math.max(0.99, 1 - maxFalseHitRate) })
  if (from > to) throw invalidOption('band.from', `at most band.to, which is ${to}`, from)
  const circuit = new CircuitBreaker({
    failures: numberOption('breaker.failures', breaker.failures, { min: 1, integer: true, default: 5 }),
    halfOpenAfterMs: numberOption('breaker.halfOpenAfterMs', breaker.halfOpenAfterMs, { min: 0, default: 2_000 }),
    now,
  })
  return {
    verifier: new GuardedVerifier(asVerifier(verifier), circuit),
    maxFalseHitRate,
    band: { from, to },
    maxAsked: numberOption('maxAsked', options.maxAsked, { min: 1, max: 100, integer: true, default: 4 }),
    mode,
    combination: combination && checkedCombination(combination),
  }
}

function checkedCombination(combination: VerdictCombination): VerdictCombination {
  knownOptions('combination', combination, ['policy', 'verifier', 'bias', 'limits', 'byEmbedder'])
  if (isCombination(combination)) return combination
  throw invalidOption('combination', 'numbers policy ≥ 0, verifier ≥ 0, bias, and limits as rising pairs', combination)
}
