import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import type { EmbedderNotice } from '../embedder.ts'
import { isRecord } from '../wire.ts'
import { knownModel } from './known-models.ts'
import { type ModelFolder, type ModelSource, modelFolder, readJson } from './model-folder.ts'
import { type Pooling, pooled, poolingFrom } from './pooling.ts'
import { type LoadedModel, openRuntime, type RuntimeName } from './runtime.ts'
import type { Task } from './task.ts'
import { tokenRows } from './token-rows.ts'
import { tokenizerFacts, tokenLimit } from './tokenizer-facts.ts'

export interface SentenceOptions {
  readonly source: ModelSource
  readonly runtime: RuntimeName | 'auto'
  readonly threads: number
  readonly pooling: Pooling | undefined
  readonly prefix: string | undefined
  readonly lowerCase: boolean | undefined
  readonly maxTokens: number | undefined
}

export interface SentenceInfo {
  readonly id: string
  readonly dimensions: number
  readonly maxTokens: number
  readonly runtime: RuntimeName
}

export interface SentenceOutput {
  /** Not yet of unit length. */
  readonly vectors: readonly Float32Array[]
  readonly tokens: number
  readonly truncated: number
}

/** A sentence model: tokenizer, graph, pooling. */
export async function loadSentenceTask(
  options: SentenceOptions,
  notify: (notice: EmbedderNotice) => void,
): Promise<Task<SentenceInfo, readonly string[], SentenceOutput>> {
  // Before any download: without a runtime it would be for nothing.
  const { name, runtime } = await openRuntime(options.runtime)
  const folder = await modelFolder(options.source, notify)
  refuseUnknownModules(folder)
  const settings = sentenceSettings(folder, options)
  const model = await runtime.load(folder, { threads: options.threads })
  const toRow = tokenRows(model.tokenize, settings)
  const prepare = (text: string) => toRow(settings.prefix + (settings.lowerCase ? text.toLowerCase() : text))
  const { dimensions, pooling } = await probe(model, toRow, settings)
  const { digest, quantisesActivations } = inspect(folder)

  return {
    info: {
      id: modelId(digest, { ...settings, pooling }, dimensions),
      dimensions,
      maxTokens: settings.maxTokens,
      runtime: name,
    },
    async run(texts) {
      const rows = texts.map(prepare)
      const vectors: Float32Array[] = new Array(texts.length)
      for (const group of runGroups(
        rows.map(({ ids }) => ids),
        quantisesActivations,
      )) {
        const { data, shape } = await model.run(group.map((i) => rows[i]?.ids ?? []))
        const width = shape.at(-1) ?? 0
        const tokens = shape.length === 3 ? (shape[1] ?? 0) : 1
        for (const [position, i] of group.entries()) {
          const size = tokens * width
          vectors[i] = pooled(data.subarray(position * size, (position + 1) * size), tokens, width, pooling ?? 'cls')
        }
      }
      return {
        vectors,
        tokens: rows.reduce((sum, { ids }) => sum + ids.length, 0),
        truncated: rows.filter(({ truncated }) => truncated).length,
      }
    },
    close: () => model.close(),
  }
}

interface SentenceSettings {
  /** Undefined when neither files nor table nor option say it. */
  readonly pooling: Pooling | undefined
  readonly prefix: string
  readonly lowerCase: boolean
  readonly maxTokens: number
  readonly unknownId: number | undefined
}

function sentenceSettings({ directory }: ModelFolder, options: SentenceOptions): SentenceSettings {
  const hints = knownModel(options.source.model)
  const poolingConfig = readJson(directory, '1_Pooling/config.json')
  const facts = tokenizerFacts(readJson(directory, 'tokenizer.json') ?? {})
  const limit = tokenLimit(
    readJson(directory, 'config.json') ?? {},
    readJson(directory, 'tokenizer_config.json') ?? {},
    readJson(directory, 'sentence_bert_config.json') ?? {},
  )
  return {
    pooling: options.pooling ?? (poolingConfig ? poolingFrom(poolingConfig) : hints?.pooling),
    prefix: options.prefix ?? hints?.prefix ?? '',
    lowerCase: options.lowerCase ?? facts.isUncased,
    maxTokens: Math.min(limit, options.maxTokens ?? limit),
    unknownId: facts.unknownId,
  }
}

/** Runs the graph once: only it knows its width, and whether it pools by itself. */
async function probe(model: LoadedModel, toRow: ReturnType<typeof tokenRows>, { pooling }: SentenceSettings) {
  const { shape } = await model.run([toRow('a').ids])
  const dimensions = shape.at(-1) ?? 0
  if (shape.length === 2) return { dimensions, pooling: undefined }
  if (pooling) return { dimensions, pooling }
  throw new CacheError(
    'INVALID_OPTION',
    'pooling must be given for a model without 1_Pooling/config.json that is not in the table of known models; its model card says which: mean, cls, last or max',
  )
}

/**
 * int8 graphs scale activations by the largest of the whole batch: the vector of a text would depend on its neighbours,
 * so each text runs alone. Other graphs run texts of one length together, which needs no padding.
 */
export function runGroups(rows: readonly (readonly number[])[], alone: boolean): readonly (readonly number[])[] {
  if (alone) return rows.map((_, i) => [i])
  const byLength = new Map<number, number[]>()
  for (const [i, row] of rows.entries()) {
    const group = byLength.get(row.length)
    if (group) group.push(i)
    else byLength.set(row.length, [i])
  }
  return [...byLength.values()]
}

/** Digests, never paths: the same files in another place are the same space. */
function inspect({ directory, graph }: ModelFolder): { digest: string; quantisesActivations: boolean } {
  const graphBytes = readFileSync(join(directory, graph))
  const digest = createHash('sha256').update(graphBytes)
  for (const file of [`${graph}_data`, 'tokenizer.json', 'tokenizer_config.json']) {
    const path = join(directory, file)
    if (existsSync(path)) digest.update(`\n${file.replace(/^onnx\//, '')}\n`).update(readFileSync(path))
  }
  return {
    digest: digest.digest('hex').slice(0, 24),
    quantisesActivations: graphBytes.includes('DynamicQuantizeLinear'),
  }
}

function modelId(
  digest: string,
  { pooling, prefix, lowerCase, maxTokens }: SentenceSettings,
  dimensions: number,
): string {
  const details = [
    pooling ?? 'pooled',
    `${maxTokens} tokens`,
    ...(lowerCase ? ['lower'] : []),
    ...(prefix === '' ? [] : [`prefix=${JSON.stringify(prefix)}`]),
  ]
  return `onnx/${digest}/${dimensions}/${details.join('/')}`
}

/** A dense layer after pooling is a part of the model that the graph does not hold. */
function refuseUnknownModules({ directory }: ModelFolder): void {
  const path = join(directory, 'modules.json')
  const modules: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
  for (const module of Array.isArray(modules) ? modules : []) {
    const type = isRecord(module) ? String(module.type).split('.').at(-1) : ''
    if (!['Transformer', 'Pooling', 'Normalize', ''].includes(type ?? '')) {
      throw new CacheError(
        'EMBEDDER_FAILED',
        `onnxEmbedder: models of Transformer, Pooling and Normalize can be run, this one has ${type} too`,
      )
    }
  }
}
