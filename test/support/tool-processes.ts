import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type {
  CacheRecord,
  CacheStats,
  Effectiveness,
  ToolCacheOptions,
  ToolInvocation,
  ToolResult,
} from '../../src/index.ts'

export type ToWorker =
  | { readonly do: 'open'; readonly id: number; readonly redisUrl: string; readonly options: ToolCacheOptions }
  | { readonly do: 'call'; readonly id: number; readonly call: ToolInvocation }
  | {
      readonly do: 'ran'
      readonly id: number
      readonly run: number
      readonly result?: ToolResult
      readonly error?: string
    }
  | { readonly do: 'flush' | 'effectiveness' | 'stats' | 'close'; readonly id: number }

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'run'; readonly id: number; readonly run: number }
  | { readonly type: 'done'; readonly id: number; readonly value?: unknown; readonly error?: string }

/** A process of its own with a tool cache on a Redis. Its tools run here, so that the test sees and holds every run. */
export interface ToolProcess {
  readonly isAlive: boolean
  /** A new cache; the one before is to be closed. */
  open(redisUrl: string, options: ToolCacheOptions): Promise<void>
  /** Rejects with an error of the same message when the call does. */
  call(call: ToolInvocation, run: () => Promise<ToolResult>): Promise<{ result: ToolResult; record: CacheRecord }>
  flush(): Promise<void>
  effectiveness(): Promise<readonly Effectiveness[]>
  stats(): Promise<CacheStats>
  /** The cache, as an orderly process ends. */
  close(): Promise<void>
  /** At once, as by a crash. */
  kill(): Promise<void>
}

const worker = fileURLToPath(new URL('tool-worker.ts', import.meta.url))
/** Whether a busy machine answers in time is not what these tests are about. */
const UNHURRIED = { storeDeadlineMs: 10_000, invalidationDeadlineMs: 10_000 }

export async function toolProcess(): Promise<ToolProcess> {
  const child = fork(worker, { execArgv: ['--import', 'tsx'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  const ask = <Value>(message: Asked, run?: Waiting['run']) => {
    const id = ++lastId
    return new Promise<Value>((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, run })
      if (child.connected) child.send({ ...message, id })
      else reject(new Error('the process has ended'))
    })
  }
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => {
      const error = new Error(`a process with a tool cache ended with ${code}`)
      reject(error)
      for (const { reject: fail } of waiting.values()) fail(error)
    })
    child.on('message', (message: FromWorker) => {
      if (message.type === 'ready') resolve()
      else if (message.type === 'run') void runHere(child, message, waiting.get(message.id)?.run)
      else settle(waiting, message)
    })
  })
  await ready
  return {
    get isAlive() {
      return child.connected
    },
    open: (redisUrl, options) => ask({ do: 'open', redisUrl, options: { ...UNHURRIED, ...options } }),
    call: (call, run) => ask({ do: 'call', call }, run),
    flush: () => ask({ do: 'flush' }),
    effectiveness: () => ask({ do: 'effectiveness' }),
    stats: () => ask({ do: 'stats' }),
    close: () => ask({ do: 'close' }),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

type Asked = ToWorker extends infer Message ? (Message extends unknown ? Omit<Message, 'id'> : never) : never

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly run: (() => Promise<ToolResult>) | undefined
}

function settle(waiting: Map<number, Waiting>, { id, value, error }: Extract<FromWorker, { type: 'done' }>): void {
  const asked = waiting.get(id)
  waiting.delete(id)
  if (error === undefined) asked?.resolve(value)
  else asked?.reject(new Error(error))
}

async function runHere(
  child: ChildProcess,
  { run: number }: Extract<FromWorker, { type: 'run' }>,
  run: Waiting['run'],
): Promise<void> {
  const answer = await (run?.() ?? Promise.reject(new Error('no tool to run'))).then(
    (result) => ({ result }),
    (error) => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  if (child.connected) child.send({ do: 'ran', id: 0, run: number, ...answer })
}
