import type { Peer } from '../peer.ts'
import { askChatModel, type ChatModel } from './chat-model.ts'
import type { ModelSide } from './model-side.ts'
import type { PeerModules } from './peer-modules.ts'

interface OpenaiModule {
  readonly ChatOpenAI: new (fields: Record<string, unknown>) => ChatModel
}
interface CachesModule {
  readonly InMemoryCache: new () => unknown
}
interface RedisCacheModule {
  readonly RedisCache: new (client: unknown) => unknown
}
interface RedisModule {
  createClient(options: { url: string }): {
    connect(): Promise<unknown>
    flushDb(): Promise<unknown>
    select(database: number): Promise<unknown>
    quit(): Promise<unknown>
  }
}

/** LangChain's own cache of a process: `new ChatOpenAI({ cache: new InMemoryCache() })`. */
export async function langchainInMemory(modules: PeerModules, side: ModelSide): Promise<Peer> {
  const { ChatOpenAI } = await modules.load<OpenaiModule>('@langchain/openai')
  const { InMemoryCache } = await modules.load<CachesModule>('@langchain/core/caches')
  return {
    name: 'LangChain InMemoryCache',
    version: `@langchain/core ${modules.version('@langchain/core')}`,
    setup: 'new ChatOpenAI({ cache: new InMemoryCache() })',
    isSemantic: false,
    noPlaceFor: ['tenant'],
    open: async () => {
      const cache = new InMemoryCache()
      return { call: (call) => askThrough(ChatOpenAI, cache, side, call), close: async () => {} }
    },
    close: async () => {},
  }
}

/** `@langchain/redis`, on a Redis without modules; it has no prefix and no TTL, so it gets a database of its own. */
export async function langchainRedis(modules: PeerModules, side: ModelSide, redisUrl: string): Promise<Peer> {
  const { ChatOpenAI } = await modules.load<OpenaiModule>('@langchain/openai')
  const { RedisCache } = await modules.load<RedisCacheModule>('@langchain/redis')
  const { createClient } = await modules.load<RedisModule>('redis')
  const client = createClient({ url: redisUrl })
  await client.connect()
  await client.select(9)
  return {
    name: '@langchain/redis RedisCache',
    version: `${modules.version('@langchain/redis')}, redis ${modules.version('redis')}`,
    setup: 'new ChatOpenAI({ cache: new RedisCache(client) })',
    isSemantic: false,
    noPlaceFor: ['tenant'],
    open: async () => {
      await client.flushDb()
      const cache = new RedisCache(client)
      return {
        call: (call) => askThrough(ChatOpenAI, cache, side, call),
        close: async () => {},
      }
    },
    close: async () => {
      await client.flushDb()
      await client.quit()
    },
  }
}

async function askThrough(
  ChatOpenAI: OpenaiModule['ChatOpenAI'],
  cache: unknown,
  side: ModelSide,
  call: Parameters<typeof askChatModel>[2],
) {
  const { wasAsked } = side.expect(call)
  const { text, microseconds } = await askChatModel(
    (fields) => new ChatOpenAI({ ...fields, cache }),
    side.baseUrl,
    call,
  )
  return { answer: text, cached: !wasAsked(), microseconds }
}
