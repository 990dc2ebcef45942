import { describe, expect, it } from 'vitest'
import type { CallControls, Message, ModelRequest } from '../../src/index.ts'
import { withoutCredentials } from '../../src/semantic-cache/scope.ts'
import { ask, cacheBench, countingModel } from '../support/cache-bench.ts'

const earlier = (text: string): Message[] => [
  { role: 'user', content: 'hello' },
  { role: 'assistant', content: text },
]
const base: ModelRequest = {
  provider: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  model: 'gpt-4o-mini',
  messages: [{ role: 'system', content: 'be kind' }, ...earlier('hi'), { role: 'user', content: 'what next' }],
  tools: [{ name: 'search', description: 'finds', schema: { type: 'object' } }],
  responseFormat: { type: 'text' },
  settings: { temperature: 0, seed: 1 },
}
const withMessages = (...messages: Message[]): Partial<ModelRequest> => ({ messages })

describe('what must match exactly', () => {
  const differences: [string, Partial<ModelRequest>, CallControls?][] = [
    ['tenant', {}, { tenant: 'beta' }],
    ['no tenant', {}, { tenant: undefined }],
    ['shared', {}, { shared: true }],
    ['provider', { provider: 'azure' }],
    ['base URL', { baseUrl: 'https://proxy.example/v1' }],
    ['model', { model: 'gpt-4o' }],
    ['instructions', withMessages({ role: 'system', content: 'be brief' }, ...base.messages.slice(1))],
    ['no instructions', withMessages(...base.messages.slice(1))],
    [
      'earlier turn',
      withMessages({ role: 'system', content: 'be kind' }, ...earlier('hey'), { role: 'user', content: 'what next' }),
    ],
    ['tool list', { tools: [] }],
    ['tool description', { tools: [{ name: 'search', description: 'seeks', schema: { type: 'object' } }] }],
    ['tool schema', { tools: [{ name: 'search', description: 'finds', schema: { type: 'string' } }] }],
    ['response format', { responseFormat: undefined }],
    ['temperature', { settings: { temperature: 1, seed: 1 } }],
    ['an unknown setting', { settings: { temperature: 0, seed: 1, brandNew: true } }],
    [
      'an image',
      withMessages(...base.messages.slice(0, -1), {
        role: 'user',
        content: [
          { type: 'text', text: 'what next' },
          { type: 'image', digest: 'a' },
        ],
      }),
    ],
    [
      'the name of the speaker',
      withMessages(...base.messages.slice(0, -1), { role: 'user', name: 'eve', content: 'what next' }),
    ],
  ]

  it.each(differences)(
    'never shares an answer across: %s',
    async (_what, difference, controls = { tenant: 'acme' }) => {
      const { cache } = await cacheBench()
      const model = countingModel()
      await cache.getOrCall(base, model.call, { tenant: 'acme' })
      await cache.flush()
      const { record } = await cache.getOrCall({ ...base, ...difference }, model.call, controls)
      expect(record.outcome).toBe('miss')
      expect(model.calls).toBe(2)
      const again = await cache.getOrCall({ ...base, ...difference }, model.call, controls)
      expect(again.record.outcome).toBe('hit')
    },
  )

  it('tells images apart, and one image from another place in the conversation', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const image = (digest: string) =>
      ask(
        '',
        withMessages({
          role: 'user',
          content: [
            { type: 'text', text: 'what is it' },
            { type: 'image', digest },
          ],
        }),
      )
    for (const digest of ['a', 'b', 'a']) await cache.getOrCall(image(digest), model.call)
    expect(model.calls).toBe(2)
  })

  it('does not take one message for a conversation that reads the same', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('', withMessages({ role: 'user', content: 'a\nAI: ok\nHuman: b' })), model.call)
    await cache.getOrCall(
      ask(
        '',
        withMessages(
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'ok' },
          { role: 'user', content: 'b' },
        ),
      ),
      model.call,
    )
    expect(model.calls).toBe(2)
  })
})

