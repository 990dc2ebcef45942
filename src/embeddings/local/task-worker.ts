import { parentPort, workerData } from 'node:worker_threads'
import { type FromWorker, plainError, type TaskStart, type ToWorker } from './protocol.ts'
import { loadTask } from './task.ts'

/** Entry of the worker thread: loads one task and runs what it is sent. */
const port = parentPort
if (!port) throw new Error('task-worker is the entry of a worker thread')
const { name, options } = workerData as TaskStart
const say = (message: FromWorker) => port.postMessage(message)

loadTask(name, options, (notice) => say({ what: 'notice', notice })).then(
  (task) => {
    port.on('message', async (message: ToWorker) => {
      if (message.what === 'close') {
        await task.close().catch(() => undefined)
        port.close()
        return
      }
      try {
        say({ what: 'done', id: message.id, output: await task.run(message.input) })
      } catch (error) {
        say({ what: 'failed', id: message.id, error: plainError(error) })
      }
    })
    say({ what: 'loaded', info: task.info })
  },
  (error) => {
    say({ what: 'load-failed', error: plainError(error) })
    port.close()
  },
)
