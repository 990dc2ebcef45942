import { Tool } from '@langchain/core/tools'
import { toJsonSchema } from '@langchain/core/utils/json_schema'
import type { ToolDescription } from '../../../tool-cache/tool-cache.ts'
import { isRecord } from '../content.ts'

/** What all tools of LangChain have in common, as far as a cache cares. */
export interface LangChainTool {
  readonly name: string
  readonly schema?: unknown
  readonly metadata?: unknown
}

/** A tool that takes one text: its schema turns `{ input }` into that text. */
const TEXT_TOOL = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }

const known = new WeakMap<object, unknown>()

/** The tool as the cache wants it: its schema for parsing, and the same as JSON schema for the key. */
export function describeTool(tool: LangChainTool): ToolDescription {
  const { name, schema, metadata } = tool
  if (isTextTool(tool)) return { name, inputSchema: TEXT_TOOL, metadata }
  return { name, schema, inputSchema: jsonSchemaOf(schema), metadata }
}

export function isTextTool(tool: unknown): boolean {
  return tool instanceof Tool
}

function jsonSchemaOf(schema: unknown): unknown {
  if (!isRecord(schema)) return undefined
  if (known.has(schema)) return known.get(schema)
  let json: unknown
  try {
    // A copy: schemas of older zod versions come with hidden class instances.
    json = JSON.parse(JSON.stringify(toJsonSchema(schema)))
  } catch {
    // What cannot be written down (a date, a custom check) is left to the schema itself.
    json = undefined
  }
  known.set(schema, json)
  return json
}
