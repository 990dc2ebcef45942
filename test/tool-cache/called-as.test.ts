import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { expect, it, onTestFinished } from 'vitest'
import { cachedMcpClient } from '../../src/adapters/mcp/index.ts'
import { createToolCache } from '../../src/create-tool-cache.ts'

async function aShop() {
  const server = new McpServer({ name: 'shop', version: '1' })
  for (const name of ['meta', 'change', 'plain']) {
    server.registerTool(name, {}, async () => ({ content: [{ type: 'text', text: name }] }))
  }
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = new Client({ name: 'test', version: '1' })
  await Promise.all([server.connect(far), client.connect(near)])
  onTestFinished(() => client.close())
  return client
}

it('audits the tools of an MCP server by the name, and with the policies, by which they are called', async () => {
  const cache = await createToolCache({
    policies: { 'shop/meta': { ttlMs: 60_000 }, 'shop/change': { writes: ['stock'] }, plain: { ttlMs: 60_000 } },
  })
  const client = await cachedMcpClient(await aShop(), { cache, server: 'shop' })
  const { tools } = await client.listTools()
  expect(cache.audit(tools)).toMatchObject([
    { tool: 'shop/meta', cached: true, rule: 'policy', ttlMs: 60_000 },
    { tool: 'shop/change', cached: false, rule: 'policy', writes: ['stock', 'mcp:shop'] },
    { tool: 'shop/plain', cached: false, rule: 'policy', writes: ['mcp:shop'] },
  ])
  const outcome = async (name: string) => {
    const { _meta } = await client.callTool({ name })
    await cache.flush()
    return (_meta as { reprise: { outcome: string } }).reprise.outcome
  }
  for (const name of ['meta', 'plain']) await outcome(name)
  expect([await outcome('meta'), await outcome('plain')]).toEqual(['hit', 'bypass'])
})

it('refuses a policy that contradicts the one the cache has for the tool', async () => {
  const cache = await createToolCache({ policies: { 'shop/meta': { writes: ['stock'] } } })
  const made = cachedMcpClient(await aShop(), { cache, server: 'shop', policies: { meta: { ttlMs: 5 } } })
  await expect(made).rejects.toThrow(/"shop\/meta" must agree/)
})
