import { readdirSync, readFileSync, statSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dot } from '../../src/core/vector.ts'
import { staticEmbedder } from '../../src/embeddings/index.ts'
import { embedderContract } from '../../src/testing/index.ts'

embedderContract('static embedder', () => staticEmbedder())

const embedder = staticEmbedder()

async function similarity(a: string, b: string): Promise<number> {
  const [left, right] = await embedder.embed([a, b])
  return dot(left as Float32Array, right as Float32Array)
}

describe('staticEmbedder', () => {
  it('ships at most 8 MB, with its licence and origin beside it', () => {
    const folder = new URL('../../src/embeddings/static-model/', import.meta.url)
    const files = readdirSync(folder)
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'ORIGIN.md', 'table.bin']))
    expect(files.reduce((bytes, file) => bytes + statSync(new URL(file, folder)).size, 0)).toBeLessThanOrEqual(
      8_000_000,
    )
  })

  it('names provider, revision, dimensions and quantisation in its id', async () => {
    const { id, dimensions } = await embedder.describe()
    expect(id).toMatch(new RegExp(`^reprise/static@[0-9a-f]{16}/${dimensions}d/int8$`))
  })

  it('computes what the training script computes', async () => {
    const fixture = JSON.parse(readFileSync(new URL('./static-embedder.fixture.json', import.meta.url), 'utf8')) as {
      text: string
      start: number[]
    }[]
    const vectors = await embedder.embed(fixture.map(({ text }) => text))
    for (const [i, { start }] of fixture.entries()) {
      for (const [j, value] of start.entries()) expect(vectors[i]?.[j]).toBeCloseTo(value, 3)
    }
  })

  it.each([
    [
      'How do I reset my password?',
      'I forgot my login password, how can I change it?',
      'Where is the nearest airport?',
    ],
    ['Is aspirin safe during pregnancy?', 'can i take aspirin while pregnant', 'Is running safe during winter?'],
    ['怎么重置密码', '忘记密码了如何修改', '明天去上海的火车票'],
    ['Docker 容器怎么重启', '如何重启 docker container', 'Docker 镜像怎么删除'],
    ['pandas 怎么读 CSV 文件', '用 pandas 读取 csv', 'Excel 怎么打印'],
  ])('puts %j nearer to %j than to %j', async (text, near, far) => {
    expect(await similarity(text, near)).toBeGreaterThan(await similarity(text, far))
  })

  it.each([
    ['kubernetes', 'kuberntes', 'watermelonish'],
    ['how to install kubernetes', 'how to install kuberntes', 'how to install pomegranite'],
  ])('knows the misspelt word by its pieces: %j is nearer to %j than to %j', async (right, misspelt, other) => {
    expect(await similarity(right, misspelt)).toBeGreaterThan(await similarity(right, other))
  })

  it.each([
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['CAFÉ', 'cafe\u0301'],
    ['naïve', 'naive'],
    ['don’t', "don't"],
    ['  two\t words\n', 'two words'],
    ['今天１２度', '今天12度'],
  ])('sees no difference between %j and %j', async (a, b) => {
    expect(await similarity(a, b)).toBeCloseTo(1, 6)
  })

  it.each([
    ['convert 100 USD to EUR', 'convert 200 USD to EUR'],
    ['version 3.5', 'version 3.11'],
    ['cats are not nice', 'cats are nice'],
    ['可以退货', '不可以退货'],
  ])('sees a difference between %j and %j', async (a, b) => {
    expect(await similarity(a, b)).toBeLessThan(0.99)
  })

  it('tells texts apart that hold nothing it knows', async () => {
    const texts = ['🦩', '🪿', '🦩🪿', 'ꙮꙮꙮ', 'ᚠᚢᚦᚨᚱᚲ', 'ສະບາຍດີ', 'გამარჯობა', '\u0301', '\u200d', '??', '\ud83d']
    const vectors = await embedder.embed(texts)
    for (const [i, a] of vectors.entries()) {
      expect(dot(a, a)).toBeCloseTo(1, 5)
      for (const b of vectors.slice(i + 1)) expect(dot(a, b)).toBeLessThan(0.999)
    }
  })

  it('looks at the abort signal while it works through a long list', async () => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const embedding = embedder.embed(Array<string>(2_000).fill('a text of some words'), { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await expect(embedding).rejects.toBe(reason)
  })

  it('gives one unit vector to every text that is not white space, and the same one every time', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'b', "'", ' ', '1', '.', '我', '们', 'é', '的', '?', '👍') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (texts) => {
        fc.pre(texts.every((each) => each.trim() !== ''))
        const vectors = await embedder.embed(texts)
        expect(vectors).toHaveLength(texts.length)
        for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5)
        expect(await staticEmbedder().embed(texts)).toEqual(vectors)
      }),
    )
  })

  it('gives a vector and a weight to each word, number and Han word', () => {
    const words = embedder.wordVectors?.('Is the 蚂蚁借呗 refund 100% free?') ?? []
    expect(words.map(({ word }) => word).join(' ')).toMatch(/^is the .*refund 100 free$/)
    for (const { vector, weight } of words) {
      expect(dot(vector, vector)).toBeCloseTo(1, 5)
      expect(weight).toBeGreaterThan(0)
    }
    const weightOf = (word: string) => words.find((each) => each.word === word)?.weight ?? 0
    expect(weightOf('refund')).toBeGreaterThan(weightOf('the'))
  })
})
