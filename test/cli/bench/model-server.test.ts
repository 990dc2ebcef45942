import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { latencySampler } from '../../../src/cli/bench/latency.ts'
import { type AnswerFunction, type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import { estimateTokens } from '../../../src/cli/bench/token-estimate.ts'

describe('the local model server', () => {
  let server: ModelServer
  afterEach(() => server.close())

  const open = async (answer: AnswerFunction) => {
    server = await startModelServer({ answer, models: ['a', 'b'] })
    return new OpenAI({ baseURL: server.baseUrl, apiKey: 'any', maxRetries: 0 })
  }
  const messages = [{ role: 'user' as const, content: 'Hello, who are you?' }]

  it('answers the official client in JSON, with usage', async () => {
    const client = await open(({ messages: [first] }) => ({ text: `You said: ${first?.content}` }))
    const { choices, usage } = await client.chat.completions.create({ model: 'a', messages })
    expect(choices[0]?.message.content).toBe('You said: Hello, who are you?')
    expect(choices[0]?.finish_reason).toBe('stop')
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
    expect(server.tokens).toEqual({ prompt: usage?.prompt_tokens, completion: usage?.completion_tokens })
    expect(server.requestCount).toBe(1)
  })

  it('lists its models', async () => {
    const client = await open(() => ({ text: '' }))
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it('streams, with usage only when it is asked for', async () => {
    const client = await open(() => ({ text: 'One two three four.' }))
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        model: 'a',
        messages,
        stream: true,
        stream_options: { include_usage },
      })
      let text = ''
      let chunks = 0
      let usages = 0
      for await (const { choices, usage } of stream) {
        text += choices[0]?.delta.content ?? ''
        if (choices[0]?.delta.content) chunks++
        if (usage) usages++
      }
      expect(text).toBe('One two three four.')
      expect(chunks).toBeGreaterThan(2)
      expect(usages).toBe(include_usage ? 1 : 0)
    }
  })

  it('calls tools, in JSON and in pieces', async () => {
    const client = await open(() => ({ toolCalls: [{ name: 'weather', args: { city: 'Oslo' } }] }))
    const whole = await client.chat.completions.create({ model: 'a', messages })
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls')
    expect(whole.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'weather', arguments: '{"city":"Oslo"}' },
    })
    const streamed = await client.chat.completions.stream({ model: 'a', messages }).finalChatCompletion()
    expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: 'weather', arguments: '{"city":"Oslo"}' },
    })
  })

  it('gives n answers', async () => {
    const client = await open((_body, choice) => ({ text: `answer ${choice}` }))
    const { choices } = await client.chat.completions.create({ model: 'a', messages, n: 3 })
    expect(choices.map(({ message }) => message.content)).toEqual(['answer 0', 'answer 1', 'answer 2'])
  })

  it.each([
    [429, 3],
    [500, undefined],
  ])('fails with status %i on demand', async (status, retryAfterSeconds) => {
    const client = await open(() => ({ fault: { status, ...(retryAfterSeconds && { retryAfterSeconds }) } }))
    const error = await client.chat.completions.create({ model: 'a', messages }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error.status).toBe(status)
    expect(error.headers.get('retry-after')).toBe(retryAfterSeconds ? String(retryAfterSeconds) : null)
  })

  it('cuts a stream off in the middle', async () => {
    const client = await open(() => ({ fault: { disconnectAfterChunks: 2 }, answer: { text: 'one two three four' } }))
    const stream = await client.chat.completions.create({ model: 'a', messages, stream: true })
    let text = ''
    await expect(async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    }).rejects.toThrow()
    expect(text).toBe('one two ')
  })

  it('ends a stream early in good order, which clients do not notice', async () => {
    const client = await open(() => ({ fault: { endAfterChunks: 1 }, answer: { text: 'one two three' } }))
    const stream = await client.chat.completions.create({ model: 'a', messages, stream: true })
    const reasons: unknown[] = []
    for await (const { choices } of stream) reasons.push(choices[0]?.finish_reason)
    expect(reasons).toEqual([null, null])
  })

  it('sends malformed events', async () => {
    const client = await open(() => ({ fault: { malformed: true } }))
    const stream = await client.chat.completions.create({ model: 'a', messages, stream: true })
    await expect(async () => {
      for await (const _chunk of stream);
    }).rejects.toThrow(SyntaxError)
  })

  it('hangs until the client leaves', async () => {
    const client = await open(() => ({ fault: { hang: true } }))
    const controller = new AbortController()
    const asked = client.chat.completions.create({ model: 'a', messages }, { signal: controller.signal })
    while (server.requestCount === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    await expect(asked).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
  })

  it.each(['no json', '{}', '{"model":"a"}'])('refuses the body %s', async (body) => {
    await open(() => ({ text: '' }))
    const response = await fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(server.requestCount).toBe(0)
  })

  it('knows no other endpoint', async () => {
    await open(() => ({ text: '' }))
    expect((await fetch(`${server.baseUrl}/embeddings`, { method: 'POST' })).status).toBe(404)
  })
})

describe('drawn latencies', () => {
  it('are the same for the same seed, and off when off', () => {
    const drawn = () => {
      const sample = latencySampler('realistic', 7)
      return [sample(10), sample(10), sample(10)]
    }
    expect(drawn()).toEqual(drawn())
    expect(latencySampler('off', 7)(10)).toEqual({ firstTokenMs: 0, perTokenMs: 0 })
  })

  it('have the stated median', () => {
    const sample = latencySampler({ firstTokenMs: 100, perTokenMs: 10, spread: 0.4 }, 1)
    const firsts = Array.from({ length: 2_001 }, () => sample(1).firstTokenMs).sort((a, b) => a - b)
    expect(firsts[1_000]).toBeGreaterThan(95)
    expect(firsts[1_000]).toBeLessThan(105)
  })

  it('can be fixed for one answer', () => {
    const { firstTokenMs, perTokenMs } = latencySampler('realistic', 1)(50, 1_000)
    expect(firstTokenMs + 50 * perTokenMs).toBeCloseTo(1_000)
  })
})

describe('estimated tokens', () => {
  it('count four characters of English and one of Chinese', () => {
    expect(estimateTokens('twelve chars')).toBe(3)
    expect(estimateTokens('今天天气')).toBe(4)
    expect(estimateTokens('')).toBe(0)
  })
})
