import type { BaseChatModel } from '@langchain/core/language_models/chat_models'

/**
 * A runnable built round a chat model, with another model in the place of each: `bindTools`, `withStructuredOutput` and
 * `withConfig` of a model return bindings and sequences round the model itself, past anything that wraps it. Kwargs,
 * config, names and parsers stay what they are; the given runnable is not changed.
 */
export function rebind<Built>(runnable: Built, wrap: (model: BaseChatModel) => BaseChatModel): Built {
  return rebound(runnable, wrap) as Built
}

/** Where the runnables of @langchain/core keep the runnables they are made of. */
const SINGLE = ['bound', 'first', 'last', 'runnable', 'mapper', 'default'] as const
const SEVERAL = ['middle', 'fallbacks', 'steps', 'runnables', 'branches'] as const

function rebound(runnable: unknown, wrap: (model: BaseChatModel) => BaseChatModel): unknown {
  if (isChatModel(runnable)) return wrap(runnable)
  if (!isRunnable(runnable)) return runnable
  const changed: Record<string, unknown> = {}
  for (const name of SINGLE) {
    if (Object.hasOwn(runnable, name)) changed[name] = rebound(runnable[name], wrap)
  }
  for (const name of SEVERAL) {
    if (Object.hasOwn(runnable, name)) changed[name] = reboundAll(runnable[name], wrap)
  }
  if (Object.keys(changed).length === 0) return runnable
  const copy = Object.create(Object.getPrototypeOf(runnable), Object.getOwnPropertyDescriptors(runnable))
  return Object.assign(copy, changed)
}

function reboundAll(held: unknown, wrap: (model: BaseChatModel) => BaseChatModel): unknown {
  if (Array.isArray(held)) return held.map((one) => (Array.isArray(one) ? reboundAll(one, wrap) : rebound(one, wrap)))
  if (typeof held !== 'object' || held === null) return held
  return Object.fromEntries(Object.entries(held).map(([name, one]) => [name, rebound(one, wrap)]))
}

/** By shape, not by class: there may be two copies of @langchain/core in one program. */
export function isChatModel(value: unknown): value is BaseChatModel {
  return isRunnable(value) && typeof value._generate === 'function' && typeof value._llmType === 'function'
}

function isRunnable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && (value as { lc_runnable?: unknown }).lc_runnable === true
}
