export { type EmbedderContractOptions, embedderContract } from './embedder-contract.ts'
