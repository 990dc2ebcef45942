import { type CallControls, isSignal } from '../core/controls.ts'
import { copyData } from '../core/copy.ts'
import { orAborted } from '../core/deadline.ts'
import type { CacheEntry, Origin } from '../core/entry.ts'
import { EntryTouches } from '../core/entry-touches.ts'
import { CacheError } from '../core/errors.ts'
import { checkFilter, removeMatching } from '../core/invalidation.ts'
import { MemoryTier } from '../core/memory-tier.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { noteInvalidation } from '../core/process-invalidations.ts'
import type { ModelRequest } from '../core/request.ts'
import type { ModelResponse, StreamPart, Usage } from '../core/response.ts'
import { type Lease, SharedFlight } from '../core/shared-flight.ts'
import { type FlightSeat, SingleFlight } from '../core/single-flight.ts'
import type { CacheStats } from '../core/stats.ts'
import { WriteQueue } from '../core/write-queue.ts'
import { isLockStore } from '../stores/store.ts'
import { AnswerFlight } from './answer-flight.ts'
import { callAsPartOf } from './call-as-part-of.ts'
import { EntryWriter } from './entry-writer.ts'
import { Feedback, feedbackKey } from './feedback.ts'
import { type Journey, journeyAlone, type ModelJourney, withoutUsage } from './journey.ts'
import { ShadowChecks } from './learning/shadow-checks.ts'
import { type Found, LookupPipeline } from './lookup-pipeline.ts'
import { type LookupReport, reportFound, reportRefused } from './lookup-report.ts'
import { ModelRun, type RunEnd } from './model-run.ts'
import { recordVerdict } from './near-misses.ts'
import { type Prepared, prepare, type Refused } from './prepare.ts'
import type { Answer, InvalidateFilter, Lookup, ModelCall, SemanticCache, WriteSlot } from './semantic-cache.ts'
import type { SemanticCacheSettings } from './settings.ts'
import { isFinish, replayParts } from './stream-parts.ts'
import { Verdicts } from './verdicts.ts'

type Reused = Found & { readonly outcome: Extract<Found['outcome'], { readonly entry: CacheEntry<ModelResponse> }> }

/** The semantic cache over its tiers. See ARCHITECTURE.md for the way of a call. */
export class LayeredSemanticCache implements SemanticCache {
  readonly #settings: SemanticCacheSettings
  readonly #memory: MemoryTier<ModelResponse>
  readonly #queue: WriteQueue
  readonly #verdicts: Verdicts
  readonly #pipeline: LookupPipeline
  readonly #writer: EntryWriter
  readonly #touches: EntryTouches
  readonly #feedback: Feedback
  readonly #shadow: ShadowChecks | undefined
  readonly #flights = new SingleFlight<AnswerFlight>()
  /** With the flights of other processes, where the store is shared with them. */
  readonly #shared: SharedFlight | undefined
  readonly #refreshes = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>()
  #closing: Promise<void> | undefined

  constructor(settings: SemanticCacheSettings) {
    this.#settings = settings
    this.#memory = new MemoryTier(settings.memory, settings.namespace)
    this.#queue = new WriteQueue(settings.maxPendingWrites)
    this.#verdicts = new Verdicts(settings, this.#queue)
    this.#pipeline = new LookupPipeline(settings, this.#memory, this.#queue, this.#verdicts)
    this.#writer = new EntryWriter(settings, this.#memory, this.#queue)
    this.#touches = new EntryTouches(settings.store, this.#queue, settings.namespace)
    this.#feedback = new Feedback(settings)
    // What a check costs is overhead, told by its own event; the write of its answer costs nothing more.
    const write: ConstructorParameters<typeof ShadowChecks>[2] = (slot, response, durationMs) =>
      this.#writer.write(slot, response, durationMs, {})
    this.#shadow = settings.shadow && new ShadowChecks(settings, settings.shadow, write)
    this.#shared = isLockStore(settings.store) ? new SharedFlight(settings.store) : undefined
  }

  get namespace(): string {
    return this.#settings.namespace
  }

