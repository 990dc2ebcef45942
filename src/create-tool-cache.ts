import { checkTenant } from './core/controls.ts'
import { EventDispatcher } from './core/dispatch.ts'
import type { CacheEventListener } from './core/events.ts'
import { createFingerprint } from './core/fingerprint.ts'
import type { MemoryTierOptions } from './core/memory-tier.ts'
import { booleanOption, invalidOption, knownOptions, numberOption, stringOption } from './core/options.ts'
import { createLedger } from './metrics/ledger.ts'
import { embeddedStore } from './stores/embedded/embedded-store.ts'
import { guardedStore } from './stores/guarded.ts'
import { type CacheStore, isTotalsStore } from './stores/store.ts'
import { decisionRules, type RuleOptions } from './tool-cache/decision-rules.ts'
import { checkedPolicies } from './tool-cache/policies.ts'
import { StoredToolCache } from './tool-cache/stored-tool-cache.ts'
import type { ToolCache, ToolDescription } from './tool-cache/tool-cache.ts'
import { type ToolPolicy, textList } from './tool-cache/tool-policy.ts'

export interface ToolCacheOptions extends RuleOptions {
  /** Default: the embedded store, in memory. Closed with the cache. */
  readonly store?: CacheStore
  /** Name of this cache inside the store. Default `'tools'`. */
  readonly namespace?: string
  /** Whose data it is; a function gets the `context` of the call. Without one it is an anonymous tenant of its own. */
  readonly tenant?: string | ((context: unknown) => string | undefined)
  /** True makes a call without a tenant a bypass. Default false. */
  readonly requireTenant?: boolean
  /** True shares results between tenants, unless policy or call say otherwise. Default false. */
  readonly shared?: boolean
  /** What the owners of tools say about them, by tool name. */
  readonly policies?: Readonly<Record<string, ToolPolicy>>
  /** The tools there are, where known: a policy for any other is then an error. */
  readonly tools?: readonly ToolDescription[]
  /** Arguments that never change a result, such as `requestId`; by path. */
  readonly ignoredPaths?: readonly string[]
  /** Life of a result whose policy has none, in milliseconds, ≥ 1. Default 86 400 000. */
  readonly ttlMs?: number
  /** Share of the life by which expiry is spread, 0…1. Default 0.1. */
  readonly ttlJitter?: number
  /** How much longer a result is served while a fresh one is fetched, in milliseconds, ≥ 0. Default 0. */
  readonly staleWhileRevalidateMs?: number
  /** In-process tier for results without tags. Default 1 000 entries, 5 000 ms; `maxEntries: 0` switches it off. */
  readonly memory?: Partial<MemoryTierOptions>
  /** Larger results are not stored: UTF-8 bytes of the JSON, ≥ 1. Default 262 144. */
  readonly maxEntryBytes?: number
  /** Deadline of every read and write of the store, in milliseconds, ≥ 1. Default 250. */
  readonly storeDeadlineMs?: number
  /** How long a tool that writes waits for its invalidation, in milliseconds, ≥ 1. Default 2 000. */
  readonly invalidationDeadlineMs?: number
  readonly breaker?: { readonly failures?: number; readonly halfOpenAfterMs?: number }
  /** Results that may wait for the store, ≥ 1. Default 1 000. */
  readonly maxPendingWrites?: number
  /**
   * Life of the lease that makes identical calls of several processes one, in milliseconds; renewed while the tool runs.
   * 0: each process calls by itself. Default 10 000. Stores of one process need none.
   */
  readonly lockLeaseMs?: number
  /** Makes keys HMACs, so that nobody who sees them can test guesses of arguments. */
  readonly keySecret?: string
  readonly on?: readonly CacheEventListener[]
  /** Clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

const OPTIONS: readonly (keyof ToolCacheOptions)[] = [
  'store',
  'namespace',
  'tenant',
  'requireTenant',
  'shared',
  'policies',
  'tools',
  'allow',
  'deny',
  'sideEffectPrefixes',
  'volatileArguments',
  'ignoredPaths',
  'ttlMs',
  'ttlJitter',
  'staleWhileRevalidateMs',
  'memory',
  'maxEntryBytes',
  'storeDeadlineMs',
  'invalidationDeadlineMs',
  'breaker',
  'maxPendingWrites',
  'lockLeaseMs',
  'keySecret',
  'on',
  'now',
  'random',
]

/**
 * A cache for results of tools.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * const toolCache = await createToolCache({ policies: { get_order: { reads: ['order:{id}'] }, cancel_order: { writes: ['order:{id}'] } } })
 */
export async function createToolCache(options: ToolCacheOptions = {}): Promise<ToolCache> {
  knownOptions('createToolCache', options, OPTIONS)
  const { tenant, on = [], now = Date.now, random = Math.random } = options
  if (typeof tenant !== 'function' && tenant !== undefined) checkTenant(tenant)
  if (!Array.isArray(on) || on.some((listener) => typeof listener !== 'function')) {
    throw invalidOption('on', 'a list of functions', on)
  }
  if (typeof now !== 'function') throw invalidOption('now', 'a function', now)
  if (typeof random !== 'function') throw invalidOption('random', 'a function', random)
  const memory = options.memory ?? {}
  knownOptions('memory', memory, ['maxEntries', 'maxAgeMs'])
  const breaker = options.breaker ?? {}
  knownOptions('breaker', breaker, ['failures', 'halfOpenAfterMs'])
  const count = (name: string, value: unknown, fallback: number, min = 1) =>
    numberOption(name, value, { min, integer: true, default: fallback })
  const rules = decisionRules(options)
  const policies = checkedPolicies(options.policies ?? {}, options.tools)
  const settings = {
    namespace: stringOption('namespace', options.namespace, 'tools'),
    ...(tenant !== undefined && { tenant }),
    requireTenant: booleanOption('requireTenant', options.requireTenant, false),
    shared: booleanOption('shared', options.shared, false),
    policies,
    rules,
    ignoredPaths: textList('ignoredPaths', options.ignoredPaths),
    ttlMs: numberOption('ttlMs', options.ttlMs, { min: 1, default: 86_400_000 }),
    ttlJitter: numberOption('ttlJitter', options.ttlJitter, { min: 0, max: 1, default: 0.1 }),
    staleWhileRevalidateMs: count('staleWhileRevalidateMs', options.staleWhileRevalidateMs, 0, 0),
    memory: {
      maxEntries: count('memory.maxEntries', memory.maxEntries, 1_000, 0),
      maxAgeMs: count('memory.maxAgeMs', memory.maxAgeMs, 5_000, 0),
    },
    maxEntryBytes: count('maxEntryBytes', options.maxEntryBytes, 262_144),
    invalidationDeadlineMs: count('invalidationDeadlineMs', options.invalidationDeadlineMs, 2_000),
    maxPendingWrites: count('maxPendingWrites', options.maxPendingWrites, 1_000),
    lockLeaseMs: count('lockLeaseMs', options.lockLeaseMs, 10_000, 0),
    // An empty secret would be as good as none.
    fingerprint: createFingerprint(
      options.keySecret === undefined ? undefined : stringOption('keySecret', options.keySecret, ''),
    ),
    now,
    random,
  }
  const guard = {
    deadlineMs: count('storeDeadlineMs', options.storeDeadlineMs, 250),
    breaker: {
      failures: count('breaker.failures', breaker.failures, 5),
      halfOpenAfterMs: count('breaker.halfOpenAfterMs', breaker.halfOpenAfterMs, 2_000),
    },
  }
  const given = options.store ?? embeddedStore({ now })
  if (typeof given !== 'object' || given === null || typeof given.get !== 'function') {
    throw invalidOption('store', 'a store such as embeddedStore()', given)
  }

  let dispatcher: EventDispatcher | undefined
  const emit: CacheEventListener = (event) => dispatcher?.emit(event)
  const store = guardedStore(given, { ...guard, emit, now })
  const ledger = createLedger({
    ...(isTotalsStore(store) && { store }),
    now,
    listenerErrors: () => dispatcher?.errors ?? 0,
  })
  dispatcher = new EventDispatcher([ledger.listener, ...on])
  return new StoredToolCache({ ...settings, store, storeIdentity: given, emit, totals: ledger.totals })
}
