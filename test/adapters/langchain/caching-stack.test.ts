import { HumanMessage, type ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { createAgent } from 'langchain'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type CachingStackOptions, createCachingStack } from '../../../src/adapters/langchain/index.ts'
import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import type { CacheRecord } from '../../../src/core/outcome.ts'
import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { redisStore } from '../../../src/stores/redis/create-redis-store.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { chatOpenAI } from './chat-openai.ts'

const contextSchema = z.object({ user: z.string() })

function theShop() {
  const orders = new Map([[1, 'pending']])
  const run = vi.fn(async ({ id }: { id: number }) => `order ${id} is ${orders.get(id)}`)
  const schema = z.object({ id: z.number() })
  const getOrder = tool(run, { name: 'get_order', description: 'Reads an order', schema })
  const cancelOrder = tool(
    async ({ id }: { id: number }) => {
      orders.set(id, 'cancelled')
      return 'done'
    },
    { name: 'cancel_order', description: 'Cancels an order', schema },
  )
  return { run, tools: [getOrder, cancelOrder] }
}
const policies = { get_order: { reads: ['order:{id}'] }, cancel_order: { writes: ['order:{id}'] } }

/** Calls the tool that the question begins with, then says what the tool said. */
const agentLike: Parameters<ModelServer['answerWith']>[0] = ({ messages }) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { text: `So: ${last.content}.` }
  return { toolCalls: [{ name: String(last?.content).split(' ')[0] ?? '', args: { id: 1 } }] }
}

