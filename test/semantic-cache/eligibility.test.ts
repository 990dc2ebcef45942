import { describe, expect, it } from 'vitest'
import type { Message, ModelRequest, ModelResponse, StreamPart } from '../../src/index.ts'
import { asksAboutNow } from '../../src/semantic-cache/freshness.ts'
import { answer, ask, cacheBench, collect, countingModel } from '../support/cache-bench.ts'

describe('answers that are never stored', () => {
  const schema = {
    type: 'json_schema',
    json_schema: { name: 'a', schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } },
  }
  it.each<[string, Partial<ModelResponse>, Partial<ModelRequest>?]>([
    ['truncated', { finishReason: 'length' }],
    ['filtered', { finishReason: 'content-filter' }],
    ['failed', { finishReason: 'error' }],
    ['failed', { finishReason: 'other' }],
    ['empty', { content: [] }],
    ['empty', { content: [{ type: 'text', text: ' \n' }] }],
    ['empty', { content: [{ type: 'reasoning', text: 'hm' }] }],
    [
      'truncated',
      { alternatives: [{ content: [{ type: 'text', text: 'b' }], toolCalls: [], finishReason: 'length' }] },
    ],
    ['too-large', { content: [{ type: 'text', text: 'x'.repeat(300_000) }] }],
    ['not-encodable', { metadata: { run: () => 1 } }],
    ['schema-mismatch', { content: [{ type: 'text', text: 'sorry' }] }, { responseFormat: { type: 'json_object' } }],
    ['schema-mismatch', { content: [{ type: 'text', text: '{"a":"1"}' }] }, { responseFormat: schema }],
    ['schema-mismatch', { structured: { b: 1 } }, { responseFormat: schema.json_schema.schema }],
    ['not-a-result', { content: undefined as never }],
  ])('%s: %o', async (reason, change, request = {}) => {
    const { cache, writes } = await cacheBench()
    const given = answer('a', change)
    const { response, record } = await cache.getOrCall(ask('hi', request), async () => given)
    expect(response).toBe(given)
    expect(record.outcome).toBe('miss')
    await cache.flush()
    expect(writes()).toEqual([expect.objectContaining({ outcome: 'refused', reason, key: record.key })])
    expect((await cache.lookup(ask('hi', request))).record.outcome).toBe('miss')
  })

  it.each<[object | string, string]>([
    [{ content: 'secret text' }, "content must be an array of parts such as { type: 'text', text }, got a string"],
    [{ content: ['secret text'] }, 'content must be an array of parts such as .*, got an array of something else'],
    [{ toolCalls: undefined }, 'toolCalls must be an array of calls, empty without any, got undefined'],
    [{ finishReason: 1 }, "finishReason must be a string such as 'stop', got a number"],
    [{ alternatives: [{ ...answer('b'), content: 'secret text' }] }, 'content must be an array .* got a string'],
    ['secret text', 'a response must be a ModelResponse, got a string'],
  ])('says what is wrong with an answer that is none: %o', async (change, detail) => {
    const { cache, writes } = await cacheBench()
    const given = typeof change === 'string' ? change : { ...answer('a'), ...change }
    const { response } = await cache.getOrCall(ask('hi'), async () => given as never)
    expect(response).toBe(given)
    expect(writes()).toMatchObject([{ reason: 'not-a-result', detail: expect.stringMatching(detail) }])
    expect(JSON.stringify(writes())).not.toContain('secret')
    expect((await cache.stats()).writeReasons).toEqual({ 'not-a-result': 1 })
  })

  it('stores a structured answer that fits, and calls of tools whatever the format', async () => {
    const { cache } = await cacheBench()
    const fitting = ask('hi', { responseFormat: schema })
    await cache.getOrCall(fitting, async () => answer('{"a":1}'))
    expect((await cache.lookup(fitting)).record.outcome).toBe('hit')
    const calling = ask('ho', { responseFormat: schema })
    const toolCalls = [{ id: '1', name: 'find', args: {} }]
    await cache.getOrCall(calling, async () => answer('', { content: [], toolCalls, finishReason: 'tool-calls' }))
    expect((await cache.lookup(calling)).response?.toolCalls).toEqual(toolCalls)
  })

  it('counts the cost of a refused answer as spent', async () => {
    const { cache } = await cacheBench()
    await cache.getOrCall(ask('hi'), async () => answer('a', { finishReason: 'length' }))
    expect((await cache.stats()).spent.tokens).toBe(150)
  })
})

