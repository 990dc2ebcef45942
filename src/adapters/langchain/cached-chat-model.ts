import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import type { BaseLanguageModelInput } from '@langchain/core/language_models/base'
import { BaseChatModel, type BaseChatModelCallOptions } from '@langchain/core/language_models/chat_models'
import type { ChatModelStreamEvent } from '@langchain/core/language_models/event'
import type { AIMessageChunk, BaseMessage } from '@langchain/core/messages'
import type { ChatGenerationChunk, ChatResult } from '@langchain/core/outputs'
import { ensureConfig, type RunnableConfig } from '@langchain/core/runnables'
import type { IterableReadableStream } from '@langchain/core/utils/stream'
import type { CacheRecord } from '../../core/outcome.ts'
import type { ModelRequest } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { type AnswerCheck, answerCheck, checkedAnswer } from './answer-schema.ts'
import type { CachedModelOptions } from './cached-model.ts'
import { type ControlOptions, callControls, type TenantContext } from './call-controls.ts'
import { canStream, defaultOptionsOf, isConfigurableModel, resolvedModel } from './inner-model.ts'
import { rebind } from './rebind.ts'
import { toModelRequest } from './request.ts'
import { fromModelResponse, toModelResponse, withRecord } from './response.ts'
import { whileOpen } from './run-reporting.ts'
import { EventMending } from './stream-events.ts'
import { recordedParts } from './stream-recording.ts'
import { streamedAnswer } from './streamed-answer.ts'
import { checkedArguments } from './tool-arguments.ts'
import { ToolNames } from './tool-names.ts'

/** Own key of what a call's config says, on its way from LangChain's `generate` to `_generate`. Never serialised. */
const CONTEXT = Symbol('reprise context')

/** Config that LangChain itself reads; no part of what a model is called with. */
const CONFIG_KEYS: readonly string[] = [
  'callbacks',
  'tags',
  'metadata',
  'runName',
  'configurable',
  'recursionLimit',
  'maxConcurrency',
  'runId',
  'timeout',
]

type CallOptions = BaseChatModelCallOptions & Record<string, unknown>

/** The wrapper that `cachedModel` hands out. */
export class CachedChatModel extends BaseChatModel<CallOptions> {
  readonly #inner: BaseChatModel
  readonly #options: CachedModelOptions
  readonly #making: Making

