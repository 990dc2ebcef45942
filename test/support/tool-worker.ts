import { createToolCache, type ToolCache, type ToolResult } from '../../src/index.ts'
import type { FromWorker, ToWorker } from './tool-processes.ts'

/** One of several processes with a tool cache on the Redis of REPRISE_REDIS_URL; told what to do by its parent. */
let cache: ToolCache
const tell = (message: FromWorker) => process.send?.(message)
/** The tool itself is at the parent's. */
const runs = new Map<number, { resolve(result: ToolResult): void; reject(error: Error): void }>()
let lastRun = 0

const steps: { [Step in ToWorker['do']]: (message: Extract<ToWorker, { do: Step }>) => Promise<unknown> } = {
  async open({ redisUrl, options }) {
    process.env.REPRISE_REDIS_URL = redisUrl
    cache = await createToolCache(options)
    // Connected: on a busy machine the first lookup of a process takes longer than a lookup may.
    const warm = { name: 'connected-yet', args: {}, policy: { ttlMs: 1 } }
    while ((await cache.getOrCall(warm, async () => ({ content: '' }))).record.outcome === 'bypass') {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await cache.flush()
  },
  async call({ id, call }) {
    const { result, record } = await cache.getOrCall(call, () => {
      const run = ++lastRun
      return new Promise<ToolResult>((resolve, reject) => {
        runs.set(run, { resolve, reject })
        tell({ type: 'run', id, run })
      })
    })
    return { result, record }
  },
  flush: () => cache.flush(),
  effectiveness: () => cache.effectiveness(),
  stats: () => cache.stats(),
  async ran({ run, result, error }) {
    if (error === undefined) runs.get(run)?.resolve(result as ToolResult)
    else runs.get(run)?.reject(new Error(error))
    runs.delete(run)
  },
  close: () => cache.close(),
}

process.on('message', (message: ToWorker) => {
  const work = steps[message.do] as (message: ToWorker) => Promise<unknown>
  work(message).then(
    (value) => tell({ type: 'done', id: message.id, value }),
    (error) => tell({ type: 'done', id: message.id, error: error instanceof Error ? error.message : String(error) }),
  )
})

tell({ type: 'ready' })
