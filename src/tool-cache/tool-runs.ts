import { copyData } from '../core/copy.ts'
import { orAborted } from '../core/deadline.ts'
import type { CacheEntry } from '../core/entry.ts'
import type { EntryTouches } from '../core/entry-touches.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { SingleFlight } from '../core/single-flight.ts'
import { never } from './call-mode.ts'
import type { ToolOutcome } from './call-report.ts'
import type { CallReporter } from './call-reporter.ts'
import type { ReadCall } from './prepare-call.ts'
import type { ProcessLock, Turn } from './process-lock.ts'
import { originOf, type ResultWriter, type WriteTicket } from './result-writer.ts'
import type { ToolAnswer, ToolResult, ToolRun } from './tool-cache.ts'
import type { Found, ToolLookup } from './tool-lookup.ts'

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

/** Runs tools after a miss: identical calls in flight are one, in all processes where the store has leases. */
export class ToolRuns {
  readonly #lookup: ToolLookup
  readonly #writer: ResultWriter
  readonly #reporter: CallReporter
  readonly #touches: EntryTouches
  readonly #lock: ProcessLock | undefined
  readonly #isClosing: () => boolean
  readonly #flights = new SingleFlight<Promise<Landed>>()
  /** Results on their way to the store: a lookup that began before the write and ends after the call finds them here. */
  readonly #landing = new Map<string, Landed>()
  /** Keys of calls under way that were invalidated by name since they began. */
  readonly #underWay = new Map<ReadCall, { isDeleted: boolean }>()

  constructor(of: {
    readonly lookup: ToolLookup
    readonly writer: ResultWriter
    readonly reporter: CallReporter
    readonly touches: EntryTouches
    readonly lock: ProcessLock | undefined
    readonly isClosing: () => boolean
  }) {
    this.#lookup = of.lookup
    this.#writer = of.writer
    this.#reporter = of.reporter
    this.#touches = of.touches
    this.#lock = of.lock
    this.#isClosing = of.isClosing
  }

  /** The result of a call that was not found: its own, or that of an identical one under way. */
  async joinOrCall(
    asked: ReadCall,
    found: Found,
    run: ToolRun,
    signal: AbortSignal | undefined,
    startedAt: number,
  ): Promise<ToolAnswer> {
    const say = () => this.#reporter.outcome(asked, found.outcome, startedAt)
    const id = flightId(asked, found.ticket)
    if (this.#flights.isOwn(id)) return this.callAlone(asked, found.ticket, run, signal, say())
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
    if (!landed) return this.callAlone(asked, found.ticket, run, signal, say())
    if (seat.joined) return this.#fromAnother(asked, found, landed, run, signal, startedAt)
    return 'entry' in landed
      ? this.reuse(landed.entry, landed.record)
      : { result: landed.result, record: landed.record }
  }

  /** Its own call, which nobody joins. */
  async callAlone(
    asked: ReadCall,
    ticket: WriteTicket,
    run: ToolRun,
    signal: AbortSignal | undefined,
    record: CacheRecord,
  ): Promise<ToolAnswer> {
    const { result } = await this.#callAndStore(asked, ticket, run, signal ?? never(), () => undefined)
    return { result, record }
  }

  /** A stored result, as the caller's own copy. */
  reuse(entry: CacheEntry<ToolResult>, record: CacheRecord): ToolAnswer {
    this.#touches.touch(entry.key)
    return { result: copyData(entry.value), record }
  }

  /** After an invalidation nobody joins a call begun before; results of the calls with these keys are not stored. */
  forget(keys: readonly string[] | undefined): void {
    this.#flights.detachAll()
    this.#landing.clear()
    if (!keys) return
    for (const [{ key }, underWay] of this.#underWay) {
      if (keys.includes(key)) underWay.isDeleted = true
    }
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
      if (this.#lock) turn = await this.#lock.turn(asked.key, () => this.#lookup.lookAgain(asked), signal)
      if ('entry' in turn) {
        found.ticket.watch.end()
        const outcome: ToolOutcome = { outcome: 'hit', tier: 'exact', entry: turn.entry }
        return { entry: turn.entry, record: this.#reporter.outcome(asked, outcome, startedAt, {}) }
      }
      const { release } = turn
      const record = this.#reporter.outcome(asked, found.outcome, startedAt)
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
      const isClosing = this.#isClosing()
      if (isClosing || underWay.isDeleted) {
        this.#writer.refuse(asked, isClosing ? 'closed' : 'cleared', durationMs)
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
      return this.reuse(landed.entry, this.#reporter.outcome(asked, outcome, startedAt, {}))
    }
    if (!landed.isShareable) {
      return this.callAlone(asked, found.ticket, run, signal, this.#reporter.outcome(asked, found.outcome, startedAt))
    }
    found.ticket.watch.end()
    const avoided = originOf(asked, landed.durationMs)
    return {
      result: copyData(landed.result),
      record: this.#reporter.outcome(asked, found.outcome, startedAt, { avoided }),
    }
  }
}

/** Calls that may answer each other. With tags the generation is part of it: after a write nobody joins an older call. */
function flightId({ key, tags, ttlMs, maxAgeMs }: ReadCall, { generation }: WriteTicket): string {
  const own = `${key} ${ttlMs} ${maxAgeMs}`
  return tags.length > 0 ? `${own} ${tags.join(' ')} ${generation}` : own
}
