import { copyData } from '../core/copy.ts'
import { orAborted, withDeadline } from '../core/deadline.ts'
import type { CacheEntry, Origin } from '../core/entry.ts'
import { EntryTouches } from '../core/entry-touches.ts'
import { CacheError } from '../core/errors.ts'
import type { CacheEvent } from '../core/events.ts'
import { checkFilter, removeMatching } from '../core/invalidation.ts'
import { MemoryTier } from '../core/memory-tier.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { SingleFlight } from '../core/single-flight.ts'
import type { CacheStats } from '../core/stats.ts'
import { WriteQueue } from '../core/write-queue.ts'
import { isLockStore, isTotalsStore } from '../stores/store.ts'
import { auditTools } from './audit.ts'
import { type CallReport, reportOutcome, reportRefused, type ToolOutcome } from './call-report.ts'
import { type Effectiveness, EffectivenessCounters } from './effectiveness.ts'
import { EffectivenessSums } from './effectiveness-sums.ts'
import { type PendingInvalidations, pendingInvalidationsOf } from './pending-invalidations.ts'
import { prepareCall, type ReadCall, type RefusedCall, type WriteCall } from './prepare-call.ts'
import { ProcessLock, type Turn } from './process-lock.ts'
import { isToolResult, keptInMemory, originOf, ResultWriter, type WriteTicket } from './result-writer.ts'
import type { ToolCacheSettings } from './settings.ts'
import { storeReason } from './store-reason.ts'
import type {
  AuditRow,
  ToolAnswer,
  ToolCache,
  ToolControls,
  ToolDescription,
  ToolInvalidateFilter,
  ToolInvocation,
  ToolResult,
  ToolRun,
} from './tool-cache.ts'
import { storedTags } from './tool-key.ts'

/** A lookup that reached the store, with what the write of its result will need. */
interface Found {
  readonly outcome: ToolOutcome
  readonly ticket: WriteTicket
}

/** What came of a call that others may have joined. */
type Landed =
  /** Another process had called meanwhile. */
  | { readonly entry: CacheEntry<ToolResult>; readonly record: CacheRecord }
  | {
      readonly result: ToolResult
      readonly isShareable: boolean
      readonly durationMs: number
      readonly record: CacheRecord
    }

/** The tool cache over a store. docs/tool-cache.md says what it promises. */
export class StoredToolCache implements ToolCache {
  readonly #settings: ToolCacheSettings
  readonly #memory: MemoryTier<ToolResult>
  readonly #queue: WriteQueue
  readonly #counters: EffectivenessCounters
  readonly #writer: ResultWriter
  readonly #touches: EntryTouches
  readonly #pending: PendingInvalidations
  readonly #lock: ProcessLock | undefined
  readonly #flights = new SingleFlight<Promise<Landed>>()
  /** Results on their way to the store: a lookup that began before the write and ends after the call finds them here. */
  readonly #landing = new Map<string, Landed>()
  readonly #refreshes = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>()
  /** Keys of calls under way that were invalidated by name since they began. */
  readonly #underWay = new Map<ReadCall, { isDeleted: boolean }>()
  #closing: Promise<void> | undefined

  constructor(settings: ToolCacheSettings) {
    this.#settings = settings
    this.#memory = new MemoryTier(settings.memory)
    this.#queue = new WriteQueue(settings.maxPendingWrites)
    this.#counters = new EffectivenessCounters(effectivenessSums(settings))
    this.#writer = new ResultWriter(settings, this.#memory, this.#queue, this.#counters)
    this.#touches = new EntryTouches(settings.store, this.#queue, settings.namespace)
    this.#pending = pendingInvalidationsOf(settings.storeIdentity, settings.namespace)
    const { store, lockLeaseMs } = settings
    this.#lock = isLockStore(store) && lockLeaseMs > 0 ? new ProcessLock(store, lockLeaseMs) : undefined
  }

  get namespace(): string {
    return this.#settings.namespace
  }

