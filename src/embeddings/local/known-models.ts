import type { Pooling } from './pooling.ts'

/** What a model wants done around its graph, where its files do not say it. */
export interface ModelHints {
  readonly pooling: Pooling
  /** For comparing questions with questions. */
  readonly prefix?: string
}

/** By the last part of the hub name or folder; the model cards say so. */
const KNOWN: readonly (readonly [RegExp, ModelHints])[] = [
  [/^(multilingual-)?e5-(small|base|large)(-v2)?$/, { pooling: 'mean', prefix: 'query: ' }],
  [/^nomic-embed-text-v1(\.5)?$/, { pooling: 'mean', prefix: 'search_query: ' }],
  [/^bge-(small|base|large)-(en|zh)(-v1\.5)?$/, { pooling: 'cls' }],
  [/^bge-m3$/, { pooling: 'cls' }],
  [/^gte-(base|large)-en-v1\.5$|^gte-multilingual-base$/, { pooling: 'cls' }],
  [/^gte-(small|base|large)(-zh)?$/, { pooling: 'mean' }],
  [/^(all|paraphrase|multi-qa)-.*(minilm|mpnet|distilroberta).*$/, { pooling: 'mean' }],
  [/^snowflake-arctic-embed-/, { pooling: 'cls' }],
  [/^mxbai-embed-large-v1$|^uae-large-v1$/, { pooling: 'cls' }],
  [/^mxbai-embed-xsmall-v1$|^jina-embeddings-v2-/, { pooling: 'mean' }],
  [/^(text2vec-base-(chinese|multilingual)|m3e-(small|base|large))/, { pooling: 'mean' }],
]

export function knownModel(name: string): ModelHints | undefined {
  const last = name.split(/[\\/]/).filter(Boolean).at(-1)?.toLowerCase() ?? ''
  return KNOWN.find(([pattern]) => pattern.test(last))?.[1]
}
