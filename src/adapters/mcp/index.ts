export { type CachedMcpClientOptions, cachedMcpClient, type McpClient } from './cached-mcp-client.ts'
