import { isLangChainTool } from '@langchain/core/utils/function_calling'
import type { ToolDefinition } from '../../core/request.ts'
import { isRecord } from './content.ts'
import { schemaOf, withoutSecrets } from './plain-settings.ts'

/** Tools of any form (LangChain tools, the providers' own) as definitions; everything a provider would see counts. */
export function toToolDefinitions(tools: readonly unknown[]): ToolDefinition[] {
  return tools.map(toToolDefinition)
}

function toToolDefinition(tool: unknown): ToolDefinition {
  if (isLangChainTool(tool)) {
    const { name, description, schema, extras } = tool as {
      name: string
      description?: string
      schema?: unknown
      extras?: unknown
    }
    return {
      name,
      ...(description !== undefined && { description }),
      schema: schemaOf(schema),
      ...(extras !== undefined && { extras: withoutSecrets(extras) }),
    }
  }
  if (!isRecord(tool)) return { name: String(tool) }
  const { function: named, ...outer } = tool
  const plain = withoutSecrets(isRecord(named) ? { ...outer, ...named } : tool) as Record<string, unknown>
  const { parameters, input_schema: inputSchema, schema, name, ...more } = plain
  const given = parameters ?? inputSchema ?? schema
  return {
    ...more,
    name: typeof name === 'string' ? name : String(more.type ?? ''),
    ...(given !== undefined && { schema: schemaOf(given) }),
  }
}
