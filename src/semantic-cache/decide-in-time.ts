import { CacheError } from '../core/errors.ts'

/**
 * The decision, or CacheError DEADLINE_EXCEEDED. The signal given to `decide` aborts at the deadline, and a decision that
 * is made at once because of it still counts: only it knows what a late verifier has cost. Rejects with the reason of
 * `signal` as soon as that aborts.
 */
export function decideInTime<Decision>(
  deadlineMs: number,
  decide: (signal: AbortSignal) => Promise<Decision>,
  signal: AbortSignal,
): Promise<Decision> {
  return new Promise<Decision>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const controller = new AbortController()
    const onAbort = () => {
      settle()
      reject(signal.reason)
      controller.abort(signal.reason)
    }
    const timer = setTimeout(() => {
      const late = new CacheError('DEADLINE_EXCEEDED', `the decision must be made within ${deadlineMs} ms, and was not`)
      controller.abort(late)
      // Every promise that hangs on the signal has its turn before this.
      setImmediate(() => {
        settle()
        reject(late)
      })
    }, deadlineMs)
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // Started inside a promise, so that a synchronous throw is a rejection too.
    new Promise<Decision>((start) => start(decide(controller.signal))).then(
      (decision) => {
        settle()
        resolve(decision)
      },
      (error) => {
        settle()
        reject(error)
      },
    )
  })
}
