import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { RunnableLambda } from '@langchain/core/runnables'
import { DynamicStructuredTool, DynamicTool, StructuredTool, tool } from '@langchain/core/tools'
import { createAgent } from 'langchain'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { cachedTool, toolCacheMiddleware } from '../../../../src/adapters/langchain/index.ts'
import { createToolCache } from '../../../../src/create-tool-cache.ts'
import { embeddedStore } from '../../../../src/stores/embedded/embedded-store.ts'
import { modelThatCalls, toolMessages } from './tools.ts'

const schema = z.object({ city: z.string(), units: z.string().default('metric') })

function aWeatherTool(
  answer: (args: { city: string; units: string }) => unknown = ({ city, units }) => `${city} ${units}`,
) {
  const run = vi.fn(answer)
  const weather = tool(async (args) => run(args as never), {
    name: 'weather',
    description: 'Says the weather',
    schema,
    metadata: { a: 1 },
  })
  return { run, weather }
}
const asCall = (args: object, id = 'call') => ({ name: 'weather', args: args as never, id, type: 'tool_call' as const })

describe('cachedTool', () => {
  it('is the same tool to everybody who looks', async () => {
    const cache = await createToolCache()
    const { weather } = aWeatherTool()
    const cached = cachedTool(weather, { cache, ttlMs: 60_000 })
    expect(cached).toBeInstanceOf(DynamicStructuredTool)
    for (const name of [
      'name',
      'description',
      'schema',
      'responseFormat',
      'metadata',
      'returnDirect',
      'constructor',
      'toString',
    ] as const)
      expect(cached[name]).toBe(weather[name])
  })

  it('fills defaults before it compares, with text and with tool calls', async () => {
    const cache = await createToolCache()
    const { run, weather } = aWeatherTool()
    const cached = cachedTool(weather, { cache, ttlMs: 60_000, reads: ['weather:{city}'] })
    expect(await cached.invoke({ city: 'Rome' })).toBe('Rome metric')
    await cache.flush()
    const message = (await cached.invoke(asCall({ city: 'Rome', units: 'metric' }))) as ToolMessage
    expect(message).toBeInstanceOf(ToolMessage)
    expect(message).toMatchObject({
      content: 'Rome metric',
      tool_call_id: 'call',
      name: 'weather',
      response_metadata: { reprise: { outcome: 'hit' } },
    })
    expect(await cached.invoke({ city: 'Rome', units: 'imperial' })).toBe('Rome imperial')
    expect(run).toHaveBeenCalledTimes(2)
    expect(await cache.invalidate({ tags: ['weather:Rome'] })).toBeGreaterThan(0)
    await cached.invoke({ city: 'Rome' })
    expect(run).toHaveBeenCalledTimes(3)
  })

  it('tells callbacks of hits, and throws what the tool throws', async () => {
    const cache = await createToolCache()
    const error = new Error('boom')
    let fails = false
    const { weather } = aWeatherTool(() => {
      if (fails) throw error
      return 'sunny'
    })
    const cached = cachedTool(weather, { cache, ttlMs: 60_000 })
    const ended = vi.fn()
    for (let i = 0; i < 2; i++) {
      await cached.invoke({ city: 'Rome' }, { callbacks: [{ handleToolEnd: ended, awaitHandlers: true }] })
      await cache.flush()
    }
    expect(ended).toHaveBeenCalledTimes(2)
    fails = true
    await expect(cached.invoke({ city: 'Oslo' })).rejects.toBe(error)
    await expect(cached.invoke({ town: 'Oslo' } as never)).rejects.toThrow(/did not match expected schema/)
  })

  it('never caches a stream', async () => {
    const cache = await createToolCache()
    const run = vi.fn()
    const streaming = tool(
      async function* () {
        run()
        yield 'a'
        yield 'b'
      } as never,
      { name: 'weather', description: 'x', schema },
    )
    const cached = cachedTool(streaming, { cache, ttlMs: 60_000 })
    const [one, two] = await Promise.all([cached.invoke({ city: 'Rome' }), cached.invoke({ city: 'Rome' })])
    expect(one).toEqual(await streaming.invoke({ city: 'Rome' }))
    expect(two).toEqual(one)
    expect(run).toHaveBeenCalledTimes(3)
  })

  it('works on tools of text, on classes with private fields, and on runnables', async () => {
    const cache = await createToolCache()
    const run = vi.fn(async (text: string) => `found ${text}`)
    const search = cachedTool(new DynamicTool({ name: 'search', description: 'x', func: run }), {
      cache,
      reads: ['search:{input}'],
    })
    class Counter extends StructuredTool {
      name = 'counter'
      description = 'x'
      schema = z.object({ step: z.number() })
      #count = 0
      async _call({ step }: { step: number }) {
        this.#count += step
        return `count ${this.#count}`
      }
    }
    const counter = cachedTool(new Counter(), { cache, ttlMs: 60_000 })
    const lambda = vi.fn(async ({ n }: { n: number }) => ({ twice: n * 2 }))
    const runnable = cachedTool(
      RunnableLambda.from(lambda).asTool({ name: 'twice', description: 'x', schema: z.object({ n: z.number() }) }),
      { cache, ttlMs: 60_000 },
    )
    for (let i = 0; i < 2; i++) {
      expect(await search.invoke('x')).toBe('found x')
      expect(await counter.invoke({ step: 2 })).toBe('count 2')
      expect(await runnable.invoke({ n: 2 })).toEqual({ twice: 4 })
      await cache.flush()
    }
    expect(await runnable.invoke({ name: 'twice', args: { n: 2 }, id: '1', type: 'tool_call' } as never)).toBeDefined()
    expect([run.mock.calls.length, lambda.mock.calls.length]).toEqual([1, 1])
  })

  it('is left to itself by the middleware', async () => {
    const cache = await createToolCache()
    const { run, weather } = aWeatherTool()
    const cached = cachedTool(weather, { cache, ttlMs: 60_000 })
    for (const id of ['a', 'b']) {
      const agent = createAgent({
        model: modelThatCalls([{ name: 'weather', args: { city: 'Rome' }, id }]),
        tools: [cached],
        middleware: [toolCacheMiddleware({ cache })],
      })
      const { messages } = await agent.invoke({ messages: [new HumanMessage('go')] })
      expect(toolMessages(messages as never)[0]).toMatchObject({
        tool_call_id: id,
        response_metadata: { reprise: { outcome: id === 'a' ? 'miss' : 'hit' } },
      })
      await cache.flush()
    }
    expect(run).toHaveBeenCalledTimes(1)
    expect((await cache.stats()).bypasses).toBe(0)
  })

  it('is audited with its own policy', async () => {
    const cache = await createToolCache()
    const { weather } = aWeatherTool()
    expect(cache.audit([cachedTool(weather, { cache, ttlMs: 500 }), weather])).toMatchObject([
      { tool: 'weather', cached: true, rule: 'policy', ttlMs: 500 },
      { tool: 'weather', cached: false, rule: 'no-mark' },
    ])
  })

  it('refuses policies that cannot work, at construction', async () => {
    const cache = await createToolCache()
    const { weather } = aWeatherTool()
    expect(() => cachedTool(weather, { cache, ttlMs: 1, writes: ['x'] })).toThrow(/ttlMs or writes/)
    expect(() => cachedTool(weather, { cache, reads: ['w:{town}'] })).toThrow(/"w:\{town\}" of tool "weather"/)
    expect(() => cachedTool(weather, { cache, ttl: 1 } as never)).toThrow(/"ttl"/)
    expect(() => cachedTool(weather, {} as never)).toThrow(/cache/)
    expect(() => cachedTool({} as never, { cache })).toThrow(/a LangChain tool/)
    cachedTool(weather, { cache, reads: ['w:{city}:{units}'] })
  })
})