describe('createCachingStack', () => {
  let server: ModelServer
  let redis: RedisServer

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  beforeEach(async () => {
    server = await startModelServer({ answer: agentLike })
    await redis.command('FLUSHALL')
  })
  afterEach(() => server.close())

  /** Whether a lookup reaches the server within its deadline is not what is tested here. */
  const unhurried = { storeDeadlineMs: 10_000 }

  async function aShopWith(options: CachingStackOptions) {
    const { run, tools } = theShop()
    const caching = await createCachingStack({ ...unhurried, tools, policies, ...options })
    const agent = createAgent({ model: chatOpenAI(server), tools, contextSchema, middleware: caching.middleware })
    const ask = async (question: string, user = 'ann') => {
      const { messages } = await agent.invoke({ messages: [new HumanMessage(question)] }, { context: { user } })
      await caching.flush()
      const outcomes = messages.flatMap(({ response_metadata: metadata }) => {
        const record = (metadata as { reprise?: CacheRecord }).reprise
        return record ? [record.outcome] : []
      })
      return { answer: messages.at(-1)?.text, outcomes, messages }
    }
    return { run, caching, ask, tools }
  }

  it.each([
    ['the embedded store', (): CachingStackOptions => ({ store: embeddedStore() })],
    ['a Redis by its URL', (): CachingStackOptions => ({ redisUrl: redis.url })],
    ['a Redis store', (): CachingStackOptions => ({ store: redisStore({ url: redis.url }) })],
  ])('answers model and tools from %s, and drops what a tool writes', async (_name, optionsOf) => {
    const { run, caching, ask } = await aShopWith(optionsOf())
    expect(await ask('get_order please')).toMatchObject({
      answer: 'So: order 1 is pending.',
      outcomes: ['miss', 'miss', 'miss'],
    })
    expect(await ask('get_order please')).toMatchObject({
      answer: 'So: order 1 is pending.',
      outcomes: ['hit', 'hit', 'hit'],
    })
    expect(run).toHaveBeenCalledTimes(1)
    await ask('cancel_order please')
    // The model still asks for the same call, and its answer follows from what the tool says now.
    expect(await ask('get_order please')).toMatchObject({
      answer: 'So: order 1 is cancelled.',
      outcomes: ['hit', 'miss', 'miss'],
    })
    await caching.close()
  })

  it('keeps both caches on one connection, and ends it', async () => {
    const before = await connections(redis)
    const { caching, ask } = await aShopWith({ redisUrl: redis.url, namespace: 'shop' })
    await ask('get_order please')
    expect(await connections(redis)).toBe(before + 1)
    expect([caching.semanticCache.namespace, caching.toolCache.namespace]).toEqual(['shop', 'shop:tools'])
    await caching.close()
    expect(await connections(redis)).toBe(before)
  })

  it('is where REPRISE_REDIS_URL says, when nothing else is said', async () => {
    vi.stubEnv('REPRISE_REDIS_URL', redis.url)
    try {
      const { caching, ask } = await aShopWith({})
      await ask('get_order please')
      await caching.close()
    } finally {
      vi.unstubAllEnvs()
    }
    expect(await redis.command('DBSIZE')).toBeGreaterThan(0)
  })

  it('shares neither answers nor results of tools between the tenants it is told of', async () => {
    const { run, caching, ask } = await aShopWith({
      redisUrl: redis.url,
      tenant: ({ context }) => (context as { user?: string } | undefined)?.user,
      requireTenant: true,
    })
    await ask('get_order please', 'ann')
    expect((await ask('get_order please', 'bob')).outcomes).toEqual(['miss', 'miss', 'miss'])
    expect((await ask('get_order please', 'ann')).outcomes).toEqual(['hit', 'hit', 'hit'])
    expect(run).toHaveBeenCalledTimes(2)
    await caching.close()
  })

  it('leaves a store open that another cache uses', async () => {
    const store = embeddedStore()
    const one = await createCachingStack({ store })
    const other = await createCachingStack({ store, namespace: 'other' })
    await one.close()
    const { record } = await other.toolCache.getOrCall({ name: 'f', args: {}, policy: { ttlMs: 1_000 } }, async () => ({
      content: 'x',
    }))
    expect(record.outcome).toBe('miss')
    await other.close()
    await expect(store.get('k', { namespace: 'other' })).rejects.toThrow()
  })

  it('knows of the policies in its audit', async () => {
    const { tools } = theShop()
    const caching = await createCachingStack({ store: embeddedStore(), tools, policies })
    expect(caching.toolCache.audit(tools).map(({ tool: name, cached }) => [name, cached])).toEqual([
      ['get_order', true],
      ['cancel_order', false],
    ])
    await caching.close()
  })

  it('gives each cache the options of its own', async () => {
    const caching = await createCachingStack({
      store: embeddedStore(),
      semantic: { ttlMs: 1_000, decision: 'exact' },
      toolCache: { ttlMs: 2_000, allow: ['get_*'] },
    })
    expect(caching.toolCache.audit([{ name: 'get_x' }])).toMatchObject([{ cached: true, ttlMs: 2_000 }])
    await caching.close()
  })

  it.each<[string, object, string]>([
    ['an unknown option', { ttlMs: 1 }, 'option of createCachingStack'],
    ['a store and a URL', { store: embeddedStore(), redisUrl: 'redis://localhost' }, 'left out beside store'],
    ['no URL of Redis', { redisUrl: 'localhost' }, 'redis://'],
    ['what is of the whole stack in one group', { semantic: { tenant: 'ann' } }, 'option of semantic'],
    ['policies in the group of tools', { toolCache: { policies: {} } }, 'option of toolCache'],
    ['a group that is none', { semantic: 1 }, 'semantic must be an object'],
    ['tools that are none', { tools: 'weather' }, 'tools must be an array'],
    ['a policy of a tool that is not there', { tools: [], policies: { a: { ttlMs: 1 } } }, 'policies'],
    ['a wrong option of one cache', { semantic: { candidates: 0 } }, 'candidates'],
    ['a tenant that is none', { tenant: 5 }, 'tenant'],
  ])('refuses %s', async (_what, options, message) => {
    await expect(createCachingStack(options)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message),
    })
  })

  it('leaves no connection behind when it cannot be made', async () => {
    const before = await connections(redis)
    await expect(createCachingStack({ redisUrl: redis.url, tenant: 5 as never })).rejects.toThrow('tenant')
    expect(await connections(redis)).toBe(before)
  })

  it('gives the messages an agent without it would have', async () => {
    const { ask, caching } = await aShopWith({ store: embeddedStore() })
    const bare = createAgent({ model: chatOpenAI(server), tools: theShop().tools })
    const { messages } = await bare.invoke({ messages: [new HumanMessage('get_order please')] })
    for (const _round of ['miss', 'hit']) {
      const cached = await ask('get_order please')
      expect(cached.messages.map((message) => [message.getType(), message.content])).toEqual(
        messages.map((message) => [message.getType(), message.content]),
      )
      const [call] = cached.messages.filter((message): message is ToolMessage => message.getType() === 'tool')
      expect(call?.status).toBe('success')
    }
    await caching.close()
  })
})

/** Clients the server counts, this question's own left out. */
async function connections(redis: RedisServer): Promise<number> {
  const list = String(await redis.command('CLIENT', 'LIST'))
  return list.trim().split('\n').length - 1
}
