import { AsyncLocalStorage } from 'node:async_hooks'
import type { RunnableToolLike } from '@langchain/core/runnables'
import type { StructuredToolInterface } from '@langchain/core/tools'
import { invalidOption, knownOptions } from '../../../core/options.ts'
import type { CacheRecord } from '../../../core/outcome.ts'
import { checkPolicyOfTool, checkWithCache } from '../../../tool-cache/policies.ts'
import type { ToolCache, ToolInvocation } from '../../../tool-cache/tool-cache.ts'
import { checkedPolicy, isPolicyName, policyPart, type ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { isRecord } from '../content.ts'
import { checkSharing, type ToolSharingOptions, toolCallContext, toolControls } from './tool-controls.ts'
import { describeTool, isTextTool, type LangChainTool } from './tool-description.ts'
import { messageOfResult, rawOfResult, resultOfMessage, resultOfRaw, withRecord } from './tool-output.ts'

export interface CachedToolOptions extends ToolPolicy, ToolSharingOptions {
  readonly cache: ToolCache
}

type AnyTool = StructuredToolInterface | RunnableToolLike

/** Where `invoke` finds the record of the `_call` inside it. */
const recordOfCall = new AsyncLocalStorage<{ record?: CacheRecord }>()
const MARK = Symbol.for('reprise.cached-tool')

/**
 * The same tool (name, description, schema, response format, class) with its results reused. Callbacks and traces see a
 * hit as a tool run that was quick; what the tool throws is thrown, the same object; `response_metadata.reprise` of its
 * ToolMessage says what the cache did.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * const weather = cachedTool(weatherTool, { cache: toolCache, ttlMs: 600_000, reads: ['weather:{city}'] })
 */
export function cachedTool<WrappedTool extends AnyTool>(tool: WrappedTool, options: CachedToolOptions): WrappedTool {
  const known = ['cache', 'tenant', 'context', ...Object.keys(options ?? {}).filter(isPolicyName)]
  knownOptions('cachedTool', options, known)
  if (typeof options.cache?.getOrCall !== 'function') throw invalidOption('cache', 'a tool cache', options.cache)
  if (!isRecord(tool) || typeof tool.invoke !== 'function' || typeof tool.name !== 'string') {
    throw invalidOption('the tool of cachedTool', 'a LangChain tool', tool)
  }
  checkSharing(options)
  const policy = checkedPolicy(tool.name, policyPart(options))
  checkPolicyOfTool(describeTool(tool), policy)
  checkWithCache(options.cache, [{ name: tool.name, policy }])
  const members = '_call' in tool ? callMembers(tool, options, policy) : invokeMembers(tool, options, policy)
  const proxy: WrappedTool = new Proxy(tool, {
    get: (target, name) => {
      if (name === MARK) return true
      // For `toolCache.audit`, which takes tools as they are.
      if (name === 'policy' && !Reflect.has(target, name)) return policy
      // What every object inherits (`constructor`, `toString`) is the tool's own.
      const member = typeof name === 'string' && Object.hasOwn(members, name) ? members[name] : undefined
      // Getters get the tool itself as `this`, because of its private fields; methods get the proxy from their caller.
      return member ? member.bind(undefined, proxy) : Reflect.get(target, name, target)
    },
    has: (target, name) => name === MARK || Reflect.has(target, name),
  })
  return proxy
}

/** True for a tool that brings its own cache. */
export function isCachedTool(tool: unknown): boolean {
  return isRecord(tool) && MARK in tool
}

type Member = (proxy: unknown, ...args: unknown[]) => unknown

/** A tool of LangChain's own classes: cached inside, between its parsing and its formatting. */
function callMembers(tool: AnyTool, options: CachedToolOptions, policy: ToolPolicy): Record<string, Member> {
  const inner = tool as AnyTool & {
    readonly responseFormat?: unknown
    invoke(...args: unknown[]): Promise<unknown>
    _call(...args: unknown[]): Promise<unknown>
  }
  const { inputSchema, metadata } = describeTool(tool)
  return {
    async _call(_proxy, parsed, runManager, config) {
      const callConfig = isRecord(config) ? config : {}
      // Parsed already, so there is no schema to parse with again.
      const call: ToolInvocation = {
        name: inner.name,
        args: isTextTool(tool) ? { input: parsed } : parsed,
        inputSchema,
        metadata,
        policy,
      }
      let own: { readonly result: unknown; readonly raw: unknown } | undefined
      const { result, record } = await options.cache.getOrCall(
        call,
        async (_args, signal) => {
          const raw = await inner._call(parsed, runManager, { ...callConfig, signal })
          const made = resultOfRaw(raw, inner.responseFormat)
          own = { result: made, raw }
          return made
        },
        toolControls(options, toolCallContext(config), signalOf(config)),
      )
      const seen = recordOfCall.getStore()
      if (seen) seen.record = record
      // What this very call got goes on as it is; anything else is made anew for it.
      return own && own.result === result ? own.raw : rawOfResult(result, toolCallIdOf(callConfig.toolCall) ?? '')
    },
    async invoke(proxy, ...args) {
      const seen: { record?: CacheRecord } = {}
      const output = await recordOfCall.run(seen, () => inner.invoke.call(proxy, ...args))
      return withRecord(output, seen.record)
    },
  }
}

/** A runnable made a tool has no inside of its own: cached as a whole. */
function invokeMembers(tool: AnyTool, options: CachedToolOptions, policy: ToolPolicy): Record<string, Member> {
  const inner = tool as LangChainTool & { invoke(input: unknown, config?: unknown): Promise<unknown> }
  return {
    async invoke(_proxy, input, config) {
      const toolCallId = toolCallIdOf(input)
      const args = toolCallId === undefined ? input : (input as { readonly args: unknown }).args
      let own: { readonly result: unknown; readonly output: unknown } | undefined
      const { result, record } = await options.cache.getOrCall(
        { ...describeTool(inner), args, policy },
        async (_args, signal) => {
          const output = await inner.invoke(input, { ...(isRecord(config) && config), signal })
          const made = isMessageLike(output)
            ? { ...resultOfMessage(output), extra: { isMessage: true } }
            : { content: output }
          own = { result: made, output }
          return made
        },
        toolControls(options, toolCallContext(config), signalOf(config)),
      )
      if (own && own.result === result) return withRecord(own.output, record)
      const output = result.extra?.isMessage ? messageOfResult(result, toolCallId ?? '') : result.content
      return withRecord(output, record)
    },
  }
}

function isMessageLike(output: unknown): boolean {
  return isRecord(output) && ('lc_direct_tool_output' in output || output.lg_name === 'Command')
}

function toolCallIdOf(call: unknown): string | undefined {
  return isRecord(call) && call.type === 'tool_call' ? String(call.id ?? '') : undefined
}

function signalOf(config: unknown): AbortSignal | undefined {
  return isRecord(config) && config.signal instanceof AbortSignal ? config.signal : undefined
}
