import { randomUUID } from 'node:crypto'
import type { BaseCheckpointSaver, BaseStore } from '@langchain/langgraph-checkpoint'
import { RedisSaver } from '@langchain/langgraph-checkpoint-redis'
import { ShallowRedisSaver } from '@langchain/langgraph-checkpoint-redis/shallow'
import { RedisStore } from '@langchain/langgraph-checkpoint-redis/store'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shopAgent } from '../../../examples/langchain-redis/shop-agent.ts'
import { StandIn } from '../../../examples/langchain-redis/stand-in.ts'

/** Savers and store of LangGraph need the query engine and JSON. */
const url = process.env.REPRISE_TEST_REDIS_URL
const hasBoth = url !== undefined && (await hasSearchAndJson(url))
const runId = randomUUID().slice(0, 8)

describe.skipIf(!hasBoth)('beside LangGraph on one Redis', () => {
  const redisUrl = url as string
  let store: RedisStore
  beforeAll(async () => {
    store = await RedisStore.fromConnString(redisUrl)
  })
  afterAll(() => store?.close())

  describe.each<[string, () => Promise<BaseCheckpointSaver & { end(): Promise<void> }>]>([
    ['RedisSaver', () => RedisSaver.fromUrl(redisUrl)],
    ['ShallowRedisSaver', () => ShallowRedisSaver.fromUrl(redisUrl)],
  ])('with %s and RedisStore', (name, saverOf) => {
    const namespace = `test-${runId}-${name}`
    const thread = (id: string) => `${namespace}-${id}`
    let saver: Awaited<ReturnType<typeof saverOf>>
    let model: StandIn
    let shop: Awaited<ReturnType<typeof shopAgent>>

    beforeEach(async () => {
      saver = await saverOf()
      model = new StandIn({})
      shop = await shopAgent({
        redisUrl,
        namespace,
        model,
        checkpointer: saver,
        store: store as unknown as BaseStore,
      })
    })
    afterEach(async () => {
      for (const id of '123') await saver.deleteThread(thread(id))
      for (const user of ['ann', 'bob']) await store.delete([namespace, 'wishes', user], 'all')
      for (const cache of [shop.caching.semanticCache, shop.caching.toolCache]) {
        await cache.invalidate({ namespace: cache.namespace })
      }
      await shop.caching.close()
      await saver.end()
    })

    it('answers another thread from the cache, and keeps both threads as without one', async () => {
      const first = await shop.ask(thread('1'), 'ann', 'Where is order 17?')
      const second = await shop.ask(thread('2'), 'ann', 'Where is order 17?')
      expect(second.ofTurn).toEqual(['model: hit', 'get_order: hit', 'model: hit'])
      expect([model.calls, second.toolRuns]).toEqual([2, []])
      expect(second.answer).toBe(first.answer)

      for (const id of '12') {
        const state = await saver.getTuple({ configurable: { thread_id: thread(id) } })
        const messages = state?.checkpoint.channel_values.messages as { id: string; getType(): string }[]
        expect(messages.map((message) => message.getType())).toEqual(['human', 'ai', 'tool', 'ai'])
        expect(new Set(messages.map((message) => message.id)).size).toBe(4)
      }
      // A thread goes on where it was, hits among its messages or not.
      const third = await shop.ask(thread('2'), 'ann', 'Where is order 18?')
      expect(third.messages).toHaveLength(8)
      expect(third.ofTurn).toEqual(['model: miss', 'get_order: miss', 'model: miss'])
    })

    it('shares nothing between the users it is told of', async () => {
      await shop.ask(thread('1'), 'ann', 'Where is order 17?')
      expect((await shop.ask(thread('2'), 'bob', 'Where is order 17?')).ofTurn).toEqual([
        'model: miss',
        'get_order: miss',
        'model: miss',
      ])
    })

    it('drops what a tool read from the long-term store when another wrote there', async () => {
      const before = await shop.ask(thread('1'), 'ann', 'What do I like?')
      expect(before.answer).toContain('none known')
      await shop.ask(thread('2'), 'ann', 'Please remember green tea')
      const after = await shop.ask(thread('3'), 'ann', 'What do I like?')
      expect(after.answer).toContain('green tea')
      expect(after.ofTurn).toEqual(['model: hit', 'get_wishes: miss', 'model: miss'])
    })

    it('leaves threads and memory alone when a cache is cleared, and the cache when a thread is deleted', async () => {
      await shop.ask(thread('1'), 'ann', 'Where is order 17?')
      await saver.deleteThread(thread('1'))
      expect((await shop.ask(thread('2'), 'ann', 'Where is order 17?')).ofTurn).toContain('model: hit')
      await shop.ask(thread('3'), 'ann', 'Please remember green tea')
      for (const cache of [shop.caching.semanticCache, shop.caching.toolCache]) {
        expect(await cache.invalidate({ namespace: cache.namespace })).toBeGreaterThan(0)
      }
      expect(await saver.getTuple({ configurable: { thread_id: thread('2') } })).toBeDefined()
      expect((await store.get([namespace, 'wishes', 'ann'], 'all'))?.value).toEqual({ text: 'green tea' })
    })
  })
})

async function hasSearchAndJson(redisUrl: string): Promise<boolean> {
  const client = createClient({ url: redisUrl, socket: { reconnectStrategy: false } })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.sendCommand(['FT._LIST'])
    const [known] = (await client.sendCommand(['COMMAND', 'INFO', 'JSON.SET'])) as unknown[]
    return known !== null && known !== undefined
  } catch {
    return false
  } finally {
    if (client.isOpen) client.destroy()
  }
}
