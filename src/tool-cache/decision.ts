import { sideEffectBeginning, sideEffectPrefix } from './side-effect-names.ts'
import type { DecisionRule } from './tool-cache.ts'
import { type ToolMarks, toolMarks } from './tool-marks.ts'
import type { ToolPolicy } from './tool-policy.ts'
import { volatileArgument } from './volatile-arguments.ts'

/** What the cache was told about tools in general. */
export interface DecisionRules {
  readonly sideEffectPrefixes: readonly (readonly string[])[]
  /** True looks for beginnings in scripts without word breaks too. */
  readonly sideEffectBeginnings: boolean
  readonly volatileNames: ReadonlySet<string>
  /** Names, with `*` for any text. */
  readonly allow: readonly RegExp[]
  readonly deny: readonly RegExp[]
}

export interface Decision {
  readonly cached: boolean
  readonly rule: DecisionRule
  readonly reason: string
}

/**
 * May results of this tool be reused? The first rule that has something to say decides; with nothing said it is no:
 * a tool that nobody vouched for may charge a card.
 */
export function decide(
  tool: {
    readonly name: string
    readonly policy: ToolPolicy
    readonly metadata?: unknown
    readonly annotations?: unknown
  },
  /** The arguments of the call, or for an audit an object with the names of all arguments. */
  args: unknown,
  rules: DecisionRules,
): Decision {
  const marks = toolMarks(tool.metadata, tool.annotations)
  return (
    byPolicy(tool.policy) ??
    byMetadata(marks) ??
    byHints(marks) ??
    byName(tool.name, rules) ??
    byArguments(args, rules) ??
    byLists(tool.name, rules) ??
    no('no-mark', 'nothing says that its results may be reused: give it a policy or put it on the allow list')
  )
}

function byPolicy({ writes, ttlMs, reads }: ToolPolicy): Decision | undefined {
  if (writes?.length) return no('policy', `its policy says that it writes ${writes.join(', ')}`)
  if (ttlMs !== undefined) return yes('policy', `its policy has ttlMs ${ttlMs}`)
  if (reads !== undefined)
    return yes('policy', `its policy says what it reads: ${reads.join(', ') || 'nothing that changes'}`)
  return undefined
}

function byMetadata({ cacheable, destructive, volatile }: ToolMarks): Decision | undefined {
  if (cacheable === true) return yes('metadata-cacheable', 'its metadata says cacheable: true')
  if (cacheable === false) return no('metadata-cacheable', 'its metadata says cacheable: false')
  if (destructive === true) return no('destructive-mark', 'its metadata says destructive: true')
  if (volatile === true) return no('volatile-mark', 'its metadata says volatile: true')
  return undefined
}

/**
 * https://modelcontextprotocol.io, ToolAnnotations: `destructiveHint` and `idempotentHint` mean something only for
 * tools that are not read-only. A read from an open world ages at a pace that nobody stated.
 */
function byHints({ hints, readOnly, idempotent }: ToolMarks): Decision | undefined {
  if (hints.readOnly === false) return no('mcp-annotations', 'its annotations say readOnlyHint: false')
  if (hints.destructive === true && hints.readOnly !== true) {
    return no('mcp-annotations', 'its annotations say destructiveHint: true')
  }
  if (hints.readOnly === true && hints.openWorld === true) {
    return no('mcp-annotations', 'its annotations say openWorldHint: true, so its results age at an unknown pace')
  }
  if (hints.readOnly === true) {
    return yes('mcp-annotations', 'its annotations say readOnlyHint: true, and not openWorldHint: true')
  }
  if (readOnly === true && idempotent === true) {
    return yes('read-only-idempotent', 'its metadata says read_only: true and idempotent: true')
  }
  return undefined
}

function byName(name: string, { sideEffectPrefixes, sideEffectBeginnings }: DecisionRules): Decision | undefined {
  const found =
    sideEffectPrefix(name, sideEffectPrefixes) ?? (sideEffectBeginnings ? sideEffectBeginning(name) : undefined)
  return found === undefined
    ? undefined
    : no('side-effect-name', `its name says ${JSON.stringify(found)}, like that of a tool that changes something`)
}

function byArguments(args: unknown, { volatileNames }: DecisionRules): Decision | undefined {
  const name = volatileArgument(args, volatileNames)
  return name === undefined
    ? undefined
    : no('volatile-argument', `its argument ${JSON.stringify(name)} names the moment of the call`)
}

function byLists(name: string, { allow, deny }: DecisionRules): Decision | undefined {
  if (deny.some((pattern) => pattern.test(name))) return no('deny-list', 'it is on the deny list')
  if (allow.some((pattern) => pattern.test(name))) return yes('allow-list', 'it is on the allow list')
  return undefined
}

function yes(rule: DecisionRule, reason: string): Decision {
  return { cached: true, rule, reason }
}

function no(rule: DecisionRule, reason: string): Decision {
  return { cached: false, rule, reason }
}
