import { basename, dirname } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import { graphOutput } from './graph-output.ts'
import type { ModelFolder } from './model-folder.ts'
import type { LoadedModel, Runtime } from './runtime.ts'

/** What both packages have in common, as far as it is used here. */
interface TransformersLibrary {
  readonly env: { localModelPath: string; allowRemoteModels: boolean; allowLocalModels: boolean }
  readonly AutoTokenizer: { from_pretrained(model: string, options: object): Promise<TokenizerLike> }
  readonly AutoModel: { from_pretrained(model: string, options: object): Promise<ModelLike> }
  readonly Tensor: new (type: 'int64', data: BigInt64Array, shape: number[]) => unknown
}
interface TokenizerLike {
  encode(text: string, ...options: unknown[]): number[]
}
interface ModelLike {
  (inputs: Record<string, unknown>): Promise<Record<string, unknown>>
  dispose(): Promise<unknown>
}

/** Loads change the library's global settings for a moment, so they follow each other. */
let loading: Promise<unknown> = Promise.resolve()

/**
 * Both transformers packages behind one adapter: `@xenova/transformers` and its successor `@huggingface/transformers`
 * differ in two calls. They load from the folder only; finding and downloading is ours, with the same cache for all.
 */
export function openTransformers(module: object, generation: 'xenova' | 'current'): Runtime {
  const library = module as TransformersLibrary
  return {
    load(folder, { threads }) {
      const loaded = loading.then(() => load(library, generation, folder, threads))
      loading = loaded.catch(() => undefined)
      return loaded
    },
  }
}

async function load(
  library: TransformersLibrary,
  generation: 'xenova' | 'current',
  { directory, dtype, graph }: ModelFolder,
  threads: number,
): Promise<LoadedModel> {
  if (!graph.startsWith('onnx/')) {
    throw new CacheError(
      'EMBEDDER_FAILED',
      `onnxEmbedder: transformers packages read onnx/*.onnx, got ${graph}; use runtime 'onnxruntime-node'`,
    )
  }
  const choice =
    generation === 'xenova'
      ? xenovaChoice(dtype)
      : { dtype: dtype === 'int8' ? 'q8' : dtype, session_options: { intraOpNumThreads: threads } }
  const name = basename(directory)
  const { env } = library
  const before = { ...pathsOf(env) }
  Object.assign(env, { localModelPath: dirname(directory), allowRemoteModels: false, allowLocalModels: true })
  let tokenizer: TokenizerLike
  let model: ModelLike
  try {
    tokenizer = await library.AutoTokenizer.from_pretrained(name, { local_files_only: true })
    model = await library.AutoModel.from_pretrained(name, { local_files_only: true, ...choice })
  } finally {
    Object.assign(env, before)
  }
  return {
    tokenize(text, withSpecials) {
      const options = { add_special_tokens: withSpecials }
      return generation === 'xenova' ? tokenizer.encode(text, null, options) : tokenizer.encode(text, options)
    },
    async run(rows) {
      const shape = [rows.length, rows[0]?.length ?? 0]
      const ids = BigInt64Array.from(rows.flat(), BigInt)
      const tensor = (data: BigInt64Array) => new library.Tensor('int64', data, shape)
      const output = await model({
        input_ids: tensor(ids),
        attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
        token_type_ids: tensor(new BigInt64Array(ids.length)),
      })
      return graphOutput(output)
    },
    async close() {
      await model.dispose()
    },
  }
}

function pathsOf({ localModelPath, allowRemoteModels, allowLocalModels }: TransformersLibrary['env']) {
  return { localModelPath, allowRemoteModels, allowLocalModels }
}

function xenovaChoice(dtype: ModelFolder['dtype']): { quantized: boolean } {
  if (dtype !== 'fp16') return { quantized: dtype === 'int8' }
  throw new CacheError('INVALID_OPTION', "dtype must be 'int8' or 'fp32' with @xenova/transformers, got 'fp16'")
}
