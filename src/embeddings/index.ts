export { type HashingEmbedderOptions, hashingEmbedder } from './hashing-embedder.ts'
