import { copyData } from '../core/copy.ts'
import type { ModelResponse, StreamPart } from '../core/response.ts'
import { SharedStream } from '../core/shared-stream.ts'
import { isModelResponse, responseFlaw } from './eligibility.ts'
import type { ModelCall } from './semantic-cache.ts'
import { assembleResponse, isAsyncIterable, isFinish, replayParts } from './stream-parts.ts'

/** How one call of the model ended. */
export type RunEnd =
  | { readonly kind: 'answered'; readonly response: ModelResponse }
  /** The stream ended, or was left, before its `finish`. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** One call of the model, whichever form it answers in, read by several callers in whichever form they want. */
export class ModelRun {
  readonly #answer: Promise<ModelResponse> | undefined
  readonly #stream: SharedStream<StreamPart> | undefined
  #failed = false

  constructor(call: ModelCall, signal: AbortSignal, onEnd: (end: RunEnd) => void) {
    const end = (how: RunEnd) => {
      this.#failed = how.kind === 'failed'
      try {
        onEnd(how)
      } catch {
        // What becomes of the answer must never become the caller's trouble.
      }
    }
    let given: ReturnType<ModelCall>
    try {
      given = call(signal)
    } catch (error) {
      given = Promise.reject(error)
    }
    if (isAsyncIterable(given)) {
      const stream = new SharedStream<StreamPart>(given, isFinish, copyPart, (parts, error) => {
        const last = parts.at(-1)
        if (last && isFinish(last)) end({ kind: 'answered', response: assembleResponse(parts) })
        else if (error && !signal.aborted) end({ kind: 'failed', error: error.cause })
        else end({ kind: 'unfinished' })
      })
      signal.addEventListener('abort', () => stream.stop(signal.reason), { once: true })
      this.#stream = stream
    } else {
      this.#answer = Promise.resolve(given).then(
        (response) => {
          end({ kind: 'answered', response })
          return response
        },
        (error) => {
          end({ kind: 'failed', error })
          throw error
        },
      )
      // Every caller may have left before it fails.
      this.#answer.catch(() => undefined)
    }
  }

  /** The model itself failed; callers that joined then call for themselves. */
  get failed(): boolean {
    return this.#failed
  }

  async response(): Promise<ModelResponse> {
    if (this.#stream) return assembleResponse(await this.#stream.drain())
    return this.#answer as Promise<ModelResponse>
  }

  async *parts(): AsyncGenerator<StreamPart, void, undefined> {
    if (this.#stream) return yield* this.#stream.parts()
    const response = await this.#answer
    if (!isModelResponse(response)) {
      throw new TypeError(`the model call must give a stream of parts or a response: ${responseFlaw(response)}`)
    }
    yield* replayParts(response)
  }
}

/** A part that cannot be copied is kept as it is; its answer will be refused. */
function copyPart(part: StreamPart): StreamPart {
  try {
    return copyData(part)
  } catch {
    return part
  }
}
