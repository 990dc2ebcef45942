import type { Fingerprint } from '../core/fingerprint.ts'
import { withoutPaths } from './argument-path.ts'

export interface KeyParts {
  readonly namespace: string
  readonly tool: string
  /** The schema as plain data; another schema is another tool. */
  readonly definition: unknown
  readonly args: unknown
  readonly context: unknown
  readonly tenant: string | undefined
  readonly shared: boolean
}

export interface ToolKey {
  readonly key: string
  readonly scope: string
}

/**
 * Key and scope of a call; neither holds any argument. The anonymous tenant and shared results are different from each
 * other and from every named tenant.
 *
 * @throws CacheError NOT_CANONICAL when arguments, context or schema are more than plain data
 */
export function toolKey(
  { namespace, tool, definition, args, context, tenant, shared }: KeyParts,
  fingerprint: Fingerprint,
): ToolKey {
  const owner = shared ? { shared: true } : { tenant }
  const scope = fingerprint('tool-scope', { namespace, tool, definition, context, owner })
  return { scope, key: fingerprint('tool', { scope, args }) }
}

/** Tags as the store knows them: their arguments must not be readable in its keys. */
export function storedTags(tags: readonly string[], fingerprint: Fingerprint): readonly string[] {
  return tags.map((tag) => fingerprint('tool-tag', tag))
}

/** The arguments that count for the key. */
export function keyArguments(
  args: unknown,
  ignored: readonly (readonly string[])[],
  key: ((args: unknown) => unknown) | undefined,
): unknown {
  const rest = withoutPaths(args, ignored)
  return key ? { custom: key(rest) } : { args: rest }
}
