/**
 * An agent whose threads (RedisSaver, then ShallowRedisSaver), long-term memory (RedisStore) and caches lie on one Redis:
 *
 *   docker compose up -d && npx tsx examples/langchain-redis/agent.ts
 *
 * Needs a server with the query engine and JSON (Redis 8, Redis Stack), at REPRISE_REDIS_URL or localhost:6379. With
 * OPENAI_API_KEY set it asks gpt-4o-mini; without one a stand-in answers that always calls a tool first.
 */
import type { BaseStore } from '@langchain/langgraph-checkpoint'
import { RedisSaver } from '@langchain/langgraph-checkpoint-redis'
import { ShallowRedisSaver } from '@langchain/langgraph-checkpoint-redis/shallow'
import { RedisStore } from '@langchain/langgraph-checkpoint-redis/store'
import { ChatOpenAI } from '@langchain/openai'
import { shopAgent } from './shop-agent.ts'
import { StandIn } from './stand-in.ts'

const redisUrl = process.env.REPRISE_REDIS_URL ?? 'redis://localhost:6379'
const store = await RedisStore.fromConnString(redisUrl)
const savers = {
  RedisSaver: await RedisSaver.fromUrl(redisUrl),
  ShallowRedisSaver: await ShallowRedisSaver.fromUrl(redisUrl),
}

for (const [name, checkpointer] of Object.entries(savers)) {
  const { ask, caching } = await shopAgent({
    redisUrl,
    namespace: `example-${name}`,
    model: process.env.OPENAI_API_KEY ? new ChatOpenAI({ model: 'gpt-4o-mini' }) : new StandIn({}),
    checkpointer,
    // It has all that a store of LangGraph has, but does not say so in its type.
    store: store as unknown as BaseStore,
  })
  console.log(`\n${name}`)
  for (const [thread, user, question] of [
    ['1', 'ann', 'Where is order 17?'],
    ['2', 'ann', 'Where is order 17?'],
    ['3', 'bob', 'Where is order 17?'],
    ['4', 'ann', 'What do I like?'],
    ['5', 'ann', 'Please remember green tea'],
    ['6', 'ann', 'What do I like?'],
  ] as const) {
    const { answer, ofTurn, messages } = await ask(`${name}-${thread}`, user, question)
    console.log(
      `${user}, thread ${thread} (${messages.length} messages): ${question} ${answer}  [${ofTurn.join(', ')}]`,
    )
  }
  for (const thread of '123456') await checkpointer.deleteThread(`${name}-${thread}`)
  for (const user of ['ann', 'bob']) await store.delete([`example-${name}`, 'wishes', user], 'all')
  for (const cache of [caching.semanticCache, caching.toolCache]) await cache.invalidate({ namespace: cache.namespace })
  await caching.close()
  await checkpointer.end()
}
await store.close()
