import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, AIMessageChunk, type BaseMessageChunk, HumanMessage } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { fakeModel } from '@langchain/core/testing'
import { initChatModel } from 'langchain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import type { ModelServer } from '../../../src/cli/bench/model-server.ts'
import type { CacheEvent } from '../../../src/core/events.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { Embedder } from '../../../src/embeddings/embedder.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { chatOpenAI, serverSaying } from './chat-openai.ts'
import { comparable } from './comparable.ts'

/** A provider whose content comes in blocks with ids of its own, streamed with numbers, as Anthropic's or Responses'. */
class BlockModel extends BaseChatModel {
  calls = 0
  model = 'block-1'

  _llmType() {
    return 'blocks'
  }

  answer() {
    return {
      id: 'msg_stored',
      content: [
        { type: 'reasoning', reasoning: 'He asks for a city.', id: 'rs_1' },
        {
          type: 'text',
          text: 'Let me see what it is like there.',
          annotations: [{ type: 'citation', url: 'https://x' }],
        },
        { type: 'tool_use', id: 'toolu_01AbCdEfGhIjKlMnOpQr', name: 'weather', input: { city: 'Oslo' } },
      ],
      tool_calls: [
        { id: 'toolu_01AbCdEfGhIjKlMnOpQr', name: 'weather', args: { city: 'Oslo' }, type: 'tool_call' as const },
      ],
      additional_kwargs: { reasoning: { id: 'rs_1', type: 'reasoning' }, signature: 'sig' },
      response_metadata: {
        id: 'resp_1',
        stop_reason: 'tool_use',
        output: [
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'x' }] },
          {
            type: 'function_call',
            id: 'fc_1',
            call_id: 'toolu_01AbCdEfGhIjKlMnOpQr',
            name: 'weather',
            arguments: '{}',
          },
        ],
        usage: { input_tokens: 5, output_tokens: 7 },
      },
      usage_metadata: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
    }
  }

  async _generate() {
    this.calls++
    const message = new AIMessage(this.answer())
    return { generations: [{ text: message.text, message }] }
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    this.calls++
    const { content, response_metadata, usage_metadata, additional_kwargs, id } = this.answer()
    const chunk = (fields: ConstructorParameters<typeof AIMessageChunk>[0] & object, text = '') =>
      new ChatGenerationChunk({ text, message: new AIMessageChunk({ id, ...fields } as never) })
    yield chunk({ content: [{ ...content[0], index: 0 }], additional_kwargs } as never)
    yield chunk({ content: [{ ...content[1], text: 'Let me see ', index: 1 }] } as never, 'Let me see ')
    yield chunk(
      { content: [{ type: 'text', text: 'what it is like there.', index: 1 }] } as never,
      'what it is like there.',
    )
    const call = {
      type: 'tool_call_chunk',
      index: 2,
      id: 'toolu_01AbCdEfGhIjKlMnOpQr',
      name: 'weather',
      args: '{"city":"Oslo"}',
    }
    yield chunk({ content: [], tool_call_chunks: [call] } as never)
    yield chunk({ content: [], response_metadata, usage_metadata } as never)
  }
}

