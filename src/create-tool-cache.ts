import { checkTenant } from './core/controls.ts'
import { knownOptions, numberOption } from './core/options.ts'
import { type CommonOptions, composeCommon, loaded, MAX_TIMER_MS } from './create.ts'
import { decisionRules, type RuleOptions } from './tool-cache/decision-rules.ts'
import { checkedPolicies } from './tool-cache/policies.ts'
import { StoredToolCache } from './tool-cache/stored-tool-cache.ts'
import type { ToolCache, ToolDescription } from './tool-cache/tool-cache.ts'
import { type ToolPolicy, textList } from './tool-cache/tool-policy.ts'

/** The default `namespace` is `'tools'`: on one store with a semantic cache, clearing one leaves the other. */
export interface ToolCacheOptions extends Omit<CommonOptions, 'prices'>, RuleOptions {
  /** Whose data it is; a function gets the `context` of the call. Without one it is an anonymous tenant of its own. */
  readonly tenant?: string | ((context: unknown) => string | undefined)
  /** What the owners of tools say about them, by tool name. */
  readonly policies?: Readonly<Record<string, ToolPolicy>>
  /** The tools there are, where known: a policy for any other is then an error. */
  readonly tools?: readonly ToolDescription[]
  /** Arguments that never change a result, such as `requestId` or `options.trace`; `*` stands for any step. */
  readonly ignoredPaths?: readonly string[]
  /** Part of the life by which lives are shortened at random, so that not all end at once; 0…1. Default 0.1. */
  readonly ttlJitter?: number
  /** How much longer a result is served while a fresh one is fetched, in milliseconds, ≥ 0. Default 0. */
  readonly staleWhileRevalidateMs?: number
  /** How long a tool that writes waits for its invalidation, in milliseconds, ≥ 1. Default 2 000. */
  readonly invalidationDeadlineMs?: number
  /**
   * Life of the lease that makes identical calls of several processes one, in milliseconds; renewed while the tool runs.
   * 0: each process calls by itself. Default 10 000. A store of one process needs none.
   */
  readonly lockLeaseMs?: number
}

const OPTION_NAMES: readonly (keyof ToolCacheOptions)[] = [
  ...(['store', 'namespace', 'requireTenant', 'shared', 'ttlMs', 'memory', 'maxEntryBytes'] as const),
  ...(['storeDeadlineMs', 'breaker', 'maxPendingWrites', 'keySecret', 'maxTenants', 'on', 'now', 'random'] as const),
  ...(['tenant', 'policies', 'tools', 'allow', 'deny', 'sideEffectPrefixes', 'volatileArguments'] as const),
  ...(['ignoredPaths', 'ttlJitter', 'staleWhileRevalidateMs', 'invalidationDeadlineMs', 'lockLeaseMs'] as const),
]

/**
 * A cache of tool results. Without options: the embedded store in memory, and only tools whose policy or marks allow it.
 *
 * @throws CacheError INVALID_OPTION, naming the option, what is allowed and what was given
 * @example
 * const toolCache = await createToolCache({
 *   policies: { get_order: { reads: ['order:{id}'] }, cancel_order: { writes: ['order:{id}'] } },
 * })
 */
export async function createToolCache(options: ToolCacheOptions = {}): Promise<ToolCache> {
  knownOptions('createToolCache', options, OPTION_NAMES)
  const { tenant, policies = {}, tools } = options
  if (tenant !== undefined && typeof tenant !== 'function') checkTenant(tenant)
  const timer = (name: 'invalidationDeadlineMs' | 'lockLeaseMs', min: number, fallback: number) =>
    numberOption(name, options[name], { min, max: MAX_TIMER_MS, default: fallback })
  const own = {
    ...(tenant !== undefined && { tenant }),
    policies: checkedPolicies(policies, tools),
    rules: decisionRules(options),
    ignoredPaths: textList('ignoredPaths', options.ignoredPaths),
    ttlJitter: numberOption('ttlJitter', options.ttlJitter, { min: 0, max: 1, default: 0.1 }),
    staleWhileRevalidateMs: numberOption('staleWhileRevalidateMs', options.staleWhileRevalidateMs, {
      min: 0,
      default: 0,
    }),
    invalidationDeadlineMs: timer('invalidationDeadlineMs', 1, 2_000),
    lockLeaseMs: timer('lockLeaseMs', 0, 10_000),
  }
  const common = composeCommon({ ...options, namespace: options.namespace ?? 'tools' })
  await loaded(common.store)
  return new StoredToolCache({ ...common, ...own })
}
