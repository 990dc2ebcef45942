import type { Fingerprint } from '../core/fingerprint.ts'
import type { ToolDescription } from './tool-cache.ts'

/** Which arguments a schema knows. */
export interface SchemaArguments {
  readonly all: readonly string[]
  /** Those that every parsed call has: required or with a default. */
  readonly always: readonly string[]
  /** The schema lets other arguments through too. */
  readonly isOpen: boolean
}

export type ParsedArguments = { readonly fits: true; readonly args: unknown } | { readonly fits: false }

export type JsonSchema = Readonly<Record<string, unknown>>

type Validation = { readonly value?: unknown; readonly issues?: readonly unknown[] }

/** https://standardschema.dev, which zod ≥ 3.24, valibot, arktype … implement. */
interface StandardSchema {
  readonly '~standard': { readonly validate: (value: unknown) => Validation | Promise<Validation> }
}

/**
 * The arguments as the schema's own parsing leaves them: defaults filled, coerced. A JSON schema has no parsing: its
 * `default` is a remark, and nobody says that the tool heeds it.
 */
export async function parseArguments(schema: unknown, args: unknown): Promise<ParsedArguments> {
  if (!isStandardSchema(schema)) return { fits: true, args }
  try {
    const validated = schema['~standard'].validate(args)
    const { issues, value } = validated instanceof Promise ? await validated : validated
    return issues ? { fits: false } : { fits: true, args: value }
  } catch {
    // A refinement that throws: the tool will meet the same.
    return { fits: false }
  }
}

/**
 * Plain data that changes when the schema does, for the key; undefined when there is no schema, or none that can be
 * written down (zod 3, unless the caller gives `inputSchema` beside it).
 */
function schemaDefinition({ schema, inputSchema }: Pick<ToolDescription, 'schema' | 'inputSchema'>): unknown {
  return inputSchema ?? jsonSchemaOf(schema, 'input')
}

/** What calls look like after parsing, as a JSON schema, where that can be told. */
export function argumentsSchema({
  schema,
  inputSchema,
}: Pick<ToolDescription, 'schema' | 'inputSchema'>): JsonSchema | undefined {
  const definition = jsonSchemaOf(schema, 'output') ?? inputSchema
  return isRecord(definition) ? definition : undefined
}

export function schemaArguments(tool: Pick<ToolDescription, 'schema' | 'inputSchema'>): SchemaArguments | undefined {
  const definition = argumentsSchema(tool)
  if (!definition || !isRecord(definition.properties)) return undefined
  const all = Object.keys(definition.properties)
  const required: readonly unknown[] = Array.isArray(definition.required) ? definition.required : []
  // Most schemas do not say whether they are closed; an argument they do not name is then taken for a mistake.
  const isOpen = Boolean(definition.additionalProperties) || 'patternProperties' in definition
  return { all, always: all.filter((name) => required.includes(name)), isOpen }
}

function jsonSchemaOf(schema: unknown, io: 'input' | 'output'): unknown {
  if (!isRecord(schema)) return undefined
  if (!isStandardSchema(schema)) return isPlainData(schema) ? schema : undefined
  if (typeof schema.toJSONSchema !== 'function') return undefined
  try {
    return schema.toJSONSchema({ io, unrepresentable: 'any' })
  } catch {
    return undefined
  }
}

function isStandardSchema(schema: unknown): schema is StandardSchema & Record<string, unknown> {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null || !('~standard' in schema))
    return false
  const standard = schema['~standard']
  return isRecord(standard) && typeof standard.validate === 'function'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isPlainData(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const known = new WeakMap<object, WeakMap<Fingerprint, string>>()

/**
 * The schema's part of the key, remembered per schema object: writing a zod schema down takes longer than a lookup.
 *
 * @throws CacheError NOT_CANONICAL when a hand-written definition is more than plain data
 */
export function definitionFingerprint(
  tool: Pick<ToolDescription, 'schema' | 'inputSchema'>,
  fingerprint: Fingerprint,
): string {
  const source = tool.inputSchema ?? tool.schema
  if (typeof source !== 'object' || source === null) return ''
  const made = known.get(source)?.get(fingerprint)
  if (made !== undefined) return made
  const definition = schemaDefinition(tool)
  const text = definition === undefined ? '' : fingerprint('tool-definition', definition)
  const ofSource = known.get(source) ?? new WeakMap<Fingerprint, string>()
  known.set(source, ofSource.set(fingerprint, text))
  return text
}
