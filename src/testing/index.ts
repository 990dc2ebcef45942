export { type EmbedderContractOptions, embedderContract } from './embedder-contract.ts'
export { type StoreContractOptions, storeContract } from './store-contract.ts'
