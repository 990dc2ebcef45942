import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { cachedMcpClient } from '../../../src/adapters/mcp/index.ts'
import { createToolCache } from '../../../src/create-tool-cache.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const aClient = () => new Client({ name: 'test', version: '1' })

/** A real server from npm, in a process of its own. */
async function overStdio(packageName: string, ...args: string[]) {
  const folder = dirname(fileURLToPath(import.meta.resolve(`${packageName}/package.json`)))
  const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> }
  const [script = ''] = Object.values(bin)
  const client = aClient()
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [join(folder, script), ...args], stderr: 'ignore' }),
  )
  closing.push(() => client.close())
  return client
}

/** A server made here, over the SDK's in-memory transport. */
async function inMemory(define: (server: McpServer) => void) {
  const server = new McpServer({ name: 'shop', version: '1' })
  define(server)
  const [near, far] = InMemoryTransport.createLinkedPair()
  const client = aClient()
  await Promise.all([server.connect(far), client.connect(near)])
  closing.push(() => client.close())
  return client
}

const outcomeOf = (result: { _meta?: Record<string, unknown> }) =>
  (result._meta as { reprise: { outcome: string } }).reprise.outcome
const textOf = (result: Awaited<ReturnType<Client['callTool']>>) => (result.content as { text: string }[])[0]?.text

describe('cachedMcpClient with a real server', () => {
  it('reads a file once, until something is written through the same client', { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-mcp-'))
    closing.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'a.txt')
    await writeFile(path, 'first')
    const client = await overStdio('@modelcontextprotocol/server-filesystem', folder)
    const calls = vi.spyOn(client, 'callTool')
    const cache = await createToolCache()
    const cached = await cachedMcpClient(client, { cache, server: `files:${folder}` })
    expect(cached).toBeInstanceOf(Client)
    const read = async () => {
      const result = await cached.callTool({ name: 'read_text_file', arguments: { path } })
      await cache.flush()
      return [textOf(result), outcomeOf(result)]
    }
    expect(await read()).toEqual(['first', 'miss'])
    expect(await read()).toEqual(['first', 'hit'])
    await cached.callTool({ name: 'write_file', arguments: { path, content: 'second' } })
    expect(await read()).toEqual(['second', 'miss'])
    expect(calls).toHaveBeenCalledTimes(3)
    // Errors of the server are results of their own kind, and never stored.
    for (let i = 0; i < 2; i++) {
      const missing = await cached.callTool({ name: 'read_text_file', arguments: { path: join(folder, 'none.txt') } })
      expect(missing.isError).toBe(true)
      expect(outcomeOf(missing)).toBe('miss')
    }
  })

  it('gives on a hit what the server gave: text, image, structured content', { timeout: 60_000 }, async () => {
    const client = await overStdio('@modelcontextprotocol/server-everything')
    const cache = await createToolCache()
    const { tools } = await client.listTools()
    const names = ['echo', 'get-sum', 'get-tiny-image', 'get-structured-content', 'get-annotated-message'].filter(
      (name) => tools.some((tool) => tool.name === name),
    )
    expect(names.length).toBeGreaterThanOrEqual(4)
    const cached = await cachedMcpClient(client, {
      cache,
      policies: Object.fromEntries(names.map((name) => [name, { ttlMs: 60_000 }])),
    })
    const args: Record<string, Record<string, unknown>> = {
      echo: { message: 'hello' },
      'get-sum': { a: 2, b: 3 },
      'get-structured-content': { location: 'New York' },
      'get-annotated-message': { messageType: 'success', includeImage: true },
    }
    for (const name of names) {
      const live = await client.callTool({ name, arguments: args[name] ?? {} })
      expect(live.isError ?? false).toBe(false)
      await cached.callTool({ name, arguments: args[name] ?? {} })
      await cache.flush()
      const again = await cached.callTool({ name, arguments: args[name] ?? {} })
      const { reprise, ...meta } = again._meta ?? {}
      expect(reprise).toMatchObject({ outcome: 'hit' })
      expect({ ...again, _meta: meta }).toEqual({ ...live, _meta: live._meta ?? {} })
    }
  })
})

