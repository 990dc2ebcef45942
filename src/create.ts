import { appendFile } from 'node:fs/promises'
import type { AnswerJudge } from './core/answer-judge.ts'
import { EventDispatcher } from './core/dispatch.ts'
import type { CacheEvent, CacheEventListener } from './core/events.ts'
import { createFingerprint } from './core/fingerprint.ts'
import { canCertify, encodeErrorRate } from './core/judge-error.ts'
import { booleanOption, invalidOption, knownOptions, numberOption, stringOption } from './core/options.ts'
import type { ModelRequest } from './core/request.ts'
import type { Embedder } from './embeddings/embedder.ts'
import { guardedEmbedder } from './embeddings/guarded-embedder.ts'
import { staticEmbedder } from './embeddings/static-embedder.ts'
import { createLedger } from './metrics/ledger.ts'
import { createPriceOf, type PriceOverrides } from './metrics/prices.ts'
import { calibrated } from './semantic-cache/decision/calibrated.ts'
import type { DecisionPolicy } from './semantic-cache/decision/policy.ts'
import { LayeredSemanticCache } from './semantic-cache/layered-semantic-cache.ts'
import { type AnswerJudgeFunction, shadowJudgeOption } from './semantic-cache/learning/compare-answers.ts'
import type { ShadowSettings } from './semantic-cache/learning/shadow-checks.ts'
import { TrafficLearner } from './semantic-cache/learning/traffic-learner.ts'
import { nearMissFile } from './semantic-cache/near-misses.ts'
import type { SemanticCache } from './semantic-cache/semantic-cache.ts'
import { embeddedStore } from './stores/embedded/embedded-store.ts'
import { guardedStore } from './stores/guarded.ts'
import { redisStore } from './stores/redis/create-redis-store.ts'
import { type CacheStore, isObservableStore, isTotalsStore } from './stores/store.ts'

