import { ChatAnthropic } from '@langchain/anthropic'
import { AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { fakeModel } from '@langchain/core/testing'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toModelRequest } from '../../../src/adapters/langchain/request.ts'
import { createFingerprint } from '../../../src/core/fingerprint.ts'
import { scopeOf } from '../../../src/semantic-cache/scope.ts'

const SECRET = 'sk-very-secret'
const question = [new HumanMessage('hello')]
const model = (fields = {}) => new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: SECRET, temperature: 0.2, ...fields })

function keyOf(...args: Parameters<typeof toModelRequest>): string {
  const sharing = { kind: 'anonymous' } as const
  return scopeOf(toModelRequest(...args), { namespace: 'n', sharing, fingerprint: createFingerprint() }).key
}

describe('the request of a LangChain call', () => {
  it('names provider, endpoint, model, settings, tools and response format', () => {
    const { messages: _messages, ...request } = toModelRequest(
      model({ configuration: { baseURL: 'https://user:pw@llm.example/v1/?api_key=x&v=2' } }),
      question,
      {
        tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }],
        response_format: { type: 'json_schema', json_schema: { name: 'r', schema: z.object({ a: z.number() }) } },
        stop: ['\n'],
      },
    )
    expect(request).toMatchObject({
      provider: 'openai',
      baseUrl: 'https://llm.example/v1?v=2',
      model: 'gpt-4o-mini',
      tools: [{ name: 'f', description: 'd', schema: { type: 'object' } }],
      responseFormat: { type: 'json_schema', json_schema: { schema: { type: 'object', required: ['a'] } } },
      settings: { temperature: 0.2, stop: ['\n'] },
    })
  })

  it.each([
    ['ChatOpenAI', model({ configuration: { defaultHeaders: { Authorization: SECRET } } })],
    ['ChatOpenAI with an organisation', model({ organization: SECRET })],
    ['a fake with a secret field', Object.assign(fakeModel(), { lc_kwargs: { apiKey: SECRET, clientSecret: SECRET } })],
  ])('holds no secret of %s', (_name, secretive) => {
    const request = toModelRequest(secretive, question, {
      headers: { authorization: `Bearer ${SECRET}` },
      options: { headers: { 'x-api-key': SECRET }, apiKey: SECRET },
      api_key: SECRET,
      tools: [
        { type: 'mcp', server_label: 'x', server_url: 'https://x', headers: { a: SECRET }, authorization: SECRET },
      ],
    })
    expect(JSON.stringify(request)).not.toContain(SECRET)
  })

  it.each([
    { signal: new AbortController().signal },
    { executionInfo: { checkpointId: 'a', nodeFirstAttemptTime: 5 }, control: {}, store: {}, writer: () => 1 },
    { callbacks: [], tags: ['a'], metadata: { b: 1 }, runId: 'x', runName: 'y', configurable: { thread_id: 't' } },
    { promptIndex: 3, ls_structured_output_format: { a: 1 }, timeout: 5, maxConcurrency: 2, recursionLimit: 4 },
    { stream_options: { include_usage: true }, promptCacheKey: 'k', context: { user: 1 }, interrupt: () => 1 },
  ])('is the same with the run options %o', (options) => {
    expect(keyOf(model(), question, options)).toBe(keyOf(model(), question, {}))
  })

  it.each([
    { temperature: 0.9 },
    { model: 'gpt-4o' },
    { topP: 0.5 },
    { modelKwargs: { custom: true } },
    { n: 2 },
    { stop: ['x'] },
    { maxTokens: 5 },
    { configuration: { baseURL: 'https://elsewhere.example' } },
  ])('is another with the fields %o', (fields) => {
    expect(keyOf(model(fields), question, {})).not.toBe(keyOf(model(), question, {}))
  })

  it.each([
    ...['context', 'state', 'version', 'config', 'control', 'previous', 'encoding', 'serverInfo', 'cache', 'store'],
    ...['debug', 'tags', 'timeout', 'headers', 'token', 'key', 'sent', 'fetch', 'credentials', 'run_id'],
  ])('is another with another %s in the body, whatever it is called', (name) => {
    const one = keyOf(model({ modelKwargs: { [name]: 'A' } }), question, {})
    expect(one).not.toBe(keyOf(model({ modelKwargs: { [name]: 'B' } }), question, {}))
    expect(one).not.toBe(keyOf(model(), question, {}))
    expect(one).toBe(keyOf(model({ modelKwargs: { [name]: 'A' } }), question, { context: { user: 1 }, store: {} }))
  })

  it('is the same with other credentials in the body, which it does not hold', () => {
    const made = (secret: string) =>
      model({ modelKwargs: { api_key: secret, deep: { Authorization: secret, password: secret } } })
    expect(keyOf(made(SECRET), question, {})).toBe(keyOf(made('other'), question, {}))
    expect(JSON.stringify(toModelRequest(made(SECRET), question, {}))).not.toContain(SECRET)
  })

  it.each([
    { defaultHeaders: { 'x-portkey-config': 'B' } },
    { defaultHeaders: new Headers({ 'x-portkey-config': 'B' }) },
    { defaultHeaders: {} },
    { defaultHeaders: { 'x-portkey-config': 'A' }, defaultQuery: { deployment: 'B' } },
  ])('is another with what the client sends with every request: %o', (configuration) => {
    const one = keyOf(model({ configuration: { defaultHeaders: { 'X-Portkey-Config': 'A' } } }), question, {})
    expect(keyOf(model({ configuration }), question, {})).not.toBe(one)
  })

  it('is the same with other credentials, traces and user agents of the client', () => {
    const made = (value: string) =>
      model({
        configuration: {
          defaultHeaders: { Authorization: value, 'x-api-key': value, 'User-Agent': value, traceparent: value },
          defaultQuery: { api_key: value },
        },
      })
    expect(keyOf(made('a'), question, {})).toBe(keyOf(made('b'), question, {}))
    expect(keyOf(made('a'), question, {})).toBe(keyOf(model(), question, {}))
    const secretive = model({ configuration: { defaultHeaders: { 'x-custom': SECRET } } })
    expect(JSON.stringify(toModelRequest(secretive, question, {}))).not.toContain(SECRET)
  })

  it.each([{ seed: 1 }, { tool_choice: 'auto' }, { unknownOption: 1 }, { parallel_tool_calls: false }])(
    'is another with the call options %o',
    (options) => {
      expect(keyOf(model(), question, options)).not.toBe(keyOf(model(), question, {}))
    },
  )

  it.each([
    ['headers', (secret: string) => ({ headers: { Authorization: secret } })],
    ['headers of any name', (secret: string) => ({ headers: { 'x-workspace': secret } })],
    ['authorization', (secret: string) => ({ authorization: secret })],
  ])('tells users of a remote server apart by their %s, without holding them', (_field, login) => {
    const server = { type: 'mcp', server_label: 'x', server_url: 'https://x', require_approval: 'never' }
    for (const asked of [model({ useResponsesApi: true }), model(), fakeModel()]) {
      const given = (secret: string) => ({ tools: [{ ...server, ...login(secret) }] })
      const one = keyOf(asked, question, given(SECRET))
      expect(keyOf(asked, question, given(SECRET))).toBe(one)
      expect(keyOf(asked, question, given('other'))).not.toBe(one)
      expect(keyOf(asked, question, { tools: [server] })).not.toBe(one)
      expect(JSON.stringify(toModelRequest(asked, question, given(SECRET)))).not.toContain(SECRET)
    }
  })

  it("tells users of Anthropic's remote servers apart", () => {
    const asked = new ChatAnthropic({ model: 'claude-x', apiKey: SECRET })
    const given = (secret: string) => ({
      mcp_servers: [{ type: 'url', url: 'https://x', name: 'x', authorization_token: secret }],
    })
    expect(keyOf(asked, question, given(SECRET))).not.toBe(keyOf(asked, question, given('other')))
    expect(JSON.stringify(toModelRequest(asked, question, given(SECRET)))).not.toContain(SECRET)
  })

  it('keeps an argument of a tool whose name sounds secret', () => {
    const withArgument = (name: string) => ({
      tools: [
        { type: 'function', function: { name: 'login', parameters: { properties: { [name]: { type: 'string' } } } } },
      ],
    })
    const keys = ['password', 'token', 'headers'].map((name) => keyOf(model(), question, withArgument(name)))
    expect(new Set(keys).size).toBe(3)
  })

  it('tells LangChain tools apart by schema, given to a model that has no parameters', () => {
    const made = (schema: z.ZodObject) => tool(async () => '', { name: 'f', description: 'd', schema })
    const one = keyOf(fakeModel(), question, { tools: [made(z.object({ a: z.string() }))] })
    const two = keyOf(fakeModel(), question, { tools: [made(z.object({ b: z.string() }))] })
    expect(one).not.toBe(two)
    expect(keyOf(fakeModel(), question, { tools: [made(z.object({ a: z.string() }))] })).toBe(one)
  })

  it('knows a model without a name by what it was made with', () => {
    const made = (fields: object) => Object.assign(fakeModel(), { lc_kwargs: fields })
    expect(keyOf(made({ flavour: 'a' }), question, {})).not.toBe(keyOf(made({ flavour: 'b' }), question, {}))
    expect(toModelRequest(made({ flavour: 'a' }), question, {})).toMatchObject({
      model: 'fake-model-builder',
      settings: { type: 'FakeBuiltModel', flavour: 'a' },
    })
  })
})

