import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { dot } from '../../src/core/vector.ts'
import { type EmbedderNotice, type OpenaiEmbedderOptions, openaiEmbedder } from '../../src/embeddings/index.ts'
import { embedderContract } from '../../src/testing/index.ts'
import {
  base64Of,
  deadUrl,
  type ProviderServer,
  providerServer,
  type Reply,
  type SeenRequest,
  vectorsFor,
} from '../support/provider-server.ts'

const DIMENSIONS = 64
const KEY = 'sk-test-0123456789'
const LONGEST = 600

async function answer({ body, headers }: SeenRequest): Promise<Reply> {
  if (headers.authorization !== `Bearer ${KEY}` && headers['api-key'] !== KEY) {
    return { status: 401, body: { error: { message: `Incorrect API key provided: ${headers.authorization}` } } }
  }
  if (body.input.some((text: string) => Buffer.byteLength(text) > LONGEST)) {
    return { status: 400, body: { error: { message: `This model's maximum context length is ${LONGEST} tokens` } } }
  }
  const vectors = await vectorsFor(body.input, body.dimensions ?? DIMENSIONS)
  return {
    body: {
      object: 'list',
      // Out of order on purpose: only `index` is promised.
      data: vectors
        .map((vector, index) => ({
          object: 'embedding',
          index,
          embedding: body.encoding_format === 'base64' ? base64Of(vector) : vector,
        }))
        .reverse(),
      usage: { prompt_tokens: body.input.length * 7, total_tokens: body.input.length * 7 },
    },
  }
}

let server: ProviderServer
beforeAll(async () => {
  server = await providerServer(answer)
})
afterAll(() => server.close())
beforeEach(() => server.reset())
afterEach(() => vi.unstubAllEnvs())

const embedderWith = (options: Partial<OpenaiEmbedderOptions> = {}) =>
  openaiEmbedder({
    model: 'text-embedding-test',
    baseUrl: server.url,
    apiKey: KEY,
    dimensions: DIMENSIONS,
    maxTokens: LONGEST,
    batchMs: 1,
    ...options,
  })

embedderContract('openai embedder', () => embedderWith())
embedderContract('openai embedder that finds its dimensions out', () =>
  embedderWith({ dimensions: undefined, batchMs: 0 }),
)
embedderContract('openai embedder on Azure', () =>
  embedderWith({ azure: { deployment: 'my embeddings', apiVersion: '2024-10-21' } }),
)

