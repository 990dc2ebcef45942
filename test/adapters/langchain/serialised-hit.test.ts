import { type AIMessage, type AIMessageChunk, HumanMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cachedModel, semanticCacheMiddleware } from '../../../src/adapters/langchain/index.ts'
import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { chatOpenAI } from './chat-openai.ts'

const weather = tool(async () => 'sunny', { name: 'weather', description: 'w', schema: z.object({ city: z.string() }) })

describe('a hit in its serialised form', () => {
  let server: ModelServer
  let cache: SemanticCache

  beforeEach(async () => {
    server = await startModelServer({
      answer: ({ tools }) =>
        tools?.length ? { toolCalls: [{ name: 'weather', args: { city: 'Oslo' } }] } : { text: 'So it is, I think.' },
    })
    cache = await createSemanticCache({ decision: 'exact' })
  })
  afterEach(async () => {
    await cache.close()
    await server.close()
  })

  const chunksOf = async (stream: AsyncIterable<AIMessageChunk>) => {
    const chunks: AIMessageChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    return chunks
  }
  const fields = (message: AIMessage | AIMessageChunk | undefined) =>
    Object.keys(JSON.parse(JSON.stringify(message)).kwargs).sort()

  it('has the fields of a live message', async () => {
    const live = await chatOpenAI(server).invoke('Is it?')
    const model = cachedModel(chatOpenAI(server), { cache })
    await model.invoke('Is it?')
    const hit = await model.invoke('Is it?')
    expect(server.requestCount).toBe(2)
    expect(fields(hit)).toEqual(fields(live))
  })

  it('says in every chunk which provider it is from', async () => {
    const live = await chunksOf(await chatOpenAI(server).stream('Is it?'))
    const model = cachedModel(chatOpenAI(server), { cache })
    await model.invoke('Is it?')
    const hit = await chunksOf(await model.stream('Is it?'))
    expect(server.requestCount).toBe(2)
    const pieces = (chunks: AIMessageChunk[]) => chunks.filter(({ content }) => content !== '')
    expect(pieces(live)[0]?.response_metadata.model_provider).toBe('openai')
    for (const { response_metadata } of hit) expect(response_metadata.model_provider).toBe('openai')
    expect(fields(pieces(hit)[0])).toEqual(fields(pieces(live)[0]))
    expect(hit.reduce((sum, chunk) => sum.concat(chunk)).response_metadata.model_provider).toBe('openai')
  })

  it("has the provider's tool calls without the numbers of the stream they came by", async () => {
    const messages = [new HumanMessage('Weather?')]
    const live = await chatOpenAI(server).bindTools([weather]).invoke(messages)
    const model = cachedModel(chatOpenAI(server), { cache }).bindTools([weather])
    await chunksOf(await model.stream(messages))
    const hit = await model.invoke(messages)
    expect(server.requestCount).toBe(2)
    const withoutIds = ({ additional_kwargs }: AIMessage) =>
      additional_kwargs.tool_calls?.map(({ id: _id, ...call }) => call)
    expect(withoutIds(live)).toHaveLength(1)
    expect(withoutIds(hit)).toEqual(withoutIds(live))
  })

  it('is refused a middleware without options, by name', () => {
    expect(() => semanticCacheMiddleware(undefined as never)).toThrow('options of semanticCacheMiddleware')
  })
})
