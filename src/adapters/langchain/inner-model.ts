import type { BaseChatModel } from '@langchain/core/language_models/chat_models'

/** A model streams when it, or a class between it and BaseChatModel, says how. By shape: core may be there twice. */
export function canStream(model: BaseChatModel): boolean {
  for (let holder: object = model; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (Object.hasOwn(holder, '_streamResponseChunks')) return !Object.hasOwn(holder, '_generateUncached')
  }
  return false
}

/** Options that a model such as ChatOpenAI carries after `withConfig` or `bindTools`, where others make a binding. */
export function defaultOptionsOf(model: BaseChatModel): Record<string, unknown> | undefined {
  const options = 'defaultOptions' in model ? model.defaultOptions : undefined
  return typeof options === 'object' && options !== null ? { ...options } : undefined
}
