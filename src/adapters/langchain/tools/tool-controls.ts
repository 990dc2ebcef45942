import { checkControls } from '../../../core/controls.ts'
import { invalidOption } from '../../../core/options.ts'
import type { ToolControls } from '../../../tool-cache/tool-cache.ts'
import { callControls, type Tenant } from '../call-controls.ts'
import { isRecord } from '../content.ts'

/** What `tenant` and `context` may look at. */
export interface ToolCallContext {
  readonly configurable: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  /** The runtime's context inside an agent. */
  readonly context?: unknown
  /** The agent's state. */
  readonly state?: unknown
}

export interface ToolSharingOptions {
  /** Whose data it is. Default: the cache's tenant. */
  readonly tenant?: Tenant
  /**
   * Whatever else the result depends on: state, runtime context or store that the tool reads, a locale. Plain data,
   * part of the key. A tool that reads such things without saying so here gets the results of other states.
   */
  readonly context?: (about: ToolCallContext) => unknown
}

/** What the run may decide about its tools. Life and sharing of results belong to the tool, not to the run. */
const OF_THE_RUN = ['mode', 'maxAgeMs', 'tenant', 'tags']

/** The controls of one call: `configurable.reprise` of the run over the wrapper's options. */
export function toolControls(
  { tenant, context }: ToolSharingOptions,
  about: ToolCallContext,
  signal?: AbortSignal,
): ToolControls {
  const { reprise } = about.configurable
  const ofTheRun = isRecord(reprise)
    ? Object.fromEntries(Object.entries(reprise).filter(([name]) => OF_THE_RUN.includes(name)))
    : reprise
  const configurable = { ...about.configurable, reprise: ofTheRun }
  const controls = callControls(tenant === undefined ? {} : { tenant }, { ...about, configurable }, signal)
  const asked: ToolControls = isResumed(about.configurable) ? { ...controls, mode: 'bypass' } : controls
  return context ? { ...asked, context: contextOf(context, about) } : asked
}

/**
 * True in a task of LangGraph that goes on after an interrupt. What a person was asked in this run is no answer for
 * another, and `interrupt()` returns in such tasks only: in any other it throws.
 */
function isResumed(configurable: Readonly<Record<string, unknown>>): boolean {
  const { __pregel_scratchpad: scratchpad, __pregel_resume_map: byId } = configurable
  if (isRecord(byId) && Object.keys(byId).length > 0) return true
  if (!isRecord(scratchpad)) return false
  const { resume, nullResume } = scratchpad
  return (Array.isArray(resume) && resume.length > 0) || nullResume !== undefined
}

export function toolCallContext(config: unknown): ToolCallContext {
  const { configurable, metadata, context, state } = isRecord(config) ? config : {}
  return {
    configurable: isRecord(configurable) ? configurable : {},
    metadata: isRecord(metadata) ? metadata : {},
    ...(context !== undefined && { context }),
    ...(state !== undefined && { state }),
  }
}

/** @throws CacheError INVALID_OPTION */
export function checkSharing({ tenant, context }: ToolSharingOptions): void {
  if (tenant !== undefined && typeof tenant !== 'function') checkControls({ tenant })
  if (context !== undefined && typeof context !== 'function') throw invalidOption('context', 'a function', context)
}

/** One that throws must not share: a function is no plain data, so that the cache stays out and says why. */
function contextOf(context: (about: ToolCallContext) => unknown, about: ToolCallContext): unknown {
  try {
    return context(about)
  } catch {
    return () => undefined
  }
}