/** Options both caches share. */
export interface CommonOptions {
  /**
   * Where entries are kept. Default: Redis at REPRISE_REDIS_URL when that is set, else the embedded store, in memory. The
   * last cache on a store to close closes it.
   */
  readonly store?: CacheStore
  /** Name of this cache inside its store. Default `'default'`. */
  readonly namespace?: string
  /** True turns a call without tenant into a bypass. Default false: such calls share one anonymous tenant. */
  readonly requireTenant?: boolean
  /** True shares entries between all tenants. Default false. */
  readonly shared?: boolean
  /** Life of an entry in milliseconds, ≥ 1, always finite. Default 86 400 000 (a day). */
  readonly ttlMs?: number
  /** The in-process tier: entries and milliseconds, each ≥ 0; 0 switches it off. Default 1 000 and 5 000. */
  readonly memory?: { readonly maxEntries?: number; readonly maxAgeMs?: number }
  /** Larger answers are not stored; bytes of JSON in UTF-8, ≥ 1. Default 262 144. */
  readonly maxEntryBytes?: number
  /** Longest wait for the store, in milliseconds, ≥ 1. Default 250. */
  readonly storeDeadlineMs?: number
  /** Failures in a row that open a circuit, and milliseconds until one call is tried again. Default 5 and 2 000. */
  readonly breaker?: { readonly failures?: number; readonly halfOpenAfterMs?: number }
  /** Writes that may wait for the store at once, ≥ 1; further ones are dropped with an event. Default 1 000. */
  readonly maxPendingWrites?: number
  /** Makes every key an HMAC under this secret (≥ 16 characters), so that nobody who sees keys can test guesses. */
  readonly keySecret?: string
  /** Prices of your own, in US dollars per million tokens. */
  readonly prices?: PriceOverrides
  /** Tenants with a row of their own in the ledger, 1…100 000; the rest is summed. Default 1 000. */
  readonly maxTenants?: number
  /** Listeners for events. */
  readonly on?: CacheEventListener | readonly CacheEventListener[]
  /** The clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** Spreads expiry; in [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

export interface SemanticCacheOptions extends CommonOptions {
  /** Makes the vectors. Default: `staticEmbedder()`: English and Chinese, offline, no native code. */
  readonly embedder?: Embedder
  /**
   * Decides what may be reused by meaning. Default `calibrated({ maxFalseHitRate: 0.01 })`. `'exact'`: answers to the very
   * same request only, and nothing is embedded.
   */
  readonly decision?: DecisionPolicy | 'exact'
  /** Whose data a call is, or a function of the request that says so. */
  readonly tenant?: string | ((request: ModelRequest) => string | undefined)
  /** True moves the end of an entry with every hit. Default false: a popular answer ages like any other. */
  readonly slidingTtl?: boolean
  /** Part of `ttlMs` by which lives are shortened at random, so that not all end at once; 0…1. Default 0.1. */
  readonly ttlJitter?: number
  /** How long after its TTL an entry may still be served while one call renews it, in milliseconds, ≥ 0. Default 0. */
  readonly staleWhileRevalidateMs?: number
  /** Longer questions use the exact tier only; characters, ≥ 1. Default 2 000. */
  readonly maxQueryChars?: number
  /** Neighbours handed to the decision, 1…100. Default 5. */
  readonly candidates?: number
  /**
   * What earlier turns of a conversation must be for reuse by meaning: equal (`'exact'`, the default), or of the same
   * meaning turn by turn (`'semantic'`). Instructions, tools, settings and media must be equal either way.
   */
  readonly history?: 'exact' | 'semantic'
  /** False keeps the question's text out of the store; decisions that need it are then a miss. Default true. */
  readonly storeQueryText?: boolean
  /** Questions about now ("latest", 今天 …) bypass the cache, or live no longer than `ttlMs`. Default `'bypass'`. */
  readonly questionsAboutNow?: 'bypass' | { readonly ttlMs: number }
  /** Longest wait for the embedder, in milliseconds, ≥ 1. Default 2 000. */
  readonly embedderDeadlineMs?: number
  /** Longest wait for the decision with any verifier in it, in milliseconds, ≥ 1. Default 3 000. */
  readonly verifierDeadlineMs?: number
  /**
   * Part of the answers reused by meaning that are checked, 0…1: the model is called beside, off the caller's path, and
   * `shadowJudge` compares the answers. As many near misses are compared, which costs the judge alone. What it costs is
   * overhead in the ledger. Default 0.
   */
  readonly shadowRate?: number
  /**
   * Compares the two answers of a shadow check: an AnswerJudge such as `answerJudge(…)`, a function, or `'similarity'`, the
   * advice of the embedder, which is counted apart and never evidence. The bound rests on judges with an `errorRate`.
   */
  readonly shadowJudge?: AnswerJudge | AnswerJudgeFunction | 'similarity'
  /**
   * Appends near misses, with both texts, to a file of yours for `reprise tune`; with `hits` also reuses by meaning, and
   * what `feedback` says of them. Off by default: the file holds prompts.
   */
  readonly recordNearMisses?: { readonly path: string; readonly hits?: boolean }
}

const OPTION_NAMES: readonly (keyof SemanticCacheOptions)[] = [
  ...([
    'store',
    'namespace',
    'requireTenant',
    'shared',
    'ttlMs',
    'memory',
    'maxEntryBytes',
    'storeDeadlineMs',
  ] as const),
  ...(['breaker', 'maxPendingWrites', 'keySecret', 'prices', 'maxTenants', 'on', 'now', 'random'] as const),
  ...([
    'embedder',
    'decision',
    'tenant',
    'slidingTtl',
    'ttlJitter',
    'staleWhileRevalidateMs',
    'maxQueryChars',
  ] as const),
  ...(['candidates', 'storeQueryText', 'questionsAboutNow', 'embedderDeadlineMs', 'verifierDeadlineMs'] as const),
  ...(['recordNearMisses', 'history', 'shadowRate', 'shadowJudge'] as const),
]

/**
 * A cache of model answers. Without options: Redis at REPRISE_REDIS_URL or the embedded store in memory, and reuse of
 * answers to the same question and to its close rewordings.
 *
 * @throws CacheError INVALID_OPTION, naming the option, what is allowed and what was given
 */
