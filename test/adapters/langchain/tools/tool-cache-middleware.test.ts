import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, interrupt, MemorySaver } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { createAgent, createMiddleware, toolRetryMiddleware } from 'langchain'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { toolCacheMiddleware } from '../../../../src/adapters/langchain/index.ts'
import { createToolCache } from '../../../../src/create-tool-cache.ts'
import { type Called, comparable, modelThatCalls, toolMessages } from './tools.ts'

const policies = { get_order: { reads: ['order:{id}'] }, cancel_order: { writes: ['order:{id}'] } }
const schema = z.object({ id: z.coerce.number() })
const get = (id: unknown, callId: string): Called => ({ name: 'get_order', args: { id }, id: callId })

function theTools(answer: (id: number) => unknown = (id) => `order ${id}`, responseFormat?: 'content_and_artifact') {
  const run = vi.fn(answer)
  const getOrder = tool(async ({ id }: { id: number }) => run(id), {
    name: 'get_order',
    description: 'Reads an order',
    schema,
    metadata: { source: 'shop' },
    ...(responseFormat && { responseFormat }),
  })
  const cancelOrder = tool(async ({ id }: { id: number }) => `cancelled ${id}`, {
    name: 'cancel_order',
    description: 'Cancels',
    schema,
  })
  return { run, tools: [getOrder, cancelOrder] }
}

interface Agent {
  invoke(input: object, config?: object): Promise<{ messages: BaseMessage[] }>
}

/** The types of createAgent follow its tools and middleware, which these tests vary. */
const anAgent = (options: object): Agent => createAgent(options as never) as unknown as Agent

async function runAgent(tools: unknown[], turns: Called[][], middleware: unknown[] = []) {
  const agent = anAgent({ model: modelThatCalls(...turns), tools: tools as never, middleware: middleware as never })
  const { messages } = await agent.invoke({ messages: [new HumanMessage('go')] })
  return toolMessages(messages as never)
}