  constructor(inner: BaseChatModel, options: CachedModelOptions, making: Making = {}) {
    const { callbacks, tags, metadata, verbose, outputVersion } = inner
    super({
      ...(callbacks && { callbacks }),
      ...(tags && { tags }),
      ...(metadata && { metadata }),
      ...(outputVersion && { outputVersion }),
      verbose,
    })
    this.#inner = inner
    this.#options = options
    this.#making = making
    this.lc_namespace = inner.lc_namespace
    // A model that cannot stream is asked with invoke by LangChain; so is its wrapper.
    this.disableStreaming = inner.disableStreaming || !canStream(inner)
    this.withStructuredOutput = ((...args: Parameters<BaseChatModel['withStructuredOutput']>) =>
      this.#rebound(inner.withStructuredOutput(...args), {
        check: answerCheck(args[0]),
      })) as BaseChatModel['withStructuredOutput']
    // LangChain's middleware looks for the name of a model in these fields.
    for (const name of ['model', 'modelName'] as const) {
      const value = name in inner ? (inner as unknown as Record<string, unknown>)[name] : undefined
      if (typeof value === 'string') Object.defineProperty(this, name, { value, enumerable: true })
    }
    if (typeof inner.bindTools === 'function') {
      this.bindTools = (tools, kwargs) =>
        this.#rebound(inner.bindTools?.(tools, kwargs as never), { boundTools: tools }) as never
    }
  }

  override withConfig(config: Partial<CallOptions>): never {
    return this.#rebound(this.#inner.withConfig(config)) as never
  }

  override async invoke(input: BaseLanguageModelInput, options?: Partial<CallOptions>): Promise<AIMessageChunk> {
    const chosen = await this.#chosen(options)
    return chosen ? chosen.invoke(input, options) : super.invoke(input, this.#withDefaults(options))
  }

  override async stream(
    input: BaseLanguageModelInput,
    options?: Partial<CallOptions>,
  ): Promise<IterableReadableStream<AIMessageChunk>> {
    const chosen = await this.#chosen(options)
    return chosen ? chosen.stream(input, options) : super.stream(input, this.#withDefaults(options))
  }

  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    const call = this.#call(messages, options)
    let live: ChatResult | undefined
    let own: OwnCall | undefined
    let isOver = false
    try {
      const { response, record } = await this.#options.cache.getOrCall(
        call.request,
        async (signal) => {
          const openRun = whileOpen(runManager, () => isOver)
          const result = this.#inner._generate(messages, { ...call.options, signal }, openRun)
          own = { result, signal }
          live = await result
          return call.judge(toModelResponse(live))
        },
        call.controls,
      )
      if (live && isLive(record)) return withRecord(live, record)
      const reused = call.names.fromStore(response)
      if (await call.accepts(reused)) return fromModelResponse(reused, record)
      return await this._generate(messages, refreshing(options), runManager)
    } catch (error) {
      throw (options.signal as AbortSignal | undefined)?.aborted && own ? await abortErrorOf(own, error) : error
    } finally {
      isOver = true
    }
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const call = this.#call(messages, options)
    const needsReason = this.#options.requireFinishReason ?? call.request.model !== this._llmType()
    let isOwnCall = false
    let isOver = false
    const parts = this.#options.cache.getOrStream(
      call.request,
      (signal) => {
        isOwnCall = true
        const openRun = whileOpen(runManager, () => isOver)
        const chunks = this.#inner._streamResponseChunks(messages, { ...call.options, signal }, openRun)
        return recordedParts(chunks, { needsReason, names: call.names, judge: call.judge })
      },
      call.controls,
    )
    const onModelDone = () => {
      isOver = true
    }
    try {
      const { names, accepts } = call
      const isServed = yield* streamedAnswer(parts, {
        names,
        accepts,
        isOwnCall: () => isOwnCall,
        onModelDone,
        runManager,
      })
      if (!isServed) yield* this._streamResponseChunks(messages, refreshing(options), runManager)
    } finally {
      isOver = true
    }
  }

  override async *_streamChatModelEvents(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatModelStreamEvent> {
    const mending = new EventMending()
    const chunks = {
      _streamResponseChunks: () => mending.watched(this._streamResponseChunks(messages, options, runManager)),
    }
    for await (const event of super._streamChatModelEvents.call(chunks as never, messages, options)) {
      yield mending.mended(event)
    }
  }

  override _llmType(): string {
    // LangChain asks from inside its constructor, before there is a model to ask.
    return #inner in this ? this.#inner._llmType() : 'reprise'
  }

  override getName(suffix?: string): string {
    return this.#inner.getName(suffix)
  }

  override get callKeys(): string[] {
    return this.#inner.callKeys
  }

  override get profile(): BaseChatModel['profile'] {
    return this.#inner.profile
  }

  override toJSON(): ReturnType<BaseChatModel['toJSON']> {
    return this.#inner.toJSON()
  }

  override _modelType(): string {
    return this.#inner._modelType()
  }

  override _identifyingParams(): ReturnType<BaseChatModel['_identifyingParams']> {
    return this.#inner._identifyingParams()
  }

  override invocationParams(options?: this['ParsedCallOptions']): ReturnType<BaseChatModel['invocationParams']> {
    return this.#inner.invocationParams(options && withoutContext(options))
  }

  override getLsParams(options: this['ParsedCallOptions']): ReturnType<BaseChatModel['getLsParams']> {
    return this.#inner.getLsParams(withoutContext(options))
  }

  override getNumTokens(content: Parameters<BaseChatModel['getNumTokens']>[0]): Promise<number> {
    return this.#inner.getNumTokens(content)
  }

  override _combineLLMOutput(
    ...outputs: Parameters<NonNullable<BaseChatModel['_combineLLMOutput']>>
  ): ReturnType<NonNullable<BaseChatModel['_combineLLMOutput']>> {
    return this.#inner._combineLLMOutput?.(...outputs)
  }

  protected override _separateRunnableConfigFromCallOptionsCompat(
    options?: Partial<CallOptions>,
  ): [RunnableConfig, this['ParsedCallOptions']] {
    const [config, callOptions] = super._separateRunnableConfigFromCallOptionsCompat(options)
    const context = (config as { context?: unknown }).context ?? options?.context
    const about: TenantContext = {
      configurable: config.configurable ?? {},
      metadata: config.metadata ?? {},
      ...(context !== undefined && { context }),
    }
    return [config, Object.assign(callOptions, { [CONTEXT]: about })]
  }

  /** What a call needs of the cache and of the model. */
  #call(messages: BaseMessage[], given: this['ParsedCallOptions']) {
    const context = (given as { [CONTEXT]?: TenantContext })[CONTEXT] ?? { configurable: {}, metadata: {} }
    const options = withoutConfig({ ...defaultOptionsOf(this.#inner), ...withoutContext(given) })
    const asked = this.#request(messages, options)
    const names = namesIn(asked)
    const request = names.request(asked)
    const { check } = this.#making
    const controls = callControls(this.#controlOptions(), context, given.signal as AbortSignal | undefined)
    return {
      options: options as BaseChatModel['ParsedCallOptions'],
      request,
      names,
      judge: (response: ModelResponse) =>
        checkedAnswer(checkedArguments(names.toStore(response), request.tools), check),
      /** Schemas that differ in a refinement only have one JSON schema: an answer that fits one may fail the other. */
      accepts: async (reused: ModelResponse) =>
        !check ||
        controls.mode === 'refresh' ||
        controls.mode === 'only-if-cached' ||
        (await checkedAnswer(reused, check)).finishReason !== 'error',
      controls,
    }
  }

  #controlOptions(): ControlOptions {
    const { cache: _cache, requireFinishReason: _require, ...controls } = this.#options
    return controls
  }

  #request(messages: BaseMessage[], options: Record<string, unknown>): ModelRequest {
    try {
      return toModelRequest(this.#inner, messages, options, this.#making.boundTools)
    } catch {
      // Messages of no known form: the cache declines a request without any, and the model gets them as they are.
      return { provider: this.#inner.getName(), model: this._llmType(), messages: [] }
    }
  }

  /** The wrapped model of one call, where the config chooses which that is. */
  async #chosen(options: Partial<CallOptions> | undefined): Promise<BaseChatModel<CallOptions> | undefined> {
    if (!isConfigurableModel(this.#inner)) return undefined
    const { configurable } = ensureConfig(options as RunnableConfig)
    return this.#rebound(await resolvedModel(this.#inner, configurable)) as BaseChatModel<CallOptions>
  }

  /** Models such as ChatOpenAI carry the options of `withConfig` themselves and apply them in `invoke` and `stream`. */
  #withDefaults(options: Partial<CallOptions> | undefined): Partial<CallOptions> | undefined {
    const defaults = defaultOptionsOf(this.#inner)
    if (!defaults) return options
    const configurable = { ...(defaults.configurable as object), ...options?.configurable }
    return { ...defaults, ...options, ...(Object.keys(configurable).length > 0 && { configurable }) }
  }

  #rebound<Built>(runnable: Built, more?: Making): Built {
    const making = more ? { ...this.#making, ...more } : this.#making
    return rebind(runnable, (model) =>
      model === this.#inner && making === this.#making ? this : new CachedChatModel(model, this.#options, making),
    )
  }
}

/** How a wrapper came to be, as far as its calls depend on it. */
interface Making {
  /** Tools given to `bindTools`, for models that keep them to themselves. */
  readonly boundTools?: readonly unknown[] | undefined
  /** Of the schema given to `withStructuredOutput`. */
  readonly check?: AnswerCheck | undefined
}

interface OwnCall {
  readonly result: Promise<ChatResult>
  /** Aborts when nobody waits for the call any more. */
  readonly signal: AbortSignal
}

/** A model that hears of an abort says so at once; one that does not is not waited for. */
const ABORT_WAIT_MS = 50

/** What the model itself makes of the abort: a caller's `catch` may look for the class or name of its client's errors. */
async function abortErrorOf({ result, signal }: OwnCall, error: unknown): Promise<unknown> {
  if (!signal.aborted) return error
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<unknown>((resolve) => {
    timer = setTimeout(() => resolve(error), ABORT_WAIT_MS)
  })
  const own = result.then(
    () => error,
    (theirs: unknown) => theirs,
  )
  return Promise.race([own, late]).finally(() => clearTimeout(timer))
}

/** Messages of no known form may hold themselves: then there is nothing to rename. */
function namesIn(request: ModelRequest): ToolNames {
  try {
    return new ToolNames(request)
  } catch {
    return new ToolNames({ ...request, messages: [], tools: [] })
  }
}

function isLive({ outcome, collapsed }: CacheRecord): boolean {
  return !collapsed && (outcome === 'miss' || outcome === 'bypass')
}

/** The same call, answered by the model whatever is stored. */
function refreshing<Options extends object>(options: Options): Options {
  const context = (options as { [CONTEXT]?: TenantContext })[CONTEXT] ?? { configurable: {}, metadata: {} }
  const { reprise } = context.configurable
  const configurable = { ...context.configurable, reprise: { ...(reprise as object | undefined), mode: 'refresh' } }
  return { ...options, [CONTEXT]: { ...context, configurable } }
}

function withoutContext<Options extends object>(options: Options): Options {
  const { [CONTEXT]: _context, ...kept } = options as Options & { [CONTEXT]?: TenantContext }
  return kept as unknown as Options
}

function withoutConfig(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !CONFIG_KEYS.includes(name)))
}
