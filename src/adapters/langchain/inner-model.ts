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

/** What `initChatModel` makes: a model that is chosen by the config of each call. */
interface ConfigurableModel {
  _getModelInstance(config?: { readonly configurable?: Record<string, unknown> }): Promise<BaseChatModel>
}

export function isConfigurableModel(model: unknown): model is ConfigurableModel {
  return (
    typeof model === 'object' && model !== null && '_queuedMethodOperations' in model && '_getModelInstance' in model
  )
}

/**
 * The model itself, where one is chosen by config. It is what answers, so it must be what the key says.
 *
 * @param configurable of the call; our own controls are no field of a model
 */
export async function resolvedModel<Model>(
  model: Model,
  configurable?: Readonly<Record<string, unknown>>,
): Promise<Model | BaseChatModel> {
  if (!isConfigurableModel(model)) return model
  const { reprise: _controls, ...chosen } = configurable ?? {}
  return model._getModelInstance(Object.keys(chosen).length > 0 ? { configurable: chosen } : undefined)
}
