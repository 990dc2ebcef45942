import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dot } from '../../src/core/vector.ts'
import {
  type EmbedderNotice,
  type OnnxEmbedder,
  type OnnxEmbedderOptions,
  onnxEmbedder,
} from '../../src/embeddings/index.ts'
import { embedderContract } from '../../src/testing/index.ts'
import { deadUrl, type ProviderServer, providerServer } from '../support/provider-server.ts'

const TINY = resolve(import.meta.dirname, '../support/tiny-onnx-model')
const TEXTS = [
  'How do I reset my password?',
  'what is the capital of France',
  '如何重置我的密码？',
  'sing 2 songs',
] as const

const open: OnnxEmbedder[] = []
/** In this thread unless told otherwise: starting a thread from TypeScript takes a second. */
function tiny(options: Partial<OnnxEmbedderOptions> = {}): OnnxEmbedder {
  const embedder = onnxEmbedder({ model: TINY, worker: false, threads: 1, ...options })
  open.push(embedder)
  return embedder
}
let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'reprise-onnx-'))
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((embedder) => embedder.close()))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** The tiny model in a folder of its own, without or with other files. */
async function folderWith(name: string, changes: Readonly<Record<string, string | undefined>> = {}): Promise<string> {
  const folder = join(await mkdtemp(join(scratch, 'models-')), name)
  await cp(TINY, folder, { recursive: true })
  for (const [file, text] of Object.entries(changes)) {
    if (text === undefined) await rm(join(folder, file))
    else await writeFile(join(folder, file), text)
  }
  return folder
}

const RUNTIMES = ['onnxruntime-node', '@huggingface/transformers', '@xenova/transformers'] as const

embedderContract('onnx embedder in a worker thread', () => onnxEmbedder({ model: TINY, threads: 1 }))
for (const runtime of RUNTIMES) {
  embedderContract(`onnx embedder on ${runtime}, in this thread`, () =>
    onnxEmbedder({ model: TINY, worker: false, runtime }),
  )
}

