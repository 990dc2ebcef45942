import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CacheError } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'

export interface HubDownload {
  /** `owner/name`. */
  readonly model: string
  readonly revision: string
  readonly hubUrl: string
  readonly offline: boolean
  /** Where the files go. */
  readonly directory: string
  readonly graph: string
}

/** A hub that cannot be reached is told from a slow one by this. */
const REACH_MS = 900
const NOTICE_EVERY_BYTES = 1_000_000
const OPTIONAL = ['tokenizer_config.json', '1_Pooling/config.json', 'modules.json', 'sentence_bert_config.json']

/**
 * Downloads the files of a model. Each appears under its name when it is whole, the graph last, so that a download that
 * broke off is not taken for a model.
 *
 * @throws CacheError EMBEDDER_FAILED, within a second when the hub cannot be reached
 */
export async function downloadModel(download: HubDownload, notify: (notice: EmbedderNotice) => void): Promise<void> {
  if (download.offline) throw missing(download, 'offline is set')
  const unreachable = await whyUnreachable(new URL(download.hubUrl))
  if (unreachable) throw missing(download, `${new URL(download.hubUrl).host} cannot be reached (${unreachable})`)
  for (const file of ['config.json', 'tokenizer.json']) await downloadFile(download, file, notify)
  for (const file of OPTIONAL) await downloadFile(download, file, notify, { optional: true })
  // Graphs over 2 GB keep their weights beside them.
  await downloadFile(download, `${download.graph}_data`, notify, { optional: true })
  await downloadFile(download, download.graph, notify)
}

async function downloadFile(
  download: HubDownload,
  file: string,
  notify: (notice: EmbedderNotice) => void,
  { optional = false } = {},
): Promise<void> {
  const { model, revision, hubUrl, directory } = download
  const url = `${hubUrl}/${model}/resolve/${encodeURIComponent(revision)}/${file}`
  const target = join(directory, file)
  const part = `${target}.${process.pid}.${Math.random().toString(36).slice(2)}.part`
  try {
    const answer = await fetch(url)
    if (answer.status === 404 && optional) return void (await answer.body?.cancel())
    if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`)
    const length = answer.headers.get('content-encoding') ? null : answer.headers.get('content-length')
    const totalBytes = length === null ? undefined : Number(length)
    await mkdir(dirname(target), { recursive: true })
    const progress = progressMeter(file, totalBytes, notify)
    await pipeline(Readable.fromWeb(answer.body as never), progress.meter, createWriteStream(part))
    if (totalBytes !== undefined && progress.loadedBytes() !== totalBytes) {
      throw new Error(`${url} ended after ${progress.loadedBytes()} of ${totalBytes} bytes`)
    }
    await rename(part, target)
  } catch (cause) {
    await rm(part, { force: true })
    const said = cause instanceof Error ? cause.message : String(cause)
    throw missing(download, `downloading ${file} failed: ${said}`, cause)
  }
}

function progressMeter(file: string, totalBytes: number | undefined, notify: (notice: EmbedderNotice) => void) {
  let loadedBytes = 0
  let told = 0
  const tell = () => {
    told = loadedBytes
    notify({ what: 'download', file, loadedBytes, ...(totalBytes !== undefined && { totalBytes }) })
  }
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      loadedBytes += chunk.length
      if (loadedBytes - told >= NOTICE_EVERY_BYTES) tell()
      done(null, chunk)
    },
    flush(done) {
      tell()
      done()
    },
  })
  return { meter, loadedBytes: () => loadedBytes }
}

/** Undefined when a connection can be opened; no byte is sent. */
function whyUnreachable(url: URL): Promise<string | undefined> {
  const port = Number(url.port) || (url.protocol === 'http:' ? 80 : 443)
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port })
    const end = (why?: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(why)
    }
    const timer = setTimeout(() => end(`no answer within ${REACH_MS} ms`), REACH_MS)
    socket.once('connect', () => end())
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function missing({ model, directory }: HubDownload, why: string, cause?: unknown): CacheError {
  return new CacheError(
    'EMBEDDER_FAILED',
    `onnxEmbedder: ${model} is no folder here, is not whole in ${directory}, and ${why}; put its files there, give their folder as model, or use staticEmbedder(), which needs none`,
    cause === undefined ? {} : { cause },
  )
}
