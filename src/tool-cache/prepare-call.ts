import { checkControls, checkTenant, UnknownTenant } from '../core/controls.ts'
import { CacheError } from '../core/errors.ts'
import type { BypassReason } from '../core/outcome.ts'
import { pathSteps, withoutPaths } from './argument-path.ts'
import { type Decision, decide } from './decision.ts'
import type { ToolCacheSettings } from './settings.ts'
import { renderTags } from './tag-template.ts'
import type { DecisionRule, ToolControls, ToolInvocation } from './tool-cache.ts'
import { keyArguments, storedTags, toolKey } from './tool-key.ts'
import { mergedPolicy, type ToolPolicy } from './tool-policy.ts'
import { definitionFingerprint, parseArguments } from './tool-schema.ts'

interface Asked {
  readonly name: string
  /** The arguments as the schema parsed them; as given when they do not fit it. */
  readonly args: unknown
  readonly mode: NonNullable<ToolControls['mode']>
  readonly tenant?: string
}

/** A call whose result may be stored and reused. */
export interface ReadCall extends Asked {
  readonly kind: 'read'
  readonly key: string
  readonly scope: string
  /** As the store knows them. */
  readonly tags: readonly string[]
  readonly ttlMs: number
  readonly staleMs: number
  readonly maxAgeMs?: number
  readonly maxEntryBytes: number
  readonly policy: ToolPolicy
}

/** A call that changes what others read. */
export interface WriteCall extends Asked {
  readonly kind: 'write'
  readonly detail: string
  readonly tags: readonly string[]
}

/** A call the cache stays out of. */
export interface RefusedCall extends Asked {
  readonly kind: 'refused'
  readonly bypass: BypassReason
  readonly rule?: DecisionRule
  readonly detail?: string
}

/**
 * Policy, arguments, decision, tenant, key and tags of a call: the part of a lookup that needs no store.
 *
 * @throws CacheError INVALID_OPTION for a policy that contradicts itself and for a tag that misses its argument
 */
export async function prepareCall(
  call: ToolInvocation,
  controls: ToolControls,
  settings: ToolCacheSettings,
): Promise<ReadCall | WriteCall | RefusedCall> {
  const name = typeof call.name === 'string' ? call.name : ''
  const policy = mergedPolicy(name, settings.policies.get(name), call.policy)
  const parsed = await parseArguments(call.schema, call.args)
  const args = parsed.fits ? parsed.args : call.args
  const asked: Asked = { name, args, mode: controls.mode ?? 'default' }
  const refused = (bypass: BypassReason, more: Partial<RefusedCall> = {}): RefusedCall => ({
    ...asked,
    kind: 'refused',
    bypass,
    ...more,
  })

  if (policy.writes?.length) {
    const tags = parsed.fits ? readableTags(name, policy.writes, args) : possibleTags(name, policy.writes, args)
    const { reason: detail } = decide({ name, policy }, args, settings.rules)
    return { ...asked, kind: 'write', detail, tags: storedTags(tags, settings.fingerprint) }
  }
  const { context, ...callControls } = controls
  const { tenant: given } = controls as { readonly tenant?: unknown }
  if (given instanceof UnknownTenant) return refused('tenant-failed', { detail: messageOf(given.cause) })
  try {
    checkControls(callControls)
  } catch (error) {
    return refused('invalid-controls', { detail: messageOf(error) })
  }
  if (controls.mode === 'bypass') return refused('mode-bypass')
  if (name === '') return refused('tool-not-cacheable', { detail: 'a tool must have a name' })
  if (!parsed.fits) return refused('arguments-not-canonical', { detail: 'the arguments do not fit the schema' })

  const ignored = [...settings.ignoredPaths, ...(policy.ignoredPaths ?? [])].map(pathSteps)
  const { metadata, annotations } = call
  let decision: Decision
  try {
    decision = decide({ name, policy, metadata, annotations }, withoutPaths(args, ignored), settings.rules)
  } catch (error) {
    return refused('arguments-not-canonical', { detail: messageOf(error) })
  }
  if (!decision.cached) return refused('tool-not-cacheable', { rule: decision.rule, detail: decision.reason })

  const shared = controls.shared ?? policy.shared ?? settings.shared
  let tenant: string | undefined
  try {
    tenant = shared ? undefined : tenantOf(controls, settings)
  } catch (error) {
    return refused('tenant-failed', { detail: messageOf(error) })
  }
  if (tenant === undefined && !shared && settings.requireTenant) return refused('tenant-required')
  const owner = tenant === undefined ? {} : { tenant }

  try {
    const tags = [...renderTags(name, policy.reads ?? [], args), ...(controls.tags ?? [])]
    const parts = {
      namespace: settings.namespace,
      tool: name,
      definition: definitionFingerprint(call, settings.fingerprint),
      args: keyArguments(args, ignored, policy.key),
      context,
      tenant,
      shared,
    }
    return {
      ...asked,
      ...owner,
      kind: 'read',
      ...toolKey(parts, settings.fingerprint),
      tags: storedTags([...new Set(tags)], settings.fingerprint),
      ttlMs: controls.ttlMs ?? policy.ttlMs ?? settings.ttlMs,
      staleMs: policy.staleWhileRevalidateMs ?? settings.staleWhileRevalidateMs,
      ...(controls.maxAgeMs !== undefined && { maxAgeMs: controls.maxAgeMs }),
      maxEntryBytes: policy.maxEntryBytes ?? settings.maxEntryBytes,
      policy,
    }
  } catch (error) {
    if (CacheError.is(error, 'INVALID_OPTION')) throw error
    return refused('arguments-not-canonical', { detail: messageOf(error), ...owner })
  }
}

function tenantOf({ tenant, context }: ToolControls, settings: ToolCacheSettings): string | undefined {
  const given = tenant ?? (typeof settings.tenant === 'function' ? settings.tenant(context) : settings.tenant)
  if (given !== undefined) checkTenant(given)
  return given
}

/** A tag without its argument is an error; arguments that throw when they are read are the tool's own business. */
function readableTags(name: string, templates: readonly string[], args: unknown): readonly string[] {
  try {
    return renderTags(name, templates, args)
  } catch (error) {
    if (CacheError.is(error)) throw error
    return possibleTags(name, templates, args)
  }
}

/** Arguments the schema refuses are refused by the tool too; what they would have changed is dropped all the same. */
function possibleTags(name: string, templates: readonly string[], args: unknown): readonly string[] {
  return templates.flatMap((template) => {
    try {
      return renderTags(name, [template], args)
    } catch {
      return []
    }
  })
}

function messageOf(error: unknown): string {
  // Only our own messages are known to hold no text of the user.
  return CacheError.is(error) ? error.message : `a ${error instanceof Error ? error.name : typeof error} was thrown`
}
