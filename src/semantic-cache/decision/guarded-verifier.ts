import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { CircuitBreaker } from '../../core/circuit-breaker.ts'
import { orAborted } from '../../core/deadline.ts'
import type { Candidate } from '../../core/entry.ts'
import { CacheError } from '../../core/errors.ts'
import type {
  CombinationWeights,
  Verdict,
  VerdictCombination,
  VerdictOverhead,
  Verifier,
  VerifierFunction,
} from '../../core/verifier.ts'
import type { DecisionContext, Verification } from './policy.ts'

/** Verdicts kept in this process: a hundred bytes each. */
const REMEMBERED = 10_000

/** A verdict, or why there is none; `outcome` of a verdict is the caller's to say, who knows the bar. */
export type Asked = Omit<Verification, 'outcome' | 'probability'> &
  (
    | { readonly probability: number; readonly outcome?: undefined; readonly combination?: VerdictCombination }
    | { readonly probability?: undefined; readonly outcome: 'failed' | 'late' | 'breaker-open' }
  )

/**
 * A verifier behind a circuit breaker that remembers what it said of two texts and never rejects, except with the reason
 * of a caller who left.
 */
export class GuardedVerifier {
  readonly name: string
  readonly #verifier: Verifier
  readonly #circuit: CircuitBreaker
  readonly #remembered = new LRUCache<string, Said>({
    max: REMEMBERED,
  })

  constructor(verifier: Verifier, circuit: CircuitBreaker) {
    this.name = verifier.name
    this.#verifier = verifier
    this.#circuit = circuit
  }

  /** What was said of the two texts before, in this process or where `recall` looks. */
  async remembered(text: string, candidate: Candidate, { recall }: DecisionContext): Promise<Asked | undefined> {
    const known =
      this.#remembered.get(this.#memoryKey(text, candidate)) ??
      (this.#keepsInStore ? await recall?.(this.name, candidate.entry.key) : undefined)
    if (!known) return undefined
    return { ...this.#about(candidate), ...known, remembered: true, overhead: { usd: 0, tokens: 0, durationMs: 0 } }
  }

  /** Asks about one candidate that has its text. */
  async ask(text: string, candidate: Candidate, signal: AbortSignal): Promise<Asked> {
    const about = this.#about(candidate)
    if (!this.#circuit.tryCall()) {
      return { ...about, outcome: 'breaker-open', overhead: { usd: 0, tokens: 0, durationMs: 0 } }
    }
    const startedAt = performance.now()
    let overhead: VerdictOverhead = { tokens: 0 }
    try {
      const stored = candidate.entry.queryText ?? ''
      const given = await orAborted(
        // Started inside a promise, so that a synchronous throw is a rejection too.
        new Promise<Verdict>((resolve) => resolve(this.#verifier.verify(text, stored, { signal }))),
        signal,
      )
      overhead = overheadOf(given)
      const verdict = checkedVerdict(given)
      const { closed } = this.#circuit.succeed()
      this.#remembered.set(this.#memoryKey(text, candidate), verdict)
      return {
        ...about,
        ...verdict,
        overhead: { ...overhead, durationMs: performance.now() - startedAt },
        ...(closed && { breaker: 'closed' }),
        ...(this.#keepsInStore && { keep: true }),
      }
    } catch (error) {
      const late = CacheError.is(error, 'DEADLINE_EXCEEDED')
      if (signal.aborted && !late) {
        // A caller who leaves says nothing about the verifier's health.
        this.#circuit.giveUp()
        throw error
      }
      const opened = this.#circuit.fail()
      return {
        ...about,
        outcome: late ? 'late' : 'failed',
        overhead: { ...overhead, durationMs: performance.now() - startedAt },
        ...(opened && { breaker: 'opened' }),
        detail: detailOf(error),
      }
    }
  }

  get #keepsInStore(): boolean {
    return this.#verifier.remember !== 'process'
  }

  #about({ entry, similarity }: Candidate) {
    return { verifier: this.name, entryKey: entry.key, similarity }
  }

  /** With the scope in it nobody learns from the time it takes what another tenant has asked. */
  #memoryKey(text: string, { entry }: Candidate): string {
    return hash('sha256', JSON.stringify([entry.scope, text, entry.queryText]), 'base64')
  }
}

/** A function as a verifier; its verdicts cost what it does not say: nothing. */
export function asVerifier(verifier: Verifier | VerifierFunction): Verifier {
  if (typeof verifier !== 'function') return verifier
  return {
    name: verifier.name || 'function',
    async verify(asked, stored, context) {
      const said = await verifier(asked, stored, context)
      if (typeof said === 'object' && said !== null) return said
      const probability = typeof said === 'boolean' ? Number(said) : said
      return { probability, overhead: { usd: 0, tokens: 0 } }
    },
  }
}

type Said = Pick<Verdict, 'kind' | 'combination'> & { readonly probability: number }

/** A verifier is somebody's own code: what it gives is looked at before it is believed. */
function checkedVerdict(verdict: Verdict): Said {
  const { probability, kind, detail, combination } = Object(verdict) as Partial<Verdict>
  if (probability === undefined && typeof detail === 'string') throw new CacheError('VERIFIER_FAILED', detail)
  if (!(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
    throw new CacheError('VERIFIER_FAILED', `a verdict must have a probability in [0, 1], got ${typeof probability}`)
  }
  if (combination !== undefined && !isCombination(combination)) {
    throw new CacheError('VERIFIER_FAILED', 'the combination of a verdict must have numbers policy, verifier and bias')
  }
  return { probability, ...(typeof kind === 'string' && { kind }), ...(combination && { combination }) }
}

export function isCombination(value: unknown): value is VerdictCombination {
  const { byEmbedder = [] } = Object(value) as Partial<VerdictCombination>
  if (!areWeights(value) || !Array.isArray(byEmbedder)) return false
  const isPart = (part: unknown) => typeof part === 'string' && part !== ''
  return byEmbedder.every(
    (one: unknown) => areWeights(one) && Array.isArray(Object(one).embedders) && Object(one).embedders.every(isPart),
  )
}

function areWeights(value: unknown): value is CombinationWeights {
  const { policy, verifier, bias, limits } = Object(value) as Partial<CombinationWeights>
  const isPositive = (weight: unknown) => Number.isFinite(weight) && (weight as number) >= 0
  if (!isPositive(policy) || !isPositive(verifier) || !Number.isFinite(bias)) return false
  if (limits === undefined) return true
  if (!Array.isArray(limits)) return false
  return limits.every(
    (pair, at) => Array.isArray(pair) && pair[0] > (limits[at - 1]?.[0] ?? 0) && pair[1] > 0 && pair[1] <= 1,
  )
}

function overheadOf(verdict: Verdict): VerdictOverhead {
  const overhead = Object(Object(verdict).overhead) as Partial<VerdictOverhead>
  const { tokens } = overhead
  const counted = typeof tokens === 'number' && tokens >= 0 && Number.isFinite(tokens) ? tokens : 0
  return { ...overhead, tokens: counted }
}

function detailOf(error: unknown): string {
  // Only our own messages are known to hold no text of the user.
  return CacheError.is(error) ? error.message : `a ${error instanceof Error ? error.name : typeof error} was thrown`
}
