import { orAborted } from '../core/deadline.ts'
import type { CacheEntry, Candidate, EntryHistory } from '../core/entry.ts'
import { CacheError } from '../core/errors.ts'
import type { MemoryTier } from '../core/memory-tier.ts'
import type { MissReason, Nearest, Outcome, Tier } from '../core/outcome.ts'
import type { ModelResponse } from '../core/response.ts'
import { storeReason } from '../core/store-reason.ts'
import type { WriteQueue } from '../core/write-queue.ts'
import type { EmbedderDescription, EmbedderNotice } from '../embeddings/embedder.ts'
import type { StoreRead } from '../stores/store.ts'
import { isVectorStore } from '../stores/store.ts'
import { decideInTime } from './decide-in-time.ts'
import type { Decision, Finding } from './decision/policy.ts'
import { isModelResponse } from './eligibility.ts'
import { conversationVector } from './history/conversation-vector.ts'
import { byLastMessage, decideInConversation } from './history/decide-in-conversation.ts'
import { isAnswerQuarantined, isQuarantined } from './learning/entry-evidence.ts'
import type { Prepared } from './prepare.ts'
import type { SemanticCacheSettings } from './settings.ts'
import type { LaterVerdicts, Verdicts } from './verdicts.ts'

/** Where a lookup ended, and what it learned on the way that a write will need. */
export interface Found {
  readonly outcome: Outcome<ModelResponse>
  /** Absent when the store could not be read: then nothing is written either. */
  readonly generation?: string
  readonly vector?: { readonly values: Float32Array; readonly embedderId: string; readonly history?: EntryHistory }
  readonly findings: readonly Finding[]
  readonly overhead: { readonly usd?: number; readonly tokens: number }
  /** Of the memory tier when the lookup began. */
  readonly epoch: number
  /** What the policy said of the entry it let through. */
  readonly reused?: Weighed
  /** The entry that came nearest to reuse on a miss. */
  readonly considered?: Weighed & { readonly candidate: Candidate<ModelResponse> }
  /** Another process made the answer while this lookup waited for it. */
  readonly collapsed?: true
  /** Verdicts to be made once the model has answered. */
  readonly later?: LaterVerdicts
}

/** How a policy weighed a candidate. */
export interface Weighed {
  readonly probability?: number
  readonly margin?: number
}

type Miss = Extract<Outcome<ModelResponse>, { outcome: 'miss' }>

const NO_OVERHEAD = { usd: 0, tokens: 0 }

/** memory → store by key → embed → nearest → decision; cheapest and safest first, the first answer ends the way. */
export class LookupPipeline {
  readonly #settings: SemanticCacheSettings
  readonly #memory: MemoryTier<ModelResponse>
  readonly #queue: WriteQueue
  readonly #verdicts: Verdicts

  constructor(
    settings: SemanticCacheSettings,
    memory: MemoryTier<ModelResponse>,
    queue: WriteQueue,
    verdicts: Verdicts,
  ) {
    this.#settings = settings
    this.#memory = memory
    this.#queue = queue
    this.#verdicts = verdicts
  }