describe('cachedMcpClient', () => {
  const shop = () =>
    inMemory((server) => {
      let orders = 0
      const text = (content: string) => ({ content: [{ type: 'text' as const, text: content }] })
      const inputSchema = { id: z.number() }
      server.registerTool('get_order', { inputSchema, annotations: { readOnlyHint: true } }, async ({ id }) =>
        text(`order ${id} v${orders}`),
      )
      server.registerTool(
        'search_web',
        { inputSchema, annotations: { readOnlyHint: true, openWorldHint: true } },
        async () => text(`page ${orders++}`),
      )
      server.registerTool('unmarked', { inputSchema }, async () => text(`v${++orders}`))
      server.registerTool('fails', { inputSchema, annotations: { readOnlyHint: true } }, async () => {
        throw new Error('down')
      })
    })

  it('goes by annotations: read-only tools are cached, an open world and what is not marked are not', async () => {
    const cache = await createToolCache()
    const cached = await cachedMcpClient(await shop(), { cache })
    const ask = async (name: string) => {
      const result = await cached.callTool({ name, arguments: { id: 1 } })
      await cache.flush()
      return outcomeOf(result)
    }
    expect([await ask('get_order'), await ask('get_order')]).toEqual(['miss', 'hit'])
    expect([await ask('search_web'), await ask('search_web')]).toEqual(['bypass', 'bypass'])
    expect(await ask('get_order')).toBe('hit')
    expect(await ask('unmarked')).toBe('bypass')
    expect(await ask('get_order')).toBe('miss')
    expect([await ask('fails'), await ask('fails')]).toEqual(['miss', 'miss'])
  })

  it('shares between clients of one name only, and between tenants never', async () => {
    const cache = await createToolCache()
    const ask = async (options: object) => {
      const cached = await cachedMcpClient(await shop(), { cache, ...options })
      const result = await cached.callTool({ name: 'get_order', arguments: { id: 1 } })
      await cache.flush()
      return outcomeOf(result)
    }
    expect([await ask({}), await ask({})]).toEqual(['miss', 'miss'])
    expect([await ask({ server: 'shop' }), await ask({ server: 'shop' })]).toEqual(['miss', 'hit'])
    expect(await ask({ server: 'shop', tenant: 'a' })).toBe('miss')
    expect(await ask({ server: 'shop', context: () => ({ locale: 'de' }) })).toBe('miss')
  })

  it('leaves everything else of the client as it was', async () => {
    const client = await shop()
    const cached = await cachedMcpClient(client, { cache: await createToolCache() })
    expect(cached.getServerVersion()).toEqual({ name: 'shop', version: '1' })
    expect((await cached.listTools()).tools).toHaveLength(4)
    await expect(
      cached.callTool({ name: 'get_order', arguments: { id: 1 } }, undefined, {
        signal: AbortSignal.abort(new Error('gone')),
      }),
    ).rejects.toThrow('gone')
    const unknown = await cached.callTool({ name: 'no_such', arguments: {} })
    expect(unknown.isError).toBe(true)
    await cached.ping()
  })

  it('refuses policies of unknown tools and wrong options', async () => {
    const cache = await createToolCache()
    const client = await shop()
    const refuses = (options: object) => expect(cachedMcpClient(client, { cache, ...options } as never)).rejects
    await refuses({ policies: { get_ordr: { ttlMs: 1 } } }).toThrow(/known tools \(get_order, .*got "get_ordr"/)
    await refuses({ policies: { get_order: { reads: ['order:{orderId}'] } } }).toThrow(
      /"order:\{orderId\}" of tool "get_order"/,
    )
    await refuses({ cache: {} }).toThrow(/cache/)
    await refuses({ server: '' }).toThrow(/server/)
    await refuses({ tenant: '' }).toThrow(/tenant/)
    await refuses({ serverName: 'x' }).toThrow(/"serverName"/)
    await expect(cachedMcpClient({} as never, { cache })).rejects.toThrow(/an MCP client/)
  })
})

describe('a server whose tools change', () => {
  it('is listened to: what becomes a writer is never answered from the cache again', async () => {
    let runs = 0
    let change: (annotations: { readOnlyHint: boolean }) => void = () => undefined
    const client = await inMemory((server) => {
      const registered = server.registerTool('look', { annotations: { readOnlyHint: true } }, async () => {
        runs++
        return { content: [{ type: 'text', text: 'seen' }] }
      })
      change = (annotations) => registered.update({ annotations })
    })
    const heard = vi.fn()
    client.setNotificationHandler(ToolListChangedNotificationSchema, heard)
    const cache = await createToolCache()
    const cached = await cachedMcpClient(client, { cache })
    const look = async () => {
      const result = await cached.callTool({ name: 'look', arguments: {} })
      await cache.flush()
      return outcomeOf(result)
    }
    expect([await look(), await look()]).toEqual(['miss', 'hit'])
    change({ readOnlyHint: false })
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1))
    expect([await look(), await look()]).toEqual(['bypass', 'bypass'])
    expect(runs).toBe(3)
  })
})
