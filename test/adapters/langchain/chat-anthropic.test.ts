import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ChatAnthropic } from '@langchain/anthropic'
import { type AIMessageChunk, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import { createSemanticCache } from '../../../src/create.ts'
import type { SemanticCache } from '../../../src/semantic-cache/semantic-cache.ts'
import { comparable } from './comparable.ts'

const CONTENT = [
  { type: 'thinking', thinking: 'A city is asked for.', signature: 'sig' },
  { type: 'text', text: 'Let me look at the weather.' },
  { type: 'tool_use', id: 'toolu_01AbCdEfGhIjKlMnOpQrStUv', name: 'weather', input: { city: 'Oslo' } },
]

describe('cachedModel over ChatAnthropic', () => {
  let server: Server
  let cache: SemanticCache
  let calls: number
  let stopReason: string
  let url: string

  beforeEach(async () => {
    calls = 0
    stopReason = 'tool_use'
    cache = await createSemanticCache()
    server = createServer((request, response) => {
      let text = ''
      request.on('data', (piece) => {
        text += piece
      })
      request.on('end', () => {
        calls++
        const { stream } = JSON.parse(text)
        const message = {
          id: `msg_${calls}`,
          type: 'message',
          role: 'assistant',
          model: 'claude-x',
          stop_sequence: null,
        }
        const usage = { input_tokens: 10, output_tokens: 20 }
        if (!stream) {
          response.setHeader('content-type', 'application/json')
          response.end(JSON.stringify({ ...message, content: CONTENT, stop_reason: stopReason, usage }))
          return
        }
        response.setHeader('content-type', 'text/event-stream')
        const send = (data: { type: string }) =>
          response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`)
        for (const event of eventsOf({ ...message, content: [], stop_reason: null, usage }, stopReason)) send(event)
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await cache.close()
    await new Promise((resolve) => server.close(resolve))
  })

  const model = () =>
    cachedModel(new ChatAnthropic({ model: 'claude-x', apiKey: 'sk-ant-x', anthropicApiUrl: url, maxRetries: 0 }), {
      cache,
    }).bindTools([{ name: 'weather', description: 'Weather', schema: z.object({ city: z.string() }) }])

  const streamed = async () => {
    let whole: AIMessageChunk | undefined
    for await (const chunk of await model().stream('Weather in Oslo?')) whole = whole ? whole.concat(chunk) : chunk
    return whole as AIMessageChunk
  }

  it('gives back blocks, thinking with its signature, and calls with ids of their own', async () => {
    const miss = await model().invoke('Weather in Oslo?')
    const hit = await model().invoke('Weather in Oslo?')
    expect(calls).toBe(1)
    expect(comparable(hit)).toEqual(comparable(miss))
    const [call] = hit.tool_calls ?? []
    expect(call).toMatchObject({ name: 'weather', args: { city: 'Oslo' } })
    expect(call?.id).not.toBe(miss.tool_calls?.[0]?.id)
    expect(hit.content).toContainEqual(expect.objectContaining({ type: 'tool_use', id: call?.id }))
    expect(hit.usage_metadata?.total_tokens).toBe(0)
  })

  it("does not repeat the provider's id of the message, at any depth", async () => {
    for (const ask of [() => model().invoke('Weather in Oslo?'), streamed]) {
      await ask()
      const hit = await ask()
      expect(hit.response_metadata).toMatchObject({ reprise: { outcome: 'hit' } })
      expect(JSON.stringify([hit.additional_kwargs, hit.response_metadata])).not.toContain('msg_')
    }
  })

  it('hits again in the next turn, whether the turn before was live or from the cache', async () => {
    const question = new HumanMessage('Weather in Oslo?')
    const asked = []
    for (let i = 0; i < 2; i++) {
      const answer = await model().invoke([question])
      const result = new ToolMessage({ tool_call_id: answer.tool_calls?.[0]?.id ?? '', content: 'rain' })
      asked.push((await model().invoke([question, answer, result])).response_metadata)
    }
    expect(asked).toMatchObject([{ reprise: { outcome: 'miss' } }, { reprise: { outcome: 'hit' } }])
    expect(calls).toBe(2)
  })

  it('adds up to the same when streamed', async () => {
    const miss = await streamed()
    const hit = await streamed()
    expect(calls).toBe(1)
    expect(hit.text).toBe('Let me look at the weather.')
    expect(hit.text).toBe(miss.text)
    expect(hit.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
    expect(hit.contentBlocks.map(({ type }) => type)).toEqual(miss.contentBlocks.map(({ type }) => type))
    expect(hit.response_metadata).toMatchObject({ reprise: { outcome: 'hit' } })
  })

  it('serves one shape from the other', async () => {
    await streamed()
    const hit = await model().invoke('Weather in Oslo?')
    expect(calls).toBe(1)
    expect(hit.text).toBe('Let me look at the weather.')
    expect(hit.tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Oslo' } }])
  })

  it.each(['max_tokens', 'refusal'])('does not store what stopped for %s', async (reason) => {
    stopReason = reason
    await model().invoke('Weather in Oslo?')
    await streamed()
    await streamed()
    expect(calls).toBe(3)
  })
})

function* eventsOf(message: object, stopReason: string): Generator<{ type: string; [more: string]: unknown }> {
  yield { type: 'message_start', message }
  const deltas = [
    [
      { type: 'thinking_delta', thinking: 'A city is asked for.' },
      { type: 'signature_delta', signature: 'sig' },
    ],
    [
      { type: 'text_delta', text: 'Let me look ' },
      { type: 'text_delta', text: 'at the weather.' },
    ],
    [
      { type: 'input_json_delta', partial_json: '{"city":' },
      { type: 'input_json_delta', partial_json: '"Oslo"}' },
    ],
  ]
  const empty = [
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'text', text: '' },
    { ...CONTENT[2], input: {} },
  ]
  for (const [index, block] of empty.entries()) {
    yield { type: 'content_block_start', index, content_block: block }
    for (const delta of deltas[index] ?? []) yield { type: 'content_block_delta', index, delta }
    yield { type: 'content_block_stop', index }
  }
  yield { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: 20 } }
  yield { type: 'message_stop' }
}
