import { toJsonSchema } from '@langchain/core/utils/json_schema'
import { isInteropZodSchema } from '@langchain/core/utils/types'
import { isRecord } from './content.ts'
import { withoutLogin } from './remote-server.ts'

/**
 * Call options that belong to one run and not to the question: what LangChain and LangGraph hand along, LangSmith's
 * `ls_…`, and ways of delivery. Anything not named here counts.
 */
const RUN_OPTIONS: ReadonlySet<string> = new Set(
  [
    ['signal', 'timeout', 'maxRetries', 'maxConcurrency', 'recursionLimit', 'callbacks', 'callbackManager', 'verbose'],
    ['runId', 'runName', 'runType', 'tags', 'metadata', 'configurable', 'promptIndex', 'outputVersion', 'version'],
    [
      'config',
      'context',
      'store',
      'cache',
      'writer',
      'interrupt',
      'control',
      'executionInfo',
      'serverInfo',
      'previous',
    ],
    [
      'toolCallId',
      'toolCall',
      'state',
      'runtime',
      'checkpoint',
      'checkpointer',
      'durability',
      'resumeKey',
      'heartbeat',
    ],
    ['streamMode', 'subgraphs', 'debug', 'encoding', 'interruptBefore', 'interruptAfter', 'inputKeys', 'outputKeys'],
    ['stream', 'streaming', 'stream_options', 'streamUsage', 'disableStreaming'],
    ['promptCacheKey', 'promptCacheRetention', 'prompt_cache_key', 'prompt_cache_retention', 'cache_control'],
    ['emitCustomEvent', 'drain', 'xray'],
  ].flat(),
)

/** Names that hold credentials, or headers, which may. `max_tokens` and the like must not match. */
const SECRET =
  /^(.*(api[-_]?key|apikey|secret|password|passwd|credentials?|authorization|accesskey|privatekey)|.*(access|auth|bearer|session|id|refresh|security|api)[-_]?token|token|headers|default[-_]?headers|cookies?)$/i

/** True for the name of an option that LangChain itself, or LangGraph, hands along. */
export function isRunOption(name: string): boolean {
  return RUN_OPTIONS.has(name) || name.startsWith('ls_') || name.startsWith('__pregel') || name.startsWith('lc_')
}

/** Options of one call as settings. What has no plain form is kept, so that the cache declines rather than guesses. */
export function callSettings(
  options: Readonly<Record<string, unknown>>,
  taken: ReadonlySet<string>,
): Record<string, unknown> {
  const counting = Object.entries(options).filter(
    ([name, value]) => value !== undefined && !taken.has(name) && !isRunOption(name) && !SECRET.test(name),
  )
  return Object.fromEntries(counting.map(([name, value]) => [name, withoutSecrets(value)]))
}

/** Fields a model was constructed with, as far as they are plain data: functions and clients say nothing of answers. */
export function plainSettings(
  fields: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): Record<string, unknown> {
  const plain = Object.fromEntries(Object.entries(fields).filter(([, value]) => isPlainData(value)))
  return callSettings(plain, new Set(secrets))
}

/** A copy with credentials and headers taken out at every depth, and schema objects as JSON schema. */
export function withoutSecrets(value: unknown): unknown {
  return plainCopy(value, (name) => SECRET.test(name))
}

/**
 * A copy without the fields that are secret, and with schema objects as JSON schema; of the login at a remote server a
 * fingerprint is left. Inside a schema the names are those
 * of a tool's arguments: a `password` there is part of the question.
 */
export function plainCopy(
  value: unknown,
  isSecret: (name: string, value: unknown) => boolean,
  isSchema = false,
): unknown {
  if (Array.isArray(value)) return value.map((held) => plainCopy(held, isSecret, isSchema))
  if (typeof value !== 'object' || value === null) return value
  if (isInteropZodSchema(value)) return schemaOf(value)
  if (!isPlainObject(value)) return value
  const plain = isSchema ? value : withoutLogin(value)
  const kept = Object.entries(plain).filter(([name, held]) => held !== undefined && (isSchema || !isSecret(name, held)))
  return Object.fromEntries(
    kept.map(([name, held]) => [name, plainCopy(held, isSecret, isSchema || SCHEMA_HOLDERS.has(name))]),
  )
}

const SCHEMA_HOLDERS: ReadonlySet<string> = new Set([
  'schema',
  'json_schema',
  'parameters',
  'input_schema',
  'inputSchema',
  'properties',
  '$defs',
  'definitions',
])

/** JSON schema of a zod, standard or JSON schema; the value itself where there is none. */
export function schemaOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  try {
    return toJsonSchema(schema as Parameters<typeof toJsonSchema>[0])
  } catch {
    return schema
  }
}

function isPlainData(value: unknown, depth = 0): boolean {
  if (typeof value === 'function' || typeof value === 'symbol' || depth > 50) return false
  if (Array.isArray(value)) return value.every((held) => isPlainData(held, depth + 1))
  if (typeof value !== 'object' || value === null) return true
  return isPlainObject(value) && Object.values(value).every((held) => isPlainData(held, depth + 1))
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value)
  return isRecord(value) && (prototype === null || Object.getPrototypeOf(prototype) === null)
}
