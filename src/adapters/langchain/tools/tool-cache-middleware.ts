import type { RunnableToolLike } from '@langchain/core/runnables'
import type { StructuredToolInterface } from '@langchain/core/tools'
import type { AgentMiddleware, WrapToolCallHook } from 'langchain'
import { invalidOption, knownOptions } from '../../../core/options.ts'
import { checkedPolicies } from '../../../tool-cache/policies.ts'
import type { ToolCache } from '../../../tool-cache/tool-cache.ts'
import type { ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { isRecord } from '../content.ts'
import { cachedTool, isCachedTool } from './cached-tool.ts'
import { checkSharing, type ToolSharingOptions, toolCallContext, toolControls } from './tool-controls.ts'
import { describeTool, type LangChainTool } from './tool-description.ts'
import { type HandleToolErrors, toolErrorMessage } from './tool-errors.ts'
import { messageOfResult, resultOfMessage, withRecord } from './tool-output.ts'

export interface ToolCacheMiddlewareOptions extends ToolSharingOptions {
  readonly cache: ToolCache
  /** By tool name; over those of the cache, option by option. */
  readonly policies?: Readonly<Record<string, ToolPolicy>>
  /** The agent's tools: a policy for any other is then an error at construction. */
  readonly tools?: readonly LangChainTool[]
  /**
   * What becomes of an exception of a tool: true, the default, is the message that the model gets without a middleware;
   * false throws it on, for a middleware further out that retries or handles it; a function makes the message.
   */
  readonly handleToolErrors?: HandleToolErrors
}

export interface ToolCacheMiddleware extends AgentMiddleware {
  readonly wrapToolCall: WrapToolCallHook
  /** The same for LangGraph's ToolNode, which has no hook: `new ToolNode(middleware.wrapTools(tools))`. */
  wrapTools<WrappedTool extends StructuredToolInterface | RunnableToolLike>(
    tools: readonly WrappedTool[],
  ): WrappedTool[]
}

/** What `createMiddleware` marks its objects with; by hand, so that `langchain` is needed by those only who have it. */
const MIDDLEWARE_BRAND = Symbol.for('AgentMiddleware')

/**
 * Reuses results of an agent's tools. Put it first in the list of middleware, so that a hit skips the others.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * createAgent({ model, tools, middleware: [toolCacheMiddleware({ cache: toolCache, policies, tools })] })
 */
export function toolCacheMiddleware(options: ToolCacheMiddlewareOptions): ToolCacheMiddleware {
  knownOptions('toolCacheMiddleware', options, ['cache', 'policies', 'tools', 'tenant', 'context', 'handleToolErrors'])
  const { cache, handleToolErrors = true, tenant, context } = options
  if (typeof cache?.getOrCall !== 'function') throw invalidOption('cache', 'a tool cache', cache)
  if (typeof handleToolErrors !== 'boolean' && typeof handleToolErrors !== 'function') {
    throw invalidOption('handleToolErrors', 'true, false or a function', handleToolErrors)
  }
  if (options.tools !== undefined && !isListOfObjects(options.tools)) {
    throw invalidOption('tools', 'an array of LangChain tools', options.tools)
  }
  checkSharing(options)
  const policies = checkedPolicies(options.policies ?? {}, options.tools?.map(describeTool), options.cache)

  const wrapToolCall: WrapToolCallHook = async (request, handler) => {
    const { toolCall, runtime, state } = request
    const tool = isToolLike(request.tool) ? request.tool : undefined
    let thrown: { readonly error: unknown } | undefined
    const call = async () => {
      try {
        return await handler(request)
      } catch (error) {
        thrown = { error }
        throw error
      }
    }
    try {
      if (isCachedTool(tool)) return await call()
      let own: { readonly result: unknown; readonly output: Awaited<ReturnType<typeof call>> } | undefined
      const policy = policies.get(toolCall.name)
      const about = toolCallContext({ ...runtime, state })
      const { result, record } = await cache.getOrCall(
        { ...(tool && describeTool(tool)), name: toolCall.name, args: toolCall.args, ...(policy && { policy }) },
        async () => {
          const output = await call()
          const result = resultOfMessage(output)
          own = { result, output }
          return result
        },
        toolControls(options, about, runtime.signal),
      )
      const output = own && own.result === result ? own.output : messageOfResult(result, toolCall.id ?? '')
      return withRecord(output, record)
    } catch (error) {
      // What the cache itself throws (a mode, a wrong tag) is not the model's to mend.
      if (!thrown || thrown.error !== error || runtime.signal?.aborted) throw error
      const message = toolErrorMessage(error, toolCall, handleToolErrors)
      if (message) return message
      throw error
    }
  }

  return {
    [MIDDLEWARE_BRAND]: true,
    name: 'toolCacheMiddleware',
    wrapToolCall,
    wrapTools: <WrappedTool extends StructuredToolInterface | RunnableToolLike>(tools: readonly WrappedTool[]) =>
      tools.map((tool) =>
        isCachedTool(tool)
          ? tool
          : cachedTool(tool, {
              ...policies.get(tool.name),
              cache,
              ...(tenant !== undefined && { tenant }),
              ...(context && { context }),
            }),
      ),
  } as ToolCacheMiddleware
}

function isToolLike(tool: unknown): tool is LangChainTool {
  return isRecord(tool) && typeof tool.name === 'string'
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isRecord)
}
