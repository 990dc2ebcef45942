import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { CacheError } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'
import { type FromWorker, revivedError, type TaskStart, type ToWorker } from './protocol.ts'

/** Where a task runs. */
export interface TaskTransport {
  readonly info: unknown
  /** One at a time. */
  run(input: unknown): Promise<unknown>
  close(): Promise<void>
  /** Resolves when it can no longer be used. */
  readonly ended: Promise<void>
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** A task in a worker thread. The thread keeps the process alive only while there is work. */
export function startWorkerTransport(
  start: TaskStart,
  notify: (notice: EmbedderNotice) => void,
): Promise<TaskTransport> {
  return new Promise((resolveLoaded, rejectLoaded) => {
    const worker = startWorker({ workerData: start, name: `reprise ${start.name}` })
    const pending = new Map<number, Pending>()
    let count = 0
    let failure: unknown
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const settle = (id: number) => {
      const waiting = pending.get(id)
      pending.delete(id)
      if (pending.size === 0) worker.unref()
      return waiting
    }
    const transport = (info: unknown): TaskTransport => ({
      info,
      ended,
      run: (input) =>
        new Promise((resolve, reject) => {
          const id = ++count
          pending.set(id, { resolve, reject })
          worker.ref()
          worker.postMessage({ what: 'run', id, input } satisfies ToWorker)
        }),
      async close() {
        worker.ref()
        worker.postMessage({ what: 'close' } satisfies ToWorker)
        await ended
      },
    })

    worker.on('message', (message: FromWorker) => {
      switch (message.what) {
        case 'loaded':
          worker.unref()
          return resolveLoaded(transport(message.info))
        case 'load-failed':
          return rejectLoaded(revivedError(message.error))
        case 'notice':
          return notify(message.notice)
        case 'done':
          return settle(message.id)?.resolve(message.output as never)
        case 'failed':
          return settle(message.id)?.reject(revivedError(message.error))
      }
    })
    worker.on('error', (error) => {
      failure = error
    })
    worker.on('exit', (exitCode) => {
      end()
      const error = stopped(exitCode, failure)
      rejectLoaded(error)
      for (const { reject } of pending.values()) reject(error)
      pending.clear()
    })
  })
}

function stopped(exitCode: number, failure: unknown): CacheError {
  const missing = failure instanceof Error && /Cannot find module|ERR_MODULE_NOT_FOUND|ENOENT/.test(String(failure))
  const cure = missing ? '; in a bundled application keep reprise external, or set worker: false' : ''
  return new CacheError(
    'EMBEDDER_FAILED',
    `the worker thread of the local model stopped with code ${exitCode}${cure}`,
    {
      cause: failure,
    },
  )
}

/**
 * The entry beside this file. In a package that is a compiled file; in the repository's tests and scripts it is
 * TypeScript, which Node 20 does not read by itself: there tsx, a development dependency, loads it.
 */
function startWorker(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./task-worker.js', import.meta.url), options)
  const entry = new URL('./task-worker.ts', import.meta.url).href
  // `require` finds the CommonJS half, which cannot register a loader from here.
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href
  const code = `import(${JSON.stringify(tsx)}).then(({ register }) => (register(), import(${JSON.stringify(entry)})))`
  return new Worker(code, { ...options, eval: true })
}
