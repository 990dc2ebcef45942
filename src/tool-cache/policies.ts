import { invalidOption } from '../core/options.ts'
import { checkTagsAgainstSchema } from './tag-template.ts'
import type { ToolDescription } from './tool-cache.ts'
import { checkedPolicy, type ToolPolicy } from './tool-policy.ts'
import { schemaArguments } from './tool-schema.ts'

/**
 * Policies by tool name, checked; with the tools that there are, a policy for another one is an error: a misspelt
 * `writes` would leave stale results behind in silence.
 *
 * @throws CacheError INVALID_OPTION
 */
export function checkedPolicies(
  policies: Readonly<Record<string, ToolPolicy>>,
  tools?: readonly ToolDescription[],
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
  return checked
}

/** @throws CacheError INVALID_OPTION for a tag that uses an argument which not every call of the tool has */
export function checkPolicyOfTool(tool: ToolDescription, policy: ToolPolicy): void {
  const templates = [...(policy.reads ?? []), ...(policy.writes ?? [])]
  if (templates.length > 0) checkTagsAgainstSchema(tool.name, templates, schemaArguments(tool))
}
