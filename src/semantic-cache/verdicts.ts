import { withDeadline } from '../core/deadline.ts'
import type { CacheEntry, Candidate } from '../core/entry.ts'
import type { VerifyEvent } from '../core/events.ts'
import { WriteQueue } from '../core/write-queue.ts'
import type { LaterVerification, RememberedVerdict, Verification } from './decision/policy.ts'
import type { Prepared } from './prepare.ts'
import type { SemanticCacheSettings } from './settings.ts'

/** Verdicts to be made after the answer, at once: each is a call of a model or a turn of the judge. */
const MAX_LATER = 32

const PROVIDER = 'reprise/verdict'

export interface LaterVerdicts {
  readonly verifications: readonly LaterVerification[]
  readonly candidates: readonly Candidate[]
  readonly generation: string
}

/**
 * What verifiers said: told to the listeners, priced, and where it accepted and cost something kept in the store, as a
 * record of its own under a fingerprint of the asked key, the entry's key and the verifier. The record holds a number, no
 * text and no answer, so it cannot bring back what was invalidated: it is looked for only when the entry itself was found.
 */
export class Verdicts {
  readonly #settings: SemanticCacheSettings
  readonly #queue: WriteQueue
  readonly #later = new WriteQueue(MAX_LATER)

  constructor(settings: SemanticCacheSettings, queue: WriteQueue) {
    this.#settings = settings
    this.#queue = queue
  }

  /** Never rejects: a store that cannot say leaves the verifier to be asked. */
  async recall(asked: Prepared, verifier: string, entryKey: string): Promise<RememberedVerdict | undefined> {
    const { store, namespace } = this.#settings
    try {
      const key = this.#noteKey(asked, verifier, entryKey)
      await this.#queue.settled(key)
      const { entry } = await store.get<RememberedVerdict>(key, { namespace, ...tenantOf(asked) })
      const probability: unknown = entry?.scope === asked.scope ? entry.value?.probability : undefined
      return typeof probability === 'number' && probability >= 0 && probability <= 1 ? { probability } : undefined
    } catch {
      return undefined
    }
  }

  /** Tells the listeners, keeps what is worth it, and says what it all cost. */
  conclude(
    asked: Prepared,
    verifications: readonly Verification[],
    { candidates, generation }: Pick<LaterVerdicts, 'candidates' | 'generation'>,
  ): { readonly usd?: number; readonly tokens: number } {
    let usd: number | undefined = 0
    let tokens = 0
    for (const verification of verifications) {
      const price = this.#tell(asked, verification)
      usd = usd === undefined || price === undefined ? undefined : usd + price
      tokens += verification.overhead.tokens
      if (verification.keep) {
        const candidate = candidates.find(({ entry }) => entry.key === verification.entryKey)
        if (candidate) this.#keep(asked, verification, candidate.entry, generation)
      }
    }
    return { tokens, ...(usd !== undefined && { usd }) }
  }

  /** Makes verdicts off the path of the answer, until one accepts. */
  makeLater(asked: Prepared, { verifications, candidates, generation }: LaterVerdicts): void {
    const queued = this.#later.add(async () => {
      for (const later of verifications) {
        const verification = await this.#inTime(later)
        this.conclude(asked, [{ ...verification, after: true }], { candidates, generation })
        if (verification.outcome !== 'refused' && verification.outcome !== 'unsure') return
      }
    })
    if (queued) return
    for (const { verifier, entryKey, similarity } of verifications) {
      this.#tell(asked, { verifier, entryKey, similarity, outcome: 'dropped', after: true, overhead: NOTHING })
    }
  }

  flush(): Promise<void> {
    return this.#later.flush()
  }

  async #inTime(later: LaterVerification): Promise<Verification> {
    const { verifier, entryKey, similarity } = later
    try {
      return await withDeadline('the verdict', this.#settings.verifierDeadlineMs, (signal) => later.run(signal))
    } catch {
      return { verifier, entryKey, similarity, outcome: 'late', overhead: NOTHING }
    }
  }

  #tell(asked: Prepared, verification: Verification): number | undefined {
    const { emit, now, namespace } = this.#settings
    const { keep: _keep, overhead, ...said } = verification
    const usd = this.#priceOf(overhead)
    const { provider, model: name } = asked.request
    const event: VerifyEvent = {
      type: 'verify',
      at: now(),
      cache: 'semantic',
      namespace,
      ...tenantOf(asked),
      provider,
      name,
      ...said,
      overhead: { tokens: overhead.tokens, durationMs: overhead.durationMs, ...(usd !== undefined && { usd }) },
    }
    emit(event)
    return usd
  }

  #priceOf({ usd, tokens, usage, billedAs }: Verification['overhead']): number | undefined {
    if (usd !== undefined) return usd
    // A model without a report of its usage has cost something, nobody knows what.
    if (!billedAs) return tokens === 0 ? 0 : undefined
    const { priceOf, now } = this.#settings
    return priceOf({ ...billedAs, ...(usage && { usage }), at: now() })
  }

  #keep(asked: Prepared, verification: Verification, { expiresAt }: CacheEntry, generation: string): void {
    const { store, namespace, now } = this.#settings
    const { verifier, entryKey, probability, overhead } = verification
    const key = this.#noteKey(asked, verifier, entryKey)
    const note: CacheEntry<RememberedVerdict> = {
      key,
      namespace,
      ...tenantOf(asked),
      tags: asked.tags,
      scope: asked.scope,
      value: { probability: probability ?? 0 },
      origin: { provider: PROVIDER, name: verifier, durationMs: overhead.durationMs },
      createdAt: now(),
      // No longer than the entry it is about.
      expiresAt,
      staleMs: 0,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
    // One that is lost costs another verdict.
    this.#queue.add(async () => void (await store.set(note, { ifGeneration: generation })), [key])
  }

  #noteKey({ key, scope }: Prepared, verifier: string, entryKey: string): string {
    return this.#settings.fingerprint('verdict', { scope, asked: key, entry: entryKey, verifier })
  }
}

const NOTHING = { usd: 0, tokens: 0, durationMs: 0 }

function tenantOf({ tenant }: Prepared): { tenant?: string } {
  return tenant === undefined ? {} : { tenant }
}
