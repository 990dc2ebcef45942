export type { BatchingOptions } from './batching.ts'
export { type CachedEmbedder, type CachedEmbedderOptions, cachedEmbedder } from './cached-embedder.ts'
export { type CohereEmbedderOptions, cohereEmbedder } from './cohere-embedder.ts'
export type * from './embedder.ts'
export { type HashingEmbedderOptions, hashingEmbedder } from './hashing-embedder.ts'
export { type LangchainEmbedderOptions, type LangchainEmbeddings, langchainEmbedder } from './langchain-embedder.ts'
export type { Dtype } from './local/model-folder.ts'
export type { Pooling } from './local/pooling.ts'
export type { RuntimeName } from './local/runtime.ts'
export {
  type JudgeInfo,
  type JudgeLanguage,
  type LocalJudge,
  type LocalJudgeOptions,
  localJudge,
} from './local-judge.ts'
export { type OllamaEmbedderOptions, ollamaEmbedder } from './ollama-embedder.ts'
export { type OnnxEmbedder, type OnnxEmbedderOptions, onnxEmbedder } from './onnx-embedder.ts'
export { type OpenaiEmbedderOptions, openaiEmbedder } from './openai-embedder.ts'
export type { AzureOptions } from './openai-endpoint.ts'
export type { ProviderOptions } from './provider-options.ts'
export { staticEmbedder } from './static-embedder.ts'