  async lookup(request: ModelRequest, controls: CallControls = {}): Promise<Lookup> {
    const startedAt = performance.now()
    const asked = this.#prepare(request, controls)
    if ('bypass' in asked) return { record: this.#say(reportRefused(request, asked, this.#settings)) }
    const signal = signalOf(controls) ?? new AbortController().signal
    const found = this.#pipeline.inMemory(asked) ?? (await this.#pipeline.find(asked, signal))
    const record = this.#report(asked, found, startedAt)
    const slot = this.#slot(asked, found)
    if (found.later) this.#verdicts.makeLater(asked, found.later)
    if (!isReused(found)) return { record, ...(slot && { slot }) }
    const { response } = this.#reuse(asked, found, record)
    if (record.outcome === 'hit') return { record, response }
    // The caller may renew a stale entry, and the new one must be found by meaning as well.
    const renewal = this.#slot(asked, await this.#pipeline.find({ ...asked, mode: 'refresh' }, signal))
    return { record, response, ...(renewal && { slot: renewal }) }
  }

  write(slot: WriteSlot, response: ModelResponse): void {
    const durationMs = Math.max(0, this.#settings.now() - slot.startedAt)
    if (this.#closing) this.#writer.refuse(slot, 'closed', response, durationMs)
    else this.#writer.write(slot, response, durationMs)
  }

  async getOrCall(request: ModelRequest, call: ModelCall, controls: CallControls = {}): Promise<Answer> {
    const signal = signalOf(controls)
    let journey: Journey = await this.#setOut(request, call, controls)
    if (journey.reused) return journey.reused
    for (;;) {
      const current: ModelJourney = journey
      try {
        const response = await orAborted(current.run.response(), signal)
        const { record, paidByAnother } = current.account(response)
        return paidByAnother ? { response: withoutUsage(ownCopy(response)), record } : { response, record }
      } catch (error) {
        const again = signal?.aborted ? undefined : current.again()
        if (!again) throw error
        journey = again
      } finally {
        current.leave(signal?.reason)
      }
    }
  }

  async *getOrStream(
    request: ModelRequest,
    call: ModelCall,
    controls: CallControls = {},
  ): AsyncGenerator<StreamPart, void, undefined> {
    const signal = signalOf(controls)
    let journey: Journey = await this.#setOut(request, call, controls)
    if (journey.reused) {
      const { response, record } = journey.reused
      for (const part of replayParts(response)) yield isFinish(part) ? { ...part, record } : part
      return
    }
    for (let begun = false; ; ) {
      const current: ModelJourney = journey
      // A reader may abort while it holds a part and then never ask for the next.
      const onAbort = () => current.leave(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      try {
        for await (const part of untilAborted(current.run.parts(), signal)) {
          begun = true
          if (!isFinish(part)) yield part
          else {
            const { record, paidByAnother } = current.account(part)
            yield { ...(paidByAnother ? withoutUsage(part) : part), record }
          }
        }
        return
      } catch (error) {
        // Parts that went out cannot be taken back, so only an unbegun stream can start again.
        const again = begun || signal?.aborted ? undefined : current.again()
        if (!again) throw error
        journey = again
      } finally {
        signal?.removeEventListener('abort', onAbort)
        current.leave(signal?.reason)
      }
    }
  }

  async invalidate(filter: InvalidateFilter): Promise<number> {
    checkFilter(filter)
    if (this.#closing) throw new CacheError('CLOSED', 'the cache was closed before invalidate was called')
    const { store, namespace: own, emit, now } = this.#settings
    const namespace = filter.namespace ?? own
    const startedAt = performance.now()
    // Before and after: what was read before the removal may not stay in memory, nor may anybody join a call begun before.
    this.#forget(namespace, filter.keys)
    const by = (['keys', 'tags', 'tenant', 'namespace'] as const).filter((field) => filter[field] !== undefined)
    const report = (outcome: 'done' | 'failed', removed: number) =>
      emit({
        type: 'invalidate',
        at: now(),
        cache: 'semantic',
        namespace,
        ...(filter.tenant !== undefined && { tenant: filter.tenant }),
        by,
        outcome,
        removed,
        durationMs: performance.now() - startedAt,
      })
    try {
      const removed = await removeMatching(store, namespace, filter)
      report('done', removed)
      return removed
    } catch (error) {
      report('failed', 0)
      throw error
    } finally {
      this.#forget(namespace, filter.keys)
    }
  }

  async feedback(record: CacheRecord, verdict: { readonly correct: boolean }): Promise<void> {
    const entryKey = feedbackKey(record, verdict)
    await this.#queue.settled(entryKey)
    recordVerdict(record, verdict.correct, this.#settings)
    await this.#feedback.give(entryKey, record, verdict.correct)
    this.#memory.delete(entryKey)
  }

  async inspect(key: string): Promise<CacheEntry<ModelResponse> | undefined> {
    await this.#queue.settled(key)
    const { entry } = await this.#settings.store.get<ModelResponse>(key, { namespace: this.namespace, whole: true })
    return entry
  }

  stats(): Promise<CacheStats> {
    return this.#settings.totals.snapshot()
  }

  async flush(): Promise<void> {
    while (this.#refreshes.size > 0) await Promise.all([...this.#refreshes.values()].map(({ done }) => done))
    await this.#shadow?.flush()
    this.#touches.send()
    await this.#verdicts.flush()
    await this.#queue.flush()
    const { nearMisses, learner, totals } = this.#settings
    await Promise.all([nearMisses?.flush(), learner?.flush(), totals.flush()])
    await this.#settings.store.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    for (const { controller } of this.#refreshes.values())
      controller.abort(new CacheError('CLOSED', 'the cache closed'))
    try {
      await this.#shadow?.close()
      await this.flush()
    } finally {
      this.#memory.clear()
      await this.#settings.store.close()
    }
  }

  #prepare(request: ModelRequest, controls: CallControls): Prepared | Refused {
    return this.#closing ? { bypass: 'closed' } : prepare(request, controls, this.#settings)
  }

  /** The lookup of a call, and what comes of it. */
  async #setOut(request: ModelRequest, call: ModelCall, controls: CallControls): Promise<Journey> {
    const signal = signalOf(controls)
    signal?.throwIfAborted()
    const startedAt = performance.now()
    const asked = this.#prepare(request, controls)
    if ('bypass' in asked) {
      const record = this.#say(reportRefused(request, asked, this.#settings))
      refuseUncached(controls, record)
      return journeyAlone(call, record, signal)
    }
    const held = this.#pipeline.inMemory(asked)
    if (held && isReused(held)) return { reused: this.#reuse(asked, held, this.#report(asked, held, startedAt)) }

    const id = flightId(asked)
    if (this.#flights.isOwn(id)) return this.#alone(asked, call, controls, signal, startedAt)
    const seat = this.#flights.join(id, (flight, end) => this.#begin(asked, flight, end, startedAt))
    try {
      const { found, record } = await orAborted(seat.work.found, signal)
      if (isReused(found)) {
        const own = seat.joined ? this.#report(asked, found, startedAt, {}) : record
        seat.leave()
        if (asked.mode !== 'only-if-cached') {
          if (own.outcome === 'stale') this.#refresh(asked, call)
          else this.#checkHit(asked, found, call)
        }
        return { reused: this.#reuse(asked, found, own) }
      }
      refuseUncached(controls, record)
      return this.#byModel(asked, found, record, seat, call, signal)
    } catch (error) {
      seat.leave(signal?.reason)
      throw error
    }
  }

  /** A call from inside the very flight it would join. */
  async #alone(
    asked: Prepared,
    call: ModelCall,
    controls: CallControls,
    signal: AbortSignal | undefined,
    startedAt: number,
  ): Promise<Journey> {
    const found = await this.#pipeline.find(asked, signal ?? new AbortController().signal)
    const record = this.#report(asked, found, startedAt)
    if (isReused(found)) return { reused: this.#reuse(asked, found, record) }
    refuseUncached(controls, record)
    return journeyAlone(call, record, signal, (how, durationMs) => this.#settle(asked, found, how, durationMs))
  }

  #begin(asked: Prepared, signal: AbortSignal, end: () => void, startedAt: number): AnswerFlight {
    let lease: Lease | undefined
    const lookUp = async () => {
      let found = await this.#pipeline.find(asked, signal)
      if (this.#shared && isToBeCalled(found, asked)) {
        lease = await this.#shared.take(`${this.namespace} ${asked.key}`, signal)
        found = await this.#pipeline.findSince(asked, found, signal, lease?.waited ?? true)
        // Whoever waited in vain calls alone: what is not stored for one will not be stored for the next either.
        if (lease && (lease.waited || isReused(found))) {
          await lease.release()
          lease = undefined
        }
      }
      if (isReused(found) || asked.mode === 'only-if-cached') end()
      return { found, record: this.#report(asked, found, startedAt) }
    }
    return new AnswerFlight(lookUp(), signal, (found, how, durationMs) => {
      this.#settle(asked, found, how, durationMs)
      end()
      if (lease) this.#releaseAfterWrite(asked.key, lease)
    })
  }

  /** Not before: those who wait must find the answer when their turn comes. */
  #releaseAfterWrite(key: string, lease: Lease): void {
    if (!this.#queue.has(key)) void lease.release()
    else if (!this.#queue.add(() => this.#queue.settled(key).then(() => lease.release()))) void lease.release()
  }

  #byModel(
    asked: Prepared,
    found: Found,
    record: CacheRecord,
    seat: FlightSeat<AnswerFlight>,
    call: ModelCall,
    signal: AbortSignal | undefined,
  ): ModelJourney {
    const flight = seat.work
    const run = flight.start(found, callAsPartOf(seat, call))
    return {
      run,
      account: (answer) => {
        if (!seat.joined) return { record, paidByAnother: false }
        const { provider, model: name } = asked.request
        const usage = usageOf(answer)
        const avoided = { provider, name, durationMs: flight.durationMs, ...(usage && { usage }) }
        return { record: this.#report(asked, found, performance.now(), { avoided }), paidByAnother: true }
      },
      again: () => {
        if (!seat.joined || !run.failed) return undefined
        const own = this.#report(asked, found, performance.now())
        return journeyAlone(call, own, signal, (how, durationMs) => this.#settle(asked, found, how, durationMs))
      },
      leave: seat.leave,
    }
  }

  /** What becomes of the answer of a call. */
  #settle(asked: Prepared, found: Found, how: RunEnd, durationMs: number): void {
    if (found.later && !this.#closing) this.#verdicts.makeLater(asked, found.later)
    const slot = this.#slot(asked, found)
    // A failed call has no answer; the caller gets the model's own error.
    if (!slot || how.kind === 'failed') return
    if (how.kind === 'unfinished') this.#writer.refuse(slot, 'unfinished', undefined, durationMs)
    else if (this.#closing) this.#writer.refuse(slot, 'closed', how.response, durationMs)
    else {
      this.#writer.write(slot, how.response, durationMs)
      if (found.considered) this.#shadow?.afterMiss({ asked, ...found.considered }, how.response)
    }
  }

  #checkHit(asked: Prepared, found: Reused, call: ModelCall): void {
    const { tier, entry, similarity } = found.outcome
    if (tier !== 'semantic') return
    this.#shadow?.afterHit({ asked, ...found.reused, candidate: { entry, similarity } }, call, this.#slot(asked, found))
  }

  /** Renews a stale entry in the background, once at a time. */
  #refresh(asked: Prepared, call: ModelCall): void {
    if (this.#refreshes.has(asked.key) || this.#closing) return
    const controller = new AbortController()
    const renew = async () => {
      const found = await this.#pipeline.find({ ...asked, mode: 'refresh' }, controller.signal)
      const slot = this.#slot(asked, found)
      if (!slot) return
      await new Promise<void>((resolve) => {
        const run = new ModelRun(call, controller.signal, (how) => {
          resolve()
          if (how.kind === 'failed') this.#writer.refuse(slot, 'refresh-failed', undefined, 0)
          else this.#settle(asked, found, how, performance.now() - startedAt)
        })
        controller.signal.addEventListener('abort', () => resolve(), { once: true })
        run.response().catch(() => undefined)
      })
    }
    const startedAt = performance.now()
    const done = renew().finally(() => this.#refreshes.delete(asked.key))
    this.#refreshes.set(asked.key, { controller, done })
  }

  #reuse(asked: Prepared, found: Reused, record: CacheRecord): Answer {
    this.#touch(asked, found)
    return { response: withoutUsage(copyData(found.outcome.entry.value)), record }
  }

  #touch({ key }: Prepared, { outcome: { entry, outcome } }: Reused): void {
    const { slidingTtl, now } = this.#settings
    if (!slidingTtl || outcome === 'stale') return this.#touches.touch(entry.key)
    // By the life the entry was given: whoever reads it cannot make a short-lived answer last.
    const lifeMs = entry.origin.ttlMs ?? 0
    const expiresAt = Math.max(entry.expiresAt, now() + lifeMs + entry.staleMs)
    this.#touches.touch(entry.key, expiresAt)
    if (key === entry.key) this.#memory.replace(key, { ...entry, expiresAt })
  }

  #slot(asked: Prepared, { generation, vector, epoch }: Found): WriteSlot | undefined {
    if (generation === undefined) return undefined
    const { request, scope, key, query, tenant, tags, ttlMs } = asked
    const { provider, model, baseUrl, responseFormat } = request
    return {
      namespace: this.namespace,
      scope,
      key,
      generation,
      epoch,
      tags,
      ttlMs,
      provider,
      model,
      query,
      startedAt: this.#settings.now(),
      ...(tenant !== undefined && { tenant }),
      ...(baseUrl !== undefined && { baseUrl }),
      ...(responseFormat !== undefined && { responseFormat }),
      ...(vector && { vector: vector.values, embedderId: vector.embedderId }),
      ...(vector?.history && { history: vector.history }),
    }
  }

  #forget(namespace: string, keys: readonly string[] | undefined): void {
    noteInvalidation(namespace)
    this.#memory.clear()
    this.#flights.detachAll()
    if (keys) this.#writer.noteDeleted(keys, this.#memory.epoch)
  }

  #report(asked: Prepared, found: Found, startedAt: number, joined?: { readonly avoided?: Origin }): CacheRecord {
    return this.#say(reportFound(asked, found, performance.now() - startedAt, this.#settings, joined))
  }

  #say({ record, event }: LookupReport): CacheRecord {
    this.#settings.emit(event)
    return record
  }
}

/** Controls come from callers without types too; a wrong signal is reported as an invalid control. */
function signalOf(controls: CallControls | undefined | null): AbortSignal | undefined {
  return isSignal(controls?.signal) ? controls.signal : undefined
}

/** Of the model's answer, which may be anything. */
function usageOf(answer: { readonly usage?: Usage }): Usage | undefined {
  try {
    return answer?.usage
  } catch {
    return undefined
  }
}

/** A joined caller's own data; what cannot be copied was never going to be stored, and is shared. */
function ownCopy(response: ModelResponse): ModelResponse {
  try {
    return copyData(response)
  } catch {
    return response
  }
}

function isReused(found: Found): found is Reused {
  return 'entry' in found.outcome
}

/** What only the model can answer, and would be stored for others to find. */
function isToBeCalled({ outcome, generation }: Found, { mode }: Prepared): boolean {
  return outcome.outcome === 'miss' && generation !== undefined && mode === 'default'
}

/** Calls that may answer each other: the same request under controls that lead to the same outcome and write. */
function flightId({ key, mode, maxAgeMs, minSimilarity, ttlMs, tags }: Prepared): string {
  return `${key} ${mode} ${maxAgeMs} ${minSimilarity} ${ttlMs} ${tags.length > 0 ? JSON.stringify(tags) : ''}`
}

/** @throws CacheError NOT_CACHED, the one deliberate error of a call */
function refuseUncached(controls: CallControls | undefined | null, { outcome, reason }: CacheRecord): void {
  if (controls?.mode !== 'only-if-cached') return
  throw new CacheError('NOT_CACHED', `mode 'only-if-cached' found no stored answer: ${outcome}, ${reason}`)
}

async function* untilAborted<Part>(parts: AsyncGenerator<Part>, signal: AbortSignal | undefined): AsyncGenerator<Part> {
  for (;;) {
    const { done, value } = await orAborted(parts.next(), signal)
    if (done) return
    yield value
  }
}
