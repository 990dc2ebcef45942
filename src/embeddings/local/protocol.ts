import { CacheError, type CacheErrorCode } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'
import type { TaskName } from './task.ts'

/** What a worker is started with. */
export interface TaskStart {
  readonly name: TaskName
  readonly options: unknown
}

export type ToWorker =
  | { readonly what: 'run'; readonly id: number; readonly input: unknown }
  | { readonly what: 'close' }

export type FromWorker =
  | { readonly what: 'loaded'; readonly info: unknown }
  | { readonly what: 'load-failed'; readonly error: PlainError }
  | { readonly what: 'done'; readonly id: number; readonly output: unknown }
  | { readonly what: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly what: 'notice'; readonly notice: EmbedderNotice }

/** An error as it crosses threads: structured cloning would lose the code. */
export interface PlainError {
  readonly code: CacheErrorCode
  readonly message: string
  readonly cause?: string
}

export function plainError(error: unknown): PlainError {
  if (CacheError.is(error)) {
    const cause = error.cause instanceof Error ? { cause: error.cause.message } : {}
    return { code: error.code, message: error.message, ...cause }
  }
  const said = error instanceof Error ? error.message : String(error)
  return { code: 'EMBEDDER_FAILED', message: 'the local model failed; see cause', cause: said }
}

export function revivedError({ code, message, cause }: PlainError): CacheError {
  return new CacheError(code, message, cause === undefined ? {} : { cause: new Error(cause) })
}