describe('toolCacheMiddleware in createAgent', () => {
  it('runs a tool once for the same arguments, and answers with the current tool_call_id', async () => {
    const cache = await createToolCache()
    const { run, tools } = theTools()
    const middleware = () => [toolCacheMiddleware({ cache, policies, tools })]
    const [first] = await runAgent(tools, [[get(1, 'a')]], middleware())
    await cache.flush()
    const messages = await runAgent(tools, [[get('1', 'b')], [get(2, 'c')]], middleware())
    expect(run).toHaveBeenCalledTimes(2)
    expect(messages.map(({ tool_call_id, content }) => [tool_call_id, content])).toEqual([
      ['b', 'order 1'],
      ['c', 'order 2'],
    ])
    expect(first?.response_metadata.reprise).toMatchObject({ outcome: 'miss' })
    expect(messages[0]?.response_metadata.reprise).toMatchObject({ outcome: 'hit', tier: 'exact' })
  })

  it.each([
    ['text', (): string => 'an order', undefined],
    ['blocks', () => [{ type: 'text', text: 'an order' }], undefined],
    ['an object', () => ({ id: 1, lines: [{ sku: 'a' }] }), undefined],
    ['an artifact', () => ['an order', { rows: [1, 2], when: new Date(5) }], 'content_and_artifact'],
    [
      'a message of its own',
      () =>
        new ToolMessage({
          content: 'an order',
          tool_call_id: 'b',
          artifact: { a: 1 },
          additional_kwargs: { k: 1 },
          response_metadata: { m: 1 },
          name: 'get_order',
          status: 'success',
        }),
      undefined,
    ],
  ] as const)('gives on a hit what the live call gives: %s', async (_what, answer, responseFormat) => {
    const live = theTools(answer, responseFormat)
    const [expected] = await runAgent(live.tools, [[get(1, 'b')]])
    const cache = await createToolCache()
    const { run, tools } = theTools(answer, responseFormat)
    await runAgent(tools, [[get(1, 'x')]], [toolCacheMiddleware({ cache, policies })])
    await cache.flush()
    const [message] = await runAgent(tools, [[get(1, 'b')]], [toolCacheMiddleware({ cache, policies })])
    expect(run).toHaveBeenCalledTimes(1)
    expect(message?.response_metadata.reprise).toMatchObject({ outcome: 'hit' })
    expect(comparable(message)).toEqual(comparable(expected))
  })

  it('collapses identical calls of one message', async () => {
    const cache = await createToolCache()
    const { run, tools } = theTools()
    const messages = await runAgent(
      tools,
      [[get(1, 'a'), get(1, 'b'), get(1, 'c')]],
      [toolCacheMiddleware({ cache, policies })],
    )
    expect(run).toHaveBeenCalledTimes(1)
    expect(messages.map(({ tool_call_id }) => tool_call_id)).toEqual(['a', 'b', 'c'])
    expect(new Set(messages.map(({ content }) => content))).toEqual(new Set(['order 1']))
  })

  it('drops what a write of the same run changed', async () => {
    const cache = await createToolCache()
    let version = 0
    const { run, tools } = theTools(() => `v${version++}`)
    const messages = await runAgent(
      tools,
      [[get(1, 'a')], [get(1, 'b')], [{ name: 'cancel_order', args: { id: 1 }, id: 'c' }], [get(1, 'd')]],
      [toolCacheMiddleware({ cache, policies })],
    )
    expect(messages.map(({ content }) => content)).toEqual(['v0', 'v0', 'cancelled 1', 'v1'])
    expect(run).toHaveBeenCalledTimes(2)
  })

  it.each([
    [
      'an exception',
      (): never => {
        throw new Error('no connection')
      },
      get(1, 'a'),
    ],
    [
      'a thrown text',
      (): never => {
        throw 'no connection'
      },
      get(1, 'a'),
    ],
    ['arguments that do not fit', (): string => 'x', { name: 'get_order', args: { nothing: 1 }, id: 'a' }],
    ['an unknown tool', (): string => 'x', { name: 'no_such_tool', args: {}, id: 'a' }],
    [
      'an error message of its own',
      () => new ToolMessage({ content: 'busy', tool_call_id: 'a', status: 'error' }),
      get(1, 'a'),
    ],
  ] as const)('gives the model the same error message as without: %s', async (_what, answer, call) => {
    const [expected] = await runAgent(theTools(answer as () => unknown).tools, [[call as Called]])
    const cache = await createToolCache()
    const { run, tools } = theTools(answer as () => unknown)
    const again = () => runAgent(tools, [[call as Called]], [toolCacheMiddleware({ cache, policies })])
    const [message] = await again()
    expect(message?.status).toBe('error')
    // The stack inside a schema error's text differs by the lines of this test.
    expect(textOf(message)).toBe(textOf(expected))
    const calls = run.mock.calls.length
    await cache.flush()
    await again()
    expect(run.mock.calls.length).toBe(calls * 2)
  })

  it('hands a Command through, uncached', async () => {
    const cache = await createToolCache()
    const run = vi.fn(
      (_: unknown, config: { toolCall?: { id?: string } }) =>
        new Command({
          update: { messages: [new ToolMessage({ content: 'moved', tool_call_id: config.toolCall?.id ?? '' })] },
        }),
    )
    const mover = tool(run as never, { name: 'get_order', description: 'x', schema })
    const messages = await runAgent(
      [mover],
      [[get(1, 'a')], [get(1, 'b')]],
      [toolCacheMiddleware({ cache, policies: { get_order: { ttlMs: 60_000 } } })],
    )
    expect(messages.map(({ content, tool_call_id }) => [content, tool_call_id])).toEqual([
      ['moved', 'a'],
      ['moved', 'b'],
    ])
    expect(run).toHaveBeenCalledTimes(2)
  })

  it('lets an interrupt pause the run', async () => {
    const cache = await createToolCache()
    const asker = tool(async () => `you said ${interrupt('sure?')}`, { name: 'get_order', description: 'x', schema })
    const agent = anAgent({
      model: modelThatCalls([get(1, 'a')]),
      tools: [asker],
      checkpointer: new MemorySaver(),
      middleware: [toolCacheMiddleware({ cache, policies })],
    })
    const config = { configurable: { thread_id: '1' } }
    await agent.invoke({ messages: [new HumanMessage('go')] }, config)
    const { messages } = await agent.invoke(new Command({ resume: 'yes' }) as never, config)
    expect(toolMessages(messages as never)[0]?.content).toBe('you said yes')
  })

  it.each([
    ['plainly', (answer: string, _id: string) => answer],
    ['by the id of the interrupt', (answer: string, id: string) => ({ [id]: answer })],
  ])('does not reuse what a person was asked, resumed %s', async (_how, resume) => {
    const cache = await createToolCache()
    const asker = tool(async () => `you said ${interrupt('sure?')}`, { name: 'get_order', description: 'x', schema })
    const contents: unknown[] = []
    for (const answer of ['yes', 'no']) {
      const agent = anAgent({
        model: modelThatCalls([get(1, 'a')]),
        tools: [asker],
        checkpointer: new MemorySaver(),
        middleware: [toolCacheMiddleware({ cache, policies })],
      })
      const config = { configurable: { thread_id: answer } }
      const paused = await agent.invoke({ messages: [new HumanMessage('go')] }, config)
      const [asked] = (paused as unknown as { __interrupt__?: { id: string }[] }).__interrupt__ ?? []
      const command = new Command({ resume: resume(answer, asked?.id ?? '') })
      contents.push(toolMessages((await agent.invoke(command as never, config)).messages as never)[0]?.content)
      await cache.flush()
    }
    expect(contents).toEqual(['you said yes', 'you said no'])
  })

  it('throws on for a middleware further out with handleToolErrors: false, the same object', async () => {
    const cache = await createToolCache()
    let failures = 2
    const { run, tools } = theTools(() => {
      if (failures-- > 0) throw new Error('busy')
      return 'an order'
    })
    const retry = toolRetryMiddleware({ maxRetries: 3, initialDelayMs: 1, jitter: false })
    const [message] = await runAgent(
      tools,
      [[get(1, 'a')]],
      [retry, toolCacheMiddleware({ cache, policies, handleToolErrors: false })],
    )
    expect(message?.content).toBe('an order')
    expect(run).toHaveBeenCalledTimes(3)
  })

  it('caches a tool that another middleware brought', async () => {
    const cache = await createToolCache()
    const { run, tools } = theTools()
    const bringer = () => createMiddleware({ name: 'bringer', tools: [tools[0] as never] })
    for (const id of ['a', 'b']) {
      await runAgent([], [[get(1, id)]], [toolCacheMiddleware({ cache, policies }), bringer()])
      await cache.flush()
    }
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('keeps tenants and states apart that its options name', async () => {
    const cache = await createToolCache()
    const { run, tools } = theTools()
    const ask = async (configurable: object) => {
      const middleware = toolCacheMiddleware({
        cache,
        policies,
        tenant: ({ configurable: { org } }) => org as string,
        context: ({ configurable: { locale } }) => locale,
      })
      const agent = anAgent({ model: modelThatCalls([get(1, 'a')]), tools, middleware: [middleware] })
      const { messages } = await agent.invoke({ messages: [new HumanMessage('go')] }, { configurable })
      await cache.flush()
      return toolMessages(messages as never)[0]?.response_metadata.reprise
    }
    expect(await ask({ org: 'a', locale: 'de' })).toMatchObject({ outcome: 'miss' })
    expect(await ask({ org: 'a', locale: 'de' })).toMatchObject({ outcome: 'hit' })
    expect(await ask({ org: 'b', locale: 'de' })).toMatchObject({ outcome: 'miss' })
    expect(await ask({ org: 'a', locale: 'en' })).toMatchObject({ outcome: 'miss' })
    expect(await ask({ org: 'a', locale: 'de', reprise: { mode: 'bypass', ttlMs: 1, shared: true } })).toMatchObject({
      outcome: 'bypass',
      reason: 'mode-bypass',
    })
    expect(run).toHaveBeenCalledTimes(4)
  })

  it('leaves an abort an abort', async () => {
    const cache = await createToolCache()
    const controller = new AbortController()
    const { tools } = theTools(() => {
      controller.abort()
      return new Promise(() => undefined)
    })
    const agent = anAgent({
      model: modelThatCalls([get(1, 'a')]),
      tools,
      middleware: [toolCacheMiddleware({ cache, policies })],
    })
    await expect(agent.invoke({ messages: [new HumanMessage('go')] }, { signal: controller.signal })).rejects.toThrow(
      /abort/i,
    )
  })

  it.each([
    [
      { policies: { get_ordr: { ttlMs: 1 } }, tools: theTools().tools },
      /known tools \(get_order, cancel_order\), got "get_ordr"/,
    ],
    [
      { policies: { get_order: { reads: ['order:{orderId}'] } }, tools: theTools().tools },
      /"order:\{orderId\}" of tool "get_order"/,
    ],
    [{ cache: undefined }, /cache/],
    [{ tools: 5 }, /tools must be an array of LangChain tools, got 5/],
    [{ tools: [null] }, /tools must be an array of LangChain tools/],
    [{ polices: {} }, /"polices"/],
    [{ handleToolErrors: 'yes' }, /handleToolErrors/],
    [{ tenant: '' }, /tenant/],
    [{ context: 'de' }, /context/],
  ])('refuses wrong options at construction: %o', async (options, message) => {
    const cache = await createToolCache()
    expect(() => toolCacheMiddleware({ cache, ...options } as never)).toThrow(message)
  })
})

describe("LangGraph's ToolNode", () => {
  it('gets the same tools by wrapTools', async () => {
    const cache = await createToolCache()
    const { run, tools } = theTools()
    const node = new ToolNode(toolCacheMiddleware({ cache, policies, tools }).wrapTools(tools))
    const ask = async (id: string) => {
      const { messages } = await node.invoke({
        messages: [new AIMessage({ content: '', tool_calls: [{ ...get(1, id), type: 'tool_call' }] })],
      })
      await cache.flush()
      return messages[0] as ToolMessage
    }
    expect(await ask('a')).toMatchObject({ content: 'order 1', tool_call_id: 'a', status: 'success' })
    expect(await ask('b')).toMatchObject({
      content: 'order 1',
      tool_call_id: 'b',
      status: 'success',
      name: 'get_order',
      metadata: { source: 'shop' },
    })
    expect(run).toHaveBeenCalledTimes(1)
  })
})

/** Without the lines of a stack. */
function textOf(message: ToolMessage | undefined): string {
  return String(message?.content).replace(/\n\s+at [^\n]*/g, '')
}
