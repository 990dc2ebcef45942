import { CacheError } from './errors.ts'

/**
 * The result of `work`, or CacheError DEADLINE_EXCEEDED after `deadlineMs`. `work` gets a signal that aborts at the
 * deadline and when `signal` does; it is not waited for after either. Rejects with the reason of `signal` when that
 * aborts first.
 */
export function withDeadline<Result>(
  what: string,
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const controller = new AbortController()
    const stop = (reason: unknown) => {
      settle()
      reject(reason)
      controller.abort(reason)
    }
    const onAbort = () => stop(signal?.reason)
    const timer = setTimeout(
      () => stop(new CacheError('DEADLINE_EXCEEDED', `${what} must finish within ${deadlineMs} ms, and did not`)),
      deadlineMs,
    )
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    // Started inside a promise, so that a synchronous throw is a rejection too.
    new Promise<Result>((start) => start(work(controller.signal))).then(
      (result) => {
        settle()
        resolve(result)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
  })
}

/** The promise, or a rejection with the signal's reason as soon as it aborts. The work itself goes on. */
export function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return promise
  return new Promise<Result>((resolve, reject) => {
    if (signal.aborted) {
      // Nobody waits for the work any more, so its failure is nobody's.
      promise.catch(() => undefined)
      return reject(signal.reason)
    }
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject)
  })
}