  async getOrCall(call: ToolInvocation, run: ToolRun, controls: ToolControls = {}): Promise<ToolAnswer> {
    controls.signal?.throwIfAborted()
    const startedAt = performance.now()
    const asked = await prepareCall(call, controls, this.#settings)
    if (asked.kind === 'write') return this.#write(asked, run, controls, startedAt)
    if (asked.kind === 'refused') return this.#stayOut(asked, run, controls, startedAt)
    if (this.#closing) return this.#stayOut({ ...asked, kind: 'refused', bypass: 'closed' }, run, controls, startedAt)
    return this.#read(asked, run, controls, startedAt)
  }

  async invalidate(filter: ToolInvalidateFilter): Promise<number> {
    checkFilter(filter)
    if (this.#closing) throw new CacheError('CLOSED', 'the cache was closed before invalidate was called')
    const namespace = filter.namespace ?? this.namespace
    const by = (['keys', 'tags', 'tenant', 'namespace'] as const).filter((field) => filter[field] !== undefined)
    const { store, fingerprint } = this.#settings
    const stored = filter.tags ? { ...filter, tags: storedTags(filter.tags, fingerprint) } : filter
    // Before and after: what was read before the removal may not stay in memory, nor may a call begun before be joined.
    this.#forget(filter.keys)
    try {
      return await this.#reported(by, namespace, filter.tenant, () => removeMatching(store, namespace, stored))
    } finally {
      this.#forget(filter.keys)
    }
  }

  audit(tools: readonly ToolDescription[]): readonly AuditRow[] {
    return auditTools(tools, this.#settings)
  }

  async effectiveness(): Promise<readonly Effectiveness[]> {
    return this.#counters.report()
  }

  stats(): Promise<CacheStats> {
    return this.#settings.totals.snapshot()
  }

  async flush(): Promise<void> {
    while (this.#refreshes.size > 0) await Promise.all([...this.#refreshes.values()].map(({ done }) => done))
    this.#touches.send()
    await this.#queue.flush()
    await this.#pending.deliver()
    await this.#counters.flush()
    await this.#settings.totals.flush()
    await this.#settings.store.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    for (const { controller } of this.#refreshes.values()) {
      controller.abort(new CacheError('CLOSED', 'the cache closed'))
    }
    try {
      await this.flush()
    } finally {
      this.#memory.clear()
      await this.#settings.store.close()
    }
  }

  /** A call the cache has no part in. */
  async #stayOut(asked: RefusedCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const record = this.#say(reportRefused(asked, performance.now() - startedAt, this.#settings))
    refuseUncached(controls, record)
    return { result: await run(asked.args, controls.signal ?? never()), record }
  }

  /**
   * A call that changes what others read. Its tags cannot be read in this process while it runs, and are cleared in the
   * store when it begins (so that a process that dies half-way leaves little behind) and again when it ended, however
   * it ended: a tool that failed may have changed something before.
   */
  async #write(asked: WriteCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const record = this.#say(reportRefused(asked, performance.now() - startedAt, this.#settings))
    refuseUncached(controls, record)
    const { tags, args } = asked
    const signal = controls.signal ?? never()
    if (tags.length === 0) return { result: await run(args, signal), record }
    const { store, invalidationDeadlineMs } = this.#settings
    const clear = (some: readonly string[]) =>
      withDeadline('an invalidation', invalidationDeadlineMs, () =>
        store.clear({ namespace: this.namespace, tags: some }),
      )
    const lift = this.#pending.block(tags)
    const first = clear(tags).catch(() => 0)
    try {
      return { result: await run(args, signal), record }
    } finally {
      const removedFirst = await first
      try {
        await this.#reported(['tags'], this.namespace, undefined, async () => removedFirst + (await clear(tags)))
        lift()
      } catch {
        this.#pending.retry(tags, (some) => this.#reported(['tags'], this.namespace, undefined, () => clear(some)))
      }
    }
  }

  async #read(asked: ReadCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const { signal } = controls
    const held = this.#inMemory(asked)
    if (held) return this.#reuse(held.entry, this.#report(asked, held, startedAt))

    // Every caller reads for itself before it joins: a call that began before a write must not answer one that came after.
    const found = await this.#find(asked, signal)
    if (found.outcome.outcome === 'bypass') {
      signal?.throwIfAborted()
      const record = this.#report(asked, found.outcome, startedAt)
      refuseUncached(controls, record)
      return { result: await run(asked.args, signal ?? never()), record }
    }
    if ('entry' in found.outcome) {
      if (found.outcome.outcome === 'stale') this.#refresh(asked, found.ticket, run)
      else found.ticket.watch.end()
      return this.#reuse(found.outcome.entry, this.#report(asked, found.outcome, startedAt))
    }
    const say = () => this.#report(asked, found.outcome, startedAt)
    if (controls.mode === 'only-if-cached') found.ticket.watch.end()
    if (controls.mode === 'only-if-cached') refuseUncached(controls, say())
    if (controls.mode === 'refresh') return this.#callAlone(asked, found.ticket, run, signal, say())

    const id = flightId(asked, found.ticket)
    if (this.#flights.isOwn(id)) return this.#callAlone(asked, found.ticket, run, signal, say())
    const landing = this.#landing.get(id)
    if (landing) return this.#fromAnother(asked, found, landing, run, signal, startedAt)
    const seat = this.#flights.join(id, (shared, end) => {
      const work = this.#fly(asked, found, run, shared, end, startedAt, id)
      // Callers may all have gone when it fails.
      work.catch(() => undefined)
      return work
    })
    let landed: Landed | undefined
    try {
      landed = await orAborted(seat.work, signal)
    } catch (error) {
      if (seat.joined && signal?.aborted) found.ticket.watch.end()
      if (!seat.joined || signal?.aborted) throw error
      // A failed call is not shared: this caller makes its own, and what that throws is its own.
    } finally {
      seat.leave(signal?.reason)
    }
    if (!landed) return this.#callAlone(asked, found.ticket, run, signal, say())
    if (seat.joined) return this.#fromAnother(asked, found, landed, run, signal, startedAt)
    return 'entry' in landed
      ? this.#reuse(landed.entry, landed.record)
      : { result: landed.result, record: landed.record }
  }

