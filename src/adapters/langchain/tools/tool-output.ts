import { isDirectToolOutput, ToolMessage } from '@langchain/core/messages/tool'
import type { CacheRecord } from '../../../core/outcome.ts'
import type { ToolResult } from '../../../tool-cache/tool-cache.ts'
import { isRecord } from '../content.ts'

/**
 * A ToolMessage as a result, all but what belongs to the one call: ids. Anything else a tool may answer with (a Command,
 * a Send) steers the graph and is handed through.
 */
export function resultOfMessage(output: unknown): ToolResult {
  if (!ToolMessage.isInstance(output)) return { content: output, passThrough: true }
  const { content, artifact, status, name, metadata, additional_kwargs, response_metadata } = output
  const { reprise: _record, ...rest } = isRecord(response_metadata) ? response_metadata : {}
  return {
    content,
    ...(artifact !== undefined && { artifact }),
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    extra: { additional_kwargs, response_metadata: rest },
  }
}

/** The result as a message for the current call. */
export function messageOfResult(result: ToolResult, toolCallId: string): ToolMessage {
  const { content, artifact, status, name, metadata, extra } = result
  return new ToolMessage({
    content: content as ToolMessage['content'],
    tool_call_id: toolCallId,
    ...(artifact !== undefined && { artifact }),
    ...(status !== undefined && { status }),
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(isRecord(extra?.additional_kwargs) && { additional_kwargs: extra.additional_kwargs }),
    ...(isRecord(extra?.response_metadata) && { response_metadata: extra.response_metadata }),
  })
}

/** Puts the record where LangChain's users look for it. */
export function withRecord<Output>(output: Output, record: CacheRecord | undefined): Output {
  if (record && ToolMessage.isInstance(output)) {
    output.response_metadata = { ...output.response_metadata, reprise: record }
  }
  return output
}

/** What a tool's function returned, before LangChain makes a message of it. */
export function resultOfRaw(raw: unknown, responseFormat: unknown): ToolResult {
  if (ToolMessage.isInstance(raw)) {
    const result = resultOfMessage(raw)
    return { ...result, extra: { ...result.extra, isMessage: true } }
  }
  if (isDirectToolOutput(raw) || isCommand(raw)) return { content: raw, passThrough: true }
  if (responseFormat !== 'content_and_artifact') return { content: raw }
  // Anything but a pair is an error that LangChain itself reports.
  if (!Array.isArray(raw) || raw.length !== 2) return { content: raw, passThrough: true }
  const [content, artifact] = raw
  return { content, artifact, extra: { isPair: true } }
}

export function rawOfResult(result: ToolResult, toolCallId: string): unknown {
  if (result.extra?.isMessage) return messageOfResult(result, toolCallId)
  return result.extra?.isPair ? [result.content, result.artifact] : result.content
}

function isCommand(value: unknown): boolean {
  return isRecord(value) && value.lg_name === 'Command'
}
