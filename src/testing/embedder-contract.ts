import { beforeAll, describe, expect, it } from 'vitest'
import { dot } from '../core/vector.ts'
import type { Embedder, EmbedderNotice } from '../embeddings/embedder.ts'

export interface EmbedderContractOptions {
  /** Texts that the embedder must tell apart, ≥ 3, in the languages it is made for. */
  readonly texts?: readonly string[]
  /** Least cosine similarity of two vectors of one text, for services that are not bit-stable; default 0.9999. */
  readonly minSelfSimilarity?: number
  /** Words in the long text; default 5,000. */
  readonly longTextWords?: number
}

const TEXTS = [
  'How do I reset my password?',
  'What is the capital of France?',
  'Convert 100 US dollars to euros',
  '如何重置我的密码？',
  'Sing me a song about the sea',
]
const UNICODE = [
  '北京今天的天气怎么样？',
  'ما هي عاصمة فرنسا؟',
  'क्या आप मेरी मदद कर सकते हैं?',
  'Zażółć gęślą jaźń',
  'naïve café 👩‍👩‍👧‍👦 ok',
  'broken \ud83d surrogate',
]

/**
 * The promises of the Embedder port, for vitest. Call it at the top level of a test file.
 *
 * @param factory makes a new embedder each time; two of them must describe the same space
 * @example
 * embedderContract('hashing embedder', () => hashingEmbedder())
 */
