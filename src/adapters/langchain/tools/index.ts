export { type CachedToolOptions, cachedTool } from './cached-tool.ts'
export {
  type ToolCacheMiddleware,
  type ToolCacheMiddlewareOptions,
  toolCacheMiddleware,
} from './tool-cache-middleware.ts'
export type { ToolCallContext, ToolSharingOptions } from './tool-controls.ts'
export type { LangChainTool } from './tool-description.ts'
export type { HandleToolErrors } from './tool-errors.ts'