describe('cachedTool and the policies of its cache', () => {
  it('refuses a life here for what the cache says is written there', async () => {
    const cache = await createToolCache({ policies: { f: { writes: ['x'] } } })
    const f = tool(async () => 'x', { name: 'f', description: 'F', schema: z.object({}) })
    expect(() => cachedTool(f, { cache, ttlMs: 1_000 })).toThrow(/must agree/)
  })

  it('says that the tenant could not be told when its function threw, and counts hits on the entry', async () => {
    const store = embeddedStore()
    const cache = await createToolCache({ store })
    const f = tool(async () => 'x', { name: 'f', description: 'F', schema: z.object({}) })
    const call = { name: 'f', args: {}, id: '1', type: 'tool_call' } as const
    const torn = cachedTool(f, {
      cache,
      ttlMs: 1_000,
      tenant: () => {
        throw new Error('no session')
      },
    })
    expect((await torn.invoke(call)).response_metadata.reprise).toMatchObject({
      outcome: 'bypass',
      reason: 'tenant-failed',
    })
    const whole = cachedTool(f, { cache, ttlMs: 60_000 })
    const { key } = (await whole.invoke(call)).response_metadata.reprise as { key: string }
    for (let i = 0; i < 3; i++) await whole.invoke(call)
    await cache.flush()
    expect((await store.get(key, { namespace: 'tools' })).entry?.hits).toBe(3)
  })
})
