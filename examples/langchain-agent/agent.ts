/**
 * An agent whose model calls are answered from the cache: `npx tsx examples/langchain-agent/agent.ts`. With
 * OPENAI_API_KEY set it asks gpt-4o-mini; without one a stand-in answers that always calls the tool first.
 */
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { createAgent } from 'langchain'
import { z } from 'zod'
import { semanticCacheMiddleware } from '../../src/adapters/langchain/index.ts'
import { type CacheRecord, createSemanticCache } from '../../src/index.ts'

class StandIn extends BaseChatModel {
  _llmType() {
    return 'stand-in'
  }

  override bindTools() {
    return this
  }

  async _generate(messages: BaseMessage[]) {
    await new Promise((resolve) => setTimeout(resolve, 400))
    const last = messages.at(-1)
    const message =
      last?.getType() === 'tool'
        ? new AIMessage(`Bring an umbrella: ${last.text}.`)
        : new AIMessage({ content: '', tool_calls: [{ id: 'call_1', name: 'weather', args: { city: 'Oslo' } }] })
    return { generations: [{ text: message.text, message }] }
  }
}

const weather = tool(async ({ city }) => `rain in ${city}`, {
  name: 'weather',
  description: 'The usual weather of a city',
  schema: z.object({ city: z.string() }),
})

const cache = await createSemanticCache()
const agent = createAgent({
  model: process.env.OPENAI_API_KEY ? new ChatOpenAI({ model: 'gpt-4o-mini' }) : new StandIn({}),
  tools: [weather],
  systemPrompt: 'You help people to pack. Answer in one sentence.',
  middleware: [
    semanticCacheMiddleware({ cache, tenant: ({ configurable }) => configurable.user as string | undefined }),
  ],
})

for (const user of ['ann', 'ann', 'bob']) {
  const startedAt = performance.now()
  const { messages } = await agent.invoke(
    { messages: [{ role: 'user', content: 'What should I pack for Oslo in autumn?' }] },
    { configurable: { user } },
  )
  const outcomes = messages
    .map(({ response_metadata: metadata }) => (metadata as { reprise?: CacheRecord }).reprise?.outcome)
    .filter((outcome) => outcome !== undefined)
  const ms = Math.round(performance.now() - startedAt)
  console.log(`${user}: ${messages.at(-1)?.text}  (model calls: ${outcomes.join(', ')}; ${ms} ms)`)
}
await cache.close()
