import { AIMessage, HumanMessage, SystemMessage } from '@langchain/core/messages'
import { FakeLLM } from '@langchain/core/utils/testing'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { langchainCache } from '../../../src/adapters/langchain/index.ts'
import { parseLlmKey } from '../../../src/adapters/langchain/llm-key.ts'
import { messagesOfPrompt } from '../../../src/adapters/langchain/prompt-text.ts'
import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import type { CacheEvent } from '../../../src/core/events.ts'
import { createSemanticCache } from '../../../src/create.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { chatOpenAI, saying } from './chat-openai.ts'

describe('langchainCache', () => {
  let server: ModelServer
  let cache: SemanticCache
  let events: CacheEvent[]
  beforeEach(async () => {
    events = []
    server = await startModelServer({ answer: saying('Forty-two.') })
    cache = await createSemanticCache({ on: (event) => events.push(event) })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })
  const model = (options = {}, fields = {}) => chatOpenAI(server, { cache: langchainCache(cache, options), ...fields })

  it('answers a repeated call, with a fresh id and no usage', async () => {
    const first = await model().invoke('What is the answer?')
    const second = await model().invoke('What is the answer?')
    expect(server.requestCount).toBe(1)
    expect(second.content).toBe('Forty-two.')
    expect(second.id).not.toBe(first.id)
    expect(second.usage_metadata?.total_tokens).toBe(0)
    expect(second.response_metadata).toMatchObject({ reprise: { outcome: 'hit' } })
  })

  it('hits inside a graph that passes its config on, where other caches never do', async () => {
    const cached = model()
    const graph = new StateGraph(MessagesAnnotation)
      .addNode('ask', async ({ messages }, config) => ({ messages: [await cached.invoke(messages, config)] }))
      .addEdge('__start__', 'ask')
      .compile()
    for (let i = 0; i < 3; i++) await graph.invoke({ messages: [new HumanMessage('What is the answer?')] })
    expect(server.requestCount).toBe(1)
  })

  it('keeps the api key out of everything it stores and says', async () => {
    await model().invoke('What is the answer?')
    await cache.flush()
    const key = events.flatMap((event) => (event.type === 'write' ? [event.key] : []))[0] ?? ''
    const text = JSON.stringify([events, await cache.inspect(key)])
    expect(text).toContain('Forty-two.')
    expect(text).not.toContain('sk-test-secret-value')
  })

  it.each([{ temperature: 1 }, { model: 'gpt-4o' }, { configuration: { baseURL: 'http://127.0.0.1:1/v1' } }])(
    'shares nothing across %o',
    async (fields) => {
      await model().invoke('What is the answer?')
      await model({}, fields)
        .invoke('What is the answer?')
        .catch(() => undefined)
      expect(events.filter((event) => event.type === 'lookup' && event.outcome === 'miss')).toHaveLength(2)
    },
  )

  it.each(['context', 'state', 'version', 'config', 'store', 'cache', 'debug', 'tags'])(
    'shares nothing across another %s in the body',
    async (name) => {
      for (const value of ['A', 'B', 'A']) await model({}, { modelKwargs: { [name]: value } }).invoke('What?')
      expect(server.requestCount).toBe(2)
    },
  )

  it.each(['defaultHeaders', 'defaultQuery'])(
    'shares nothing across other %s, which it does not hold',
    async (field) => {
      const secret = { Authorization: 'sk-other', api_key: 'sk-other' }
      for (const value of ['A', 'B', 'A']) {
        await model({}, { configuration: { [field]: { 'x-route': value, ...secret } } }).invoke('What?')
      }
      expect(server.requestCount).toBe(2)
      expect(JSON.stringify(events)).not.toContain('sk-other')
    },
  )

  it('refuses prompts with images, which all read alike', async () => {
    const image = (url: string) =>
      new HumanMessage({
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url } },
        ],
      })
    await model().invoke([image('https://x/cat.png')])
    await model().invoke([image('https://x/dog.png')])
    await model().invoke([image('https://x/dog.png')])
    expect(server.requestCount).toBe(3)
    expect(events).toEqual([])
  })

  it('refuses a message that reads like a conversation, and a conversation that a message could read like', async () => {
    const conversation = [new HumanMessage('a'), new AIMessage('ok'), new HumanMessage('b')]
    await model().invoke(conversation)
    await model().invoke('a\nAI: ok\nHuman: b')
    expect(server.requestCount).toBe(2)
    await model({ allowTranscripts: true }).invoke(conversation)
    await model({ allowTranscripts: true }).invoke(conversation)
    expect(server.requestCount).toBe(3)
  })

  it('refuses instructions that read like instructions and a question, and those like them', async () => {
    server.answerWith(({ messages }) => ({ text: `${messages.length} messages` }))
    const two = await model().invoke([new SystemMessage('q'), new HumanMessage('w')])
    const one = await model().invoke([new SystemMessage('q\nHuman: w')])
    expect([two.content, one.content]).toEqual(['2 messages', '1 messages'])
    expect(server.requestCount).toBe(2)
  })

  it('gives a batch in full, hits and misses mixed', async () => {
    server.answerWith(({ messages }) => ({ text: `About ${messages.at(-1)?.content}` }))
    await model().invoke('b')
    const answers = await model().batch(['a', 'b', 'c'])
    expect(answers.map(({ content }) => content)).toEqual(['About a', 'About b', 'About c'])
  })

  it('answers a paraphrase with instructions in the scope', async () => {
    const semantic = await createSemanticCache({ decision: similarityThreshold({ minSimilarity: 0.6 }) })
    const asking = chatOpenAI(server, { cache: langchainCache(semantic, { allowTranscripts: true }) })
    const ask = (text: string, prompt: string) => asking.invoke([new SystemMessage(prompt), new HumanMessage(text)])
    await ask('How do I reset my password?', 'Be brief.')
    await semantic.flush()
    await ask('How do I reset my passwords?', 'Be brief.')
    expect(server.requestCount).toBe(1)
    await ask('How do I reset my passwords?', 'Be long.')
    expect(server.requestCount).toBe(2)
    await semantic.close()
  })

  it('serves plain language models too', async () => {
    let calls = 0
    const llm = () => {
      const made = new FakeLLM({ response: 'text', cache: langchainCache(cache) } as never)
      const call = made._call.bind(made)
      made._call = async (...args) => {
        calls++
        return call(...args)
      }
      return made
    }
    expect(await llm().invoke('hello')).toBe('text')
    expect(await llm().invoke('hello')).toBe('text')
    expect(calls).toBe(1)
  })

  it('never rejects', async () => {
    const broken = { ...cache, lookup: () => Promise.reject(new Error('down')) } as unknown as SemanticCache
    const asking = chatOpenAI(server, { cache: langchainCache(broken) })
    expect((await asking.invoke('hello')).content).toBe('Forty-two.')
    const adapter = langchainCache(cache)
    expect(await adapter.lookup('rubbish', 'not a key')).toBeNull()
    await expect(adapter.update('rubbish', 'not a key', [{ text: 'x' }])).resolves.toBeUndefined()
  })

  it('refuses wrong options', () => {
    expect(() => langchainCache({} as never)).toThrow(/must be a semantic cache/)
    expect(() => langchainCache(cache, { mode: 'refresh' } as never)).toThrow(/option of langchainCache must be one of/)
    expect(() => langchainCache(cache, { allowTranscripts: 1 } as never)).toThrow(
      /allowTranscripts must be true or false/,
    )
  })
})

