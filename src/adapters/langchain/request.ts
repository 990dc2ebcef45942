import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'
import type { ModelRequest, ToolDefinition } from '../../core/request.ts'
import { isRecord } from './content.ts'
import { toMessages } from './messages.ts'
import { modelIdentity } from './model-identity.ts'
import { callSettings, withoutSecrets } from './plain-settings.ts'
import { sentSettings } from './sent-settings.ts'
import { toToolDefinitions } from './tool-definitions.ts'

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
  const responseFormat = formatOf(params, options) ?? formatOf(options, options)
  const settings = {
    ...identifying,
    ...sentSettings(params, options, TAKEN),
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

/**
 * `response_format` of chat completions, `text.format` of OpenAI's responses. A mode that only promises JSON is joined by
 * the schema the answer will be parsed with, so that an answer which does not fit it is not stored.
 */
function formatOf(params: Readonly<Record<string, unknown>>, options: Readonly<Record<string, unknown>>): unknown {
  const format = params.response_format ?? (isRecord(params.text) ? params.text.format : undefined)
  const wanted = options.ls_structured_output_format
  const isBareJson = isRecord(format) && format.type === 'json_object' && isRecord(wanted)
  return isBareJson && isRecord(wanted.schema) ? { ...format, schema: wanted.schema } : format
}
