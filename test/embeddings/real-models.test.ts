import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dot } from '../../src/core/vector.ts'
import { type EmbedderNotice, onnxEmbedder } from '../../src/embeddings/index.ts'
import { embedderContract } from '../../src/testing/index.ts'

/** What only real weights can show. They are no part of the repository: see the notice when they are absent. */
const MODELS = resolve(process.env.REPRISE_MODELS ?? resolve(import.meta.dirname, '../../../shared/models'))
const ENGLISH = [
  'How do I reset my password?',
  'What is the capital of France?',
  'Convert 100 US dollars to euros',
  'Sing me a song',
]
const CHINESE = ['如何重置我的密码？', '法国的首都是哪里？', '把一百美元换成欧元', '唱一首歌']

const CASES = [
  {
    name: 'Xenova/all-MiniLM-L6-v2',
    dimensions: 384,
    pooling: 'mean',
    texts: ENGLISH,
    foreign: CHINESE[0] as string,
    near: ['how can I change my password', 'how do I reset my password', 'what is the weather in Rome'],
  },
  {
    name: 'Xenova/bge-small-en-v1.5',
    dimensions: 384,
    pooling: 'cls',
    texts: ENGLISH,
    foreign: CHINESE[0] as string,
    near: ['how can I change my password', 'how do I reset my password', 'what is the weather in Rome'],
  },
  {
    name: 'Xenova/bge-small-zh-v1.5',
    dimensions: 512,
    pooling: 'cls',
    texts: CHINESE,
    foreign: 'क्या आप मेरी मदद कर सकते हैं?',
    near: ['怎么修改密码', '如何重置我的密码', '罗马的天气怎么样'],
  },
] as const

for (const { name, dimensions, pooling, texts, foreign, near } of CASES) {
  const folder = join(MODELS, name)
  if (!existsSync(folder)) {
    describe(`onnxEmbedder with ${name}`, () => {
      it.skip(`needs the weights in ${folder} (set REPRISE_MODELS)`, () => {})
    })
    continue
  }
  embedderContract(`onnx embedder with ${name}`, () => onnxEmbedder({ model: folder, worker: false }), {
    texts,
    longTextWords: 600,
  })

  describe(`onnxEmbedder with ${name}`, () => {
    const embedder = onnxEmbedder({ model: folder })
    afterAll(() => embedder.close())

    it('reads its dimensions and pooling from the files', async () => {
      const described = await embedder.describe()
      expect(described).toMatchObject({ dimensions, maxTokens: 512 })
      expect(described.id).toContain(`/${pooling}/`)
    })

    it('puts a paraphrase nearer than another question', async () => {
      const [text, same, other] = await embedder.embed(near)
      const vectors = [text, same, other] as [Float32Array, Float32Array, Float32Array]
      expect(dot(vectors[0], vectors[1])).toBeGreaterThan(dot(vectors[0], vectors[2]))
    })

    it('gives a text one vector, whatever its neighbours are', async () => {
      const together = await embedder.embed(texts)
      for (const [i, text] of texts.entries()) {
        const [alone] = await embedder.embed([text])
        expect(dot(alone as Float32Array, together[i] as Float32Array)).toBeCloseTo(1, 6)
      }
    })

    it('refuses a text in a language that it was not made for', async () => {
      await expect(embedder.embed([foreign])).rejects.toMatchObject({ code: 'NOT_EMBEDDABLE' })
    })

    it('runs on both transformers packages with the same result', async () => {
      const reference = await embedder.embed(texts)
      for (const runtime of ['@huggingface/transformers', '@xenova/transformers'] as const) {
        const other = onnxEmbedder({ model: folder, runtime, worker: false })
        const vectors = await other.embed(texts)
        // @xenova/transformers brings onnxruntime 1.14, whose int8 kernels round differently.
        for (const [i, vector] of vectors.entries())
          expect(dot(vector, reference[i] as Float32Array)).toBeGreaterThan(0.99)
        expect(await other.describe()).toEqual(await embedder.describe())
        await other.close()
      }
    })

    it('cuts at 512 tokens with a notice', async () => {
      const notices: EmbedderNotice[] = []
      await embedder.embed([`${texts[0]} `.repeat(200)], { report: (notice) => notices.push(notice) })
      expect(notices).toContainEqual({ what: 'usage', texts: 1, tokens: 512, usd: 0 })
      expect(notices).toContainEqual({ what: 'truncated', texts: 1 })
    })
  })
}
