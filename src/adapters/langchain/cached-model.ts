import type { BaseChatModel, BaseChatModelCallOptions } from '@langchain/core/language_models/chat_models'
import type { AIMessageChunk } from '@langchain/core/messages'
import { booleanOption, invalidOption, knownOptions } from '../../core/options.ts'
import type { SemanticCache } from '../../semantic-cache/semantic-cache.ts'
import { CachedChatModel } from './cached-chat-model.ts'
import { type ControlOptions, checkControlOptions } from './call-controls.ts'
import { isChatModel } from './rebind.ts'

export interface CachedModelOptions extends ControlOptions {
  readonly cache: SemanticCache
  /**
   * Store a streamed answer only when the model reported why it stopped. Some clients end a stream quietly when the
   * connection is lost. Default: true for models with a name, false for nameless ones (fakes and your own).
   */
  readonly requireFinishReason?: boolean
}

/** The wrapped model: a chat model with the call options and outputs of the one inside. */
export type CachedModel<Model extends BaseChatModel> = BaseChatModel<CallOptionsOf<Model>, OutputOf<Model>> &
  Pick<Model, 'bindTools' | 'withStructuredOutput'>

type CallOptionsOf<Model> =
  Model extends BaseChatModel<infer CallOptions, infer _Output> ? CallOptions : BaseChatModelCallOptions
type OutputOf<Model> = Model extends BaseChatModel<infer _CallOptions, infer Output> ? Output : AIMessageChunk

/**
 * A chat model that answers from the cache where an earlier answer fits, and asks the given one where none does. To
 * LangChain it is the same model: name, tracing, tools, structured output, streaming. The account of each answer lies in
 * `response_metadata.reprise`; usage is zero on a hit.
 *
 * Whatever the model sends counts: body, endpoint, and the client's default headers and query, credentials excepted. What
 * a `fetch` of one's own changes on the way cannot be seen: give such models a `tenant` each.
 *
 * Its stream events (`streamEvents` of version v3) are LangChain's standard ones, on a hit and on a miss: raw events of a
 * provider, which some models pass on as `provider`, are not among them.
 *
 * One call is controlled by `config.configurable.reprise` (`CallControls`), with the options here as defaults.
 *
 * @throws CacheError INVALID_OPTION
 *
 * @example
 * const model = cachedModel(new ChatOpenAI({ model: 'gpt-4o-mini' }), { cache, tenant: 'acme' })
 */
export function cachedModel<Model extends BaseChatModel>(
  model: Model,
  options: CachedModelOptions,
): CachedModel<Model> {
  if (!isChatModel(model)) throw invalidOption('the model of cachedModel', 'a LangChain chat model', model)
  // Inside its own flight a call would wait for itself.
  if (model instanceof CachedChatModel) throw invalidOption('the model of cachedModel', 'not wrapped already', model)
  checkCachedModelOptions('cachedModel', options)
  return new CachedChatModel(model, options) as unknown as CachedModel<Model>
}

const OPTION_NAMES = [
  'cache',
  'requireFinishReason',
  'mode',
  'ttlMs',
  'maxAgeMs',
  'minSimilarity',
  'tenant',
  'shared',
  'tags',
]

/** @throws CacheError INVALID_OPTION */
export function checkCachedModelOptions(of: string, options: CachedModelOptions): void {
  knownOptions(of, options, OPTION_NAMES)
  const { cache, requireFinishReason, ...controls } = options
  if (typeof cache?.getOrCall !== 'function') throw invalidOption('cache', 'a semantic cache', cache)
  booleanOption('requireFinishReason', requireFinishReason, false)
  checkControlOptions(controls)
}