describe('the key LangChain gives a cache', () => {
  const keyOf = (fields: Record<string, unknown>) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}:${JSON.stringify(value)}`)
      .sort()
      .join(',')

  it('is read back, whatever its values', () => {
    const name = fc.stringMatching(/^x[a-z]{1,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), (fields) => {
        const key = parseLlmKey(keyOf({ ...fields, _type: 'openai', _model: 'base_chat_model', model: 'm' }))
        expect(key).toMatchObject({ provider: 'openai', model: 'm', isChat: true })
        expect(JSON.stringify(key?.settings)).toBe(
          JSON.stringify(Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))),
        )
      }),
    )
  })

  it('loses run state and secrets', () => {
    const key = parseLlmKey(
      keyOf({
        _type: 'openai',
        _model: 'base_chat_model',
        model: 'm',
        apiKey: 'sk-1',
        executionInfo: { checkpointId: 'a' },
        control: {},
        signal: {},
        temperature: 0,
      }),
    )
    expect(key?.settings).toEqual({ temperature: 0 })
  })

  it.each(['', 'no pairs', 'a:{', '_type:3'])('is undefined for %j', (text) => {
    expect(parseLlmKey(text)).toBeUndefined()
  })
})

describe('the prompt LangChain gives a cache', () => {
  it.each([
    ['Human: hi', [{ role: 'user', content: 'hi' }]],
    ['Human: hi\nthere', [{ role: 'user', content: 'hi\nthere' }]],
    ['System: be kind\nHuman: hi', undefined],
    ['Human: hi\nAI: x', undefined],
    ['Human: a\nSystem: b', undefined],
    ['System: a\nHuman: b\nHuman: c', undefined],
    ['Human: look [image]', undefined],
    ['System: a', undefined],
    ['hi', undefined],
  ])('%j is %o', (prompt, messages) => {
    expect(messagesOfPrompt(prompt, false)).toEqual(messages)
  })

  it('of a conversation is head and question, where that is allowed', () => {
    expect(messagesOfPrompt('Human: a\nAI: b\nHuman: c', true)).toEqual([
      { role: 'system', content: 'Human: a\nAI: b' },
      { role: 'user', content: 'c' },
    ])
    expect(messagesOfPrompt('Human: a\nAI: b\nTool: c', true)).toEqual([
      { role: 'system', content: 'Human: a\nAI: b\nTool: c' },
    ])
  })
})
