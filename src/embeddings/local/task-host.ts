import { orAborted } from '../../core/deadline.ts'
import { CacheError } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'
import { plainError, revivedError, type TaskStart } from './protocol.ts'
import { loadTask } from './task.ts'
import { startWorkerTransport, type TaskTransport } from './worker-transport.ts'

interface Job {
  readonly input: unknown
  readonly signal: AbortSignal | undefined
  readonly resolve: (output: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs a local model in a worker thread, or in this one: started on first use, one job at a time in the order they
 * came, jobs whose caller has left are dropped. After a failed start, or when the thread has died, the next use starts
 * anew.
 */
export class TaskHost<Info, Input, Output> {
  readonly #start: TaskStart
  readonly #inWorker: boolean
  readonly #listeners = new Set<(notice: EmbedderNotice) => void>()
  readonly #jobs: Job[] = []
  #starting: Promise<TaskTransport> | undefined
  #busy = false
  #closed = false

  constructor(start: TaskStart, { worker }: { readonly worker: boolean }) {
    this.#start = start
    this.#inWorker = worker
  }

  async info(): Promise<Info> {
    return (await this.#transport()).info as Info
  }

  /** Notices of loading; call the result to stop listening. */
  listen(listener: (notice: EmbedderNotice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  run(input: Input, signal?: AbortSignal): Promise<Output> {
    const output = new Promise<unknown>((resolve, reject) => {
      this.#jobs.push({ input, signal, resolve, reject })
      void this.#work()
    })
    return orAborted(output as Promise<Output>, signal)
  }

  /** Ends the thread and frees the model. Jobs that wait are rejected with CLOSED. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { reject } of this.#jobs.splice(0)) reject(closedError())
    const transport = await this.#starting?.catch(() => undefined)
    await transport?.close()
  }

  #transport(): Promise<TaskTransport> {
    if (this.#closed) return Promise.reject(closedError())
    if (this.#starting) return this.#starting
    const notify = (notice: EmbedderNotice) => {
      for (const listener of this.#listeners) listener(notice)
    }
    const starting = this.#inWorker ? startWorkerTransport(this.#start, notify) : startInline(this.#start, notify)
    const forget = () => {
      if (this.#starting === starting) this.#starting = undefined
    }
    starting.then(({ ended }) => ended.then(forget), forget)
    this.#starting = starting
    return starting
  }

  async #work(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      if (job.signal?.aborted) continue
      try {
        const transport = await this.#transport()
        if (job.signal?.aborted) continue
        job.resolve(await transport.run(job.input))
      } catch (error) {
        job.reject(error)
      }
    }
    this.#busy = false
  }
}

/** The same in this thread, for platforms without worker threads and for debugging: the event loop waits for it. */
async function startInline(start: TaskStart, notify: (notice: EmbedderNotice) => void): Promise<TaskTransport> {
  // Errors take the same form as those that cross a thread.
  const inPlainForm = async <Value>(work: Promise<Value>): Promise<Value> => {
    try {
      return await work
    } catch (error) {
      throw revivedError(plainError(error))
    }
  }
  const task = await inPlainForm(loadTask(start.name, start.options, notify))
  return {
    info: task.info,
    ended: new Promise(() => {}),
    async run(input) {
      // Timers and sockets get their turn between two inputs.
      await new Promise((resolve) => setImmediate(resolve))
      return inPlainForm(task.run(input))
    },
    close: () => task.close(),
  }
}

function closedError(): CacheError {
  return new CacheError('CLOSED', 'the local model was closed before')
}