export async function createSemanticCache(options: SemanticCacheOptions = {}): Promise<SemanticCache> {
  knownOptions('createSemanticCache', options, OPTION_NAMES)
  const { tenant, decision = calibrated(), recordNearMisses } = options
  if (tenant !== undefined && typeof tenant !== 'function') stringOption('tenant', tenant, '')
  if (decision !== 'exact' && !isObjectWith(decision, 'decide')) {
    throw invalidOption('decision', "a DecisionPolicy or 'exact'", decision)
  }
  const { embedder = staticEmbedder() } = options
  if (!isObjectWith(embedder, 'embed') || !isObjectWith(embedder, 'describe')) {
    throw invalidOption('embedder', 'an Embedder, with describe and embed', embedder)
  }
  const number = (name: NumberOption, range: Parameters<typeof numberOption>[2]) =>
    numberOption(name, options[name], range)
  const ownSettings = {
    ...(tenant !== undefined && { tenant }),
    ...(decision !== 'exact' && { decision }),
    slidingTtl: booleanOption('slidingTtl', options.slidingTtl, false),
    ttlJitter: number('ttlJitter', { min: 0, max: 1, default: 0.1 }),
    staleWhileRevalidateMs: number('staleWhileRevalidateMs', { min: 0, default: 0 }),
    maxQueryChars: number('maxQueryChars', { min: 1, integer: true, default: 2_000 }),
    candidates: number('candidates', { min: 1, max: 100, integer: true, default: 5 }),
    storeQueryText: booleanOption('storeQueryText', options.storeQueryText, true),
    history: historyOption(options),
    questionsAboutNow: questionsAboutNowOption(options.questionsAboutNow),
    verifierDeadlineMs: number('verifierDeadlineMs', { min: 1, max: MAX_TIMER_MS, default: 3_000 }),
  }
  const embedderDeadlineMs = number('embedderDeadlineMs', { min: 1, max: MAX_TIMER_MS, default: 2_000 })
  const shadow = shadowOption(options)
  const nearMissPath = await nearMissOption(recordNearMisses)

  const common = composeCommon(options)
  const { emit, now, breaker, store } = common
  const nearMisses =
    nearMissPath === undefined
      ? undefined
      : nearMissFile(
          nearMissPath,
          (error, count) => {
            const detail = error instanceof Error ? error.message : String(error)
            emit({ type: 'store', at: now(), store: store.name, what: 'near-miss-sink-failed', count, detail })
          },
          recordNearMisses?.hits,
        )
  await loaded(common.store)
  return new LayeredSemanticCache({
    ...common,
    ...ownSettings,
    embedder: guardedEmbedder(embedder, { deadlineMs: embedderDeadlineMs, breaker, emit, now }),
    ...(shadow && { shadow }),
    ...(decision !== 'exact' && decision.learns && { learner: learnerFor(decision, common, embedder) }),
    ...(nearMisses && { nearMisses }),
  })
}

/** @throws CacheError INVALID_OPTION */
function shadowOption({
  shadowRate,
  shadowJudge,
  decision = 'exact',
}: SemanticCacheOptions): ShadowSettings | undefined {
  const rate = numberOption('shadowRate', shadowRate, { min: 0, max: 1, default: 0 })
  const judge = shadowJudge === undefined ? undefined : shadowJudgeOption(shadowJudge)
  if (decision !== 'exact' && decision.learns === 'closed') {
    const allowed = "above 0, with a shadowJudge that has an errorRate, for a decision that starts 'closed'"
    if (rate === 0) throw invalidOption('shadowRate', allowed, rate)
    if (judge && judge.errorRate === undefined)
      throw invalidOption('shadowJudge.errorRate', "stated for a decision that starts 'closed'", undefined)
    const { maxFalseHitRate } = decision
    if (
      judge?.errorRate !== undefined &&
      maxFalseHitRate !== undefined &&
      !canCertify(judge.errorRate, maxFalseHitRate)
    ) {
      throw invalidOption(
        'shadowJudge.errorRate',
        `lower for a decision that starts 'closed' at a false hit rate of ${maxFalseHitRate}: a judge that calls right answers wrong that often can never certify it`,
        typeof judge.errorRate === 'number' ? judge.errorRate : encodeErrorRate(judge.errorRate),
      )
    }
  }
  if (rate === 0) return undefined
  if (decision === 'exact')
    throw invalidOption('shadowRate', "0 with decision 'exact', which reuses nothing by meaning", rate)
  if (!judge)
    throw invalidOption('shadowJudge', `given with shadowRate ${rate}: somebody must compare the answers`, undefined)
  return { rate, judge }
}

