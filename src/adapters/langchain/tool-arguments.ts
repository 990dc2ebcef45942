import { Validator } from '@cfworker/json-schema'
import type { ToolDefinition } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { isRecord } from './content.ts'

/**
 * The answer, marked as failed when a tool call in it does not fit the schema of its tool: a structured answer that
 * failed its schema, or a call the tool will refuse, must not come back with every hit.
 */
export function checkedArguments(response: ModelResponse, tools: readonly ToolDefinition[] | undefined): ModelResponse {
  const answers = [response, ...(response.alternatives ?? [])]
  const fits = answers.every(({ toolCalls }) =>
    toolCalls.every(({ name, args }) => fitsSchema(args, schemaFor(name, tools))),
  )
  return fits ? response : { ...response, finishReason: 'error' }
}

function schemaFor(name: string, tools: readonly ToolDefinition[] | undefined): unknown {
  return tools?.find((tool) => tool.name === name)?.schema
}

function fitsSchema(args: unknown, schema: unknown): boolean {
  if (!isRecord(schema)) return true
  try {
    return new Validator(schema, '2020-12', true).validate(args).valid
  } catch {
    // A schema this validator does not know says nothing.
    return true
  }
}
