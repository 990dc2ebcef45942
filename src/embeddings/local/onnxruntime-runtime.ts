import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { CacheError } from '../../core/errors.ts'
import { graphOutput } from './graph-output.ts'
import { type ModelFolder, readJson } from './model-folder.ts'
import type { LoadedModel, Runtime } from './runtime.ts'

/** The light path: the graph by onnxruntime-node, the tokenizer by @huggingface/tokenizers, nothing else. */
export function openOnnxruntime(): Runtime {
  return { load }
}

async function load({ directory, graph }: ModelFolder, { threads }: { threads: number }): Promise<LoadedModel> {
  const tokenizer = new Tokenizer(
    readJson(directory, 'tokenizer.json') ?? {},
    readJson(directory, 'tokenizer_config.json') ?? {},
  )
  const session = await InferenceSession.create(join(directory, graph), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  })
  const strange = session.inputNames.filter((name) => !(name in INPUTS))
  if (strange.length > 0) {
    throw new CacheError(
      'EMBEDDER_FAILED',
      `onnxEmbedder: a graph may ask for ${Object.keys(INPUTS).join(', ')}, this one asks for ${strange.join(', ')} as well`,
    )
  }
  return {
    tokenize: (text, withSpecials) => tokenizer.encode(text, { add_special_tokens: withSpecials }).ids,
    async run(rows) {
      const shape = [rows.length, rows[0]?.length ?? 0]
      const feeds = session.inputNames.map((name) => [
        name,
        new Tensor('int64', (INPUTS[name] as FillInput)(rows), shape),
      ])
      return graphOutput(await session.run(Object.fromEntries(feeds)))
    },
    close: () => session.release(),
  }
}

type FillInput = (rows: readonly (readonly number[])[]) => BigInt64Array

const INPUTS: Readonly<Record<string, FillInput>> = {
  input_ids: (rows) => BigInt64Array.from(rows.flat(), BigInt),
  attention_mask: (rows) => new BigInt64Array(rows.flat().length).fill(1n),
  token_type_ids: (rows) => new BigInt64Array(rows.flat().length),
  position_ids: (rows) =>
    BigInt64Array.from(
      rows.flatMap((row) => row.map((_, i) => i)),
      BigInt,
    ),
}