export function embedderContract(
  name: string,
  factory: () => Embedder | Promise<Embedder>,
  { texts = TEXTS, minSelfSimilarity = 0.9999, longTextWords = 5_000 }: EmbedderContractOptions = {},
): void {
  describe(`${name} keeps the embedder contract`, () => {
    let embedder: Embedder
    let dimensions = 0
    const [first, second, third] = texts as [string, string, string]

    beforeAll(async () => {
      embedder = await factory()
      dimensions = (await embedder.describe()).dimensions
    })

    const expectUnit = (vector: Float32Array | undefined) => {
      expect(vector).toBeInstanceOf(Float32Array)
      expect(vector).toHaveLength(dimensions)
      expect(Math.sqrt(dot(vector as Float32Array, vector as Float32Array))).toBeCloseTo(1, 4)
    }
    const similarity = (a: Float32Array | undefined, b: Float32Array | undefined) =>
      dot(a as Float32Array, b as Float32Array)

    it('describes itself the same way every time, and so does another instance', async () => {
      const described = await embedder.describe()
      expect(described.id).toMatch(/\S/)
      expect(Number.isInteger(described.dimensions) && described.dimensions >= 1).toBe(true)
      if (described.maxTokens !== undefined) expect(described.maxTokens).toBeGreaterThan(0)
      expect(await embedder.describe()).toEqual(described)
      expect(await (await factory()).describe()).toEqual(described)
    })

    it('gives one unit-length vector of the described dimensions per text', async () => {
      const vectors = await embedder.embed(texts)
      expect(vectors).toHaveLength(texts.length)
      for (const vector of vectors) expectUnit(vector)
    })

    it('keeps the order of the texts', async () => {
      const alone: (Float32Array | undefined)[] = []
      for (const text of texts) alone.push((await embedder.embed([text]))[0])
      const together = await embedder.embed([...texts].reverse())
      for (const [i, vector] of together.entries()) {
        const own = similarity(vector, alone[texts.length - 1 - i])
        expect(own).toBeGreaterThanOrEqual(minSelfSimilarity)
        for (const [j, other] of alone.entries()) {
          if (j !== texts.length - 1 - i) expect(own).toBeGreaterThan(similarity(vector, other))
        }
      }
    })

    it('gives no vectors for no texts', async () => {
      expect(await embedder.embed([])).toEqual([])
    })

    it('gives the same vector for the same text, within a list and across calls and instances', async () => {
      const [one, , again] = await embedder.embed([first, second, first])
      const [later] = await embedder.embed([first])
      const [elsewhere] = await (await factory()).embed([first])
      for (const vector of [again, later, elsewhere]) {
        expect(similarity(one, vector)).toBeGreaterThanOrEqual(minSelfSimilarity)
      }
    })

    it('hands out vectors that belong to the caller', async () => {
      const [vector] = await embedder.embed([first])
      vector?.fill(0)
      expectUnit((await embedder.embed([first]))[0])
    })

    it('leaves the list it was given as it was', async () => {
      const list = Object.freeze([first, second])
      expect(await embedder.embed(list)).toHaveLength(2)
    })

    it('rejects with the reason of a signal that had aborted before', async () => {
      const reason = new Error('left before')
      await expect(embedder.embed([first], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    it('rejects with the reason of a signal that aborts meanwhile, and serves the other callers', async () => {
      const controller = new AbortController()
      const reason = new Error('left meanwhile')
      const leaving = embedder.embed([first], { signal: controller.signal })
      const staying = embedder.embed([first])
      const asserted = expect(leaving).rejects.toBe(reason)
      controller.abort(reason)
      await asserted
      expectUnit((await staying)[0])
    })

    it('works for calls that run at once', async () => {
      const alone = await embedder.embed(texts)
      const calls = Array.from({ length: 12 }, (_, i) => embedder.embed([texts[i % texts.length] as string, third]))
      for (const [i, vectors] of (await Promise.all(calls)).entries()) {
        expect(similarity(vectors[0], alone[i % texts.length])).toBeGreaterThanOrEqual(minSelfSimilarity)
        expect(similarity(vectors[1], alone[2])).toBeGreaterThanOrEqual(minSelfSimilarity)
      }
    })

    it('takes a very long text', async () => {
      const long = Array.from({ length: longTextWords }, (_, i) => `${first} ${i}`.split(' ')[i % 5]).join(' ')
      expectUnit((await embedder.embed([long]))[0])
    })

    it('takes any script, combined characters and broken surrogates, or refuses what it cannot read', async () => {
      for (const text of UNICODE) {
        const [vector] = await embedder.embed([text]).catch((error) => {
          expect(error).toMatchObject({ code: 'NOT_EMBEDDABLE' })
          return []
        })
        if (vector) expectUnit(vector)
      }
    })

    it.each([
      ['an empty text', ''],
      ['a text of spaces', ' \n\t '],
    ])('rejects as a whole on %s', async (_what, text) => {
      await expect(embedder.embed([first, text, second])).rejects.toMatchObject({ code: 'NOT_EMBEDDABLE' })
      expectUnit((await embedder.embed([first]))[0])
    })

    it('reports in the agreed form, without the text, and outlives a report function that throws', async () => {
      const notices: EmbedderNotice[] = []
      await embedder.embed([first, second], { report: (notice) => notices.push(notice) })
      for (const notice of notices) {
        expect(['usage', 'truncated', 'cache-hit', 'download']).toContain(notice.what)
        expect(JSON.stringify(notice)).not.toContain(first)
        if (notice.what === 'usage') {
          expect(notice.tokens).toBeGreaterThanOrEqual(0)
          if (notice.usd !== undefined) expect(notice.usd).toBeGreaterThanOrEqual(0)
        }
        if (notice.what !== 'download') expect(notice.texts).toBeGreaterThan(0)
      }
      const throwing = () => {
        throw new Error('a listener that fails')
      }
      expectUnit((await embedder.embed([third], { report: throwing }))[0])
    })

    it('gives weighted vectors of words at once, where it has such', () => {
      const words = embedder.wordVectors?.(first) ?? []
      for (const { word, vector, weight } of words) {
        expect(word).toMatch(/\S/)
        expect(vector).toBeInstanceOf(Float32Array)
        expect(weight).toBeGreaterThan(0)
      }
    })
  })
}
