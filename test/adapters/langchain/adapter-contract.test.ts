import type { AIMessage, BaseMessage } from '@langchain/core/messages'
import { AIMessage as Assistant, HumanMessage, SystemMessage } from '@langchain/core/messages'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import { startModelServer } from '../../../src/cli/bench/model-server.ts'
import type { CacheRecord } from '../../../src/core/outcome.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import {
  type AdapterAnswer,
  type AdapterQuestion,
  type AdapterSubject,
  adapterContract,
} from '../../../src/testing/adapter-contract.ts'
import { chatOpenAI, saying } from './chat-openai.ts'
import { comparable } from './comparable.ts'

adapterContract('cachedModel over ChatOpenAI', { createCache: createSemanticCache, open })

async function open(cache: SemanticCache): Promise<AdapterSubject> {
  const server = await startModelServer({ answer: saying('') })
  const runnable = ({ model = 'gpt-4o-mini', temperature, tool }: AdapterQuestion) => {
    const wrapped = cachedModel(chatOpenAI(server, { model, temperature }), { cache })
    return tool ? wrapped.bindTools([weatherTool(tool)]) : wrapped
  }
  return {
    async ask(question) {
      return answerOf((await runnable(question).invoke(messagesOf(question), configOf(question))) as AIMessage)
    },
    async askStreaming(question) {
      let whole: AIMessage | undefined
      let pieces = 0
      for await (const chunk of await runnable(question).stream(messagesOf(question), configOf(question))) {
        whole = whole ? (whole as never as { concat(chunk: unknown): AIMessage }).concat(chunk) : (chunk as AIMessage)
        pieces++
      }
      if (!whole) throw new Error('the stream gave nothing')
      return { ...answerOf(whole), pieces }
    },
    calls: () => server.requestCount,
    modelSays(says) {
      server.answerWith(() =>
        says.status ? { fault: { status: says.status } } : says.hang ? { fault: { hang: true } } : says,
      )
    },
    close: () => server.close(),
  }
}

function messagesOf({ text, instructions, earlier = [], image }: AdapterQuestion): BaseMessage[] {
  const url = image && `data:image/png;base64,${Buffer.from(image).toString('base64')}`
  return [
    ...(instructions === undefined ? [] : [new SystemMessage(instructions)]),
    ...earlier.map((turn, index) => (index % 2 === 0 ? new HumanMessage(turn) : new Assistant(turn))),
    new HumanMessage({
      content: url
        ? [
            { type: 'text', text },
            { type: 'image_url', image_url: { url } },
          ]
        : text,
    }),
  ]
}

function configOf({ controls, signal }: AdapterQuestion) {
  return { configurable: { reprise: controls ?? {} }, ...(signal && { signal }) }
}

function answerOf(message: AIMessage): AdapterAnswer {
  const { tool_calls: calls = [], usage_metadata: usage, response_metadata: metadata, id } = message
  return {
    text: message.text,
    toolCalls: calls.map(({ id: callId, name, args }) => ({ ...(callId && { id: callId }), name, args })),
    ...(id !== undefined && { id }),
    totalTokens: usage?.total_tokens ?? 0,
    record: metadata.reprise as CacheRecord,
    rest: comparable(message),
  }
}

function weatherTool(name: string) {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  return { type: 'function' as const, function: { name, description: 'The weather of a city', parameters } }
}
