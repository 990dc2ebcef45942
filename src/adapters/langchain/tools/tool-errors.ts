import { ToolMessage } from '@langchain/core/messages/tool'
import { isRecord } from '../content.ts'

interface ToolCallLike {
  readonly name: string
  readonly id?: string
}

/** The option of LangChain's ToolNode of the same name, and its meaning. */
export type HandleToolErrors = boolean | ((error: unknown, toolCall: ToolCallLike) => ToolMessage | undefined)

/**
 * What the model would see without any middleware. A `wrapToolCall` alone turns a tool's exception into the end of the
 * run (langchain 1.5.0 does so even for arguments that do not fit), so the message that ToolNode makes of it has to be made
 * here. Undefined: the error is to be thrown on, because it is no error (an interrupt), or because another middleware made
 * it.
 */
export function toolErrorMessage(
  error: unknown,
  toolCall: ToolCallLike,
  handle: HandleToolErrors,
): ToolMessage | undefined {
  if (handle === false || isBubbleUp(error) || hasBrand(error, 'MiddlewareError')) return undefined
  if (typeof handle === 'function') return handle(error, toolCall)
  return new ToolMessage({
    content: isInvocationError(error) ? error.message : `${error}\n Please fix your mistakes.`,
    tool_call_id: toolCall.id ?? '',
    name: toolCall.name,
    status: 'error',
  })
}

/** LangGraph's control flow: interrupts, parent commands. */
function isBubbleUp(error: unknown): boolean {
  return isRecord(error) && error.is_bubble_up === true
}

/** Arguments that do not fit; langchain 1.5.0 gives it no brand. */
function isInvocationError(error: unknown): error is Error {
  return (
    error instanceof Error && (hasBrand(error, 'ToolInvocationError') || ('toolError' in error && 'toolCall' in error))
  )
}

function hasBrand(error: unknown, ...brands: readonly string[]): boolean {
  return isRecord(error) && brands.includes(String(error['~brand']))
}
