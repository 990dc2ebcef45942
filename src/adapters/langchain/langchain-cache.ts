import { BaseCache } from '@langchain/core/caches'
import { AIMessage } from '@langchain/core/messages'
import type { ChatGeneration, Generation } from '@langchain/core/outputs'
import { LRUCache } from 'lru-cache'
import type { CallControls } from '../../core/controls.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { booleanOption, invalidOption, knownOptions } from '../../core/options.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { SemanticCache, WriteSlot } from '../../semantic-cache/semantic-cache.ts'
import { checkControlOptions } from './call-controls.ts'
import { parseLlmKey } from './llm-key.ts'
import { messagesOfPrompt } from './prompt-text.ts'
import { fromModelResponse, toModelResponse } from './response.ts'

export interface LangchainCacheOptions extends Omit<CallControls, 'signal' | 'mode'> {
  /**
   * Also answer prompts of several messages, instructions before a question among them. LangChain gives a
   * cache the messages as one text, in which a message that contains "\nAI: " or "\nHuman: " reads like several: whoever
   * writes such a message can ask for, or plant, the answer of another conversation. Default false: lone questions only.
   */
  readonly allowTranscripts?: boolean
}

/** Misses whose answer is under way. LangChain tells a cache of an answer by the same two texts, and nothing else. */
const PENDING = 1_000

/**
 * A cache for `new ChatOpenAI({ cache: langchainCache(cache) })`, for code that must use LangChain's own `cache` option.
 * Run state and the API key in the key are left out, nothing rejects, hits have fresh ids. What the option itself cannot
 * do stays so: it is not asked when streaming, knows no tenant of a call, and prompts with media are refused because
 * they all read alike. `cachedModel` has none of these limits.
 *
 * @throws CacheError INVALID_OPTION
 */
export function langchainCache(cache: SemanticCache, options: LangchainCacheOptions = {}): BaseCache<Generation[]> {
  if (typeof cache?.lookup !== 'function') throw invalidOption('the cache of langchainCache', 'a semantic cache', cache)
  knownOptions('langchainCache', options, OPTION_NAMES)
  const { allowTranscripts, ...controls } = options
  checkControlOptions(controls)
  return new PromptCache(cache, controls, booleanOption('allowTranscripts', allowTranscripts, false))
}

const OPTION_NAMES = ['allowTranscripts', 'ttlMs', 'maxAgeMs', 'minSimilarity', 'tenant', 'shared', 'tags']

class PromptCache extends BaseCache<Generation[]> {
  readonly #cache: SemanticCache
  readonly #controls: CallControls
  readonly #allowTranscripts: boolean
  readonly #slots = new LRUCache<string, WriteSlot>({ max: PENDING, ttl: 600_000 })

  constructor(cache: SemanticCache, controls: CallControls, allowTranscripts: boolean) {
    super()
    this.#cache = cache
    this.#controls = controls
    this.#allowTranscripts = allowTranscripts
  }

  async lookup(prompt: string, llmKey: string): Promise<Generation[] | null> {
    try {
      const request = this.#request(prompt, llmKey)
      if (!request) return null
      const { response, record, slot } = await this.#cache.lookup(request, this.#controls)
      const pending = slotName(prompt, llmKey)
      if (slot) this.#slots.set(pending, slot)
      else this.#slots.delete(pending)
      if (!response || record.outcome === 'stale') return null
      return fromModelResponse(response, record).generations.map((generation) =>
        isTextOnly(response.metadata) ? { text: generation.text } : generation,
      )
    } catch {
      return null
    }
  }

  async update(prompt: string, llmKey: string, generations: Generation[]): Promise<void> {
    try {
      const pending = slotName(prompt, llmKey)
      const slot = this.#slots.get(pending)
      this.#slots.delete(pending)
      if (!slot) return
      const isText = generations.every((generation) => !('message' in generation))
      const response = toModelResponse({ generations: generations.map(asChatGeneration) })
      const metadata = isText ? { ...response.metadata, textOnly: true } : response.metadata
      this.#cache.write(slot, { ...response, ...(metadata && { metadata }) })
    } catch {
      // LangChain would reject the call that has its answer already.
    }
  }

  #request(prompt: string, llmKey: string): ModelRequest | undefined {
    const key = parseLlmKey(llmKey)
    if (!key) return undefined
    const { isChat, ...identity } = key
    const messages = isChat
      ? messagesOfPrompt(prompt, this.#allowTranscripts)
      : [{ role: 'user', content: prompt } as const]
    // Apart from what cachedModel stores: its requests say more than a text can.
    return messages && { ...identity, messages, settings: { ...identity.settings, via: 'langchain-cache' } }
  }
}

function slotName(prompt: string, llmKey: string): string {
  return fingerprint('langchain-cache', [prompt, llmKey])
}

function isTextOnly(metadata: Readonly<Record<string, unknown>> | undefined): boolean {
  return metadata?.textOnly === true
}

function asChatGeneration(generation: Generation): ChatGeneration {
  if ('message' in generation) return generation as ChatGeneration
  return { ...generation, message: new AIMessage(generation.text) }
}
