import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages'
import { StringOutputParser } from '@langchain/core/output_parsers'
import type { ChatGeneration, LLMResult } from '@langchain/core/outputs'
import { ChatPromptTemplate } from '@langchain/core/prompts'
import { fakeModel } from '@langchain/core/testing'
import { FakeChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import { CacheError } from '../../../src/core/errors.ts'
import type { CacheEvent } from '../../../src/core/events.ts'
import type { CacheRecord } from '../../../src/core/outcome.ts'
import { createSemanticCache } from '../../../src/create.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { chatOpenAI, serverSaying } from './chat-openai.ts'

describe('cachedModel', () => {
  let server: ModelServer
  let cache: SemanticCache
  let events: CacheEvent[]

  beforeEach(async () => {
    events = []
    server = await serverSaying('Forty-two.')
    cache = await createSemanticCache({ on: (event) => events.push(event) })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })

  const wrapped = (options = {}) => cachedModel(chatOpenAI(server), { cache, ...options })
  const outcomes = () => events.flatMap((event) => (event.type === 'lookup' ? [event.outcome] : []))

  it('is a chat model to LangChain: class, name, type, tools', () => {
    const model = wrapped()
    expect(model).toBeInstanceOf(BaseChatModel)
    expect(model.getName()).toBe('ChatOpenAI')
    expect(model._llmType()).toBe('openai')
    expect(model.toJSON()).toEqual(chatOpenAI(server).toJSON())
    expect(typeof model.bindTools).toBe('function')
    expect(model.profile).toEqual(chatOpenAI(server).profile)
  })

  it('ends an aborted call with the error that the model itself ends with', async () => {
    const slow = await startModelServer({
      answer: () => new Promise((resolve) => setTimeout(resolve, 2_000, { text: 'a' })),
    })
    try {
      const ended = async (model: BaseChatModel, config: (question: string) => Promise<object>) => {
        const question = `How long? ${Math.random()}`
        const error = await model.invoke(question, await config(question)).catch((thrown: unknown) => thrown)
        return [(error as Error).constructor.name, (error as Error).name, (error as Error).message]
      }
      const configs = [
        async () => ({ timeout: 50 }),
        async () => ({ signal: AbortSignal.timeout(50) }),
        async () => {
          const controller = new AbortController()
          setTimeout(() => controller.abort(new Error('my own reason')), 50)
          return { signal: controller.signal }
        },
        async () => ({ signal: AbortSignal.abort(new Error('before')) }),
      ]
      for (const config of configs) {
        const model = chatOpenAI(slow)
        expect(await ended(cachedModel(model, { cache }), config)).toEqual(await ended(model, config))
      }
    } finally {
      await slow.close()
    }
  })

  it('does not take an empty usage for a call that cost nothing', async () => {
    const answer = () => ({ text: 'a', usage: { promptTokens: 0, completionTokens: 0 } })
    const silent = await startModelServer({ answer })
    try {
      const chunks = await cachedModel(chatOpenAI(silent), { cache }).stream('How much?')
      for await (const _chunk of chunks);
      await cache.flush()
      expect((await cache.stats()).spent).toMatchObject({ tokens: 0, unpricedCalls: 1 })
    } finally {
      await silent.close()
    }
  })

  it('has no bindTools where the model has none', () => {
    expect(cachedModel(new FakeChatModel({}), { cache }).bindTools).toBeUndefined()
  })

  it('goes into prompt templates, pipes, retries and fallbacks', async () => {
    const chain = ChatPromptTemplate.fromMessages([['human', '{question}']])
      .pipe(wrapped().withRetry({ stopAfterAttempt: 2 }).withFallbacks([wrapped()]))
      .pipe(new StringOutputParser())
    expect(await chain.invoke({ question: 'What is the answer?' })).toBe('Forty-two.')
    expect(await chain.invoke({ question: 'What is the answer?' })).toBe('Forty-two.')
    expect(server.requestCount).toBe(1)
  })

  it('gives a batch in order, hits and misses mixed, each question asked once', async () => {
    server.answerWith(({ messages }) => ({ text: `About ${messages.at(-1)?.content}` }))
    const model = wrapped()
    await model.invoke('b')
    const answers = await model.batch(['a', 'b', 'c', 'a'], undefined, { maxConcurrency: 2 })
    expect(answers.map(({ content }) => content)).toEqual(['About a', 'About b', 'About c', 'About a'])
    expect(server.requestCount).toBe(3)
  })

  it('keeps every generation of a call with n > 1', async () => {
    server.answerWith((_body, choice) => ({ text: `answer ${choice}` }))
    const model = cachedModel(chatOpenAI(server, { n: 2 }), { cache })
    for (let i = 0; i < 2; i++) {
      const { generations } = await model.generatePrompt([await ChatPromptTemplate.fromTemplate('q').invoke({})])
      expect(generations[0]?.map(({ text }) => text)).toEqual(['answer 0', 'answer 1'])
    }
    expect(server.requestCount).toBe(1)
  })

  describe('tools and structured output', () => {
    const weather = {
      name: 'weather',
      description: 'The weather of a city',
      schema: z.object({ city: z.string() }),
    }

    it('caches calls through bindTools, with the tools in the key', async () => {
      server.answerWith(() => ({ toolCalls: [{ name: 'weather', args: { city: 'Oslo' } }] }))
      const model = wrapped()
      const bound = model.bindTools([weather])
      const first = await bound.invoke('Weather in Oslo?')
      const second = await bound.invoke('Weather in Oslo?')
      expect(server.requestCount).toBe(1)
      expect(second.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' }, type: 'tool_call' }])
      expect(second.tool_calls?.[0]?.id).not.toBe(first.tool_calls?.[0]?.id)
      await model.bindTools([{ ...weather, description: 'Another description' }]).invoke('Weather in Oslo?')
      await model
        .bindTools([{ ...weather, schema: z.object({ city: z.string(), day: z.string().optional() }) }])
        .invoke('Weather in Oslo?')
      await model.bindTools([weather], { tool_choice: 'any' }).invoke('Weather in Oslo?')
      await model.invoke('Weather in Oslo?')
      expect(server.requestCount).toBe(5)
    })

    it('tells tools apart that a fake model keeps to itself', async () => {
      const inner = fakeModel().respond(new AIMessage('one')).respond(new AIMessage('two'))
      const model = cachedModel(inner, { cache })
      expect((await model.bindTools([weather as never]).invoke('hello')).content).toBe('one')
      expect((await model.bindTools([weather as never]).invoke('hello')).content).toBe('one')
      expect((await model.bindTools([{ ...weather, name: 'forecast' } as never]).invoke('hello')).content).toBe('two')
      expect(inner.callCount).toBe(2)
    })

    describe.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)('withStructuredOutput by %s', (method) => {
      const schema = z.object({ answer: z.number() })
      beforeEach(() => {
        server.answerWith(({ tools }) =>
          tools ? { toolCalls: [{ name: 'extract', args: { answer: 42 } }] } : { text: '{"answer":42}' },
        )
      })

      it('gives the parsed answer, from one call', async () => {
        const model = wrapped().withStructuredOutput(schema, { method })
        expect(await model.invoke('What is the answer?')).toEqual({ answer: 42 })
        expect(await model.invoke('What is the answer?')).toEqual({ answer: 42 })
        expect(server.requestCount).toBe(1)
      })

      it('gives the raw message beside it, with the record', async () => {
        const model = wrapped().withStructuredOutput(schema, { method, includeRaw: true })
        const records: CacheRecord[] = []
        for (let i = 0; i < 2; i++) {
          const { raw, parsed } = await model.invoke('What is the answer?')
          expect(parsed).toEqual({ answer: 42 })
          records.push(recordOf(raw))
        }
        expect(records.map(({ outcome }) => outcome)).toEqual(['miss', 'hit'])
        expect(server.requestCount).toBe(1)
      })

      it('does not store an answer that fails the schema', async () => {
        server.answerWith(({ tools }) =>
          tools ? { toolCalls: [{ name: 'extract', args: { answer: 'many' } }] } : { text: '{"answer":"many"}' },
        )
        const model = wrapped().withStructuredOutput(schema, { method })
        await expect(model.invoke('What is the answer?')).rejects.toThrow()
        await expect(model.invoke('What is the answer?')).rejects.toThrow()
        expect(server.requestCount).toBe(2)
      })

      const refinements: [string, typeof schema][] = [
        ['a refinement', schema.refine(({ answer }) => answer > 17, 'too small')],
        ['an asynchronous refinement', schema.refine(async ({ answer }) => answer > 17, 'too small')],
      ]
      // By JSON schema OpenAI's own client parses the answer, and cannot wait for anything.
      it.each(method === 'jsonSchema' ? refinements.slice(0, 1) : refinements)(
        'does not store an answer that fails %s, which no JSON schema can say',
        async (_what, refined) => {
          let answer = 5
          server.answerWith(({ tools }) =>
            tools ? { toolCalls: [{ name: 'extract', args: { answer } }] } : { text: JSON.stringify({ answer }) },
          )
          const model = wrapped().withStructuredOutput(refined, { method })
          await expect(model.invoke('What is the answer?')).rejects.toThrow()
          // Some parsers of LangChain check nothing while they stream.
          const streamed = async () => {
            for await (const _ of await model.stream('What is the answer?'));
          }
          await streamed().catch(() => undefined)
          answer = 42
          expect(await model.invoke('What is the answer?')).toEqual({ answer: 42 })
          expect(await model.invoke('What is the answer?')).toEqual({ answer: 42 })
          expect(server.requestCount).toBe(3)
        },
      )

      it.each(['invoke', 'stream'] as const)(
        'asks anew when a stored answer fails a refinement of the caller alone, by %s',
        async (how) => {
          let answer = 5
          server.answerWith(({ tools }) =>
            tools ? { toolCalls: [{ name: 'extract', args: { answer } }] } : { text: JSON.stringify({ answer }) },
          )
          expect(await wrapped().withStructuredOutput(schema, { method }).invoke('What is the answer?')).toEqual({
            answer: 5,
          })
          answer = 42
          const refined = schema.refine((value) => value.answer > 17, 'too small')
          const model = wrapped().withStructuredOutput(refined, { method })
          let last: unknown
          if (how === 'invoke') last = await model.invoke('What is the answer?')
          else for await (const piece of await model.stream('What is the answer?')) last = piece
          expect(last).toEqual({ answer: 42 })
          // What fits both serves both from then on.
          expect(await wrapped().withStructuredOutput(schema, { method }).invoke('What is the answer?')).toEqual({
            answer: 42,
          })
          expect(server.requestCount).toBe(2)
        },
      )

      it('does not share an answer with another schema', async () => {
        await wrapped().withStructuredOutput(schema, { method }).invoke('What is the answer?')
        const other = z.object({ answer: z.number(), unit: z.string().optional() })
        await wrapped().withStructuredOutput(other, { method }).invoke('What is the answer?')
        expect(server.requestCount).toBe(2)
      })
    })
  })

  describe('tenants and controls', () => {
    it('asks a function of the config for the tenant', async () => {
      const model = wrapped({ tenant: ({ configurable }: { configurable: { user?: string } }) => configurable.user })
      await model.invoke('hello', { configurable: { user: 'ann' } })
      await model.invoke('hello', { configurable: { user: 'bob' } })
      await model.invoke('hello', { configurable: { user: 'ann' } })
      expect(server.requestCount).toBe(2)
      expect(outcomes()).toEqual(['miss', 'miss', 'hit'])
    })

    it('stays out of a call whose tenant cannot be found', async () => {
      const model = wrapped({
        tenant: () => {
          throw new TypeError('no session')
        },
      })
      expect((await model.invoke('hello')).content).toBe('Forty-two.')
      expect(outcomes()).toEqual(['bypass'])
    })

    it('keeps the tenant of withConfig when the call brings a config of its own', async () => {
      const model = wrapped()
      const ann = model.withConfig({ configurable: { reprise: { tenant: 'ann' } } })
      await ann.invoke('hello', { configurable: { thread_id: '1' } })
      await model.invoke('hello')
      expect(server.requestCount).toBe(2)
      await ann.invoke('hello', { configurable: { thread_id: '2' } })
      expect(server.requestCount).toBe(2)
    })

    it('takes options as defaults and configurable.reprise over them', async () => {
      const model = wrapped({ mode: 'bypass', tenant: 'acme' })
      await model.invoke('hello', { configurable: { reprise: { mode: 'default' } } })
      await model.invoke('hello', { configurable: { reprise: { mode: 'default' } } })
      await model.invoke('hello')
      expect(outcomes()).toEqual(['miss', 'hit', 'bypass'])
    })

    it('does not read run tags, metadata or ids into the key', async () => {
      const model = wrapped()
      await model.invoke([new HumanMessage({ content: 'hello', id: '1' })], {
        tags: ['a'],
        metadata: { a: 1 },
        runName: 'x',
      })
      await model.invoke([new HumanMessage({ content: 'hello', id: '2' })], { tags: ['b'], metadata: { a: 2 } })
      expect(server.requestCount).toBe(1)
    })

    it.each([
      [{ cache: undefined }, /cache must be a semantic cache, got undefined/],
      [{ ttl: 5 }, /option of cachedModel must be one of .*ttlMs.*, got "ttl"/],
      [{ ttlMs: 0 }, /ttlMs must be a number ≥ 1/],
      [{ tenant: 7 }, /tenant must be a string or a function, got 7/],
      [{ mode: 'sometimes' }, /mode must be one of default, bypass/],
      [{ requireFinishReason: 'yes' }, /requireFinishReason must be true or false/],
    ])('refuses the options %o', (options, message) => {
      expect(() => wrapped(options as never)).toThrow(message)
      expect(() => wrapped(options as never)).toThrow(CacheError)
    })

    it('refuses what is no chat model', () => {
      expect(() => cachedModel({} as never, { cache })).toThrow(/must be a LangChain chat model/)
    })
  })

  describe('streams', () => {
    it("passes the model's own chunks on, untouched, and adds one with the record", async () => {
      const inner = chatOpenAI(server)
      const own: AIMessageChunk[] = []
      const spied = vi.spyOn(inner, '_streamResponseChunks').mockImplementation(async function* (...args) {
        for await (const chunk of chatOpenAI(server)._streamResponseChunks(...args)) {
          own.push(chunk.message as AIMessageChunk)
          yield chunk
        }
      })
      const got: AIMessageChunk[] = []
      for await (const chunk of await cachedModel(inner, { cache }).stream('hello')) got.push(chunk)
      expect(spied).toHaveBeenCalledOnce()
      expect(got.slice(0, -1)).toEqual(own)
      for (const [index, chunk] of own.entries()) expect(got[index]).toBe(chunk)
      expect(got.at(-1)?.response_metadata.reprise).toMatchObject({ outcome: 'miss' })
    })

    it('does not store a stream that was cut off, by an error or quietly', async () => {
      const model = wrapped()
      const text = async () => {
        let all = ''
        for await (const { content } of await model.stream('hello')) all += content
        return all
      }
      server.answerWith(() => ({ fault: { disconnectAfterChunks: 1 }, answer: { text: 'one two three' } }))
      await expect(text()).rejects.toThrow()
      server.answerWith(() => ({ fault: { endAfterChunks: 1 }, answer: { text: 'one two three' } }))
      expect(await text()).toBe('one ')
      server.answerWith(() => ({ text: 'one two three' }))
      expect(await text()).toBe('one two three')
      expect(await text()).toBe('one two three')
      expect(server.requestCount).toBe(3)
    })

    it('does not store a stream its reader left', async () => {
      for await (const _chunk of await wrapped().stream('hello')) break
      expect((await wrapped().invoke('hello')).response_metadata.reprise).toMatchObject({ outcome: 'miss' })
    })

    it('stores the streams of a nameless model, which reports no finish reason', async () => {
      const inner = new FakeStreamingChatModel({ chunks: [new AIMessageChunk('a'), new AIMessageChunk('b')] })
      const model = cachedModel(inner, { cache })
      for (let i = 0; i < 2; i++) {
        const pieces: unknown[] = []
        for await (const { content } of await model.stream('hello')) pieces.push(content)
        expect(pieces.join('')).toBe('ab')
      }
      expect(outcomes()).toEqual(['miss', 'hit'])
    })

    it('asks a model that cannot stream with invoke, as LangChain does', async () => {
      const inner = fakeModel().respond(new AIMessage('whole'))
      const chunks: unknown[] = []
      for await (const { content } of await cachedModel(inner, { cache }).stream('hello')) chunks.push(content)
      expect(chunks).toEqual(['whole'])
    })
  })

  it('tells its callbacks of a hit as of any run', async () => {
    const seen: string[] = []
    const callbacks = [
      {
        handleChatModelStart: (llm: { id: string[] }) => void seen.push(`start ${llm.id.at(-1)}`),
        handleLLMNewToken: (token: string) => void seen.push(token),
        handleLLMEnd: ({ generations }: LLMResult) => {
          const [generation] = generations.flat() as ChatGeneration[]
          seen.push(generation ? recordOf(generation.message).outcome : 'no generation')
        },
      },
    ]
    const model = wrapped()
    await model.invoke('hello', { callbacks })
    await model.invoke('hello', { callbacks })
    for await (const _chunk of await model.stream('hello', { callbacks }));
    expect(seen).toEqual([
      'start ChatOpenAI',
      'miss',
      'start ChatOpenAI',
      'hit',
      'start ChatOpenAI',
      '',
      'Forty-two.',
      '',
      'hit',
    ])
  })

  it("gives the caller the model's own error object", async () => {
    const error = new Error('the model is on strike')
    const inner = fakeModel().alwaysThrow(error)
    await expect(cachedModel(inner, { cache }).invoke('hello')).rejects.toBe(error)
    server.answerWith(() => ({ fault: { status: 429, retryAfterSeconds: 1, message: 'slow down' } }))
    await expect(wrapped().invoke('hello')).rejects.toMatchObject({ status: 429 })
    await expect(wrapped().stream('hello')).rejects.toMatchObject({ status: 429 })
  })

  it('does not store refusals or calls with broken arguments', async () => {
    const inner = fakeModel()
      .respond(new AIMessage({ content: 'No.', additional_kwargs: { refusal: 'I will not.' } }))
      .respond(
        new AIMessage({ content: 'x', invalid_tool_calls: [{ name: 'a', args: '{', type: 'invalid_tool_call' }] }),
      )
      .respond(new AIMessage('fine'))
    const model = cachedModel(inner, { cache })
    for (let i = 0; i < 4; i++) await model.invoke('hello')
    expect(inner.callCount).toBe(3)
  })

  it('does not let a caller change what others get', async () => {
    const model = wrapped()
    await model.invoke('hello')
    const hit = await model.invoke('hello')
    hit.content = 'changed'
    hit.response_metadata.finish_reason = 'changed'
    expect((await model.invoke('hello')).content).toBe('Forty-two.')
  })

  it('pairs calls and results of the history by place, so that fresh ids still hit', async () => {
    const history = (id: string) => [
      new HumanMessage('Weather in Oslo?'),
      new AIMessage({ content: '', tool_calls: [{ id, name: 'weather', args: { city: 'Oslo' } }] }),
      new ToolMessage({ tool_call_id: id, content: 'sunny' }),
    ]
    const model = wrapped()
    await model.invoke(history('call_1'))
    await model.invoke(history('call_2'))
    expect(server.requestCount).toBe(1)
  })

  it('answers a paraphrase where the policy allows it, in the same scope only', async () => {
    const semantic = await createSemanticCache({ decision: similarityThreshold({ minSimilarity: 0.6 }) })
    const model = cachedModel(chatOpenAI(server), { cache: semantic })
    await model.invoke([new SystemMessage('Be brief.'), new HumanMessage('How do I reset my password?')])
    await semantic.flush()
    const hit = await model.invoke([new SystemMessage('Be brief.'), new HumanMessage('How do I reset my passwords?')])
    expect(hit.response_metadata.reprise).toMatchObject({ outcome: 'hit', tier: 'semantic' })
    await model.invoke([new SystemMessage('Be long.'), new HumanMessage('How do I reset my passwords?')])
    expect(server.requestCount).toBe(2)
    await semantic.close()
  })
})

function recordOf({ response_metadata: metadata }: BaseMessage): CacheRecord {
  return (metadata as { reprise: CacheRecord }).reprise
}
