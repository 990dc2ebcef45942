import type { CallControls } from '../core/controls.ts'
import type { CacheRecord } from '../core/outcome.ts'
import type { CacheStats } from '../core/stats.ts'
import type { Effectiveness } from './effectiveness.ts'
import type { ToolPolicy } from './tool-policy.ts'

/**
 * Reuse of tool results: exact by arguments, never by similarity, and only for tools whose policy or marks say that it
 * is safe. No method but `only-if-cached` ever adds an error of the cache's own to a call that runs; configuration
 * errors (a policy that contradicts itself, a tag that needs an argument the call has not) are thrown before the tool is.
 */
export interface ToolCache {
  /** The name of this cache inside its store. */
  readonly namespace: string

  /**
   * The stored result, or that of `run`. A tool whose policy has `writes` always runs, and what reads its tags is
   * dropped before the promise settles, whether the tool succeeded or failed.
   *
   * `run` gets the arguments as the schema parsed them (as given when there is no schema or they do not fit it) and a
   * signal that aborts when every caller waiting for this call has gone. It may be called again in the background to
   * refresh a stale result. What `run` throws is thrown, the same object.
   *
   * @throws CacheError NOT_CACHED in mode `only-if-cached`; INVALID_OPTION for a policy or tag that cannot work
   */
  getOrCall(call: ToolInvocation, run: ToolRun, controls?: ToolControls): Promise<ToolAnswer>

  /**
   * Removes what matches all the given fields (within `keys` and `tags`: any of them) and counts it. Without
   * `namespace` it is this cache's own. Rejects when the store cannot do it.
   *
   * @throws CacheError INVALID_OPTION when no field is given
   */
  invalidate(filter: ToolInvalidateFilter): Promise<number>

  /** What would happen to calls of each tool, and by which rule. Calls nothing. */
  audit(tools: readonly ToolDescription[]): readonly AuditRow[]

  /**
   * Per tool: what the cache did for it, and what that suggests. Of all processes on a store that keeps totals, as far as
   * they have sent them (every 10 s, and with `flush`), in this month and the two before; else of this process.
   */
  effectiveness(): Promise<readonly Effectiveness[]>

  stats(): Promise<CacheStats>

  /** Waits for queued writes and refreshes, and tries once more to deliver invalidations that failed. */
  flush(): Promise<void>

  /** `flush`, then closes the store. Calls that come later run the tool as a bypass. */
  close(): Promise<void>
}

/** What is known of a tool: LangChain tools and MCP tool definitions fit as they are. */
export interface ToolDescription {
  readonly name: string
  /** A Standard Schema (zod …) or a JSON schema of the arguments. */
  readonly schema?: unknown
  /** MCP's name for it. */
  readonly inputSchema?: unknown
  /** Marks: `cacheable`, `destructive`, `volatile`, `read_only`, `idempotent`, and MCP `annotations`. */
  readonly metadata?: unknown
  /** MCP hints: `readOnlyHint`, `destructiveHint`, `idempotentHint`, `openWorldHint`. */
  readonly annotations?: unknown
  readonly policy?: ToolPolicy
}

export interface ToolInvocation extends ToolDescription {
  readonly args: unknown
}

export type ToolRun = (args: unknown, signal: AbortSignal) => Promise<ToolResult>

/** The framework-neutral result: plain data, so that it can be stored and copied. */
export interface ToolResult {
  /** What the model sees: text, content blocks, or any plain data. */
  readonly content: unknown
  /** What only the program sees. */
  readonly artifact?: unknown
  /** A result of status `error` is never stored. */
  readonly status?: 'success' | 'error'
  readonly name?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** What an adapter needs to rebuild its framework's result; stored as it is. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** True for what is handed through but never stored or shared: a command, a stream. */
  readonly passThrough?: true
}

export interface ToolControls extends Omit<CallControls, 'minSimilarity'> {
  /** Whatever else the result depends on (locale, user, base URL): plain data, part of the key. */
  readonly context?: unknown
}

export interface ToolAnswer {
  readonly result: ToolResult
  readonly record: CacheRecord
}

export interface ToolInvalidateFilter {
  readonly keys?: readonly string[]
  readonly tags?: readonly string[]
  readonly tenant?: string
  readonly namespace?: string
}

export interface AuditRow {
  readonly tool: string
  /** True when results of this tool may be stored. */
  readonly cached: boolean
  /** The rule that decided, and what it saw. */
  readonly reason: string
  readonly rule: DecisionRule
  /** How long results are kept, when they are. */
  readonly ttlMs?: number
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** What the policy of the cache and that of the tool contradict each other in; the row says what wins. */
  readonly conflict?: string
}

/** The rules in the order in which they are asked. */
export type DecisionRule =
  | 'policy'
  | 'metadata-cacheable'
  | 'destructive-mark'
  | 'volatile-mark'
  | 'mcp-annotations'
  | 'read-only-idempotent'
  | 'side-effect-name'
  | 'volatile-argument'
  | 'deny-list'
  | 'allow-list'
  | 'no-mark'
