import { availableParallelism } from 'node:os'
import { orAborted } from '../core/deadline.ts'
import { booleanOption, invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import { unitVector } from '../core/vector.ts'
import type { Embedder, EmbedderNotice } from './embedder.ts'
import { userCacheDirectory } from './local/cache-directory.ts'
import { DTYPES, type Dtype } from './local/model-folder.ts'
import { POOLINGS, type Pooling } from './local/pooling.ts'
import { RUNTIMES, type RuntimeName } from './local/runtime.ts'
import type { SentenceInfo, SentenceOptions, SentenceOutput } from './local/sentence-task.ts'
import { TaskHost } from './local/task-host.ts'
import { reportTo } from './report.ts'
import { requireContent } from './text-content.ts'

export interface OnnxEmbedderOptions {
  /** A folder with tokenizer.json, config.json and onnx/*.onnx, or a name on the hub such as `'Xenova/bge-small-en-v1.5'`. */
  readonly model: string
  /** Default: what the folder has, int8 first; int8 from the hub. */
  readonly dtype?: Dtype
  /** Default: 1_Pooling/config.json of the model, else a table of known models, else an error. */
  readonly pooling?: Pooling
  /** Put before each text; default what a known model wants (`'query: '` for e5), else nothing. */
  readonly prefix?: string
  /** Lower-case texts before the tokenizer; default: when the vocabulary knows no capitals. */
  readonly lowerCase?: boolean
  /** Longer texts are cut at a token boundary, with a notice. Default, and at most, what the model takes. */
  readonly maxTokens?: number
  /** Default `'auto'`: onnxruntime-node with @huggingface/tokenizers, else a transformers package. */
  readonly runtime?: RuntimeName | 'auto'
  /** Run in a worker thread, so that the event loop goes on; default true. */
  readonly worker?: boolean
  /** Threads of one inference, an integer ≥ 1; default half of the processors, at most 4. */
  readonly threads?: number
  /** Where models from the hub are kept; default the user's cache directory. */
  readonly cacheDirectory?: string
  /** Branch, tag or commit on the hub; default `'main'`. */
  readonly revision?: string
  /** Default: the environment's HF_ENDPOINT or https://huggingface.co. */
  readonly hubUrl?: string
  /** Never download; default true when HF_HUB_OFFLINE is set to 1. */
  readonly offline?: boolean
}

export interface OnnxEmbedder extends Embedder {
  /** Ends the worker thread and frees the model; later calls are rejected with CLOSED. */
  close(): Promise<void>
}

/** So many texts go to the model at once: a long list must not keep a single question waiting. */
const TEXTS_PER_TURN = 8
const NAMES = [
  'model',
  'dtype',
  'pooling',
  'prefix',
  'lowerCase',
  'maxTokens',
  'runtime',
  'worker',
  'threads',
  'cacheDirectory',
  'revision',
  'hubUrl',
  'offline',
]

/**
 * A sentence model as an ONNX graph, on this machine. `describe` and the first `embed` load it, and download it when it
 * is a name on the hub that is not in the cache directory. Its id is made of digests of its files.
 *
 * Needs `onnxruntime-node` and `@huggingface/tokenizers`, or `@huggingface/transformers`, or `@xenova/transformers`.
 *
 * @throws CacheError INVALID_OPTION at once; MISSING_PEER and EMBEDDER_FAILED when it is loaded
 * @example
 * onnxEmbedder({ model: './models/bge-small-en-v1.5' })
 */
export function onnxEmbedder(options: OnnxEmbedderOptions): OnnxEmbedder {
  knownOptions('onnxEmbedder', options, NAMES)
  const worker = booleanOption('worker', options.worker, true)
  const host = new TaskHost<SentenceInfo, readonly string[], SentenceOutput>(
    { name: 'sentences', options: sentenceOptions(options) },
    { worker },
  )
  // Loading may be under way before anybody gives a `report`: the last word on each file is kept for the first who does.
  const untold = new Map<string, EmbedderNotice>()
  host.listen((notice) => {
    if (notice.what === 'download') untold.set(notice.file, notice)
  })

  return {
    async describe() {
      const { id, dimensions, maxTokens } = await host.info()
      return { id, dimensions, maxTokens }
    },
    async embed(texts, { signal, report } = {}) {
      signal?.throwIfAborted()
      requireContent(texts)
      if (texts.length === 0) return []
      const stopListening = host.listen((notice) => {
        if (!report || notice.what !== 'download') return
        untold.delete(notice.file)
        reportTo(report, notice)
      })
      const { dimensions } = await orAborted(host.info(), signal).finally(stopListening)
      if (report) {
        for (const notice of untold.values()) reportTo(report, notice)
        untold.clear()
      }
      const vectors: Float32Array[] = []
      let tokens = 0
      let truncated = 0
      for (let start = 0; start < texts.length; start += TEXTS_PER_TURN) {
        const output = await host.run(texts.slice(start, start + TEXTS_PER_TURN), signal)
        for (const vector of output.vectors) vectors.push(unitVector(vector, dimensions))
        tokens += output.tokens
        truncated += output.truncated
      }
      reportTo(report, { what: 'usage', texts: texts.length, tokens, usd: 0 })
      if (truncated > 0) reportTo(report, { what: 'truncated', texts: truncated })
      return vectors
    },
    close: () => host.close(),
  }
}

function sentenceOptions(options: OnnxEmbedderOptions): SentenceOptions {
  const { env } = process
  const model = stringOption('model', options.model, '')
  if (model === '') throw invalidOption('model', 'a folder or a name on the hub', options.model)
  const revision = stringOption('revision', options.revision, 'main')
  // It becomes a part of a path.
  if (!/^[\w-][\w.-]*$/.test(revision))
    throw invalidOption('revision', 'a branch, tag or commit without slashes', revision)
  const hubUrl = stringOption('hubUrl', options.hubUrl, env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '')
  if (!URL.canParse(hubUrl) || !/^https?:/.test(hubUrl)) throw invalidOption('hubUrl', 'an http or https URL', hubUrl)
  if (options.prefix !== undefined && typeof options.prefix !== 'string')
    throw invalidOption('prefix', 'a string', options.prefix)
  const cores = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)))
  return {
    source: {
      model,
      revision,
      dtype: choice('dtype', options.dtype, DTYPES),
      cacheDirectory: stringOption('cacheDirectory', options.cacheDirectory, userCacheDirectory()),
      hubUrl,
      offline: booleanOption('offline', options.offline, env.HF_HUB_OFFLINE === '1'),
    },
    runtime: choice('runtime', options.runtime, [...RUNTIMES, 'auto'] as const) ?? 'auto',
    threads: numberOption('threads', options.threads, { min: 1, max: 256, integer: true, default: cores }),
    pooling: choice('pooling', options.pooling, POOLINGS),
    prefix: options.prefix,
    lowerCase: options.lowerCase === undefined ? undefined : booleanOption('lowerCase', options.lowerCase, false),
    maxTokens:
      options.maxTokens === undefined
        ? undefined
        : numberOption('maxTokens', options.maxTokens, { min: 8, integer: true, default: 8 }),
  }
}

function choice<Choice extends string>(name: string, value: unknown, allowed: readonly Choice[]): Choice | undefined {
  if (value === undefined) return undefined
  const chosen = allowed.find((candidate) => candidate === value)
  if (chosen === undefined) throw invalidOption(name, allowed.map((candidate) => `'${candidate}'`).join(', '), value)
  return chosen
}
