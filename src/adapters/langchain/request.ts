import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'
import type { ModelRequest, ToolDefinition } from '../../core/request.ts'
import { isRecord } from './content.ts'
import { toMessages } from './messages.ts'
import { modelIdentity } from './model-identity.ts'
import { callSettings, withoutSecrets } from './plain-settings.ts'
import { toToolDefinitions } from './tools.ts'

/**
 * The neutral request of one LangChain call: what the integration would send where it can say so (`invocationParams`),
 * and every call option beside that which is not about the run. Holds no credentials.
 *
 * @param boundTools tools given to `bindTools` of a model that keeps them to itself
 */
export function toModelRequest(
  model: BaseChatModel,
  messages: readonly BaseMessage[],
  options: Readonly<Record<string, unknown>>,
  boundTools?: readonly unknown[],
): ModelRequest {
  const { identifying, ...identity } = modelIdentity(model, options)
  const params = invocationParams(model, options)
  const tools = toolsOf(params) ?? toolsOf(options) ?? boundTools
  const responseFormat = formatOf(params) ?? formatOf(options)
  const settings = {
    ...identifying,
    ...callSettings(params, TAKEN),
    ...callSettings(options, new Set([...TAKEN, ...Object.keys(params)])),
  }
  return {
    ...identity,
    messages: toMessages(messages),
    ...(tools && tools.length > 0 && { tools: toToolDefinitions(tools) as readonly ToolDefinition[] }),
    ...(responseFormat !== undefined && { responseFormat: withoutSecrets(responseFormat) }),
    settings,
  }
}

const TAKEN: ReadonlySet<string> = new Set(['model', 'modelName', 'tools', 'response_format', 'messages'])

/** A model that cannot say what it would send is known by its identity and the call options alone. */
function invocationParams(model: BaseChatModel, options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    const params: unknown = model.invocationParams(options as never)
    return isRecord(params) ? params : {}
  } catch {
    return {}
  }
}

function toolsOf(params: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  return Array.isArray(params.tools) && params.tools.length > 0 ? params.tools : undefined
}

/** `response_format` of chat completions, `text.format` of OpenAI's responses. */
function formatOf(params: Readonly<Record<string, unknown>>): unknown {
  if (params.response_format !== undefined) return params.response_format
  return isRecord(params.text) && isRecord(params.text.format) ? params.text.format : undefined
}