describe('onnxEmbedder', () => {
  it.each(['fp32', 'int8'] as const)('gives the same %s vectors on every runtime, under the same id', async (dtype) => {
    const embedders = RUNTIMES.map((runtime) => tiny({ runtime, dtype }))
    const [first, ...others] = await Promise.all(embedders.map((embedder) => embedder.embed(TEXTS)))
    for (const vectors of others) {
      for (const [i, vector] of vectors.entries())
        expect(dot(vector, first?.[i] as Float32Array)).toBeGreaterThan(0.9999)
    }
    expect(new Set(await Promise.all(embedders.map(async (embedder) => (await embedder.describe()).id))).size).toBe(1)
  })

  it.each(['fp32', 'int8'] as const)('gives a text the same %s vector alone and among neighbours', async (dtype) => {
    const embedder = tiny({ dtype })
    const together = await embedder.embed([...TEXTS, 'one more of another length', 'how'])
    for (const [i, text] of TEXTS.entries()) {
      const [alone] = await embedder.embed([text])
      expect(dot(alone as Float32Array, together[i] as Float32Array)).toBeCloseTo(1, 6)
    }
  })

  it('switches the padding off that tokenizer.json asks for, and reports the tokens that were run', async () => {
    const notices: EmbedderNotice[] = []
    await tiny().embed(['how do i'], { report: (notice) => notices.push(notice) })
    expect(notices).toEqual([{ what: 'usage', texts: 1, tokens: 5, usd: 0 }])
  })

  it('lower-cases for a vocabulary without capitals, unless told not to', async () => {
    const [lower, upper] = await tiny().embed(['how do i', 'HOW do I'])
    expect(dot(lower as Float32Array, upper as Float32Array)).toBeCloseTo(1, 6)
    await expect(tiny({ lowerCase: false }).embed(['HOW DO I'])).rejects.toThrow(/unknown/)
  })

  it('refuses a text in a script it does not know rather than make all such texts alike', async () => {
    await expect(tiny().embed(['how do i', 'ما هي عاصمة فرنسا؟'])).rejects.toMatchObject({
      code: 'NOT_EMBEDDABLE',
      message: expect.stringMatching(/language of the model/),
    })
    await expect(tiny().embed(['\u200b'])).rejects.toMatchObject({ code: 'NOT_EMBEDDABLE' })
  })

  it('cuts a long text at a token boundary and says so', async () => {
    const notices: EmbedderNotice[] = []
    const embedder = tiny({ maxTokens: 8 })
    // Six tokens fit beside the two special ones; "password" is one of them, and the seventh is dropped whole.
    const [cut, whole] = await embedder.embed(['how do i reset my password about song', 'how do i reset my password'], {
      report: (notice) => notices.push(notice),
    })
    expect(dot(cut as Float32Array, whole as Float32Array)).toBeCloseTo(1, 6)
    expect(notices).toContainEqual({ what: 'truncated', texts: 1 })
    expect((await embedder.describe()).maxTokens).toBe(8)
    expect((await tiny({ maxTokens: 100_000 }).describe()).maxTokens).toBe(64)
  })

  it('puts the prefix before each text', async () => {
    const [prefixed] = await tiny({ prefix: 'about: ' }).embed(['a song'])
    const [written] = await tiny().embed(['about: a song'])
    expect(dot(prefixed as Float32Array, written as Float32Array)).toBeCloseTo(1, 6)
  })

  it('has digests in its id and never a path: a copy elsewhere is the same space', async () => {
    const here = await tiny().describe()
    const there = await tiny({ model: await folderWith('copy') }).describe()
    expect(there).toEqual(here)
    expect(here.id).not.toContain('tiny')
  })

  it('has everything in its id that changes the space', async () => {
    const tokenizer = (await readFile(join(TINY, 'tokenizer.json'), 'utf8')).replace('"password"', '"passwort"')
    const others: Partial<OnnxEmbedderOptions>[] = [
      { dtype: 'fp32' },
      { pooling: 'cls' },
      { prefix: 'a: ' },
      { lowerCase: false },
      { maxTokens: 16 },
      { model: await folderWith('other', { 'tokenizer.json': tokenizer }) },
    ]
    const ids: string[] = []
    for (const options of [{}, ...others]) ids.push((await tiny(options).describe()).id)
    expect(new Set(ids).size).toBe(others.length + 1)
  })

  it('pools as 1_Pooling/config.json says, else as a known model wants, else as told, else refuses', async () => {
    const idOf = async (options: Partial<OnnxEmbedderOptions>) => (await tiny(options).describe()).id
    const cls = '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'
    const both = '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}'
    const none = { '1_Pooling/config.json': undefined }
    expect(await idOf({})).toContain('/mean/')
    expect(await idOf({ model: await folderWith('x', { '1_Pooling/config.json': cls }) })).toContain('/cls/')
    expect(await idOf({ model: await folderWith('bge-small-en-v1.5', none) })).toContain('/cls/')
    expect(await idOf({ model: await folderWith('multilingual-e5-small', none) })).toMatch(/\/mean\/.*prefix="query: "/)
    expect(await idOf({ model: await folderWith('x', none), pooling: 'last' })).toContain('/last/')
    await expect(idOf({ model: await folderWith('x', none) })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/pooling must be given/),
    })
    await expect(idOf({ model: await folderWith('x', { '1_Pooling/config.json': both }) })).rejects.toThrow(
      /pooling_mode_cls_token, pooling_mode_mean_tokens/,
    )
  })

  it('refuses a model with a layer that the graph does not hold', async () => {
    const modules =
      '[{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Dense"}]'
    await expect(tiny({ model: await folderWith('x', { 'modules.json': modules }) }).describe()).rejects.toThrow(
      /Dense/,
    )
  })

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['no tokenizer', { 'tokenizer.json': undefined }, /no tokenizer\.json/],
    [
      'no graph',
      { 'onnx/model.onnx': undefined, 'onnx/model_quantized.onnx': undefined },
      /no onnx\/model_quantized\.onnx or onnx\/model\.onnx/,
    ],
    ['a graph that is none', { 'onnx/model_quantized.onnx': 'not a graph' }, /local model failed/],
    ['a tokenizer that is no JSON', { 'tokenizer.json': '{' }, /tokenizer\.json must be JSON/],
    ['a configuration that is no object', { 'config.json': '[]' }, /config\.json must hold a JSON object/],
  ])('says what is wrong with a folder that has %s', async (_what, changes, message) => {
    const failed = tiny({ model: await folderWith('x', changes) }).describe()
    await expect(failed).rejects.toMatchObject({ code: 'EMBEDDER_FAILED', message: expect.stringMatching(message) })
  })

  it('says which folder it looked in, and finds the model when it is there later', async () => {
    const folder = join(scratch, 'later')
    const embedder = tiny({ model: folder, worker: true })
    await expect(embedder.embed(['how'])).rejects.toThrow(`no model folder ${folder}`)
    await cp(TINY, folder, { recursive: true })
    expect(await embedder.embed(['how'])).toHaveLength(1)
  })

  it('lets a single question overtake a long list', async () => {
    const embedder = tiny()
    await embedder.describe()
    let listDone = false
    const list = embedder.embed(Array.from({ length: 200 }, (_, i) => `song ${i}`)).then(() => {
      listDone = true
    })
    await embedder.embed(['how'])
    expect(listDone).toBe(false)
    await list
  })

  it('rejects what waits, and all later calls, when it is closed', async () => {
    const embedder = tiny({ worker: true })
    await embedder.describe()
    const calls = [embedder.embed(['how']), embedder.embed(['what']), embedder.embed(['song'])]
    const settled = Promise.allSettled(calls)
    await embedder.close()
    expect((await settled).filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(2)
    await expect(embedder.embed(['how'])).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it.each<[string, object]>([
    ['no model', { model: undefined }],
    ['an unknown type of numbers', { dtype: 'q4' }],
    ['an unknown pooling', { pooling: 'average' }],
    ['an unknown runtime', { runtime: 'tensorflow' }],
    ['a revision that is a path', { revision: '../../etc' }],
    ['a hub that is no URL', { hubUrl: 'hub' }],
    ['no threads', { threads: 0 }],
    ['a worker that is no boolean', { worker: 'yes' }],
    ['an unknown option', { quantized: true }],
  ])('refuses %s', (_what, options) => {
    expect(() => onnxEmbedder({ model: TINY, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  it('lets the process end while its thread is idle', async () => {
    const script = join(scratch, 'end.mts')
    const entry = resolve(import.meta.dirname, '../../src/embeddings/index.ts')
    await writeFile(
      script,
      `import { onnxEmbedder } from ${JSON.stringify(entry)}
       const [vector] = await onnxEmbedder({ model: ${JSON.stringify(TINY)} }).embed(['how do i'])
       console.log(vector.length)`,
    )
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      cwd: resolve(import.meta.dirname, '../..'),
    })
    expect(stdout.trim()).toBe('32')
  })

  it('says what to install when no runtime is there', async () => {
    // A copy of the sources where Node finds no package.
    const bare = await mkdtemp(join(scratch, 'bare-'))
    const root = resolve(import.meta.dirname, '../..')
    for (const part of ['core', 'embeddings'])
      await cp(join(root, 'src', part), join(bare, 'src', part), { recursive: true })
    await mkdir(join(bare, 'node_modules'))
    await writeFile(join(bare, 'package.json'), '{"type": "module"}')
    await writeFile(
      join(bare, 'run.ts'),
      `import { onnxEmbedder } from './src/embeddings/onnx-embedder.ts'
       for (const runtime of ['auto', '@xenova/transformers'] as const) {
         await onnxEmbedder({ model: ${JSON.stringify(TINY)}, worker: false, runtime }).describe().catch((error) => console.log(error.code, error.message))
       }`,
    )
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), join(bare, 'run.ts')],
      { cwd: bare },
    )
    expect(stdout).toMatch(/^MISSING_PEER .*npm install onnxruntime-node @huggingface\/tokenizers/)
    expect(stdout).toMatch(/\nMISSING_PEER .*npm install @xenova\/transformers/)
  })
})

describe('onnxEmbedder with a name on the hub', () => {
  const NAME = 'acme/tiny-model'
  let hub: ProviderServer
  beforeAll(async () => {
    hub = await providerServer(async ({ path }) => {
      const file = path.match(/^\/acme\/tiny-model\/resolve\/main\/(.+)$/)?.[1]
      const body = file && (await readFile(join(TINY, file)).catch(() => undefined))
      if (!body) return { status: 404, body: 'Entry not found' }
      return { body, headers: { 'content-length': String(body.length), 'content-type': 'application/octet-stream' } }
    })
  })
  afterAll(() => hub.close())

  it('downloads it once, tells how far it is, and needs no hub afterwards', async () => {
    const cacheDirectory = join(scratch, 'cache')
    const notices: EmbedderNotice[] = []
    const fromHub = tiny({ model: NAME, hubUrl: hub.url, cacheDirectory })
    const [downloaded] = await fromHub.embed(['how do i'], { report: (notice) => notices.push(notice) })
    const size = (await readFile(join(TINY, 'onnx/model_quantized.onnx'))).length
    expect(notices).toContainEqual({
      what: 'download',
      file: 'onnx/model_quantized.onnx',
      loadedBytes: size,
      totalBytes: size,
    })
    expect(await readdir(join(cacheDirectory, NAME, 'main', 'onnx'))).toEqual(['model_quantized.onnx'])

    const later = tiny({ model: NAME, hubUrl: await deadUrl(), cacheDirectory, offline: true })
    const [cached] = await later.embed(['how do i'])
    expect(dot(downloaded as Float32Array, cached as Float32Array)).toBeCloseTo(1, 6)
    expect(await later.describe()).toEqual(await tiny().describe())
  })

  it('tells of a download that happened before anybody listened', async () => {
    const embedder = tiny({ model: NAME, hubUrl: hub.url, cacheDirectory: join(scratch, 'early') })
    await embedder.describe()
    const notices: EmbedderNotice[] = []
    await embedder.embed(['how'], { report: (notice) => notices.push(notice) })
    await embedder.embed(['how'], { report: (notice) => notices.push(notice) })
    expect(notices.filter((notice) => notice.what === 'download' && notice.file === 'tokenizer.json')).toHaveLength(1)
  })

  it.each([
    ['the hub cannot be reached', async () => ({ hubUrl: await deadUrl() }), /cannot be reached \(ECONNREFUSED\)/],
    ['it is told to stay offline', async () => ({ offline: true }), /offline is set/],
    ['the hub does not know the model', async () => ({ model: 'acme/other' }), /config\.json failed: .* answered 404/],
    ['the hub has no such graph', async () => ({ dtype: 'fp16' as const }), /model_fp16\.onnx failed: .* answered 404/],
  ])('says where it looked and what to do when %s', async (_what, options, message) => {
    const cacheDirectory = await mkdtemp(join(scratch, 'cache-'))
    const failed = tiny({ model: NAME, hubUrl: hub.url, cacheDirectory, ...(await options()) }).describe()
    const error = await failed.catch((rejection) => rejection)
    expect(error).toMatchObject({ code: 'EMBEDDER_FAILED', message: expect.stringMatching(message) })
    expect(error.message).toContain(cacheDirectory)
  })

  it('takes no download for a model that broke off', async () => {
    const cacheDirectory = await mkdtemp(join(scratch, 'cache-'))
    let broken = true
    const flaky = await providerServer(async ({ path }) => {
      const file = path.replace(/^.*\/main\//, '')
      const body = await readFile(join(TINY, file)).catch(() => undefined)
      if (!body) return { status: 404, body: '' }
      const cut = broken && file.endsWith('.onnx') ? body.subarray(0, 1_000) : body
      return { body: cut, headers: { 'content-length': String(body.length) }, ...(cut !== body && { breakOff: true }) }
    })
    try {
      const embedder = tiny({ model: NAME, hubUrl: flaky.url, cacheDirectory })
      await expect(embedder.describe()).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
      expect(await readdir(join(cacheDirectory, NAME, 'main', 'onnx')).catch(() => [])).toEqual([])
      broken = false
      expect((await embedder.describe()).dimensions).toBe(32)
    } finally {
      await flaky.close()
    }
  })
})