  /** The call that others may join. */
  async #fly(
    asked: ReadCall,
    found: Found,
    run: ToolRun,
    signal: AbortSignal,
    end: () => void,
    startedAt: number,
    id: string,
  ): Promise<Landed> {
    let turn: Turn = { release: () => undefined }
    try {
      if (this.#lock) turn = await this.#lock.turn(asked.key, () => this.#lookAgain(asked), signal)
      if ('entry' in turn) {
        found.ticket.watch.end()
        const outcome: ToolOutcome = { outcome: 'hit', tier: 'exact', entry: turn.entry }
        return { entry: turn.entry, record: this.#report(asked, outcome, startedAt, {}) }
      }
      const { release } = turn
      const record = this.#report(asked, found.outcome, startedAt)
      let isSettled = false
      const { result, isShareable, durationMs } = await this.#callAndStore(asked, found.ticket, run, signal, () => {
        isSettled = true
        this.#landing.delete(id)
        release()
      })
      const landed = { result, isShareable, durationMs, record }
      if (isShareable && !isSettled) this.#landing.set(id, landed)
      return landed
    } catch (error) {
      found.ticket.watch.end()
      throw error
    } finally {
      end()
    }
  }

  /** Runs the tool and hands its result to the writer; `settled` is called when the store has it or never will. */
  async #callAndStore(asked: ReadCall, ticket: WriteTicket, run: ToolRun, signal: AbortSignal, settled: () => void) {
    const underWay = { isDeleted: false }
    this.#underWay.set(asked, underWay)
    const startedAt = performance.now()
    let isHandedOver = false
    const done = () => {
      this.#underWay.delete(asked)
      settled()
    }
    try {
      const result = await run(asked.args, signal)
      const durationMs = performance.now() - startedAt
      isHandedOver = true
      if (this.#closing || underWay.isDeleted) {
        this.#writer.refuse(asked, this.#closing ? 'closed' : 'cleared', durationMs)
        ticket.watch.end()
        done()
        return { result, isShareable: false, durationMs }
      }
      return { result, isShareable: this.#writer.write(asked, ticket, result, durationMs, done), durationMs }
    } catch (error) {
      if (!isHandedOver) {
        this.#writer.refuse(asked, signal.aborted ? 'aborted' : 'failed', performance.now() - startedAt)
        ticket.watch.end()
        done()
      }
      throw error
    }
  }

  async #callAlone(
    asked: ReadCall,
    ticket: WriteTicket,
    run: ToolRun,
    signal: AbortSignal | undefined,
    record: CacheRecord,
  ): Promise<ToolAnswer> {
    const { result } = await this.#callAndStore(asked, ticket, run, signal ?? never(), () => undefined)
    return { result, record }
  }

  /** What a call gets that waited for another one. */
  async #fromAnother(
    asked: ReadCall,
    found: Found,
    landed: Landed,
    run: ToolRun,
    signal: AbortSignal | undefined,
    startedAt: number,
  ): Promise<ToolAnswer> {
    if ('entry' in landed) {
      found.ticket.watch.end()
      const outcome: ToolOutcome = { outcome: 'hit', tier: 'exact', entry: landed.entry }
      return this.#reuse(landed.entry, this.#report(asked, outcome, startedAt, {}))
    }
    if (!landed.isShareable) {
      return this.#callAlone(asked, found.ticket, run, signal, this.#report(asked, found.outcome, startedAt))
    }
    found.ticket.watch.end()
    const avoided = originOf(asked, landed.durationMs)
    return { result: copyData(landed.result), record: this.#report(asked, found.outcome, startedAt, { avoided }) }
  }

  /** The memory tier alone; a repeat of an untagged call costs no round trip. */
  #inMemory(asked: ReadCall): Extract<ToolOutcome, { entry: unknown }> | undefined {
    if (asked.mode === 'refresh' || !keptInMemory(asked)) return undefined
    const now = this.#settings.now()
    const entry = this.#memory.get(asked.key, now)
    // A stale one goes the whole way, because its refresh needs the generation that only the store knows.
    if (!entry || isTooOld(entry, asked, now) || isStale(entry, now)) return undefined
    return { outcome: 'hit', tier: 'memory', entry }
  }

  /** Never rejects. */
  async #find(asked: ReadCall, signal: AbortSignal | undefined): Promise<Found> {
    const { now } = this.#settings
    const watch = this.#pending.watch(asked.tags)
    const epoch = this.#memory.epoch
    const bypass = (reason: Extract<ToolOutcome, { outcome: 'bypass' }>['reason']): Found => {
      watch.end()
      return { outcome: { outcome: 'bypass', reason }, ticket: { generation: '', epoch, watch } }
    }
    if (this.#pending.isBlocked(asked.tags)) return bypass('invalidation-pending')
    try {
      if (this.#queue.has(asked.key)) await orAborted(this.#queue.settled(asked.key), signal)
      const { entry, generation, problem } = await orAborted(this.#get(asked), signal)
      if (watch.isOvertaken) return bypass('invalidation-pending')
      const ticket = { generation, epoch, watch }
      const miss = (reason: Extract<ToolOutcome, { outcome: 'miss' }>['reason']): Found => ({
        outcome: { outcome: 'miss', reason },
        ticket,
      })
      if (asked.mode === 'refresh') return miss('refresh')
      const flaw = problem ?? (entry && flawOf(entry, asked))
      if (flaw) return miss(`record-${flaw}`)
      if (!entry) return miss('not-found')
      if (isTooOld(entry, asked, now())) return miss('too-old')
      if (keptInMemory(asked)) this.#memory.put(asked.key, entry, now(), epoch)
      return { outcome: { outcome: isStale(entry, now()) ? 'stale' : 'hit', tier: 'exact', entry }, ticket }
    } catch (error) {
      return bypass(signal?.aborted ? 'aborted' : storeReason(error))
    }
  }

  /** What another process may have stored meanwhile. Never rejects. */
  async #lookAgain(asked: ReadCall): Promise<CacheEntry<ToolResult> | undefined> {
    try {
      const { entry, problem } = await this.#get(asked)
      const isUsable = entry && !problem && !flawOf(entry, asked) && !isTooOld(entry, asked, this.#settings.now())
      return isUsable ? entry : undefined
    } catch {
      return undefined
    }
  }

  #get({ key, tenant, tags }: ReadCall) {
    const about = { namespace: this.namespace, ...(tenant !== undefined && { tenant }), tags }
    return this.#settings.store.get<ToolResult>(key, about)
  }

  /** Renews a stale result in the background, once at a time, and by one process only where they share a store. */
  #refresh(asked: ReadCall, ticket: WriteTicket, run: ToolRun): void {
    if (this.#refreshes.has(asked.key) || this.#closing) return ticket.watch.end()
    const controller = new AbortController()
    const startedAt = performance.now()
    const renew = async () => {
      const turn = this.#lock ? await this.#lock.tryTurn(asked.key) : { release: () => undefined }
      if (!turn) return ticket.watch.end()
      let result: ToolResult
      try {
        result = await orAborted(run(asked.args, controller.signal), controller.signal)
      } catch {
        this.#writer.refuse(asked, 'refresh-failed', performance.now() - startedAt)
        ticket.watch.end()
        return turn.release()
      }
      this.#writer.write(asked, ticket, result, performance.now() - startedAt, turn.release)
    }
    const done = renew().finally(() => this.#refreshes.delete(asked.key))
    this.#refreshes.set(asked.key, { controller, done })
  }

  #reuse(entry: CacheEntry<ToolResult>, record: CacheRecord): ToolAnswer {
    this.#touches.touch(entry.key)
    return { result: copyData(entry.value), record }
  }

  #forget(keys: readonly string[] | undefined): void {
    this.#memory.clear()
    this.#flights.detachAll()
    this.#landing.clear()
    this.#counters.forgetResults()
    if (!keys) return
    for (const [{ key }, underWay] of this.#underWay) {
      if (keys.includes(key)) underWay.isDeleted = true
    }
  }

  async #reported(
    by: Extract<CacheEvent, { type: 'invalidate' }>['by'],
    namespace: string,
    tenant: string | undefined,
    remove: () => Promise<number>,
  ): Promise<number> {
    const { emit, now } = this.#settings
    const startedAt = performance.now()
    const report = (outcome: 'done' | 'failed', removed: number) =>
      emit({
        type: 'invalidate',
        at: now(),
        cache: 'tool',
        namespace,
        ...(tenant !== undefined && { tenant }),
        by,
        outcome,
        removed,
        durationMs: performance.now() - startedAt,
      })
    try {
      const removed = await remove()
      report('done', removed)
      return removed
    } catch (error) {
      report('failed', 0)
      throw error
    }
  }

  #report(
    asked: ReadCall,
    outcome: ToolOutcome,
    startedAt: number,
    joined?: { readonly avoided?: Origin },
  ): CacheRecord {
    return this.#say(reportOutcome(asked, outcome, performance.now() - startedAt, this.#settings, joined))
  }

  #say({ record, event }: CallReport): CacheRecord {
    this.#counters.noteLookup(event)
    this.#settings.emit(event)
    return record
  }
}

