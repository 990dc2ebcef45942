import { OpenAIEmbeddings } from '@langchain/openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { cohereEmbedder, type EmbedderNotice, langchainEmbedder, ollamaEmbedder } from '../../src/embeddings/index.ts'
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

const DIMENSIONS = 48
const DIGEST = '0a109f422b47e3a30ba2b10eca18548e944e8a23073ee3f3e947efcf3c45e59f'

async function answer({ path, body, headers }: SeenRequest): Promise<Reply> {
  switch (path) {
    case '/v2/embed':
      if (headers.authorization !== 'Bearer co-key') return { status: 401, body: { message: 'invalid api token' } }
      return {
        body: {
          id: 'x',
          embeddings: { float: await vectorsFor(body.texts, body.output_dimension ?? DIMENSIONS) },
          meta: { api_version: { version: '2' }, billed_units: { input_tokens: 5 * body.texts.length } },
        },
      }
    case '/api/tags':
      return { body: { models: [{ name: 'all-minilm:latest', model: 'all-minilm:latest', digest: DIGEST }] } }
    case '/api/embed':
      if (body.model !== 'all-minilm:latest') return { status: 404, body: { error: `model "${body.model}" not found` } }
      return {
        body: {
          model: body.model,
          embeddings: await vectorsFor(body.input, body.dimensions ?? DIMENSIONS),
          prompt_eval_count: 9,
        },
      }
    case '/v1/embeddings': {
      const vectors = await vectorsFor(body.input, DIMENSIONS)
      const encode = (vector: number[]) => (body.encoding_format === 'base64' ? base64Of(vector) : vector)
      return {
        body: {
          data: vectors.map((vector, index) => ({ index, embedding: encode(vector) })),
          usage: { prompt_tokens: 3, total_tokens: 3 },
        },
      }
    }
    default:
      return { status: 404, body: { error: 'no such path' } }
  }
}

let server: ProviderServer
beforeAll(async () => {
  server = await providerServer(answer)
})
afterAll(() => server.close())
beforeEach(() => server.reset())
afterEach(() => vi.unstubAllEnvs())

const cohere = (options = {}) =>
  cohereEmbedder({ model: 'embed-test', apiKey: 'co-key', baseUrl: server.url, batchMs: 0, ...options })
const ollama = (options = {}) => ollamaEmbedder({ model: 'all-minilm', baseUrl: server.url, batchMs: 0, ...options })
const langchain = (options = {}) =>
  langchainEmbedder(
    new OpenAIEmbeddings({
      model: 'text-embedding-test',
      apiKey: 'sk',
      maxRetries: 0,
      configuration: { baseURL: `${server.url}/v1` },
    }),
    { batchMs: 0, ...options },
  )

embedderContract('cohere embedder', () => cohere())
embedderContract('ollama embedder', () => ollama())
embedderContract('langchain embedder', () => langchain())

describe('cohereEmbedder', () => {
  it('speaks the v2 API and reports billed tokens', async () => {
    const notices: EmbedderNotice[] = []
    const embedder = cohere({ dimensions: 32, inputType: 'clustering' })
    const [vector] = await embedder.embed(['a', 'b'], { report: (notice) => notices.push(notice) })
    expect(vector).toHaveLength(32)
    expect(server.seen[0]?.body).toEqual({
      model: 'embed-test',
      texts: ['a', 'b'],
      input_type: 'clustering',
      embedding_types: ['float'],
      truncate: 'END',
      output_dimension: 32,
    })
    expect(notices).toEqual([{ what: 'usage', texts: 2, tokens: 10 }])
  })

  it('has the input type in its id', async () => {
    const ids = await Promise.all(
      [cohere(), cohere({ inputType: 'clustering' })].map((embedder) => embedder.describe()),
    )
    expect(ids[0]?.id).not.toBe(ids[1]?.id)
  })

  it('takes the key from CO_API_KEY and says so when there is none', async () => {
    vi.stubEnv('COHERE_API_KEY', undefined)
    vi.stubEnv('CO_API_KEY', 'co-key')
    expect(await cohere({ apiKey: undefined }).embed(['a'])).toHaveLength(1)
    vi.stubEnv('CO_API_KEY', undefined)
    expect(() => cohere({ apiKey: undefined })).toThrow(/CO_API_KEY/)
    expect(() => cohere({ inputType: 'search_document' })).toThrow(/search_query/)
  })

  it.each([[{}], [{ embeddings: [[1, 2]] }], [{ embeddings: { float: [1, 2] } }], [{ embeddings: { float: [] } }]])(
    'refuses the answer %j',
    async (body) => {
      server.script.push(() => ({ body }))
      await expect(cohere({ dimensions: 2 }).embed(['a'])).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
    },
  )

  it('refuses a wrong key with what to do', async () => {
    await expect(cohere({ apiKey: 'wrong', dimensions: 2 }).embed(['a'])).rejects.toThrow(/401.*CO_API_KEY/)
  })
})