describe('call shapes of cachedModel', () => {
  let server: ModelServer
  let cache: SemanticCache
  let events: CacheEvent[]
  beforeEach(async () => {
    events = []
    server = await serverSaying('Forty-two is the answer.')
    cache = await createSemanticCache({ on: (event) => events.push(event) })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })
  const wrapped = () => cachedModel(chatOpenAI(server), { cache })
  const outcomes = () => events.flatMap((event) => (event.type === 'lookup' ? [event.outcome] : []))

  const whole = async (stream: AsyncIterable<BaseMessageChunk>) => {
    let sum: AIMessageChunk | undefined
    for await (const chunk of stream) sum = sum ? sum.concat(chunk as AIMessageChunk) : (chunk as AIMessageChunk)
    return sum as AIMessageChunk
  }

  describe('content in blocks', () => {
    it('comes back whole, without the ids the provider keeps its items by', async () => {
      const inner = new BlockModel({})
      const model = cachedModel(inner, { cache })
      const miss = await model.invoke('Weather?')
      const hit = await model.invoke('Weather?')
      expect(inner.calls).toBe(1)
      const id = hit.tool_calls?.[0]?.id
      expect(id).toMatch(/^toolu_[A-Za-z0-9]{20}$/)
      expect(id).not.toBe(miss.tool_calls?.[0]?.id)
      expect(hit.content).toEqual([
        { type: 'reasoning', reasoning: 'He asks for a city.' },
        {
          type: 'text',
          text: 'Let me see what it is like there.',
          annotations: [{ type: 'citation', url: 'https://x' }],
        },
        { type: 'tool_use', id, name: 'weather', input: { city: 'Oslo' } },
      ])
      expect(hit.additional_kwargs).toEqual({ signature: 'sig' })
      expect(hit.response_metadata).toMatchObject({
        stop_reason: 'tool_use',
        output: [
          { type: 'message', content: [{ type: 'output_text', text: 'x' }] },
          { type: 'function_call', call_id: id, name: 'weather', arguments: '{}' },
        ],
        usage: { input_tokens: 0, output_tokens: 0 },
      })
      expect(JSON.stringify(hit)).not.toMatch(/"(rs|msg|fc|resp)_/)
    })

    it('streams and adds up to the same on a hit as on a miss', async () => {
      const inner = new BlockModel({})
      const model = cachedModel(inner, { cache })
      const miss = await whole(await model.stream('Weather?'))
      const hit = await whole(await model.stream('Weather?'))
      expect(inner.calls).toBe(1)
      expect(hit.text).toBe(miss.text)
      expect(hit.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
      const withoutIds = (content: unknown) => JSON.parse(JSON.stringify(content).replace(/,?"id":"[^"]*"/g, ''))
      expect(withoutIds(hit.content)).toEqual(withoutIds(miss.content))
      expect((await model.invoke('Weather?')).content).toMatchObject([
        { type: 'reasoning', reasoning: 'He asks for a city.' },
        { type: 'text', text: 'Let me see what it is like there.' },
      ])
    })
  })

  it('gives two identical streams in flight from one call, both streamed', async () => {
    const model = wrapped()
    const pieces = async () => {
      const seen: string[] = []
      for await (const { content } of await model.stream('What is the answer?'))
        if (content) seen.push(content as string)
      return seen
    }
    const [one, two] = await Promise.all([pieces(), pieces()])
    expect(server.requestCount).toBe(1)
    expect(one.length).toBeGreaterThan(2)
    expect(two).toEqual(one)
  })

  it('gives the first pieces of a joined stream before the model has finished', async () => {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    class Slow extends BlockModel {
      override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
        yield new ChatGenerationChunk({ text: 'a', message: new AIMessageChunk('a') })
        await gate
        const message = new AIMessageChunk({ content: 'b', response_metadata: { finish_reason: 'stop' } })
        yield new ChatGenerationChunk({ text: 'b', message })
      }
    }
    const model = cachedModel(new Slow({}), { cache })
    const streams = await Promise.all([model.stream('x'), model.stream('x')])
    const firsts = await Promise.all(streams.map((stream) => stream[Symbol.asyncIterator]().next()))
    expect(firsts.map(({ value }) => value.content)).toEqual(['a', 'a'])
    release()
    expect(await Promise.all(streams.map(async (stream) => (await whole(stream)).content))).toEqual(['b', 'b'])
  })

  it('goes on for the other caller when one leaves a shared stream', async () => {
    const model = wrapped()
    const [one, two] = await Promise.all([model.stream('hi'), model.stream('hi')])
    for await (const _chunk of one) break
    expect((await whole(two)).content).toBe('Forty-two is the answer.')
    expect(server.requestCount).toBe(1)
  })

  it('has the events of LangChain 1 for content blocks, on a hit as on a miss', async () => {
    server.answerWith(() => ({ text: 'Let me see.', toolCalls: [{ name: 'weather', args: { city: 'Oslo' } }] }))
    const model = wrapped()
    const kinds = async () => {
      const seen: string[] = []
      for await (const { event } of model.streamEvents('Weather?')) if (seen.at(-1) !== event) seen.push(event)
      return seen
    }
    const miss = await kinds()
    expect(await kinds()).toEqual(miss)
    const message = await model.streamEvents('Weather?')
    expect(message.contentBlocks).toMatchObject([
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_call', name: 'weather', args: { city: 'Oslo' } },
    ])
    expect(message.response_metadata).toMatchObject({ finish_reason: 'tool_use', reprise: { outcome: 'hit' } })
    const live = await chatOpenAI(server).streamEvents('Weather?')
    expect(comparable(message)).toEqual(comparable(live))
    expect(server.requestCount).toBe(2)
  })

  it('serves content in the standard form where outputVersion asks for it', async () => {
    const model = cachedModel(chatOpenAI(server, { outputVersion: 'v1' }), { cache })
    const [miss, hit] = [await model.invoke('hi'), await model.invoke('hi')]
    expect(miss.content).toEqual([{ type: 'text', text: 'Forty-two is the answer.' }])
    expect(comparable(hit)).toEqual(comparable(miss))
    expect(server.requestCount).toBe(1)
  })

  it('keeps options of withConfig, in either order with bindTools', async () => {
    const tool = { type: 'function' as const, function: { name: 'f', parameters: { type: 'object', properties: {} } } }
    await wrapped()
      .withConfig({ stop: ['x'] } as never)
      .invoke('hi')
    expect(server.requests.at(-1)).toMatchObject({ stop: ['x'] })
    await wrapped()
      .bindTools([tool])
      .withConfig({ stop: ['x'] } as never)
      .invoke('hi')
    expect(server.requests.at(-1)).toMatchObject({ stop: ['x'], tools: [{ function: { name: 'f' } }] })
    const first = wrapped().withConfig({ stop: ['x'] } as never) as unknown as ReturnType<typeof wrapped>
    await first.bindTools([tool]).invoke('hi')
    expect(outcomes()).toEqual(['miss', 'miss', 'hit'])
  })

  it('retries and falls back as a live model does', async () => {
    let calls = 0
    server.answerWith(() => (++calls === 1 ? { fault: { status: 500 } } : { text: 'at last' }))
    expect((await wrapped().withRetry({ stopAfterAttempt: 3 }).invoke('hi')).content).toBe('at last')
    const inner = fakeModel().alwaysThrow(new Error('no'))
    const chain = cachedModel(inner, { cache }).withFallbacks([wrapped()])
    expect((await chain.invoke('hi')).content).toBe('at last')
    expect(outcomes()).toEqual(['miss', 'miss', 'miss', 'hit'])
  })

  it('knows which model a configurable one stands for in each call', async () => {
    const configurable = await initChatModel('gpt-4o-mini', {
      modelProvider: 'openai',
      configurableFields: ['model'],
      apiKey: 'sk-x',
      maxRetries: 0,
      configuration: { baseURL: server.baseUrl },
    } as never)
    const model = cachedModel(configurable as unknown as BaseChatModel, { cache })
    const ask = (name?: string) => model.invoke('hi', name ? { configurable: { model: name } } : {})
    await ask()
    await ask('gpt-4o')
    await ask()
    await ask('gpt-4o')
    expect(server.requests.map(({ model: name }) => name)).toEqual(['gpt-4o-mini', 'gpt-4o'])
    const stream = await whole(await model.stream('hi'))
    expect(stream.response_metadata).toMatchObject({ reprise: { outcome: 'hit' } })
  })

  it('is refused a second wrapper, in which a call would wait for itself', () => {
    expect(() => cachedModel(wrapped() as unknown as BaseChatModel, { cache })).toThrow(/not wrapped already/)
  })

  it('renews a stale answer in the background without telling the run that has its answer', async () => {
    let time = 1_000_000
    const renewing = await createSemanticCache({
      ttlMs: 1_000,
      ttlJitter: 0,
      staleWhileRevalidateMs: 60_000,
      now: () => time,
    })
    const model = cachedModel(chatOpenAI(server), { cache: renewing })
    await whole(await model.stream('hi'))
    await renewing.flush()
    time += 2_000
    server.answerWith(() => ({ text: 'Forty-three.' }))
    const tokens: string[] = []
    const callbacks = [{ handleLLMNewToken: (token: string) => void tokens.push(token) }]
    const stale = await whole(await model.stream('hi', { callbacks }))
    await renewing.flush()
    expect(stale.content).toBe('Forty-two is the answer.')
    expect(stale.response_metadata).toMatchObject({ reprise: { outcome: 'stale' } })
    expect(tokens.join('')).toBe('Forty-two is the answer.')
    expect((await model.invoke('hi')).content).toBe('Forty-three.')
    await renewing.close()
  })

  it('gives the answer of the model while the embedder is down', async () => {
    const down: Embedder = {
      describe: async () => ({ id: 'down', dimensions: 3 }),
      embed: async () => {
        throw new Error('down')
      },
    }
    const lame = await createSemanticCache({ embedder: down, decision: similarityThreshold({ minSimilarity: 0.9 }) })
    const model = cachedModel(chatOpenAI(server), { cache: lame })
    expect((await model.invoke('hi')).response_metadata).toMatchObject({ reprise: { reason: 'embedder-failed' } })
    expect((await whole(await model.stream('hi'))).content).toBe('Forty-two is the answer.')
    await lame.close()
  })

  it('asks the model as it is when messages are of no known form', async () => {
    const inner = fakeModel().respond(new AIMessage('fine')).respond(new AIMessage('fine'))
    const cyclic: Record<string, unknown> = { type: 'odd' }
    cyclic.self = cyclic
    const model = cachedModel(inner, { cache })
    for (let i = 0; i < 2; i++) {
      const answer = await model.invoke([new HumanMessage({ content: [cyclic] as never })])
      expect(answer.response_metadata).toMatchObject({
        reprise: { outcome: 'bypass', reason: 'request-not-canonical' },
      })
    }
    expect(inner.callCount).toBe(2)
  })
})
