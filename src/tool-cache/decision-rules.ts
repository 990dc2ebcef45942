import { invalidOption } from '../core/options.ts'
import type { DecisionRules } from './decision.ts'
import { prefixWords, SIDE_EFFECT_PREFIXES } from './side-effect-names.ts'
import { textList } from './tool-policy.ts'
import { VOLATILE_ARGUMENT_NAMES, volatileNames } from './volatile-arguments.ts'

export interface RuleOptions {
  /** Tools without a policy or mark whose results may be reused; `*` stands for any text. */
  readonly allow?: readonly string[]
  /** Tools that are not, unless a policy or mark says so; `*` stands for any text. */
  readonly deny?: readonly string[]
  /**
   * Verbs that begin the name of a tool which changes something, in any way of naming. false or an empty list switches
   * the rule off. Default: a long list in several languages.
   */
  readonly sideEffectPrefixes?: readonly string[] | false
  /** Names of arguments that make every call a new one, at any depth. false or an empty list switches the rule off. */
  readonly volatileArguments?: readonly string[] | false
}

/** @throws CacheError INVALID_OPTION, also for a pattern on both lists */
export function decisionRules({ allow, deny, sideEffectPrefixes, volatileArguments }: RuleOptions): DecisionRules {
  const allowed = textList('allow', allow)
  const denied = textList('deny', deny)
  const both = allowed.find((pattern) => denied.includes(pattern))
  if (both !== undefined) throw invalidOption('allow and deny', 'lists without a common entry', both)
  const prefixes = sideEffectPrefixes === false ? [] : (sideEffectPrefixes ?? SIDE_EFFECT_PREFIXES)
  const names = volatileArguments === false ? [] : (volatileArguments ?? VOLATILE_ARGUMENT_NAMES)
  return {
    sideEffectPrefixes: prefixWords(textList('sideEffectPrefixes', prefixes)),
    sideEffectBeginnings: sideEffectPrefixes === undefined,
    volatileNames: volatileNames(textList('volatileArguments', names)),
    allow: allowed.map(patternOf),
    deny: denied.map(patternOf),
  }
}

function patternOf(text: string): RegExp {
  const escaped = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('.*')}$`, 's')
}