describe('ollamaEmbedder', () => {
  it('sends all texts of a batch in one request, with truncation left to the server', async () => {
    const notices: EmbedderNotice[] = []
    await ollama({ prefix: 'clustering: ', keepAlive: '10m', dimensions: 24 }).embed(['a', 'b'], {
      report: (n) => notices.push(n),
    })
    expect(server.seen.at(-1)?.body).toEqual({
      model: 'all-minilm:latest',
      input: ['clustering: a', 'clustering: b'],
      truncate: true,
      dimensions: 24,
      keep_alive: '10m',
    })
    expect(notices).toEqual([{ what: 'usage', texts: 2, tokens: 9, usd: 0 }])
  })

  it('has the digest of the model in its id, and not the address', async () => {
    const { id } = await ollama().describe()
    expect(id).toBe(`ollama/all-minilm:latest@${DIGEST.slice(0, 16)}/${DIMENSIONS}`)
  })

  it('says how to get a model that is missing', async () => {
    await expect(ollama({ model: 'nomic-embed-text' }).embed(['a'])).rejects.toThrow(
      /ollama pull nomic-embed-text:latest/,
    )
    await expect(ollama({ model: 'other:v1', dimensions: 8 }).describe()).rejects.toThrow(/ollama pull other:v1/)
  })

  it('says that the server may not be running', async () => {
    await expect(ollama({ baseUrl: await deadUrl() }).embed(['a'])).rejects.toThrow(/ECONNREFUSED.*ollama serve/)
  })

  it.each(['127.0.0.1', '0.0.0.0', 'http://localhost'])('reads OLLAMA_HOST as %s with a port', async (host) => {
    vi.stubEnv('OLLAMA_HOST', `${host}:${new URL(server.url).port}`)
    expect(await ollama({ baseUrl: undefined }).embed(['a'])).toHaveLength(1)
  })
})

describe('langchainEmbedder', () => {
  it('takes its name, prices and dimensions from OpenAIEmbeddings', async () => {
    expect(await langchain().describe()).toEqual({
      id: `langchain/OpenAIEmbeddings/text-embedding-test/${DIMENSIONS}`,
      dimensions: DIMENSIONS,
      billedAs: { provider: 'openai', name: 'text-embedding-test' },
    })
  })

  it('asks for an id when the embeddings do not tell their model', () => {
    const embeddings = { embedDocuments: async (texts: string[]) => texts.map(() => [1, 0]) }
    expect(() => langchainEmbedder(embeddings)).toThrow(/id must be given/)
    expect(() => langchainEmbedder({} as never, { id: 'x' })).toThrow(/embedDocuments/)
    expect(() => langchainEmbedder(embeddings, { id: 'x', dimension: 3 } as never)).toThrow(/dimension/)
  })

  it('counts tokens with the function given, else estimates them from bytes', async () => {
    const tokens: number[] = []
    const report = (notice: EmbedderNotice) => notice.what === 'usage' && tokens.push(notice.tokens)
    await langchain().embed(['abcdefgh'], { report })
    await langchain({ countTokens: () => 42 }).embed(['abcdefgh'], { report })
    expect(tokens).toEqual([2, 42])
  })

  it('keeps what LangChain says out of the message', async () => {
    server.script.push(() => ({ status: 401, body: { error: { message: 'Incorrect API key provided: sk-abc' } } }))
    const error = await langchain({ dimensions: DIMENSIONS })
      .embed(['a'])
      .catch((rejection) => rejection)
    expect(error).toMatchObject({
      code: 'EMBEDDER_FAILED',
      message: expect.stringMatching(/OpenAIEmbeddings failed with status 401/),
    })
    expect(error.message).not.toContain('sk-abc')
  })

  it.each([
    ['too few vectors', async () => []],
    ['no list', async () => 'nothing' as never],
    ['a vector with NaN', async () => [[Number.NaN, 1]]],
    ['a vector of another length', async () => [[1, 0, 0]]],
  ])('refuses embeddings that give %s', async (_what, embedDocuments) => {
    const embedder = langchainEmbedder({ embedDocuments }, { id: 'x', dimensions: 2, batchMs: 0 })
    await expect(embedder.embed(['a'])).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
  })
})
