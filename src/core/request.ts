/** The framework-neutral call: what an adapter makes of its framework's request, and what a scope and a key are made of. */
export interface ModelRequest {
  readonly provider: string
  readonly baseUrl?: string
  readonly model: string
  readonly messages: readonly Message[]
  readonly tools?: readonly ToolDefinition[]
  /** The wanted form of the answer, as given to the provider: a JSON schema or the provider's wrapping of one. */
  readonly responseFormat?: unknown
  /** Every other setting that goes to the provider. An unknown one counts as part of the scope. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  /** A string is short for one text part. */
  readonly content: string | readonly Part[]
  readonly name?: string
}

export type Part = TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | ReasoningPart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

/** Media counts by digest of its bytes, or by URL where the bytes are elsewhere. */
export interface ImagePart {
  readonly type: 'image'
  readonly digest?: string
  readonly url?: string
  readonly mediaType?: string
}

export interface FilePart {
  readonly type: 'file'
  readonly digest?: string
  readonly url?: string
  readonly mediaType?: string
  readonly name?: string
}

export interface ToolCallPart extends ToolCall {
  readonly type: 'toolCall'
}

export interface ToolResultPart {
  readonly type: 'toolResult'
  readonly toolCallId?: string
  readonly name?: string
  readonly content: unknown
  readonly isError?: boolean
}

export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
}

export interface ToolDefinition {
  readonly name: string
  readonly description?: string
  readonly schema?: unknown
  readonly [more: string]: unknown
}

export interface ToolCall {
  readonly id?: string
  readonly name: string
  readonly args: unknown
}

/** The text of a message: its text parts, joined by line breaks. */
export function textOf({ content }: Pick<Message, 'content'>): string {
  if (typeof content === 'string') return content
  return content
    .filter((part): part is TextPart => part.type === 'text')
    .map((part) => part.text)
    .join('\n')
}