/** Verdicts belong to a policy and an embedder: another one sees other margins. */
function learnerFor(
  decision: DecisionPolicy,
  { store, namespace, now }: Pick<ReturnType<typeof composeCommon>, 'store' | 'namespace' | 'now'>,
  embedder: Embedder,
): TrafficLearner {
  const nameOf = async () => JSON.stringify([namespace, decision.name, (await embedder.describe()).id])
  return new TrafficLearner({ store: isTotalsStore(store) ? store : undefined, nameOf, now })
}

/** setTimeout's own bound; beyond it a timer fires at once. */
export const MAX_TIMER_MS = 2_147_483_647

type NumberOption = {
  [Name in keyof SemanticCacheOptions]-?: SemanticCacheOptions[Name] extends number | undefined ? Name : never
}[keyof SemanticCacheOptions]

/** Checks the options both caches share and builds the parts behind them. */
export function composeCommon(options: CommonOptions) {
  const listeners = listenersOption(options.on)
  const now = functionOption('now', options.now, Date.now)
  const random = functionOption('random', options.random, Math.random)
  const memory = options.memory ?? {}
  knownOptions('memory', memory, ['maxEntries', 'maxAgeMs'])
  const breakerOptions = options.breaker ?? {}
  knownOptions('breaker', breakerOptions, ['failures', 'halfOpenAfterMs'])
  const breaker = {
    failures: numberOption('breaker.failures', breakerOptions.failures, { min: 1, integer: true, default: 5 }),
    halfOpenAfterMs: numberOption('breaker.halfOpenAfterMs', breakerOptions.halfOpenAfterMs, {
      min: 0,
      default: 2_000,
    }),
  }
  const { keySecret, store = defaultStore(now) } = options
  if (keySecret !== undefined && (typeof keySecret !== 'string' || keySecret.length < 16)) {
    // The secret itself stays out of the message.
    throw invalidOption('keySecret', 'a string of at least 16 characters', `${String(keySecret).length} characters`)
  }
  for (const method of ['get', 'set', 'update', 'delete', 'clear', 'flush', 'close']) {
    if (!isObjectWith(store, method)) throw invalidOption('store', `a CacheStore with ${method}`, store)
  }
  const settings = {
    namespace: stringOption('namespace', options.namespace, 'default'),
    requireTenant: booleanOption('requireTenant', options.requireTenant, false),
    shared: booleanOption('shared', options.shared, false),
    ttlMs: numberOption('ttlMs', options.ttlMs, { min: 1, default: 86_400_000 }),
    memory: {
      maxEntries: numberOption('memory.maxEntries', memory.maxEntries, {
        min: 0,
        max: 1_000_000,
        integer: true,
        default: 1_000,
      }),
      maxAgeMs: numberOption('memory.maxAgeMs', memory.maxAgeMs, { min: 0, default: 5_000 }),
    },
    maxEntryBytes: numberOption('maxEntryBytes', options.maxEntryBytes, { min: 1, integer: true, default: 262_144 }),
    maxPendingWrites: numberOption('maxPendingWrites', options.maxPendingWrites, {
      min: 1,
      integer: true,
      default: 1_000,
    }),
  }
  const deadlineMs = numberOption('storeDeadlineMs', options.storeDeadlineMs, {
    min: 1,
    max: MAX_TIMER_MS,
    default: 250,
  })
  const priceOf = createPriceOf(options.prices)

  const ledgerOptions = options.maxTenants === undefined ? {} : { maxTenants: options.maxTenants }
  // The guard tells the dispatcher, whose first listener is the ledger, which writes through the guard.
  const emit = (event: CacheEvent) => dispatcher.emit(event)
  const guarded = guardedStore(closedByTheLast(store), { deadlineMs, breaker, emit, now })
  const ledgerStore = isTotalsStore(guarded) ? { store: guarded } : {}
  const ledger = createLedger({ ...ledgerStore, ...ledgerOptions, now, listenerErrors: () => dispatcher.errors })
  const dispatcher = new EventDispatcher([ledger.listener, ...listeners])
  if (isObservableStore(store)) store.listen(emit)
  return {
    ...settings,
    breaker,
    now,
    random,
    emit,
    priceOf,
    totals: ledger.totals,
    fingerprint: createFingerprint(keySecret),
    store: guarded,
    storeIdentity: store,
  }
}