describe('openaiEmbedder', () => {
  it('asks for base64 and sends model, dimensions and key', async () => {
    await embedderWith({ headers: { 'openai-organization': 'org-1' } }).embed(['hello'])
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]).toMatchObject({
      method: 'POST',
      path: '/embeddings',
      body: { model: 'text-embedding-test', input: ['hello'], encoding_format: 'base64', dimensions: DIMENSIONS },
      headers: { authorization: `Bearer ${KEY}`, 'openai-organization': 'org-1' },
    })
  })

  it('does not send dimensions that were not asked for', async () => {
    await embedderWith({ dimensions: undefined }).embed(['hello'])
    expect(server.seen.every(({ body }) => !('dimensions' in body))).toBe(true)
  })

  it('takes lists of numbers from services that do not know base64', async () => {
    const [expected] = await embedderWith().embed(['hello'])
    server.script.push(async ({ body }) =>
      answer({ ...(server.seen[1] as SeenRequest), body: { ...body, encoding_format: 'float' } }),
    )
    const [vector] = await embedderWith().embed(['hello'])
    expect(dot(vector as Float32Array, expected as Float32Array)).toBeCloseTo(1, 5)
  })

  it('speaks to an Azure deployment with its api-version and api-key', async () => {
    await embedderWith({ azure: { deployment: 'my embeddings', apiVersion: '2024-10-21' } }).embed(['hello'])
    expect(server.seen[0]?.path).toBe('/openai/deployments/my%20embeddings/embeddings?api-version=2024-10-21')
    expect(server.seen[0]?.headers['api-key']).toBe(KEY)
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
  })

  it('asks a token provider for each request', async () => {
    const tokenProvider = vi.fn(async () => KEY)
    const embedder = embedderWith({ apiKey: undefined, tokenProvider, azure: { apiVersion: '2024-10-21' } })
    await embedder.embed(['one'])
    await embedder.embed(['two'])
    expect(tokenProvider).toHaveBeenCalledTimes(2)
    expect(server.seen[1]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('names the same space on Azure as at OpenAI, and another one behind another address', async () => {
    vi.stubEnv('OPENAI_BASE_URL', undefined)
    const options = { model: 'text-embedding-3-small', apiKey: KEY }
    const openai = await openaiEmbedder(options).describe()
    const azure = await openaiEmbedder({
      ...options,
      baseUrl: 'https://acme.openai.azure.com',
      azure: { deployment: 'e', apiVersion: '1' },
    }).describe()
    const other = await openaiEmbedder({ ...options, dimensions: 1536, baseUrl: 'http://localhost:8000/v1' }).describe()
    expect(openai).toMatchObject({ id: 'openai/text-embedding-3-small/1536', dimensions: 1536 })
    expect(openai.billedAs).toMatchObject({ provider: 'openai', name: 'text-embedding-3-small' })
    expect(azure.id).toBe(openai.id)
    expect(azure.billedAs?.provider).toBe('azure')
    expect(other.id).not.toBe(openai.id)
  })

  it('has dimensions and prefix in its id, and never the key', async () => {
    const ids = await Promise.all(
      [{}, { dimensions: 32 }, { prefix: 'query: ' }].map(
        async (options) => (await embedderWith(options).describe()).id,
      ),
    )
    expect(new Set(ids).size).toBe(3)
    expect(ids.join()).not.toContain(KEY)
  })

  it('puts the prefix before each text', async () => {
    await embedderWith({ prefix: 'query: ' }).embed(['a', 'b'])
    expect(server.seen[0]?.body.input).toEqual(['query: a', 'query: b'])
  })

  it('does not send the key of the environment to another service', async () => {
    vi.stubEnv('OPENAI_API_KEY', KEY)
    await expect(embedderWith({ apiKey: undefined }).embed(['hello'])).rejects.toMatchObject({
      code: 'EMBEDDER_FAILED',
    })
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
  })

  it('reports what was billed', async () => {
    const notices: EmbedderNotice[] = []
    await embedderWith().embed(['a', 'b', 'c'], { report: (notice) => notices.push(notice) })
    expect(notices).toEqual([{ what: 'usage', texts: 3, tokens: 21 }])
  })

  it('cuts a text that the service calls too long after a word, says so, and leaves its neighbours whole', async () => {
    const notices: EmbedderNotice[] = []
    const long = 'word '.repeat(300).trim()
    const vectors = await embedderWith().embed(['short', long], { report: (notice) => notices.push(notice) })
    expect(vectors).toHaveLength(2)
    const sent = server.seen.at(-1)?.body.input[0] as string
    expect(long.startsWith(sent) && sent.endsWith('word')).toBe(true)
    expect(notices.filter(({ what }) => what === 'truncated')).toEqual([{ what: 'truncated', texts: 1 }])
    expect(server.seen.some(({ body }) => body.input.length === 1 && body.input[0] === 'short')).toBe(true)
  })

  describe('when the service fails', () => {
    const failureOf = async (options: Partial<OpenaiEmbedderOptions> = {}, texts = ['the secret text']) => {
      const error: unknown = await embedderWith(options)
        .embed(texts)
        .then(
          () => undefined,
          (rejection) => rejection,
        )
      expect(error).toBeInstanceOf(Error)
      return error as Error & { code: string; cause?: Error }
    }

    it.each([
      [401, /401.*key/],
      [403, /403.*key/],
      [404, /404.*model and baseUrl/],
      [500, /500/],
      [529, /529/],
    ])('says what to do about a status %i, without text or key', async (status, message) => {
      server.script.push(() => ({ status, body: { error: { message: `bad: the secret text with ${KEY}` } } }))
      const error = await failureOf()
      expect(error).toMatchObject({ code: 'EMBEDDER_FAILED', message: expect.stringMatching(message) })
      expect(error.message).not.toContain('secret text')
      expect(`${error.message} ${error.cause?.message}`).not.toContain(KEY)
      expect(error.cause?.message).toContain('[redacted]')
      expect(server.seen).toHaveLength(1)
    })

    it.each([
      ['seconds', { 'retry-after': '0' }],
      ['milliseconds', { 'retry-after-ms': '1' }],
      ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }],
    ])('tries again after a 429 that says when, in %s', async (_what, headers) => {
      server.script.push(
        () => ({ status: 429, headers, body: {} }),
        () => ({ status: 503, headers, body: {} }),
      )
      expect(await embedderWith().embed(['hello'])).toHaveLength(1)
      expect(server.seen).toHaveLength(3)
    })

    it('does not try again when the wait would end after the deadline, or when nothing was said', async () => {
      const answers: Record<string, string>[] = [{ 'retry-after': '60' }, {}, { 'retry-after': 'soon' }]
      for (const headers of answers) {
        server.reset()
        server.script.push(() => ({ status: 429, headers, body: {} }))
        expect(await failureOf({ deadlineMs: 5_000 })).toMatchObject({ message: expect.stringContaining('429') })
        expect(server.seen).toHaveLength(1)
      }
    })

    it('gives up at the deadline', async () => {
      server.script.push(() => ({ hang: true }))
      expect(await failureOf({ deadlineMs: 20 })).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    })

    it('says that nobody answers', async () => {
      expect(await failureOf({ baseUrl: await deadUrl() })).toMatchObject({
        code: 'EMBEDDER_FAILED',
        message: expect.stringMatching(/no answer from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/),
      })
    })

    it('does not follow a redirect with the key', async () => {
      server.script.push(() => ({ status: 302, headers: { location: `${server.url}/elsewhere` }, body: '' }))
      await failureOf()
      expect(server.seen).toHaveLength(1)
    })

    const good = base64Of(Array.from({ length: DIMENSIONS }, () => 1))
    it.each<[string, unknown]>([
      ['no JSON', '<html>gateway</html>'],
      ['an empty body', ''],
      ['null', null],
      ['no data', {}],
      ['too few embeddings', { data: [] }],
      [
        'too many embeddings',
        {
          data: [
            { index: 0, embedding: good },
            { index: 1, embedding: good },
          ],
        },
      ],
      ['an index out of range', { data: [{ index: 3, embedding: good }] }],
      ['an embedding that is missing', { data: [{ index: 0 }] }],
      ['a wrong dimension', { data: [{ index: 0, embedding: [1, 2, 3] }] }],
      ['half a float', { data: [{ index: 0, embedding: 'AAAAAAA=' }] }],
      ['NaN', { data: [{ index: 0, embedding: base64Of(Array.from({ length: DIMENSIONS }, () => Number.NaN)) }] }],
      ['null among the numbers', { data: [{ index: 0, embedding: [null, ...Array(DIMENSIONS - 1).fill('x')] }] }],
      ['null', { data: [{ index: 0, embedding: [null, ...Array(DIMENSIONS - 1).fill(1)] }] }],
      ['digits in texts', { data: [{ index: 0, embedding: Array(DIMENSIONS).fill('1') }] }],
      ['zero', { data: [{ index: 0, embedding: Array(DIMENSIONS).fill(0) }] }],
    ])('refuses an answer with %s', async (_what, body) => {
      server.script.push(() => ({ body }))
      expect(await failureOf()).toMatchObject({ code: 'EMBEDDER_FAILED' })
    })

    it('recovers when finding the dimensions out failed at first', async () => {
      server.script.push(() => ({ status: 500, body: {} }))
      const embedder = embedderWith({ dimensions: undefined })
      await expect(embedder.describe()).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
      expect((await embedder.describe()).dimensions).toBe(DIMENSIONS)
    })
  })

  it.each<[string, object]>([
    ['no model', { model: undefined }],
    ['an unknown option', { modle: 'x' }],
    ['an address without scheme', { baseUrl: 'localhost:8000' }],
    ['credentials in the address', { baseUrl: 'https://me:hush@localhost' }],
    ['a query in the address', { baseUrl: 'https://localhost?key=hush' }],
    ['no dimensions', { dimensions: 0 }],
    ['Azure without a version', { azure: {} }],
    ['a batch of none', { maxBatch: 0 }],
    ['an endless window', { batchMs: Number.POSITIVE_INFINITY }],
    ['headers that are no strings', { headers: { a: 1 } }],
    ['a header that HTTP does not allow', { headers: { 'a header': 'x' } }],
    ['a header of two lines', { headers: { a: 'hush\nhush' } }],
    ['an empty key', { apiKey: '' }],
  ])('refuses %s', (_what, options) => {
    const make = () => openaiEmbedder({ model: 'm', baseUrl: 'http://localhost', ...options } as OpenaiEmbedderOptions)
    expect(make).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.not.stringContaining('hush') }),
    )
  })

  it('says where the key may come from', () => {
    vi.stubEnv('OPENAI_API_KEY', undefined)
    vi.stubEnv('OPENAI_BASE_URL', undefined)
    expect(() => openaiEmbedder({ model: 'text-embedding-3-small' })).toThrow(/OPENAI_API_KEY/)
  })
})
