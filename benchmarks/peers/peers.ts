import { existsSync } from 'node:fs'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import { pythonOf } from './install.ts'
import { aiSdkRecipe } from './node/ai-sdk-recipe.ts'
import { langchainInMemory, langchainRedis } from './node/langchain-cache.ts'
import type { ModelSide } from './node/model-side.ts'
import { peerModules } from './node/peer-modules.ts'
import { reprise } from './node/reprise.ts'
import { upstash } from './node/upstash.ts'
import type { AbsentPeer, CallField, Peer } from './peer.ts'
import { pythonPeer } from './python-peer.ts'

/** Their API takes the caller's string and gives one back: there is no call it could look at. */
const STRING_IN_STRING_OUT: readonly CallField[] = ['stream', 'image', 'tools', 'model', 'json', 'finish']

export async function peersAtHand(given: {
  readonly folder: string
  readonly side: ModelSide
  readonly embedder: Embedder
  readonly version: string
  readonly redisUrl: string | undefined
}): Promise<{ peers: Peer[]; absent: AbsentPeer[] }> {
  const { folder, side, embedder, version, redisUrl } = given
  const { dimensions } = await embedder.describe()
  const modules = peerModules(folder)
  const python = pythonOf(folder)
  const noServer = 'REPRISE_TEST_REDIS_URL names no Redis with the query engine'
  const own = (name: string, rest: Partial<Parameters<typeof reprise>[1]>) =>
    reprise(side, { name, version, setup: '', decision: 'exact', embedder, ...rest })
  const makers: readonly (readonly [string, () => Promise<Peer>, string?])[] = [
    ...[0.01, 0.05].map(
      (rate) =>
        [
          `Reprise, calibrated(${rate})`,
          async () =>
            own(`Reprise, calibrated(${rate})`, {
              setup: `cachedModel(new ChatOpenAI(), { cache }), embedded store, calibrated({ maxFalseHitRate: ${rate} })`,
              decision: calibrated({ maxFalseHitRate: rate }),
              memoryTier: true,
            }),
        ] as const,
    ),
    [
      'Reprise on Redis',
      async () =>
        own('Reprise on Redis, calibrated(0.05)', {
          setup: 'the same on redisStore({ url }), memory tier off',
          decision: calibrated({ maxFalseHitRate: 0.05 }),
          ...(redisUrl ? { redisUrl } : {}),
        }),
      redisUrl ? undefined : noServer,
    ],
    ['LangChain InMemoryCache', () => langchainInMemory(modules, side)],
    [
      '@langchain/redis RedisCache',
      () => langchainRedis(modules, side, redisUrl ?? ''),
      redisUrl ? undefined : 'REPRISE_TEST_REDIS_URL names no Redis',
    ],
    ['AI SDK caching recipe', () => aiSdkRecipe(modules, side)],
    ['@upstash/semantic-cache', () => upstash(modules)],
    [
      'RedisVL SemanticCache',
      () =>
        pythonPeer({
          python,
          name: 'RedisVL SemanticCache',
          driver: 'redisvl_driver',
          args: [redisUrl ?? ''],
          setup: 'check(prompt), else store(prompt, response); distance threshold .1; tenant as a filterable field',
          dimensions,
          noPlaceFor: STRING_IN_STRING_OUT,
        }),
      redisUrl ? undefined : noServer,
    ],
    [
      'GPTCache',
      () =>
        pythonPeer({
          python,
          name: 'GPTCache',
          driver: 'gptcache_driver',
          setup: 'its api (get, put), sqlite and faiss, SearchDistanceEvaluation, similarity threshold .8',
          dimensions,
          noPlaceFor: [...STRING_IN_STRING_OUT, 'tenant'],
        }),
    ],
    [
      'langgraph-redis SemanticCacheMiddleware',
      () =>
        pythonPeer({
          python,
          name: 'langgraph-redis SemanticCacheMiddleware',
          driver: 'langgraph_redis_driver',
          args: [redisUrl ?? ''],
          setup: 'awrap_model_call as create_agent calls it, its defaults (distance threshold .1)',
          dimensions,
          noPlaceFor: ['stream', 'tenant'],
        }),
      redisUrl ? undefined : noServer,
    ],
  ]
  const peers: Peer[] = []
  const absent: AbsentPeer[] = [
    { name: 'BetterDB semantic-cache', reason: 'its package is not in the npm registry that can be reached' },
    { name: 'Redis LangCache, Portkey, Helicone', reason: 'hosted services' },
  ]
  for (const [name, make, missing] of makers) {
    if (missing) {
      absent.push({ name, reason: missing })
      continue
    }
    try {
      peers.push(await make())
    } catch (error) {
      const hint = existsSync(folder) ? '' : ' (npm run bench:peers -- --install)'
      absent.push({ name, reason: `${(error as Error).message.split('\n')[0]}${hint}` })
    }
  }
  return { peers, absent }
}