  /** The memory tier alone; synchronous, so that a repeat costs no promise. */
  inMemory(asked: Prepared): Found | undefined {
    if (asked.mode === 'refresh') return undefined
    const now = this.#settings.now()
    const entry = this.#memory.get(asked.key, now)
    if (!entry || isTooOld(entry, asked, now)) return undefined
    if (isAnswerQuarantined(entry.evidence)) return undefined
    const outcome = reuse(entry, 'memory', 1, now)
    // A stale one goes the whole way, because its refresh needs the generation that only the store knows.
    return outcome.outcome === 'hit' ? { ...this.#start(), outcome } : undefined
  }

  /** Never rejects. */
  async find(asked: Prepared, signal: AbortSignal): Promise<Found> {
    const start = this.#start()
    const { namespace, store, now } = this.#settings

    let read: StoreRead<ModelResponse>
    try {
      if (this.#queue.has(asked.key)) await orAborted(this.#queue.settled(asked.key), signal)
      const about = { namespace, ...(asked.tenant !== undefined && { tenant: asked.tenant }), tags: asked.tags }
      read = checkedRead(await orAborted(store.get<ModelResponse>(asked.key, about), signal))
    } catch (error) {
      return { ...start, outcome: { outcome: 'bypass', reason: signal.aborted ? 'aborted' : storeReason(error) } }
    }
    const found = { ...start, generation: read.generation }
    if (asked.mode === 'refresh') return this.#missForRefresh(asked, found, signal)

    const { entry } = read
    const problem = read.problem ?? (entry && flawOf(entry, asked))
    const tooOld = entry !== undefined && !problem && isTooOld(entry, asked, now())
    const quarantined = entry !== undefined && !problem && isAnswerQuarantined(entry.evidence)
    if (entry && !problem && !tooOld && !quarantined) {
      this.#memory.put(asked.key, entry, now(), start.epoch)
      return { ...found, outcome: reuse(entry, 'exact', 1, now()) }
    }
    if (problem) this.#reportProblem(problem)
    const reason = problem ? (`record-${problem}` as const) : missReason(tooOld, quarantined)

    if (asked.notSemantic) return { ...found, outcome: { outcome: 'miss', reason, notSemantic: asked.notSemantic } }
    const semantic = await this.#findByMeaning(asked, found, signal)
    // What went wrong with the exact record says more than that nothing similar was found either.
    const { outcome } = semantic
    if (reason !== 'not-found' && outcome.outcome === 'miss') return { ...semantic, outcome: { ...outcome, reason } }
    return semantic
  }

  /** The answer under the key, if another process stored it since the lookup missed; else that miss. Never rejects. */
  async findSince(asked: Prepared, missed: Found, signal: AbortSignal, collapsed: boolean): Promise<Found> {
    const { namespace, store, now } = this.#settings
    const about = { namespace, ...(asked.tenant !== undefined && { tenant: asked.tenant }), tags: asked.tags }
    let read: StoreRead<ModelResponse>
    try {
      read = checkedRead(await orAborted(store.get<ModelResponse>(asked.key, about), signal))
    } catch {
      return signal.aborted ? aborted(missed) : missed
    }
    const { entry, generation, problem } = read
    if (!entry || problem || flawOf(entry, asked) || isTooOld(entry, asked, now())) return { ...missed, generation }
    if (isAnswerQuarantined(entry.evidence)) return { ...missed, generation }
    this.#memory.put(asked.key, entry, now(), missed.epoch)
    return { ...missed, generation, outcome: reuse(entry, 'exact', 1, now()), ...(collapsed && { collapsed: true }) }
  }

  async #findByMeaning(asked: Prepared, found: Found, signal: AbortSignal): Promise<Found> {
    const { namespace, store, decision, now, embedder } = this.#settings
    if (!isVectorStore(store) || !decision) return found

    const embedded = await this.#embed(asked, signal)
    if ('reason' in embedded) return { ...found, outcome: embedded.outcome, overhead: embedded.overhead }
    const { vector } = embedded
    const withVector = { ...found, vector, overhead: embedded.overhead }
    const miss = (reason: MissReason, nearest?: Nearest): Found => ({
      ...withVector,
      outcome: { outcome: 'miss', reason, ...(nearest && { nearest }) },
    })

    let near: readonly Candidate<ModelResponse>[]
    try {
      // A process reads its own writes: a paraphrase asked right after the first question finds its answer.
      if (this.#queue.has(asked.scope)) await orAborted(this.#queue.settled(asked.scope), signal)
      near = await orAborted(
        store.nearest<ModelResponse>({
          namespace,
          embedderId: vector.embedderId,
          scope: asked.scope,
          ...(asked.tenant !== undefined && { tenant: asked.tenant }),
          vector: vector.values,
          limit: this.#settings.candidates,
        }),
        signal,
      )
    } catch {
      return signal.aborted ? aborted(withVector) : miss('search-failed')
    }

    if (!Array.isArray(near)) return miss('search-failed')
    // Values are unpacked when they are first read, so only that of the one that is reused is looked at, below.
    const whole = near.filter((found) => isCandidate(found) && found.entry.scope === asked.scope)
    const sound = vector.history ? byLastMessage(whole, vector.history) : whole
    const [closest] = sound
    if (!closest) return miss('no-candidate')
    const nearest = { key: closest.entry.key, similarity: closest.similarity }
    const fresh = sound.filter(({ entry }) => !isTooOld(entry, asked, now()))
    if (fresh.length === 0) return miss('too-old', nearest)
    const trusted = fresh.filter(({ entry }) => !isQuarantined(entry.evidence))
    if (trusted.length === 0) {
      // Still to be checked against fresh answers, which is the one way out of quarantine.
      const [candidate] = fresh.filter(({ entry }) => !isAnswerQuarantined(entry.evidence))
      return { ...miss('quarantined', nearest), ...(candidate && { considered: { candidate } }) }
    }
    const floor = asked.minSimilarity ?? -1
    const candidates = trusted.filter(({ similarity }) => similarity >= floor)
    if (candidates.length === 0) return miss('below-threshold', nearest)
    const traffic = await this.#settings.learner?.evidence()

    let decided: Decision<ModelResponse>
    try {
      const query = {
        text: asked.query,
        vector: vector.history?.vectors.at(-1) ?? vector.values,
        embedderId: vector.embedderId,
        ...(embedder.wordVectors && { wordVectors: embedder.wordVectors }),
      }
      const recall = (verifier: string, entryKey: string) => this.#verdicts.recall(asked, verifier, entryKey)
      decided = await decideInTime(
        this.#settings.verifierDeadlineMs,
        (deadline) => {
          const context = { signal: deadline, recall, ...(traffic && { traffic }) }
          return vector.history
            ? decideInConversation(decision, query, candidates, vector.history, context)
            : decision.decide(query, candidates, context)
        },
        signal,
      )
    } catch (error) {
      if (signal.aborted) return aborted(withVector)
      return miss(CacheError.is(error, 'DEADLINE_EXCEEDED') ? 'policy-late' : 'policy-failed', nearest)
    }
    if (!isDecision(decided)) return miss('policy-failed', nearest)
    const about = { candidates, generation: found.generation ?? '' }
    const verdicts = this.#verdicts.conclude(asked, decided.verifications ?? [], about)
    const overhead = sum(sum(withVector.overhead, decided.overhead), verdicts)
    const later = decided.later && { later: { ...about, verifications: decided.later } }
    const judged = { ...withVector, findings: decided.findings, overhead, ...later }
    // Only what was offered can be reused: a policy of somebody else may hand back anything.
    const reused = decided.reuse && candidates.find((candidate) => candidate.entry.key === decided.reuse?.entry?.key)
    if (reused && flawOf(reused.entry, asked)) {
      this.#reportProblem('corrupt')
      return { ...judged, outcome: { outcome: 'miss', reason: 'record-corrupt', nearest } }
    }
    const weighed = weighedBy(decided)
    if (reused) {
      if (this.#settings.nearMisses?.hits) this.#recordNearMiss(asked, reused, 'reused')
      return { ...judged, reused: weighed, outcome: reuse(reused.entry, 'semantic', reused.similarity, now()) }
    }
    this.#recordNearMiss(asked, closest, decided.reason ?? 'policy-failed')
    const { considered } = decided.reuse ? {} : decided
    const candidate = considered && candidates.find(({ entry }) => entry.key === considered.entry?.key)
    return {
      ...judged,
      ...(candidate && { considered: { ...weighed, candidate } }),
      outcome: { outcome: 'miss', reason: decided.reason ?? 'policy-failed', nearest },
    }
  }

  /** A refreshed entry must be found by meaning too, so the vector is made, but nothing is looked up. */
  async #missForRefresh(asked: Prepared, found: Found, signal: AbortSignal): Promise<Found> {
    const outcome: Miss = { outcome: 'miss', reason: 'refresh' }
    if (asked.notSemantic) return { ...found, outcome: { ...outcome, notSemantic: asked.notSemantic } }
    const embedded = await this.#embed(asked, signal)
    if (signal.aborted) return aborted(found)
    const { overhead } = embedded
    return 'reason' in embedded
      ? { ...found, outcome, overhead }
      : { ...found, outcome, overhead, vector: embedded.vector }
  }

  async #embed(asked: Prepared, signal: AbortSignal): Promise<Embedded> {
    const { embedder, emit, now, namespace } = this.#settings
    let overhead: Found['overhead'] = NO_OVERHEAD
    try {
      const { id, billedAs } = await embedder.describe()
      const report = (notice: EmbedderNotice) => {
        const priced = notice.what === 'usage' ? { ...notice, ...this.#priceOf(notice, billedAs) } : notice
        if (priced.what === 'usage') overhead = sum(overhead, priced)
        emit({ type: 'embedder', at: now(), namespace, embedderId: id, ...describeNotice(priced) })
      }
      const turns = asked.turns ?? []
      const made = await embedder.embed([asked.query, ...turns.map(({ text }) => text)], { signal, report })
      const [values] = made
      if (!values || made.length !== turns.length + 1)
        throw new CacheError('EMBEDDER_FAILED', 'an embedder must give one vector a text, got none')
      if (turns.length === 0) return { vector: { values, embedderId: id }, overhead }
      const history = { turns, vectors: [...made.slice(1), values] }
      return { vector: { values: conversationVector(history), embedderId: id, history }, overhead }
    } catch (error) {
      if (signal.aborted) return { reason: 'aborted', outcome: { outcome: 'bypass', reason: 'aborted' }, overhead }
      const late = CacheError.is(error, 'DEADLINE_EXCEEDED')
      const reason = late ? 'embedder-late' : 'embedder-failed'
      return { reason, outcome: { outcome: 'miss', reason }, overhead }
    }
  }

  #priceOf(
    { usd, tokens }: Extract<EmbedderNotice, { what: 'usage' }>,
    billedAs: EmbedderDescription['billedAs'],
  ): { usd?: number } {
    if (usd !== undefined || tokens === 0) return { usd: usd ?? 0 }
    const usage = { inputTokens: tokens, outputTokens: 0, totalTokens: tokens }
    const priced = billedAs && this.#settings.priceOf({ ...billedAs, usage, at: this.#settings.now() })
    return priced === undefined ? {} : { usd: priced }
  }

  #recordNearMiss(asked: Prepared, closest: Candidate<ModelResponse>, reason: MissReason | 'reused'): void {
    const { nearMisses, now, namespace } = this.#settings
    const { key, queryText } = closest.entry
    // After other conversations the same two texts may have another verdict.
    if (!nearMisses || queryText === undefined || asked.turns) return
    nearMisses.add({
      at: now(),
      namespace,
      ...(asked.tenant !== undefined && { tenant: asked.tenant }),
      asked: asked.query,
      stored: queryText,
      similarity: closest.similarity,
      reason,
      key: asked.key,
      entryKey: key,
    })
  }

