import { SingleBar } from 'cli-progress'
import { formatDuration } from '../metrics/format.ts'

export interface Progress {
  /** So many are done, 0…total; may carry a short remark such as the hit rate so far. */
  update(done: number, remark?: string): void
  /** Ends the bar; also after an error, because a terminal's bar holds the cursor and a timer. */
  stop(): void
}

export interface ProgressOptions {
  readonly label: string
  readonly total: number
  /** Default: standard error, so that standard output stays clean for results. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Epoch milliseconds. */
  readonly now?: () => number
}

/** A bar on a terminal; elsewhere (CI, a file) a line for every tenth, which a log can keep. */
export function progress({ label, total, stream = process.stderr, now = Date.now }: ProgressOptions): Progress {
  return stream.isTTY === true ? bar(label, total, stream) : lines(label, total, stream, now)
}

function bar(label: string, total: number, stream: NodeJS.WritableStream): Progress {
  const single = new SingleBar({
    stream,
    format: `${label} {bar} {percentage} % · {value}/{total} · {eta_formatted} left{remark}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    gracefulExit: true,
    emptyOnZero: true,
  })
  single.start(total, 0, { remark: '' })
  return {
    update: (done, remark) => single.update(done, { remark: remark === undefined ? '' : ` · ${remark}` }),
    stop: () => single.stop(),
  }
}

function lines(label: string, total: number, stream: NodeJS.WritableStream, now: () => number): Progress {
  const startedAt = now()
  let tenths = 0
  return {
    update: (done, remark) => {
      const reached = total > 0 ? Math.floor((done / total) * 10 + 1e-9) : 10
      if (reached <= tenths) return
      tenths = reached
      const after = formatDuration(now() - startedAt)
      stream.write(
        `${label} ${reached * 10} % (${done}/${total}, ${after})${remark === undefined ? '' : ` · ${remark}`}\n`,
      )
    },
    stop: () => undefined,
  }
}
