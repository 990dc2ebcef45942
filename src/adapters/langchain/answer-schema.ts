import { textOf } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { isRecord } from './content.ts'

/** True for a value that the schema takes. Never rejects: what the schema throws at, its parser throws at too. */
export type AnswerCheck = (value: unknown) => Promise<boolean>

/**
 * The check of a schema that can parse (zod of any version, or any standard schema), by shape; undefined for plain JSON
 * schema. A refinement has no JSON schema, so that nothing but the schema itself can tell that an answer fails it.
 */
export function answerCheck(schema: unknown): AnswerCheck | undefined {
  const parse = parserOf(schema)
  if (!parse) return undefined
  return async (value) => {
    try {
      return await parse(value)
    } catch {
      return false
    }
  }
}

function parserOf(schema: unknown): ((value: unknown) => Promise<boolean>) | undefined {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return undefined
  const { safeParseAsync, '~standard': standard } = schema as { safeParseAsync?: unknown; '~standard'?: unknown }
  if (typeof safeParseAsync === 'function') {
    return async (value) => (await safeParseAsync.call(schema, value))?.success === true
  }
  const validate = isRecord(standard) ? standard.validate : undefined
  if (typeof validate !== 'function') return undefined
  return async (value) => (await validate.call(standard, value))?.issues === undefined
}

/** The answer, marked as failed when what will be parsed of it does not pass: it must not fail again with every hit. */
export async function checkedAnswer(response: ModelResponse, check: AnswerCheck | undefined): Promise<ModelResponse> {
  if (!check) return response
  for (const answer of [response, ...(response.alternatives ?? [])]) {
    for (const value of parsedOf(answer)) if (!(await check(value))) return { ...response, finishReason: 'error' }
  }
  return response
}

/** Arguments of tool calls, or the JSON that stands in the text; nothing where the text is no JSON. */
function parsedOf({ toolCalls, content }: Pick<ModelResponse, 'toolCalls' | 'content'>): unknown[] {
  if (toolCalls.length > 0) return toolCalls.map(({ args }) => args)
  const text = textOf({ content }).trim()
  try {
    return [JSON.parse(FENCED.exec(text)?.[1] ?? text)]
  } catch {
    return []
  }
}

const FENCED = /^```(?:json)?\s*([\s\S]*?)```/
