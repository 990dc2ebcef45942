import { CacheError } from '../core/errors.ts'
import { booleanOption, invalidOption, knownOptions, numberOption } from '../core/options.ts'
import { parseTagTemplate } from './tag-template.ts'
import type { ToolResult } from './tool-cache.ts'

/** What the owner of a tool says about it. `ttlMs` or `reads` make its results reusable, `writes` never. */
export interface ToolPolicy {
  /** How long a result may be reused, in milliseconds, > 0. Default: the cache's `ttlMs`. */
  readonly ttlMs?: number
  /** How much longer it is served while a fresh one is fetched, in milliseconds, ≥ 0. Default 0. */
  readonly staleWhileRevalidateMs?: number
  /** Life of an empty or not-found result, in milliseconds, > 0. Not stored without it. */
  readonly negativeTtlMs?: number
  /** Tells an empty or not-found result, where the built-in test does not fit. Must not throw. */
  readonly isNegative?: (result: ToolResult) => boolean
  /** True shares results between tenants. Default false. */
  readonly shared?: boolean
  /** What the result depends on, such as `order:{id}`; `{…}` is an argument, by path. A list gives one tag per item. */
  readonly reads?: readonly string[]
  /** What a call changes; results that read one of these are dropped with every call. */
  readonly writes?: readonly string[]
  /** Price of one call in US dollars, ≥ 0, for the ledger. */
  readonly costUsd?: number
  /** Larger results are not stored: UTF-8 bytes of the JSON, bytes as Base64. Default: the cache's. */
  readonly maxEntryBytes?: number
  /** Arguments that do not change the result, such as `requestId` or `options.trace`; left out of the key. */
  readonly ignoredPaths?: readonly string[]
  /** What of the arguments the key is made of, instead of all of them: plain data. */
  readonly key?: (args: unknown) => unknown
}

const NAMES: readonly (keyof ToolPolicy)[] = [
  'ttlMs',
  'staleWhileRevalidateMs',
  'negativeTtlMs',
  'isNegative',
  'shared',
  'reads',
  'writes',
  'costUsd',
  'maxEntryBytes',
  'ignoredPaths',
  'key',
]

/** The policy part of options that hold more; undefined values are left out, so that they override nothing. */
export function policyPart(options: object): ToolPolicy {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => isPolicyName(name) && value !== undefined),
  )
}

export function isPolicyName(name: string): boolean {
  return (NAMES as readonly string[]).includes(name)
}

/**
 * The policy, checked.
 *
 * @throws CacheError INVALID_OPTION, naming the tool
 */
export function checkedPolicy(tool: string, policy: ToolPolicy): ToolPolicy {
  const name = (option: string) => `${option} of the policy for tool ${JSON.stringify(tool)}`
  knownOptions(`the policy for tool ${JSON.stringify(tool)}`, policy, NAMES)
  numberOption(name('ttlMs'), policy.ttlMs, { min: 1, default: 1 })
  numberOption(name('staleWhileRevalidateMs'), policy.staleWhileRevalidateMs, { min: 0, default: 0 })
  numberOption(name('negativeTtlMs'), policy.negativeTtlMs, { min: 1, default: 1 })
  numberOption(name('costUsd'), policy.costUsd, { min: 0, default: 0 })
  numberOption(name('maxEntryBytes'), policy.maxEntryBytes, { min: 1, integer: true, default: 1 })
  booleanOption(name('shared'), policy.shared, false)
  for (const option of ['isNegative', 'key'] as const) {
    if (policy[option] !== undefined && typeof policy[option] !== 'function') {
      throw invalidOption(name(option), 'a function', policy[option])
    }
  }
  for (const option of ['reads', 'writes', 'ignoredPaths'] as const) textList(name(option), policy[option])
  for (const template of [...(policy.reads ?? []), ...(policy.writes ?? [])]) parseTagTemplate(tool, template)
  const life = LIFE_OPTIONS.find((option) => policy.writes?.length && policy[option] !== undefined)
  if (life) {
    throw new CacheError(
      'INVALID_OPTION',
      `the policy for tool ${JSON.stringify(tool)} must have ${life} or writes, got both: a tool that writes is never cached`,
    )
  }
  return policy
}

/** Options about stored results: a tool that writes has none. */
const LIFE_OPTIONS = ['ttlMs', 'staleWhileRevalidateMs', 'negativeTtlMs'] as const

/**
 * Later policies override earlier ones, option by option; the result is checked. Where one has `writes` and the other a
 * life, `writes` wins: a call must not fail, nor a write be cached, for what two places say (`policyConflict`).
 */
export function mergedPolicy(tool: string, base: ToolPolicy | undefined, over: ToolPolicy | undefined): ToolPolicy {
  if (!over) return base ?? {}
  checkedPolicy(tool, policyPart(over))
  return policyOfWriter({ ...base, ...policyOrRefuse(tool, over) })
}

/** What two policies for one tool contradict each other in, for the place that sees both. */
export function policyConflict(base: ToolPolicy | undefined, over: ToolPolicy | undefined): string | undefined {
  const both = { ...base, ...(over && policyPart(over)) }
  const life = LIFE_OPTIONS.find((option) => both.writes?.length && both[option] !== undefined)
  return life && `one policy has ${life} and another has writes: a tool that writes is never cached`
}

/** The policy without a life for results, if it has `writes`. */
export function policyOfWriter(policy: ToolPolicy): ToolPolicy {
  if (!policy.writes?.length) return policy
  const { ttlMs: _ttl, staleWhileRevalidateMs: _stale, negativeTtlMs: _negative, ...rest } = policy
  return rest
}

function policyOrRefuse(tool: string, policy: ToolPolicy): ToolPolicy {
  knownOptions(`the policy for tool ${JSON.stringify(tool)}`, policy, NAMES)
  return policyPart(policy)
}

export function textList(name: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  const fits = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
  if (!fits) throw invalidOption(name, 'a list of non-empty strings', value)
  return value
}