describe('messages', () => {
  const bytes = Buffer.from([137, 80, 78, 71, 0, 1, 2])
  const base64 = bytes.toString('base64')
  const dataUrl = `data:image/png;base64,${base64}`
  const partsOf = (content: unknown) =>
    toModelRequest(model(), [new HumanMessage({ content: content as never })], {}).messages[0]?.content

  it.each([
    ['image_url string', { type: 'image_url', image_url: dataUrl }],
    ['image_url object', { type: 'image_url', image_url: { url: dataUrl } }],
    ['input_image', { type: 'input_image', image_url: dataUrl }],
    ['v1 base64', { type: 'image', mimeType: 'image/png', data: base64 }],
    ['v1 bytes', { type: 'image', mimeType: 'image/png', data: new Uint8Array(bytes) }],
    ['v1 data URL', { type: 'image', url: dataUrl }],
    ['source_type base64', { type: 'image', source_type: 'base64', mime_type: 'image/png', data: base64 }],
    ['source_type url', { type: 'image', source_type: 'url', url: dataUrl }],
    ['Anthropic', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } }],
  ])('has the same digest for the same image as %s', (_shape, block) => {
    const [part] = partsOf([block]) as unknown as [{ digest: string }]
    expect(part).toMatchObject({ type: 'image', mediaType: 'image/png' })
    expect(part.digest).toBe(
      (partsOf([{ type: 'image_url', image_url: dataUrl }]) as unknown as [{ digest: string }])[0].digest,
    )
    expect(JSON.stringify(part)).not.toContain(base64)
  })

  const other = Buffer.from([1, 2, 3, 4]).toString('base64')
  it.each([
    ['image_url', (data: string) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })],
    ['remote image', (data: string) => ({ type: 'image_url', image_url: `https://x/${data}` })],
    ['v1 image', (data: string) => ({ type: 'image', mimeType: 'image/png', data })],
    ['input_audio', (data: string) => ({ type: 'input_audio', input_audio: { data, format: 'wav' } })],
    ['v1 audio', (data: string) => ({ type: 'audio', mimeType: 'audio/wav', data })],
    ['v1 video', (data: string) => ({ type: 'video', mimeType: 'video/mp4', data })],
    ['OpenAI file', (data: string) => ({ type: 'file', file: { file_data: `data:application/pdf;base64,${data}` } })],
    ['OpenAI file by id', (data: string) => ({ type: 'file', file: { file_id: data } })],
    ['v1 file', (data: string) => ({ type: 'file', mimeType: 'application/pdf', data })],
    ['v1 file by id', (data: string) => ({ type: 'file', fileId: data })],
    ['source_type id', (data: string) => ({ type: 'file', source_type: 'id', id: data })],
    ['source_type text', (data: string) => ({ type: 'file', source_type: 'text', text: data })],
    [
      'Anthropic document',
      (data: string) => ({ type: 'document', source: { type: 'base64', media_type: 'a/b', data } }),
    ],
    [
      'Anthropic text',
      (data: string) => ({ type: 'document', source: { type: 'text', media_type: 'text/plain', data } }),
    ],
    ['Google media', (data: string) => ({ type: 'media', mimeType: 'a/b', data })],
    ['Google media by URI', (data: string) => ({ type: 'media', mimeType: 'a/b', fileUri: data })],
    ['text-plain', (data: string) => ({ type: 'text-plain', text: data })],
    ['an unknown block', (data: string) => ({ type: 'hologram', nested: { deep: [data] } })],
    ['a nested unknown', (data: string) => ({ type: 'non_standard', value: { data } })],
  ])('tells two of %s apart', (_shape, block) => {
    const key = (data: string) => keyOf(model(), [new HumanMessage({ content: [block(data)] as never })], {})
    expect(key(base64)).not.toBe(key(other))
    expect(key(base64)).toBe(key(base64))
  })

  it('does not take text for base64', () => {
    const key = (data: string) =>
      keyOf(model(), [new HumanMessage({ content: [{ type: 'file', mimeType: 'text/plain', data }] as never })], {})
    expect(key('hello world')).not.toBe(key('helloworld'))
  })

  it('lets detail and file names count, block ids and prompt-cache marks not', () => {
    const key = (more: object) =>
      keyOf(model(), [new HumanMessage({ content: [{ type: 'image', url: 'https://x/y.png', ...more }] as never })], {})
    expect(key({ detail: 'high' })).not.toBe(key({ detail: 'low' }))
    expect(key({ id: 'a', cache_control: { type: 'ephemeral' } })).toBe(key({ id: 'b' }))
  })

  it('keeps roles, names, tool calls and results', () => {
    const { messages } = toModelRequest(
      model(),
      [
        new SystemMessage('be kind'),
        new HumanMessage({ content: 'weather?', name: 'ann' }),
        new AIMessage({ content: 'one moment', tool_calls: [{ id: 'c', name: 'weather', args: { city: 'Oslo' } }] }),
        new ToolMessage({ tool_call_id: 'c', content: 'rain', status: 'error', artifact: { not: 'sent' } }),
        new ChatMessage('hm', 'critic'),
      ],
      {},
    )
    expect(messages).toMatchObject([
      { role: 'system', content: [{ type: 'text', text: 'be kind' }] },
      { role: 'user', name: 'ann', content: [{ type: 'text', text: 'weather?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'one moment' },
          { type: 'toolCall', id: 'c', name: 'weather', args: { city: 'Oslo' } },
        ],
      },
      { role: 'tool', content: [{ type: 'toolResult', toolCallId: 'c', content: 'rain', isError: true }] },
      { role: 'user', content: [{ type: 'text', text: 'hm' }, { block: { role: 'critic' } }] },
    ])
    expect(JSON.stringify(messages)).not.toContain('sent')
  })

  it("counts a tool call once, whatever copies the provider's blocks hold", () => {
    const call = { id: 'toolu_1', name: 'weather', args: { city: 'Oslo' } }
    const plain = new AIMessage({ content: [{ type: 'text', text: 'x' }], tool_calls: [call] })
    const copied = new AIMessage({
      content: [
        { type: 'text', text: 'x' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
      ],
      tool_calls: [call],
      additional_kwargs: {
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
      },
    })
    expect(keyOf(model(), [copied], {})).toBe(keyOf(model(), [plain], {}))
  })

  it('lets additional_kwargs count that a provider may see', () => {
    const key = (kwargs: Record<string, unknown>) =>
      keyOf(model(), [new AIMessage({ content: 'x', additional_kwargs: kwargs }), ...question], {})
    expect(key({ reasoning_content: 'a' })).not.toBe(key({ reasoning_content: 'b' }))
    expect(key({ __raw_response: { id: 1 } })).toBe(key({}))
  })
})
