import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { Annotation, MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { describe, expect, it } from 'vitest'
import { langgraphCache } from '../../../src/adapters/langchain/index.ts'
import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import type { CacheStore } from '../../../src/stores/store.ts'

type Key = [string[], string]
const key = (name: string, ...path: string[]): Key => [path.length > 0 ? path : ['node'], name]

describe('langgraphCache', () => {
  it('gives back what was set, messages as messages', async () => {
    const cache = langgraphCache<unknown>(embeddedStore())
    const value = [['messages', [new AIMessage({ content: 'hi', id: 'a' })]]]
    await cache.set([{ key: key('a'), value }])
    const [found] = await cache.get([key('a'), key('b')])
    expect(found?.key).toEqual(key('a'))
    expect(found?.value).toEqual([['messages', [expect.any(AIMessage)]]])
    expect(await cache.get([key('a', 'other')])).toEqual([])
    expect(await cache.get([])).toEqual([])
  })

  it('takes ttl in seconds, and a day without one', async () => {
    let time = 1_000_000
    const now = () => time
    const cache = langgraphCache<string>(embeddedStore({ now }), { now })
    await cache.set([
      { key: key('short'), value: 'x', ttl: 60 },
      { key: key('long'), value: 'y' },
    ])
    const found = async () => (await cache.get([key('short'), key('long')])).map(({ value }) => value)
    time += 59_999
    expect(await found()).toEqual(['x', 'y'])
    time += 1
    expect(await found()).toEqual(['y'])
    time += 86_400_000
    expect(await found()).toEqual([])
  })

  it('clears single namespaces, or all of them', async () => {
    const store = embeddedStore()
    const cache = langgraphCache<string>(store)
    const other = langgraphCache<string>(store, { namespace: 'other' })
    const keys = [key('k', 'a'), key('k', 'a', 'b'), key('k', 'c')]
    await cache.set(keys.map((one) => ({ key: one, value: one[0].join() })))
    await other.set([{ key: key('k', 'a'), value: 'theirs' }])
    await cache.clear([['a'], ['c']])
    expect((await cache.get(keys)).map(({ value }) => value)).toEqual(['a,b'])
    await cache.clear([])
    expect(await cache.get(keys)).toEqual([])
    expect(await other.get([key('k', 'a')])).toHaveLength(1)
  })

  it('does not store what was under way when its namespace was cleared', async () => {
    const cache = langgraphCache<string>(embeddedStore())
    await cache.get([key('k')])
    await cache.clear([['node']])
    await cache.set([{ key: key('k'), value: 'old' }])
    expect(await cache.get([key('k')])).toEqual([])
  })

  it('runs a node once in LangGraph, for the same input and as long as its policy says', async () => {
    let runs = 0
    let time = 1_000_000
    const now = () => time
    const graph = new StateGraph(Annotation.Root({ ...MessagesAnnotation.spec, topic: Annotation<string> }))
      .addNode(
        'think',
        async ({ topic }) => {
          runs++
          return { messages: [new AIMessage(`about ${topic}`)] }
        },
        { cachePolicy: { ttl: 120 } },
      )
      .addEdge('__start__', 'think')
      .compile({ cache: langgraphCache(embeddedStore({ now }), { now }) })
    const ask = (topic: string) => graph.invoke({ topic, messages: [new HumanMessage({ content: 'go', id: '1' })] })
    const first = await ask('tea')
    const second = await ask('tea')
    expect(runs).toBe(1)
    expect(second.messages.at(-1)?.content).toBe('about tea')
    expect(second.messages.map(({ content }) => content)).toEqual(first.messages.map(({ content }) => content))
    await ask('coffee')
    expect(runs).toBe(2)
    time += 121_000
    await ask('tea')
    expect(runs).toBe(3)
  })

  it('runs the node when the store fails or hangs; only clear rejects', async () => {
    for (const get of [() => Promise.reject(new Error('down')), () => new Promise<never>(() => undefined)]) {
      const fail = () => Promise.reject(new Error('down'))
      const store = { name: 'down', get, set: fail, update: fail, delete: fail, clear: fail, flush: fail, close: fail }
      const cache = langgraphCache<string>(store as unknown as CacheStore, { deadlineMs: 5 })
      expect(await cache.get([key('k')])).toEqual([])
      await expect(cache.set([{ key: key('k'), value: 'x' }])).resolves.toBeUndefined()
      await expect(cache.clear([])).rejects.toThrow('down')
    }
  })

  it('refuses wrong options', () => {
    expect(() => langgraphCache({} as never)).toThrow(/must be a CacheStore/)
    expect(() => langgraphCache(embeddedStore(), { ttl: 5 } as never)).toThrow(
      /option of langgraphCache must be one of/,
    )
    expect(() => langgraphCache(embeddedStore(), { ttlMs: 0 })).toThrow(/ttlMs must be a number ≥ 1/)
  })
})
