import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { AgentMiddleware } from 'langchain'
import { CachedChatModel } from './cached-chat-model.ts'
import { type CachedModelOptions, checkCachedModelOptions } from './cached-model.ts'
import { rebind } from './rebind.ts'

export interface SemanticCacheMiddlewareOptions extends CachedModelOptions {
  /** Name of the middleware, when one agent has two. Default `'SemanticCacheMiddleware'`. */
  readonly name?: string
}

/**
 * Middleware for `createAgent` that answers the agent's model calls from the cache. The handler gets the agent's model in
 * its wrapper, so the key is made of what the model would really be sent (system message, tools, response format,
 * settings, every message), and a hit is a run like any other: streamed tokens, events, structured output by both
 * strategies, tracing. Turns after a tool result, and answers that call tools, are reused for the very same request only.
 *
 * Put it behind middleware that changes messages or prompt (so that the key sees the final ones), and before
 * `modelFallbackMiddleware` and `modelRetryMiddleware`. A model that is wrapped by `cachedModel` already stays as it is.
 *
 * @throws CacheError INVALID_OPTION
 *
 * @example
 * createAgent({ model, tools, middleware: [semanticCacheMiddleware({ cache, tenant: ({ context }) => context?.userId })] })
 */
export function semanticCacheMiddleware(options: SemanticCacheMiddlewareOptions): AgentMiddleware {
  // Checked as given, so that no options at all are named as such.
  const { name = 'SemanticCacheMiddleware', ...wrapping } = options ?? {}
  checkCachedModelOptions('semanticCacheMiddleware', options && wrapping)
  const wrappers = new WeakMap<BaseChatModel, CachedChatModel>()
  const wrap = (model: BaseChatModel) => {
    if (model instanceof CachedChatModel) return model
    const known = wrappers.get(model)
    if (known) return known
    const made = new CachedChatModel(model, wrapping)
    wrappers.set(model, made)
    return made
  }
  const wrapModelCall: NonNullable<AgentMiddleware['wrapModelCall']> = async (request, handler) =>
    // A model chosen by the config of the call is chosen by its wrapper, which gets that config.
    handler({ ...request, model: rebind(request.model, wrap) as typeof request.model })
  // What createMiddleware makes, without loading the whole of `langchain` for it.
  return { [Symbol.for('AgentMiddleware')]: true, name, wrapModelCall } as unknown as AgentMiddleware
}
