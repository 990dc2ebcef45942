export {
  type AdapterAnswer,
  type AdapterContractOptions,
  type AdapterModelAnswer,
  type AdapterQuestion,
  type AdapterSubject,
  adapterContract,
} from './adapter-contract.ts'
export { type EmbedderContractOptions, embedderContract } from './embedder-contract.ts'
export { type StoreContractOptions, storeContract } from './store-contract.ts'