describe('what does not count', () => {
  const same: [string, Partial<ModelRequest>][] = [
    ['order of settings', { settings: { seed: 1, temperature: 0 } }],
    ['undefined settings', { settings: { temperature: 0, seed: 1, topP: undefined } }],
    [
      'signal, callbacks, headers, credentials, timeouts, run metadata',
      {
        settings: {
          temperature: 0,
          seed: 1,
          signal: new AbortController().signal,
          callbacks: [() => 1],
          headers: { a: '1' },
          apiKey: 'sk',
          timeout: 5,
          metadata: { run: 1 },
          stream: true,
        },
      },
    ],
    ['credentials and trailing slash in the base URL', { baseUrl: 'https://me:secret@api.openai.com/v1/' }],
    [
      'a string for one text part',
      withMessages(...base.messages.slice(0, -1), { role: 'user', content: [{ type: 'text', text: 'what next' }] }),
    ],
    [
      'message ids and prompt-cache markers',
      withMessages(...base.messages.slice(0, -1), {
        role: 'user',
        id: 'm1',
        content: [{ type: 'text', text: 'what next', cache_control: { type: 'ephemeral' } }],
      } as never),
    ],
  ]

  it.each(same)('shares an answer across: %s', async (_what, difference) => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(base, model.call)
    const { record } = await cache.getOrCall({ ...base, ...difference }, model.call)
    expect(record).toMatchObject({ outcome: 'hit', tier: 'memory' })
  })

  it('does not tell runs apart by the ids of their tool calls, but keeps which result belongs to which call', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const turn = (ids: [string, string], results: [string, string]) =>
      ask('', {
        messages: [
          { role: 'user', content: 'compare' },
          {
            role: 'assistant',
            content: ids.map((id, i) => ({ type: 'toolCall' as const, id, name: 'get', args: { i } })),
          },
          ...results.map((id, i) => ({
            role: 'tool' as const,
            content: [{ type: 'toolResult' as const, toolCallId: id, content: `r${i}` }],
          })),
        ],
      })
    await cache.getOrCall(turn(['a', 'b'], ['a', 'b']), model.call)
    expect((await cache.getOrCall(turn(['x', 'y'], ['x', 'y']), model.call)).record.outcome).toBe('hit')
    expect((await cache.getOrCall(turn(['x', 'y'], ['y', 'x']), model.call)).record.outcome).toBe('miss')
  })
})

describe('tenants', () => {
  it('takes the tenant from an option, a function of the request, or the call', async () => {
    const { cache } = await cacheBench({ tenant: (request) => String(request.settings?.owner ?? '') || undefined })
    const model = countingModel()
    const owned = (owner?: string) => ask('hi', owner ? { settings: { owner } } : {})
    const records = []
    for (const owner of ['a', 'b', undefined, 'a'])
      records.push((await cache.getOrCall(owned(owner), model.call)).record.outcome)
    expect(records).toEqual(['miss', 'miss', 'miss', 'hit'])
  })

  it('shares between tenants only when told to', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call, { tenant: 'a', shared: true })
    const { record } = await cache.getOrCall(ask('hi'), model.call, { tenant: 'b', shared: true })
    expect(record.outcome).toBe('hit')
    expect((await cache.getOrCall(ask('hi'), model.call, { tenant: 'b' })).record.outcome).toBe('miss')
  })

  it('bypasses a call without tenant where one is required, and one whose tenant cannot be told', async () => {
    const { cache, lookups } = await cacheBench({ requireTenant: true })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('hi'), model.call)
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'tenant-required' })
    expect((await cache.getOrCall(ask('hi'), model.call, { tenant: 'a' })).record.outcome).toBe('miss')
    const failing = await cacheBench({
      tenant: () => {
        throw new Error('who?')
      },
    })
    expect((await failing.cache.getOrCall(ask('hi'), model.call)).record.reason).toBe('tenant-failed')
    expect(lookups()).toHaveLength(2)
  })
})

describe('withoutCredentials', () => {
  it.each([
    ['https://u:p@host/v1/', 'https://host/v1'],
    ['https://host/v1?api-key=1&api-version=2', 'https://host/v1?api-version=2'],
    ['https://host?b=1&a=2#x', 'https://host?a=2&b=1'],
    ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1'],
    ['not a url', 'not a url'],
  ])('%s → %s', (url, expected) => {
    expect(withoutCredentials(url)).toBe(expected)
  })
})
