import { ChatOpenAI } from '@langchain/openai'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { Embedder } from '../../../src/embeddings/embedder.ts'
import type { DecisionPolicy } from '../../../src/semantic-cache/decision/policy.ts'
import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { redisStore } from '../../../src/stores/redis/index.ts'
import type { Peer } from '../peer.ts'
import { askChatModel, type ChatModel } from './chat-model.ts'
import type { ModelSide } from './model-side.ts'

/** Reprise round a ChatOpenAI. The memory tier is off where its store is to be measured. */
export function reprise(
  side: ModelSide,
  given: {
    readonly name: string
    readonly version: string
    readonly setup: string
    readonly decision: DecisionPolicy | 'exact'
    readonly embedder: Embedder
    readonly redisUrl?: string
    readonly memoryTier?: boolean
  },
): Peer {
  let opened = 0
  return {
    name: given.name,
    version: given.version,
    setup: given.setup,
    isSemantic: given.decision !== 'exact',
    noPlaceFor: [],
    open: async () => {
      const namespace = `peers-${process.pid}-${++opened}`
      const cache = await createSemanticCache({
        store: given.redisUrl ? redisStore({ url: given.redisUrl }) : embeddedStore(),
        namespace,
        decision: given.decision,
        embedder: given.embedder,
        maxPendingWrites: 5000,
        // The tables hold some: the others have no such rule.
        questionsAboutNow: { ttlMs: 3_600_000 },
        ...(given.memoryTier ? {} : { memory: { maxEntries: 0 } }),
      })
      return {
        async call(call) {
          const { wasAsked } = side.expect(call)
          const { text, microseconds } = await askChatModel(
            (fields) => cachedModel(new ChatOpenAI(fields), { cache }) as unknown as ChatModel,
            side.baseUrl,
            call,
            call.tenant === undefined ? {} : { reprise: { tenant: call.tenant } },
          )
          // The next call of a benchmark asks what the last one stored; an application's comes later anyway.
          if (wasAsked()) await cache.flush()
          return { answer: text, cached: !wasAsked(), microseconds }
        },
        async close() {
          await cache.invalidate({ namespace })
          await cache.close()
        },
      }
    },
    close: async () => {},
  }
}