  #reportProblem(problem: 'corrupt' | 'foreign'): void {
    const { emit, now, namespace, store } = this.#settings
    emit({ type: 'store', at: now(), namespace, store: store.name, what: `record-${problem}`, operation: 'get' })
  }

  #start(): Found {
    const outcome: Miss = { outcome: 'miss', reason: 'not-found' }
    return { outcome, findings: [], overhead: NO_OVERHEAD, epoch: this.#memory.epoch }
  }
}

type Embedded =
  | { readonly vector: NonNullable<Found['vector']>; readonly overhead: Found['overhead'] }
  | { readonly reason: string; readonly outcome: Outcome<ModelResponse>; readonly overhead: Found['overhead'] }

function reuse(entry: CacheEntry<ModelResponse>, tier: Tier, similarity: number, now: number): Outcome<ModelResponse> {
  const outcome = entry.staleMs > 0 && now >= entry.expiresAt - entry.staleMs ? 'stale' : 'hit'
  return { outcome, tier, similarity, entry }
}

function missReason(tooOld: boolean, quarantined: boolean): MissReason {
  if (tooOld) return 'too-old'
  return quarantined ? 'quarantined' : 'not-found'
}

function weighedBy({ probability, margin }: Decision<ModelResponse>): Weighed {
  return {
    ...(Number.isFinite(probability) && { probability }),
    ...(Number.isFinite(margin) && { margin }),
  }
}

