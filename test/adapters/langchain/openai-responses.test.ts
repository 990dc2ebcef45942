import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HumanMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cachedModel } from '../../../src/adapters/langchain/index.ts'
import { createSemanticCache } from '../../../src/create.ts'
import { comparable } from './comparable.ts'

let server: Server
let bodies: { input: Record<string, unknown>[] }[]
let baseURL: string

/** OpenAI's responses, as its reasoning models give them: every item has an id the provider keeps it by. */
beforeEach(async () => {
  bodies = []
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (piece) => {
      text += piece
    })
    request.on('end', () => {
      bodies.push(JSON.parse(text))
      const number = bodies.length
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({
          id: `resp_${number}`,
          object: 'response',
          created_at: 1,
          status: 'completed',
          model: 'gpt-5-mini',
          output: [
            { id: `rs_${number}`, type: 'reasoning', summary: [{ type: 'summary_text', text: 'Thinking.' }] },
            {
              id: `msg_${number}`,
              type: 'message',
              role: 'assistant',
              status: 'completed',
              content: [{ type: 'output_text', text: 'Forty-two.', annotations: [] }],
            },
          ],
          usage: { input_tokens: 5, output_tokens: 7, total_tokens: 12 },
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

it('sends no id of an item twice in a conversation whose turns were answered from the cache', async () => {
  const cache = await createSemanticCache()
  const inner = new ChatOpenAI({
    model: 'gpt-5-mini',
    apiKey: 'sk-x',
    maxRetries: 0,
    useResponsesApi: true,
    configuration: { baseURL },
  })
  const model = cachedModel(inner, { cache })
  const miss = await model.invoke('What is the answer?')
  const hit = await model.invoke('What is the answer?')
  const again = await model.invoke('What is the answer?')
  expect(bodies).toHaveLength(1)
  expect(hit.text).toBe('Forty-two.')
  expect(hit.content).toEqual(miss.content)
  expect(comparable(again)).toEqual(comparable(hit))

  await model.invoke([
    new HumanMessage('What is the answer?'),
    hit,
    new HumanMessage('And once more?'),
    again,
    new HumanMessage('Really?'),
  ])
  const sent = bodies[1]?.input ?? []
  expect(sent.map(({ type, role }) => role ?? type)).toEqual(['user', 'assistant', 'user', 'assistant', 'user'])
  expect(JSON.stringify(sent)).not.toMatch(/"(rs|msg|resp)_/)
  expect(JSON.stringify(sent[1])).toContain('Forty-two.')
  await cache.close()
})
