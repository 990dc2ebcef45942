import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import type { BaseCheckpointSaver, BaseStore } from '@langchain/langgraph-checkpoint'
import { createAgent, type ToolRuntime } from 'langchain'
import { z } from 'zod'
import { createCachingStack } from '../../src/adapters/langchain/index.ts'
import type { CacheRecord } from '../../src/index.ts'

const contextSchema = z.object({ user: z.string() })
type Runtime = ToolRuntime<unknown, typeof contextSchema>

/** What agent, checkpointer and caches do together: threads, memory and reuse, all on one Redis. */
export async function shopAgent({
  redisUrl,
  namespace,
  model,
  checkpointer,
  store,
}: {
  redisUrl: string
  namespace: string
  model: BaseChatModel
  checkpointer: BaseCheckpointSaver
  store: BaseStore
}) {
  const toolRuns: string[] = []
  const ran = (what: string) => toolRuns.push(what)
  const wishesOf = (user: string) => [namespace, 'wishes', user]

  const getOrder = tool(
    async ({ id }: { id: number }) => {
      ran(`get_order ${id}`)
      return `order ${id} is on its way`
    },
    { name: 'get_order', description: 'The state of an order', schema: z.object({ id: z.number() }) },
  )
  // Both look at who asks and at the long-term store, which are not among their arguments: `tenant` says whose result it
  // is, and the tag says what it depends on.
  const getWishes = tool(
    async (_input: object, runtime: Runtime) => {
      const { context } = runtime
      ran(`get_wishes of ${context.user}`)
      const found = await memoryOf(runtime).get(wishesOf(context.user), 'all')
      return `wishes: ${found?.value.text ?? 'none known'}`
    },
    { name: 'get_wishes', description: 'What the customer has wished for before', schema: z.object({}) },
  )
  const saveWish = tool(
    async ({ text }: { text: string }, runtime: Runtime) => {
      const { context } = runtime
      ran(`save_wish of ${context.user}`)
      await memoryOf(runtime).put(wishesOf(context.user), 'all', { text })
      return 'saved'
    },
    { name: 'save_wish', description: 'Remembers a wish', schema: z.object({ text: z.string() }) },
  )
  const tools = [getOrder, getWishes, saveWish]

  const caching = await createCachingStack({
    redisUrl,
    namespace,
    // The first call finds a connection that is still being made.
    storeDeadlineMs: 2_000,
    tools,
    tenant: ({ context }) => (context as { user?: string } | undefined)?.user,
    policies: {
      get_order: { ttlMs: 60_000 },
      get_wishes: { reads: ['wishes'] },
      save_wish: { writes: ['wishes'] },
    },
  })
  const agent = createAgent({
    model,
    tools,
    contextSchema,
    systemPrompt: 'You help the customers of a shop. Answer in one sentence.',
    checkpointer,
    store,
    middleware: caching.middleware,
  })

  return {
    caching,
    /** One turn of a conversation, and what the caches did for it. */
    async ask(threadId: string, user: string, question: string) {
      toolRuns.length = 0
      const { messages } = await agent.invoke(
        { messages: [{ role: 'user', content: question }] },
        { configurable: { thread_id: threadId }, context: { user } },
      )
      // So that the next turn finds it; an application need not wait.
      await caching.flush()
      return { answer: messages.at(-1)?.text, messages, ofTurn: turnOf(messages), toolRuns: [...toolRuns] }
    },
  }
}

/** The store of the agent; its type in `langchain` is that of another kind of store. */
function memoryOf({ store }: Runtime): BaseStore {
  return store as unknown as BaseStore
}

/** The outcomes of the messages since the last question. */
function turnOf(messages: readonly BaseMessage[]): string[] {
  const asked = messages.findLastIndex((message) => message.getType() === 'human')
  return messages.slice(asked + 1).map((message) => {
    const { reprise } = message.response_metadata as { reprise?: CacheRecord }
    return `${message.getType() === 'tool' ? message.name : 'model'}: ${reprise?.outcome}`
  })
}