function isTooOld(entry: CacheEntry, asked: Prepared, now: number): boolean {
  return asked.maxAgeMs !== undefined && now - entry.createdAt > asked.maxAgeMs
}

/**
 * What comes out of a store is checked: another program may write there, and another version may have written. Of
 * candidates only the one to be reused: a store may unpack a value when it is first read.
 */
function flawOf(entry: CacheEntry, asked: Prepared): 'corrupt' | 'foreign' | undefined {
  if (entry.scope !== asked.scope) return 'foreign'
  try {
    return isModelResponse(entry.value) ? undefined : 'corrupt'
  } catch {
    return 'corrupt'
  }
}

function isDecision(value: unknown): value is Decision<ModelResponse> {
  if (typeof value !== 'object' || value === null) return false
  const { findings, overhead, verifications = [], later = [] } = value as Partial<Decision<ModelResponse>>
  if (!Array.isArray(findings) || typeof overhead?.tokens !== 'number') return false
  if (!Array.isArray(verifications) || !Array.isArray(later)) return false
  return findings.every((finding) => typeof finding === 'object' && finding !== null)
}

/** A store is somebody's own code too: what it gives is looked at before it is used. */
function checkedRead(read: StoreRead<ModelResponse>): StoreRead<ModelResponse> {
  if (typeof read === 'object' && read !== null && typeof read.generation === 'string') return read
  throw new CacheError(
    'STORE_FAILED',
    `a store must give { entry?, generation }, got ${read === null ? 'null' : typeof read}`,
  )
}

function isCandidate(found: unknown): found is Candidate<ModelResponse> {
  if (typeof found !== 'object' || found === null) return false
  const { entry, similarity } = found as Partial<Candidate>
  return typeof entry === 'object' && entry !== null && typeof similarity === 'number' && Number.isFinite(similarity)
}

function aborted(found: Found): Found {
  return { ...found, outcome: { outcome: 'bypass', reason: 'aborted' } }
}

/** Unknown money plus anything is unknown. */
function sum(a: Found['overhead'], b: Found['overhead']): Found['overhead'] {
  const tokens = a.tokens + b.tokens
  return a.usd === undefined || b.usd === undefined ? { tokens } : { tokens, usd: a.usd + b.usd }
}

function describeNotice(notice: EmbedderNotice) {
  if (notice.what !== 'download') return notice
  const { what, file, loadedBytes, totalBytes } = notice
  return { what, progress: { file, loadedBytes, ...(totalBytes !== undefined && { totalBytes }) } }
}
