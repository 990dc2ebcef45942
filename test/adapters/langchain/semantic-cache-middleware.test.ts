import {
  type AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  type ToolMessage,
} from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { MemorySaver } from '@langchain/langgraph'
import {
  createAgent,
  dynamicSystemPromptMiddleware,
  initChatModel,
  modelFallbackMiddleware,
  providerStrategy,
  toolStrategy,
} from 'langchain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cachedModel, semanticCacheMiddleware } from '../../../src/adapters/langchain/index.ts'
import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import type { CacheEvent } from '../../../src/core/events.ts'
import { createSemanticCache } from '../../../src/create.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { chatOpenAI } from './chat-openai.ts'
import { comparable } from './comparable.ts'

const weather = tool(async ({ city }) => `sunny in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
})

/** Calls the tool once, then answers with what it said. */
const agentLike: Parameters<ModelServer['answerWith']>[0] = ({ messages, tools }) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { text: `It is ${last.content}.` }
  return tools?.length ? { toolCalls: [{ name: 'weather', args: { city: 'Oslo' } }] } : { text: 'Hello.' }
}

describe('semanticCacheMiddleware in createAgent', () => {
  let server: ModelServer
  let cache: SemanticCache
  let events: CacheEvent[]

  beforeEach(async () => {
    events = []
    server = await startModelServer({ answer: agentLike })
    cache = await createSemanticCache({ on: (event) => events.push(event) })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })

  const agentOf = (options: Partial<Parameters<typeof createAgent>[0]> = {}, caching = {}) =>
    createAgent({
      model: chatOpenAI(server),
      tools: [weather],
      systemPrompt: 'Be brief.',
      middleware: [semanticCacheMiddleware({ cache, ...caching })],
      ...options,
    } as Parameters<typeof createAgent>[0])
  const ask = (text = 'Weather in Oslo?') => ({ messages: [new HumanMessage(text)] })
  const lookups = () => events.flatMap((event) => (event.type === 'lookup' ? [event] : []))

  it('answers a whole agent run from the cache, in another thread and another agent', async () => {
    const agent = agentOf({ checkpointer: new MemorySaver() })
    const first = await agent.invoke(ask(), { configurable: { thread_id: '1' } })
    const second = await agent.invoke(ask(), { configurable: { thread_id: '2' } })
    const third = await agentOf().invoke(ask())
    expect(server.requestCount).toBe(2)
    expect(lookups().map(({ outcome }) => outcome)).toEqual(['miss', 'miss', 'hit', 'hit', 'hit', 'hit'])
    for (const { messages } of [second, third]) {
      expect(messages.map(comparable)).toEqual(first.messages.map(comparable))
      expect(messages.at(-1)?.content).toBe('It is sunny in Oslo.')
    }
  })

  it('pairs fresh call ids with their results, and gives every message an id of its own', async () => {
    const agent = agentOf()
    const runs = [await agent.invoke(ask()), await agent.invoke(ask()), await agent.invoke(ask())]
    for (const { messages } of runs) {
      const call = (messages[1] as AIMessage).tool_calls?.[0]
      expect((messages[2] as ToolMessage).tool_call_id).toBe(call?.id)
    }
    const ids = runs.flatMap(({ messages }) => messages.map(({ id }: BaseMessage) => id))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => typeof id === 'string' && id !== '')).toBe(true)
  })

  it('keeps both answers in one thread when the second is a hit', async () => {
    server.answerWith(() => ({ text: 'Hello.' }))
    const agent = agentOf({ checkpointer: new MemorySaver() })
    await agent.invoke(ask('hi'), { configurable: { thread_id: '1' } })
    await agent.invoke(ask('hi'), { configurable: { thread_id: '2' } })
    await agent.invoke(ask('hi'), { configurable: { thread_id: '2' } })
    const { messages } = await agent.invoke(ask('hi'), { configurable: { thread_id: '1' } })
    expect(messages.map(({ content }: BaseMessage) => content)).toEqual(['hi', 'Hello.', 'hi', 'Hello.'])
    expect(server.requestCount).toBe(2)
  })

  it('leaves the same checkpoint on a hit as on a miss', async () => {
    const checkpointer = new MemorySaver()
    const agent = agentOf({ checkpointer })
    const states = []
    for (const thread_id of ['1', '2']) {
      await agent.invoke(ask(), { configurable: { thread_id } })
      const tuple = await checkpointer.getTuple({ configurable: { thread_id } })
      const { messages, ...others } = (tuple?.checkpoint.channel_values ?? { messages: [] }) as {
        messages: BaseMessage[]
      }
      states.push({ messages: messages.map(comparable), others, next: tuple?.metadata?.step })
    }
    expect(states[1]).toEqual(states[0])
  })

  it('streams a hit token by token, as it streams a miss', async () => {
    const agent = agentOf()
    const tokens = async () => {
      const seen: string[] = []
      for await (const [chunk] of await agent.stream(ask(), { streamMode: 'messages' })) {
        const message = chunk as AIMessageChunk
        if (message.getType() === 'ai' && message.content) seen.push(message.content as string)
      }
      return seen
    }
    const miss = await tokens()
    const hit = await tokens()
    expect(server.requestCount).toBe(2)
    expect(hit).toEqual(miss)
    expect(hit.length).toBeGreaterThan(2)
    expect(hit.join('')).toBe('It is sunny in Oslo.')
  })

  it('gives the same updates and stream events on a hit', async () => {
    const agent = agentOf()
    const kinds = async () => {
      const seen: string[] = []
      for await (const { event, name } of agent.streamEvents(ask(), { version: 'v2' })) {
        if (event.startsWith('on_chat_model') || event.startsWith('on_tool')) seen.push(`${event} ${name}`)
      }
      return seen.filter((kind, index) => kind !== seen[index - 1])
    }
    const miss = await kinds()
    expect(await kinds()).toEqual(miss)
    expect(miss).toEqual([
      'on_chat_model_start ChatOpenAI',
      'on_chat_model_stream ChatOpenAI',
      'on_chat_model_end ChatOpenAI',
      'on_tool_start weather',
      'on_tool_end weather',
      'on_chat_model_start ChatOpenAI',
      'on_chat_model_stream ChatOpenAI',
      'on_chat_model_end ChatOpenAI',
    ])
    expect(server.requestCount).toBe(2)
  })

  const byTool = (schema: z.ZodObject) => toolStrategy(schema) as never
  const Answer = z.object({ temperature: z.number() })
  it('fills structuredResponse by the provider strategy', async () => {
    server.answerWith(() => ({ text: '{"temperature":7}' }))
    for (let i = 0; i < 2; i++) {
      const { structuredResponse } = await agentOf({ tools: [], responseFormat: providerStrategy(Answer) }).invoke(
        ask(),
      )
      expect(structuredResponse).toEqual({ temperature: 7 })
    }
    expect(server.requestCount).toBe(1)
  })

  it('fills structuredResponse by the tool strategy, whose tools have another name in every run', async () => {
    const names = new Set<string>()
    server.answerWith(({ tools }) => {
      const { name } = (tools as { function: { name: string } }[])[0]?.function ?? { name: '' }
      names.add(name)
      return { toolCalls: [{ name, args: { temperature: 7 } }] }
    })
    const agent = agentOf({ tools: [], responseFormat: byTool(Answer), checkpointer: new MemorySaver() })
    const contents = []
    for (const thread_id of ['1', '2', '3']) {
      const { structuredResponse, messages } = await agent.invoke(ask(), { configurable: { thread_id } })
      expect(structuredResponse).toEqual({ temperature: 7 })
      contents.push(messages.map(({ content }: BaseMessage) => content))
    }
    expect(server.requestCount).toBe(1)
    expect(contents[1]).toEqual(contents[0])
    await agentOf({ tools: [], responseFormat: byTool(Answer.extend({ unit: z.string().optional() })) }).invoke(ask())
    expect(server.requestCount).toBe(2)
    expect(names.size).toBe(2)
  })

  it('fills it by the tool strategy too where the model itself is wrapped, with the middleware and without', async () => {
    server.answerWith(({ tools }) => {
      const { name } = (tools as { function: { name: string } }[])[0]?.function ?? { name: '' }
      return { toolCalls: [{ name, args: { temperature: 7 } }] }
    })
    const model = cachedModel(chatOpenAI(server), { cache })
    for (const options of [{ middleware: [] }, { middleware: [] }, {}]) {
      const agent = agentOf({ model, tools: [], responseFormat: byTool(Answer), ...options })
      expect((await agent.invoke(ask())).structuredResponse).toEqual({ temperature: 7 })
    }
    expect(server.requestCount).toBe(1)
  })

  it('streams a structured answer to two runs at once, each with its own tool name', async () => {
    server.answerWith(({ tools }) => {
      const { name } = (tools as { function: { name: string } }[])[0]?.function ?? { name: '' }
      return { toolCalls: [{ name, args: { temperature: 7 } }], latencyMs: 1 }
    })
    const agent = agentOf({ tools: [], responseFormat: byTool(Answer) })
    const run = async () => {
      let last: { structuredResponse?: unknown } = {}
      for await (const [mode, value] of await agent.stream(ask(), { streamMode: ['messages', 'values'] })) {
        if (mode === 'values') last = value as typeof last
      }
      return last.structuredResponse
    }
    expect(await Promise.all([run(), run()])).toEqual([{ temperature: 7 }, { temperature: 7 }])
    expect(server.requestCount).toBe(1)
  })

  it('does not keep a structured answer that the agent has to ask for again', async () => {
    const badThenGood = () => {
      let calls = 0
      server.answerWith(({ tools }) => {
        const { name } = (tools as { function: { name: string } }[])[0]?.function ?? { name: '' }
        return { toolCalls: [{ name, args: { temperature: calls++ === 0 ? 'warm' : 7 } }] }
      })
    }
    const agent = agentOf({ tools: [], responseFormat: byTool(Answer) })
    for (let i = 0; i < 2; i++) {
      badThenGood()
      expect((await agent.invoke(ask())).structuredResponse).toEqual({ temperature: 7 })
    }
    const stored = events.filter((event) => event.type === 'write' && event.outcome === 'stored')
    expect(stored).toHaveLength(1)
  })

  it.each([
    ['the system prompt', { systemPrompt: 'Be long.' }],
    ['the tools', { tools: [] }],
    ['the model', { model: undefined }],
  ])('shares nothing across %s', async (_what, difference) => {
    await agentOf().invoke(ask())
    const before = server.requestCount
    const model = 'model' in difference ? chatOpenAI(server, { model: 'gpt-4o' }) : chatOpenAI(server)
    await agentOf({ ...difference, model }).invoke(ask())
    expect(server.requestCount).toBeGreaterThan(before)
    expect(
      lookups()
        .slice(2)
        .every(({ outcome }) => outcome === 'miss'),
    ).toBe(true)
  })

  it('sees the prompt that middleware before it has made', async () => {
    const agent = (prompt: string) =>
      agentOf({ middleware: [dynamicSystemPromptMiddleware(() => prompt), semanticCacheMiddleware({ cache })] })
    await agent('one').invoke(ask())
    await agent('two').invoke(ask())
    expect(server.requestCount).toBe(4)
    await agent('one').invoke(ask())
    expect(server.requestCount).toBe(4)
  })

  it("finds the tenant in the runtime's context or in configurable", async () => {
    const contextSchema = z.object({ userId: z.string() })
    const tenant = ({ context, configurable }: { context?: unknown; configurable: Record<string, unknown> }) =>
      (context as { userId?: string } | undefined)?.userId ?? (configurable.user_id as string | undefined)
    const agent = agentOf({ contextSchema, tools: [] }, { tenant })
    await agent.invoke(ask(), { context: { userId: 'ann' } })
    await agent.invoke(ask(), { context: { userId: 'bob' } })
    await agent.invoke(ask(), { context: { userId: 'ann' } })
    expect(lookups().map(({ outcome, tenant: whose }) => `${outcome} ${whose}`)).toEqual([
      'miss ann',
      'miss bob',
      'hit ann',
    ])
    const plain = agentOf({ tools: [] }, { tenant })
    await plain.invoke(ask(), { configurable: { user_id: 'ann' } })
    expect(lookups().at(-1)).toMatchObject({ outcome: 'hit', tenant: 'ann' })
  })

  it('takes per-call controls through configurable.reprise', async () => {
    const agent = agentOf({ tools: [] })
    await agent.invoke(ask())
    await agent.invoke(ask(), { configurable: { reprise: { mode: 'bypass' } } })
    expect(lookups().map(({ outcome }) => outcome)).toEqual(['miss', 'bypass'])
  })

  it('reuses turns after tool results, and calls of tools, for the very same request only', async () => {
    const semantic = await createSemanticCache({
      decision: similarityThreshold({ minSimilarity: 0.5 }),
      on: (event) => events.push(event),
    })
    const agent = agentOf({ middleware: [semanticCacheMiddleware({ cache: semantic })] })
    await agent.invoke(ask('What is the weather in Oslo?'))
    await semantic.flush()
    events.length = 0
    await agent.invoke(ask('What is the weather in Oslo'))
    // The answer with tool calls is found by no similarity, and the turn after the tool is not asked by similarity.
    expect(lookups().map(({ outcome, notSemantic }) => [outcome, notSemantic])).toEqual([
      ['miss', undefined],
      ['miss', 'last-message-not-user'],
    ])
    await semantic.close()
  })

  it('leaves fallbacks alone: what another model said is not stored for the first', async () => {
    const strike = await startModelServer({ answer: () => ({ fault: { status: 500 } }) })
    const agent = agentOf({
      model: chatOpenAI(strike),
      tools: [],
      middleware: [semanticCacheMiddleware({ cache }), modelFallbackMiddleware(chatOpenAI(server))],
    })
    for (let i = 0; i < 2; i++) expect((await agent.invoke(ask())).messages.at(-1)?.content).toBe('Hello.')
    expect(strike.requestCount).toBe(2)
    await strike.close()
  })

  it('leaves a model alone that is wrapped already', async () => {
    const agent = agentOf({ model: cachedModel(chatOpenAI(server), { cache }), tools: [] })
    const first = await agent.invoke(ask())
    const second = await agent.invoke(ask())
    expect(server.requestCount).toBe(1)
    expect(second.messages.at(-1)?.response_metadata).toMatchObject({ reprise: { outcome: 'hit' } })
    expect(second.messages.map(comparable)).toEqual(first.messages.map(comparable))
  })

  it('asks the model that the config of the run chooses, and stores its answer as that model’s', async () => {
    server.answerWith(({ model }) => ({ text: `I am ${model}.` }))
    const model = await initChatModel('gpt-4o-mini', {
      modelProvider: 'openai',
      configurableFields: ['model'],
      apiKey: 'sk-test',
      maxRetries: 0,
      configuration: { baseURL: server.baseUrl },
    })
    for (const options of [{ tools: [] }, { tools: [weather] }]) {
      const before = server.requestCount
      const agent = agentOf({ model, ...options })
      const texts: unknown[] = []
      for (const name of ['gpt-4o', 'gpt-4.1', 'gpt-4o', undefined]) {
        const { messages } = await agent.invoke(ask(), {
          configurable: { thread_id: 't', ...(name && { model: name }) },
        })
        texts.push(messages.at(-1)?.content)
      }
      expect(texts).toEqual(['I am gpt-4o.', 'I am gpt-4.1.', 'I am gpt-4o.', 'I am gpt-4o-mini.'])
      expect(server.requestCount - before).toBe(3)
      const streamed: string[] = []
      for await (const [chunk] of await agent.stream(ask(), {
        streamMode: 'messages',
        configurable: { model: 'gpt-4.1' },
      })) {
        streamed.push(String((chunk as AIMessageChunk).content))
      }
      expect(streamed.filter(Boolean).length).toBeGreaterThan(1)
      expect(streamed.join('')).toBe('I am gpt-4.1.')
      expect(server.requestCount - before).toBe(3)
    }
  })

  it('hands on the error of the model, as the agent words it', async () => {
    server.answerWith(() => ({ fault: { status: 400, message: 'no such thing' } }))
    await expect(agentOf().invoke(ask())).rejects.toThrow(/no such thing/)
  })

  it('refuses wrong options', () => {
    expect(() => semanticCacheMiddleware({ cache, deterministicTools: [] } as never)).toThrow(
      /option of semanticCacheMiddleware must be one of/,
    )
    expect(() => semanticCacheMiddleware({} as never)).toThrow(/cache must be a semantic cache/)
  })
})