describe('what is looked up by the exact tier only', () => {
  const toolTurn: Message[] = [
    { role: 'user', content: 'listen' },
    { role: 'assistant', content: [{ type: 'toolCall', id: '1', name: 'f', args: {} }] },
    { role: 'tool', content: [{ type: 'toolResult', toolCallId: '1', content: 'listen' }] },
  ]
  it.each<[string, Message[]]>([
    ['last-message-not-user', toolTurn],
    ['last-message-not-user', [{ role: 'assistant', content: 'listen' }]],
    ['last-message-not-user', [{ role: 'user', content: [{ type: 'toolResult', content: 'x' }] }]],
    ['no-text', [{ role: 'user', content: '   ' }]],
    ['no-text', [{ role: 'user', content: [{ type: 'image', digest: 'a' }] }]],
    ['query-too-long', [{ role: 'user', content: 'x'.repeat(2_001) }]],
  ])('%s', async (notSemantic, messages) => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('', { messages }), model.call)
    expect(lookups()[0]).toMatchObject({ outcome: 'miss', reason: 'not-found', notSemantic })
    await cache.flush()
    expect((await cache.getOrCall(ask('', { messages }), model.call)).record.outcome).toBe('hit')
    expect((await cache.inspect(lookups()[0]?.key ?? ''))?.vector).toBeUndefined()
  })

  it('an answer that carries tool calls is never found by meaning', async () => {
    const { cache } = await cacheBench()
    await cache.getOrCall(ask('listen'), async () =>
      answer('', { toolCalls: [{ name: 'f', args: {} }], finishReason: 'tool-calls' }),
    )
    expect((await cache.lookup(ask('listen'))).record.outcome).toBe('hit')
    expect((await cache.lookup(ask('silent'))).record).toMatchObject({ outcome: 'miss', reason: 'no-candidate' })
  })

  it('a streamed answer with a tool call neither', async () => {
    const { cache } = await cacheBench()
    async function* call(): AsyncGenerator<StreamPart> {
      yield { type: 'delta', part: { type: 'toolCall', id: '1', name: 'f', args: { a: 1 } } }
      yield { type: 'finish', finishReason: 'tool-calls' }
    }
    await collect(cache.getOrStream(ask('listen'), call))
    expect((await cache.lookup(ask('silent'))).record.outcome).toBe('miss')
    expect((await cache.lookup(ask('listen'))).response).toMatchObject({
      toolCalls: [{ id: '1', name: 'f', args: { a: 1 } }],
    })
  })
})

describe('requests that are no requests', () => {
  it.each<[string, unknown]>([
    ['a request must be an object', undefined],
    ['provider must be a string', { model: 'm', messages: [{ role: 'user', content: 'a' }] }],
    ['model must be a string', { provider: 'p', messages: [{ role: 'user', content: 'a' }] }],
    ['messages must be a non-empty array', { provider: 'p', model: 'm', messages: [] }],
    ['messages must be a non-empty array', { provider: 'p', model: 'm' }],
    ['a message must be an object', { provider: 'p', model: 'm', messages: ['a'] }],
    ['the content of a message', { provider: 'p', model: 'm', messages: [{ role: 'user' }] }],
    [
      'the content of a message',
      { provider: 'p', model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    ],
    [
      'plain data only',
      { provider: 'p', model: 'm', messages: [{ role: 'user', content: 'a' }], settings: { f: () => 1 } },
    ],
  ])('%s', async (detail, request) => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    expect((await cache.getOrCall(request as ModelRequest, model.call)).record.outcome).toBe('bypass')
    expect(model.calls).toBe(1)
    expect(lookups()[0]?.detail).toContain(detail)
  })
})

describe('questions about now', () => {
  it('bypass the cache, both ways', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    for (let i = 0; i < 2; i++) {
      const { record } = await cache.getOrCall(ask('What is the current price of gold?'), model.call)
      expect(record).toMatchObject({ outcome: 'bypass', reason: 'asks-about-now' })
    }
    expect(model.calls).toBe(2)
  })

  it('live for a short time where that is allowed', async () => {
    const { cache, clock } = await cacheBench({ questionsAboutNow: { ttlMs: 1_000 } })
    const model = countingModel()
    const gold = ask('What is the current price of gold?')
    for (const wait of [0, 999, 1]) {
      clock.now += wait
      await cache.getOrCall(gold, model.call)
    }
    expect(model.calls).toBe(2)
  })

  it.each([
    "What's the weather like today?",
    'Who is the president right now?',
    'What time is it?',
    'show me the latest iPhone',
    'current price of bitcoin',
    'What is the current exchange rate of the euro',
    'any news this week?',
    'Is the shop open now?',
    'what are they currently working on',
    "today's news",
    '今天天气怎么样',
    '最新的新闻',
    '现在几点',
    '比特币当前价格',
    '目前的汇率是多少',
    '特斯拉现在的股价',
  ])('"%s" asks about now', (text) => {
    expect(asksAboutNow(text)).toBe(true)
  })

  it.each([
    'How do I turn on dark mode?',
    'It worked before and now it fails with error 500',
    'What is electric current?',
    'How do I know if it is now enabled by default in settings of the app?',
    'translate "day" into French',
    'convert 100 USD to EUR',
    'What is the date of the battle of Hastings?',
    '怎么打开深色模式',
    '如何退款',
    '以前可以,现在登录不了怎么办',
    '',
  ])('"%s" does not', (text) => {
    expect(asksAboutNow(text)).toBe(false)
  })
})
