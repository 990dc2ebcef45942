export { type CachedModel, type CachedModelOptions, cachedModel } from './cached-model.ts'
export type { ControlOptions, Tenant, TenantContext } from './call-controls.ts'
export * from './tools/index.ts'
