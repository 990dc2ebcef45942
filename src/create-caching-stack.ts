import type { AgentMiddleware } from 'langchain'
import type { Tenant } from './adapters/langchain/call-controls.ts'
import { semanticCacheMiddleware } from './adapters/langchain/semantic-cache-middleware.ts'
import {
  type ToolCacheMiddleware,
  type ToolCacheMiddlewareOptions,
  toolCacheMiddleware,
} from './adapters/langchain/tools/tool-cache-middleware.ts'
import { describeTool } from './adapters/langchain/tools/tool-description.ts'
import { invalidOption, knownOptions, stringOption } from './core/options.ts'
import { type CommonOptions, createSemanticCache, defaultStore, type SemanticCacheOptions } from './create.ts'
import { createToolCache, type ToolCacheOptions } from './create-tool-cache.ts'
import type { SemanticCache } from './semantic-cache/semantic-cache.ts'
import { redisStore } from './stores/redis/create-redis-store.ts'
import type { CacheStore } from './stores/store.ts'
import type { ToolCache } from './tool-cache/tool-cache.ts'

/** Of both caches alike. */
const COMMON = [
  ...(['requireTenant', 'shared', 'keySecret', 'maxTenants', 'storeDeadlineMs', 'breaker'] as const),
  ...(['maxPendingWrites', 'on', 'now', 'random'] as const),
]
type Common = Pick<CommonOptions, (typeof COMMON)[number]>
/** What the stack says itself, so that its two caches cannot disagree. */
type OfStack = keyof Common | 'store' | 'namespace' | 'tenant'

/** Options of `createCachingStack`; each group has the options of the cache it is for. */
export interface CachingStackOptions
  extends Common,
    Pick<ToolCacheMiddlewareOptions, 'context' | 'handleToolErrors' | 'policies' | 'tools'> {
  /** A Redis server for both caches, over one connection; `redisStore({ … })` as `store` has more options. */
  readonly redisUrl?: string
  /** Instead of `redisUrl`. Without either: Redis at REPRISE_REDIS_URL when that is set, else the embedded store. */
  readonly store?: CacheStore
  /** Of the semantic cache; tools are kept under `<namespace>:tools`. Default `'default'` and `'tools'`. */
  readonly namespace?: string
  /** Whose data it is, for answers and for results of tools. */
  readonly tenant?: Tenant
  /** What only the semantic cache has, such as `decision` and `embedder`. */
  readonly semantic?: Omit<SemanticCacheOptions, OfStack> & { readonly requireFinishReason?: boolean }
  /** What only the tool cache has, such as `allow`, `deny` and `ttlMs`. */
  readonly toolCache?: Omit<ToolCacheOptions, OfStack | 'policies' | 'tools'>
}

export interface CachingStack {
  /** The semantic cache's middleware, then the tool cache's: for `createAgent`, alone or among others. */
  readonly middleware: readonly [AgentMiddleware, ToolCacheMiddleware]
  readonly semanticCache: SemanticCache
  readonly toolCache: ToolCache
  /** Waits for what both have yet to write. */
  flush(): Promise<void>
  /** Closes both caches and, unless others use it, the store with its connection. */
  close(): Promise<void>
}

const OPTION_NAMES: readonly (keyof CachingStackOptions)[] = [
  ...COMMON,
  ...(['redisUrl', 'store', 'namespace', 'tenant', 'semantic', 'toolCache'] as const),
  ...(['context', 'handleToolErrors', 'policies', 'tools'] as const),
]
const OF_STACK: readonly string[] = [...COMMON, 'store', 'namespace', 'tenant']

/**
 * The usual stack for an agent: its model's answers and its tools' results reused, from one store over one connection.
 * The same as both caches and both middlewares made one by one.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * const caching = await createCachingStack({ redisUrl: 'redis://localhost:6379', tenant: ({ context }) => context?.userId, tools, policies })
 * const agent = createAgent({ model, tools, middleware: caching.middleware })
 */
export async function createCachingStack(options: CachingStackOptions = {}): Promise<CachingStack> {
  knownOptions('createCachingStack', options, OPTION_NAMES)
  const { semantic = {}, toolCache: ofTools = {}, policies = {}, tools, tenant, context, handleToolErrors } = options
  ownOptions('semantic', semantic, OF_STACK)
  ownOptions('toolCache', ofTools, [...OF_STACK, 'policies', 'tools'])
  if (tools !== undefined && !Array.isArray(tools)) throw invalidOption('tools', 'an array of LangChain tools', tools)
  const namespace = stringOption('namespace', options.namespace, 'default')
  const { requireFinishReason, ...ofSemantic } = semantic
  const store = storeOption(options)
  const common: Common = Object.fromEntries(
    COMMON.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  )
  const whose = tenant === undefined ? {} : { tenant }

  // A store of the stack's own is nobody else's to close when a part of the stack cannot be made.
  const made: { close(): Promise<void> }[] = options.store === undefined ? [store] : []
  try {
    const semanticCache = await createSemanticCache({ ...ofSemantic, ...common, store, namespace })
    made.unshift(semanticCache)
    const toolCache = await createToolCache({
      ...ofTools,
      ...common,
      store,
      namespace: options.namespace === undefined ? 'tools' : `${namespace}:tools`,
      policies,
      ...(tools && { tools: tools.map(describeTool) }),
    })
    made.unshift(toolCache)
    return {
      middleware: [
        semanticCacheMiddleware({
          cache: semanticCache,
          ...whose,
          ...(requireFinishReason !== undefined && { requireFinishReason }),
        }),
        toolCacheMiddleware({
          cache: toolCache,
          ...whose,
          ...(context !== undefined && { context }),
          ...(handleToolErrors !== undefined && { handleToolErrors }),
        }),
      ],
      semanticCache,
      toolCache,
      flush: async () => void (await Promise.all([semanticCache.flush(), toolCache.flush()])),
      close: async () => void (await Promise.all([semanticCache.close(), toolCache.close()])),
    }
  } catch (error) {
    await Promise.allSettled(made.map((cache) => cache.close()))
    throw error
  }
}

function storeOption({ redisUrl, store, now = Date.now }: CachingStackOptions): CacheStore {
  if (redisUrl === undefined) return store ?? defaultStore(now)
  if (store !== undefined) throw invalidOption('redisUrl', 'left out beside store', redisUrl)
  return redisStore({ url: redisUrl, now })
}

/** One said for one cache only would part the two: whose data it is, where it lies, what time it is. */
function ownOptions(group: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidOption(group, 'an object', options)
  const misplaced = Object.keys(options).find((name) => names.includes(name))
  if (misplaced !== undefined) {
    throw invalidOption(`option of ${group}`, 'of that cache alone; said for the whole stack', misplaced)
  }
}
