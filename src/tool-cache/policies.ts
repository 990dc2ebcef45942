import { CacheError } from '../core/errors.ts'
import { invalidOption } from '../core/options.ts'
import { checkTagsAgainstSchema } from './tag-template.ts'
import type { ToolCache, ToolDescription } from './tool-cache.ts'
import { checkedPolicy, type ToolPolicy } from './tool-policy.ts'
import { schemaArguments } from './tool-schema.ts'

/**
 * Policies by tool name, checked; with the tools that there are, a policy for another one is an error: a misspelt
 * `writes` would leave stale results behind in silence. With the cache they are for, so is a contradiction to its own.
 *
 * @throws CacheError INVALID_OPTION
 */
export function checkedPolicies(
  policies: Readonly<Record<string, ToolPolicy>>,
  tools?: readonly ToolDescription[],
  cache?: ToolCache,
): ReadonlyMap<string, ToolPolicy> {
  if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) {
    throw invalidOption('policies', 'an object of policies by tool name', policies)
  }
  const checked = new Map<string, ToolPolicy>()
  for (const [name, policy] of Object.entries(policies)) {
    const tool = tools?.find((known) => known.name === name)
    if (tools && !tool) {
      throw invalidOption(
        'policies',
        `for known tools (${tools.map((known) => known.name).join(', ') || 'none'})`,
        name,
      )
    }
    checked.set(name, checkedPolicy(name, policy))
    if (tool) checkPolicyOfTool(tool, policy)
  }
  if (cache)
    checkWithCache(
      cache,
      [...checked].map(([name, policy]) => ({ name, policy })),
    )
  return checked
}

/** @throws CacheError INVALID_OPTION where the policy of a tool and the cache's own for it cannot both hold */
export function checkWithCache(cache: ToolCache, tools: readonly ToolDescription[]): void {
  for (const { tool, conflict } of cache.audit(tools)) {
    if (conflict === undefined) continue
    throw new CacheError('INVALID_OPTION', `the policies for tool ${JSON.stringify(tool)} must agree, got: ${conflict}`)
  }
}

/** @throws CacheError INVALID_OPTION for a tag that uses an argument which not every call of the tool has */
export function checkPolicyOfTool(tool: ToolDescription, policy: ToolPolicy): void {
  const templates = [...(policy.reads ?? []), ...(policy.writes ?? [])]
  if (templates.length > 0) checkTagsAgainstSchema(tool.name, templates, schemaArguments(tool))
}