/**
 * A store that reads a directory answers late until it has: better once here than in the deadlines of the first calls. A
 * store that cannot is a matter of its own events.
 */
export async function loaded(store: CacheStore): Promise<void> {
  await store.flush().catch(() => undefined)
}

/** Where the environment says, else in memory. Set but empty counts as not set. */
export function defaultStore(now: () => number): CacheStore {
  const url = process.env.REPRISE_REDIS_URL
  return url ? redisStore({ url, now }) : embeddedStore({ now })
}

/** Caches per store: a store is closed by the last of them, so that two caches can share one. */
const users = new WeakMap<CacheStore, number>()

function closedByTheLast(store: CacheStore): CacheStore {
  users.set(store, (users.get(store) ?? 0) + 1)
  return new Proxy(store, {
    get(target, name) {
      if (name === 'close') {
        return async () => {
          const left = (users.get(target) ?? 1) - 1
          users.set(target, left)
          if (left === 0) await target.close()
        }
      }
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

function listenersOption(on: unknown): readonly CacheEventListener[] {
  const listeners = on === undefined ? [] : Array.isArray(on) ? on : [on]
  for (const listener of listeners) {
    if (typeof listener !== 'function') throw invalidOption('on', 'a listener or an array of listeners', listener)
  }
  return listeners
}

function functionOption<Fn>(name: string, value: Fn | undefined, fallback: Fn): Fn {
  if (value !== undefined && typeof value !== 'function') throw invalidOption(name, 'a function', value)
  return value ?? fallback
}

function historyOption({ history, storeQueryText, decision }: SemanticCacheOptions): 'exact' | 'semantic' {
  if (history === undefined || history === 'exact') return 'exact'
  if (history !== 'semantic') throw invalidOption('history', "'exact' or 'semantic'", history)
  if (decision === 'exact') {
    throw invalidOption('history', "'exact' with decision 'exact', which reuses nothing by meaning", history)
  }
  if (storeQueryText === false) {
    throw invalidOption('storeQueryText', "true with history: 'semantic', which compares the texts of turns", false)
  }
  return history
}

function questionsAboutNowOption(
  value: SemanticCacheOptions['questionsAboutNow'],
): NonNullable<SemanticCacheOptions['questionsAboutNow']> {
  if (value === undefined || value === 'bypass') return 'bypass'
  if (typeof value !== 'object' || value === null)
    throw invalidOption('questionsAboutNow', "'bypass' or { ttlMs }", value)
  knownOptions('questionsAboutNow', value, ['ttlMs'])
  if (value.ttlMs === undefined) throw invalidOption('questionsAboutNow.ttlMs', 'a number ≥ 1 and finite', undefined)
  return { ttlMs: numberOption('questionsAboutNow.ttlMs', value.ttlMs, { min: 1, default: 1 }) }
}

/** The file is opened once at construction: a path that cannot be written is an error of the configuration. */
async function nearMissOption(value: SemanticCacheOptions['recordNearMisses']): Promise<string | undefined> {
  if (value === undefined) return undefined
  knownOptions('recordNearMisses', value, ['path', 'hits'])
  booleanOption('recordNearMisses.hits', value.hits, false)
  const path = stringOption('recordNearMisses.path', value.path, '')
  if (path === '') throw invalidOption('recordNearMisses.path', 'the path of a file', value.path)
  try {
    await appendFile(path, '', { mode: 0o600 })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw invalidOption('recordNearMisses.path', `a file that can be written (${why})`, path)
  }
  return path
}

function isObjectWith(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
}
