import { pathSteps, withoutPaths } from './argument-path.ts'
import { calledAs } from './called-as.ts'
import { decide } from './decision.ts'
import { sampleArguments } from './sample-arguments.ts'
import type { ToolCacheSettings } from './settings.ts'
import type { AuditRow, ToolDescription } from './tool-cache.ts'
import { mergedPolicy, policyConflict } from './tool-policy.ts'
import { argumentsSchema } from './tool-schema.ts'

/** What would happen to calls of each tool. Arguments are judged by the names the schema gives. */
export function auditTools(
  tools: readonly ToolDescription[],
  { policies, rules, ignoredPaths, ttlMs }: Pick<ToolCacheSettings, 'policies' | 'rules' | 'ignoredPaths' | 'ttlMs'>,
): readonly AuditRow[] {
  return tools.map(calledAs).map((tool) => {
    const { name, metadata, annotations } = tool
    const policy = mergedPolicy(name, policies.get(name), tool.policy)
    const conflict = policyConflict(policies.get(name), tool.policy)
    const args = sampleArguments(argumentsSchema(tool))
    const ignored = [...ignoredPaths, ...(policy.ignoredPaths ?? [])].map(pathSteps)
    const { cached, rule, reason } = decide({ name, policy, metadata, annotations }, withoutPaths(args, ignored), rules)
    return {
      tool: name,
      cached,
      reason,
      rule,
      ...(cached && { ttlMs: policy.ttlMs ?? ttlMs }),
      ...(policy.reads && { reads: policy.reads }),
      ...(policy.writes?.length && { writes: policy.writes }),
      ...(conflict !== undefined && { conflict }),
    }
  })
}
