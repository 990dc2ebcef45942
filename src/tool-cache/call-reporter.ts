import type { Origin } from '../core/entry.ts'
import type { CacheRecord } from '../core/outcome.ts'
import { type CallReport, reportOutcome, reportRefused, type ToolOutcome } from './call-report.ts'
import type { EffectivenessCounters } from './effectiveness.ts'
import type { ReadCall, RefusedCall, WriteCall } from './prepare-call.ts'
import type { ToolCacheSettings } from './settings.ts'

/** Says what became of each call, once: in its record, in an event and in the counters. */
export class CallReporter {
  readonly #settings: ToolCacheSettings
  readonly #counters: EffectivenessCounters

  constructor(settings: ToolCacheSettings, counters: EffectivenessCounters) {
    this.#settings = settings
    this.#counters = counters
  }

  /** `joined` for a call that waited for an identical one, with what that had cost. */
  outcome(
    asked: ReadCall,
    outcome: ToolOutcome,
    startedAt: number,
    joined?: { readonly avoided?: Origin },
  ): CacheRecord {
    return this.#say(reportOutcome(asked, outcome, performance.now() - startedAt, this.#settings, joined))
  }

  refused(asked: RefusedCall | WriteCall, startedAt: number): CacheRecord {
    return this.#say(reportRefused(asked, performance.now() - startedAt, this.#settings))
  }

  #say({ record, event }: CallReport): CacheRecord {
    this.#counters.noteLookup(event)
    this.#settings.emit(event)
    return record
  }
}
