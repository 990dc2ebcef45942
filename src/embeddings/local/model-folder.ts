import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'
import { isRecord } from '../wire.ts'
import { downloadModel } from './hub-download.ts'

export type Dtype = 'int8' | 'fp32' | 'fp16'

export const DTYPES: readonly Dtype[] = ['int8', 'fp32', 'fp16']

/** Names that exporters give the graphs, relative to the folder; transformers.js keeps them under `onnx/`. */
const GRAPHS: Readonly<Record<Dtype, string>> = {
  int8: 'model_quantized.onnx',
  fp32: 'model.onnx',
  fp16: 'model_fp16.onnx',
}

export interface ModelSource {
  readonly model: string
  readonly revision: string
  readonly dtype: Dtype | undefined
  readonly cacheDirectory: string
  readonly hubUrl: string
  readonly offline: boolean
}

export interface ModelFolder {
  /** Absolute. */
  readonly directory: string
  readonly dtype: Dtype
  /** Relative to the directory. */
  readonly graph: string
}

/** Finds a model as a folder, in the cache directory, or downloads it there. */
export async function modelFolder(source: ModelSource, notify: (notice: EmbedderNotice) => void): Promise<ModelFolder> {
  const directory = resolve(source.model)
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return foundIn(directory, source)
  if (!isHubName(source.model)) {
    throw new CacheError(
      'EMBEDDER_FAILED',
      `onnxEmbedder: no model folder ${directory}; it must hold tokenizer.json, config.json and onnx/${GRAPHS.int8} or onnx/${GRAPHS.fp32}`,
    )
  }
  const cached = join(source.cacheDirectory, source.model, source.revision)
  const dtype = source.dtype ?? 'int8'
  if (!isComplete(cached, dtype)) {
    await downloadModel({ ...source, directory: cached, graph: `onnx/${GRAPHS[dtype]}` }, notify)
  }
  return foundIn(cached, { dtype })
}

/** A JSON file of the folder; undefined when there is none. */
export function readJson(directory: string, file: string): Record<string, unknown> | undefined {
  const path = join(directory, file)
  if (!existsSync(path)) return undefined
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isRecord(value)) return value
  } catch (cause) {
    throw new CacheError('EMBEDDER_FAILED', `onnxEmbedder: ${path} must be JSON, and is not`, { cause })
  }
  throw new CacheError('EMBEDDER_FAILED', `onnxEmbedder: ${path} must hold a JSON object`)
}

function foundIn(directory: string, { dtype }: { readonly dtype: Dtype | undefined }): ModelFolder {
  for (const candidate of dtype ? [dtype] : DTYPES) {
    const graph = [`onnx/${GRAPHS[candidate]}`, GRAPHS[candidate]].find((file) => existsSync(join(directory, file)))
    if (graph) {
      for (const file of ['tokenizer.json', 'config.json'])
        if (!existsSync(join(directory, file))) throw lacking(directory, file)
      return { directory, dtype: candidate, graph }
    }
  }
  throw lacking(
    directory,
    dtype ? `onnx/${GRAPHS[dtype]} (dtype ${dtype})` : `onnx/${GRAPHS.int8} or onnx/${GRAPHS.fp32}`,
  )
}

function lacking(directory: string, file: string): CacheError {
  return new CacheError('EMBEDDER_FAILED', `onnxEmbedder: the model folder ${directory} has no ${file}`)
}

function isComplete(directory: string, dtype: Dtype): boolean {
  return ['tokenizer.json', 'config.json', `onnx/${GRAPHS[dtype]}`].every((file) => existsSync(join(directory, file)))
}

/** `owner/name`; whatever looks like a path is one. */
function isHubName(model: string): boolean {
  return !isAbsolute(model) && /^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(model)
}
