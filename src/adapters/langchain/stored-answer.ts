import type { ModelResponse } from '../../core/response.ts'
import { isRecord } from './content.ts'

/**
 * What is kept of one generation beside content and tool calls, in `ModelResponse.metadata.langchain`: plain data, from
 * which the message of a hit is built.
 */
export interface StoredGeneration {
  /** Content blocks as the integration made them; absent when the content is one text. */
  readonly blocks?: readonly unknown[]
  readonly name?: string
  /** The message was made of fields that say its type, which its serialised form then repeats. */
  readonly saysType?: true
  readonly kwargs?: Readonly<Record<string, unknown>>
  readonly responseMetadata?: Readonly<Record<string, unknown>>
  readonly info?: Readonly<Record<string, unknown>>
}

export type Answer = Pick<ModelResponse, 'content' | 'toolCalls' | 'finishReason'>

export interface StoredAnswer {
  /** One for each generation of the call; the first belongs to the response itself, the others to `alternatives`. */
  readonly generations: readonly StoredGeneration[]
  /** The further answers of a call with n > 1: a stream has no other place for them. */
  readonly alternatives?: readonly Answer[]
  readonly llmOutput?: Readonly<Record<string, unknown>>
}

/** The part of a stored answer that is LangChain's; empty for an answer that another adapter stored. */
export function storedAnswer(metadata: Readonly<Record<string, unknown>> | undefined): StoredAnswer {
  const stored = metadata?.langchain
  if (!isRecord(stored) || !Array.isArray(stored.generations)) return { generations: [] }
  return stored as unknown as StoredAnswer
}
