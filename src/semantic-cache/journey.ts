import type { CacheRecord } from '../core/outcome.ts'
import type { Usage } from '../core/response.ts'
import { ModelRun, type RunEnd } from './model-run.ts'
import type { Answer, ModelCall } from './semantic-cache.ts'

/** How a call goes on after its lookup: with a stored answer, or by way of the model. */
export type Journey = { readonly reused: Answer } | ModelJourney

export interface ModelJourney {
  readonly reused?: undefined
  readonly run: ModelRun
  /** Given to every part of the account of a finished call. */
  account(answer: { readonly usage?: Usage }): { readonly record: CacheRecord; readonly paidByAnother: boolean }
  /** A way of one's own, when the call that was joined failed: a failure is not shared. */
  again(): ModelJourney | undefined
  /** The caller has its answer, or gives up. */
  leave(reason?: unknown): void
}

/** A call that nobody else waits for. */
export function journeyAlone(
  call: ModelCall,
  record: CacheRecord,
  signal: AbortSignal | undefined,
  onEnd: (end: RunEnd, durationMs: number) => void = () => undefined,
): ModelJourney {
  const controller = new AbortController()
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  const startedAt = performance.now()
  let ended = false
  const run = new ModelRun(call, controller.signal, (end) => {
    ended = true
    onEnd(end, performance.now() - startedAt)
  })
  return {
    run,
    account: () => ({ record, paidByAnother: false }),
    again: () => undefined,
    leave(reason) {
      signal?.removeEventListener('abort', abort)
      if (!ended) controller.abort(reason)
    },
  }
}

const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }

/** What a caller gets whose answer cost nothing: the saved usage stands in the ledger. */
export function withoutUsage<Answered extends { readonly usage?: Usage }>(answer: Answered): Answered {
  return answer?.usage ? { ...answer, usage: NO_USAGE } : answer
}