function effectivenessSums({ store, namespace, now }: ToolCacheSettings): EffectivenessSums {
  return new EffectivenessSums({ store: isTotalsStore(store) ? store : undefined, namespace, now })
}

/** Calls that may answer each other. With tags the generation is part of it: after a write nobody joins an older call. */
function flightId({ key, tags, ttlMs, maxAgeMs }: ReadCall, { generation }: WriteTicket): string {
  const own = `${key} ${ttlMs} ${maxAgeMs}`
  return tags.length > 0 ? `${own} ${tags.join(' ')} ${generation}` : own
}

/** What comes out of a store is checked: another program may write there, and another version may have written. */
function flawOf(entry: CacheEntry, { scope }: ReadCall): 'corrupt' | 'foreign' | undefined {
  if (entry.scope !== scope) return 'foreign'
  return isToolResult(entry.value) ? undefined : 'corrupt'
}

function isTooOld(entry: CacheEntry, { maxAgeMs }: ReadCall, now: number): boolean {
  return maxAgeMs !== undefined && now - entry.createdAt > maxAgeMs
}

function isStale(entry: CacheEntry, now: number): boolean {
  return entry.staleMs > 0 && now >= entry.expiresAt - entry.staleMs
}

function never(): AbortSignal {
  return new AbortController().signal
}

/** @throws CacheError NOT_CACHED, the one deliberate error of a call */
function refuseUncached({ mode }: ToolControls, { outcome, reason }: CacheRecord): void {
  if (mode !== 'only-if-cached') return
  throw new CacheError('NOT_CACHED', `mode 'only-if-cached' found no stored result: ${outcome}, ${reason}`)
}
