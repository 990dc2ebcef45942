import { EntryTouches } from '../core/entry-touches.ts'
import { CacheError } from '../core/errors.ts'
import { checkFilter, removeMatching } from '../core/invalidation.ts'
import { MemoryTier } from '../core/memory-tier.ts'
import { invalidOption } from '../core/options.ts'
import { noteInvalidation } from '../core/process-invalidations.ts'
import type { CacheStats } from '../core/stats.ts'
import { WriteQueue } from '../core/write-queue.ts'
import { isLockStore, isTotalsStore } from '../stores/store.ts'
import { auditTools } from './audit.ts'
import { never, refuseUncached } from './call-mode.ts'
import { CallReporter } from './call-reporter.ts'
import { type Effectiveness, EffectivenessCounters } from './effectiveness.ts'
import { EffectivenessSums } from './effectiveness-sums.ts'
import { type PendingInvalidations, pendingInvalidationsOf } from './pending-invalidations.ts'
import { prepareCall, type ReadCall, type RefusedCall, type WriteCall } from './prepare-call.ts'
import { ProcessLock } from './process-lock.ts'
import { ResultRefreshes } from './result-refreshes.ts'
import { ResultWriter } from './result-writer.ts'
import type { ToolCacheSettings } from './settings.ts'
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
import { ToolInvalidation } from './tool-invalidation.ts'
import { storedTags } from './tool-key.ts'
import { ToolLookup } from './tool-lookup.ts'
import { ToolRuns } from './tool-runs.ts'

/** The tool cache over a store. docs/tool-cache.md says what it promises. */
export class StoredToolCache implements ToolCache {
  readonly #settings: ToolCacheSettings
  readonly #memory: MemoryTier<ToolResult>
  readonly #queue: WriteQueue
  readonly #counters: EffectivenessCounters
  readonly #touches: EntryTouches
  readonly #pending: PendingInvalidations
  readonly #reporter: CallReporter
  readonly #lookup: ToolLookup
  readonly #runs: ToolRuns
  readonly #refreshes: ResultRefreshes
  readonly #invalidation: ToolInvalidation
  #closing: Promise<void> | undefined

  constructor(settings: ToolCacheSettings) {
    const { store, storeIdentity, namespace, lockLeaseMs } = settings
    this.#settings = settings
    this.#memory = new MemoryTier(settings.memory, settings.namespace)
    this.#queue = new WriteQueue(settings.maxPendingWrites)
    this.#counters = new EffectivenessCounters(effectivenessSums(settings))
    this.#touches = new EntryTouches(store, this.#queue, namespace)
    this.#pending = pendingInvalidationsOf(storeIdentity, namespace)
    this.#reporter = new CallReporter(settings, this.#counters)
    this.#lookup = new ToolLookup(settings, this.#memory, this.#queue, this.#pending)
    this.#invalidation = new ToolInvalidation(settings, this.#pending)
    const writer = new ResultWriter(settings, this.#memory, this.#queue, this.#counters)
    const lock = isLockStore(store) && lockLeaseMs > 0 ? new ProcessLock(store, lockLeaseMs) : undefined
    this.#refreshes = new ResultRefreshes(writer, lock)
    this.#runs = new ToolRuns({
      lookup: this.#lookup,
      writer,
      reporter: this.#reporter,
      touches: this.#touches,
      lock,
      isClosing: () => this.#closing !== undefined,
    })
  }

  get namespace(): string {
    return this.#settings.namespace
  }

  async getOrCall(call: ToolInvocation, run: ToolRun, given?: ToolControls): Promise<ToolAnswer> {
    if (typeof call !== 'object' || call === null) throw invalidOption('the call of getOrCall', 'an object', call)
    if (typeof run !== 'function') throw invalidOption('run of getOrCall', 'a function', run)
    const controls = given ?? {}
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
    this.#forget(namespace, filter.keys)
    try {
      return await this.#invalidation.reported(by, namespace, filter.tenant, () =>
        removeMatching(store, namespace, stored),
      )
    } finally {
      this.#forget(namespace, filter.keys)
    }
  }

  audit(tools: readonly ToolDescription[]): readonly AuditRow[] {
    if (!Array.isArray(tools) || tools.some((tool) => typeof tool !== 'object' || tool === null)) {
      throw invalidOption('the tools of audit', 'an array of tools', tools)
    }
    return auditTools(tools, this.#settings)
  }

  async effectiveness(): Promise<readonly Effectiveness[]> {
    return this.#counters.report()
  }

  stats(): Promise<CacheStats> {
    return this.#settings.totals.snapshot()
  }

  async flush(): Promise<void> {
    await this.#refreshes.settled()
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
    this.#refreshes.abort(new CacheError('CLOSED', 'the cache closed'))
    try {
      await this.flush()
    } finally {
      this.#memory.clear()
      await this.#settings.store.close()
    }
  }

  /** A call the cache has no part in. */
  async #stayOut(asked: RefusedCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const record = this.#reporter.refused(asked, startedAt)
    refuseUncached(controls, record)
    return { result: await run(asked.args, controls.signal ?? never()), record }
  }

  async #write(asked: WriteCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const record = this.#reporter.refused(asked, startedAt)
    refuseUncached(controls, record)
    return { result: await this.#invalidation.around(asked, run, controls.signal ?? never()), record }
  }

  async #read(asked: ReadCall, run: ToolRun, controls: ToolControls, startedAt: number): Promise<ToolAnswer> {
    const { signal } = controls
    const held = this.#lookup.inMemory(asked)
    if (held) return this.#runs.reuse(held.entry, this.#reporter.outcome(asked, held, startedAt))

    // Every caller reads for itself before it joins: a call that began before a write must not answer one that came after.
    const found = await this.#lookup.find(asked, signal)
    if (found.outcome.outcome === 'bypass') {
      signal?.throwIfAborted()
      const record = this.#reporter.outcome(asked, found.outcome, startedAt)
      refuseUncached(controls, record)
      return { result: await run(asked.args, signal ?? never()), record }
    }
    if ('entry' in found.outcome) {
      if (found.outcome.outcome === 'stale' && !this.#closing) this.#refreshes.begin(asked, found.ticket, run)
      else found.ticket.watch.end()
      return this.#runs.reuse(found.outcome.entry, this.#reporter.outcome(asked, found.outcome, startedAt))
    }
    const say = () => this.#reporter.outcome(asked, found.outcome, startedAt)
    if (controls.mode === 'only-if-cached') found.ticket.watch.end()
    if (controls.mode === 'only-if-cached') refuseUncached(controls, say())
    if (controls.mode === 'refresh') return this.#runs.callAlone(asked, found.ticket, run, signal, say())

    return this.#runs.joinOrCall(asked, found, run, signal, startedAt)
  }

  #forget(namespace: string, keys: readonly string[] | undefined): void {
    noteInvalidation(namespace)
    this.#memory.clear()
    this.#runs.forget(keys)
    this.#counters.forgetResults()
  }
}

function effectivenessSums({ store, namespace, now }: ToolCacheSettings): EffectivenessSums {
  return new EffectivenessSums({ store: isTotalsStore(store) ? store : undefined, namespace, now })
}
