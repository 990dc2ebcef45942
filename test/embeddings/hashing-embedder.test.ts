import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dot } from '../../src/core/vector.ts'
import { hashingEmbedder } from '../../src/embeddings/index.ts'
import { embedderContract } from '../../src/testing/index.ts'

embedderContract('hashing embedder', () => hashingEmbedder())
embedderContract('hashing embedder of 64 dimensions', () => hashingEmbedder({ dimensions: 64 }))

async function similarity(a: string, b: string): Promise<number> {
  const [left, right] = await hashingEmbedder().embed([a, b])
  return dot(left as Float32Array, right as Float32Array)
}

describe('hashingEmbedder', () => {
  it.each([
    { dimensions: 0 },
    { dimensions: 15 },
    { dimensions: 10.5 },
    { dimensions: Number.NaN },
    { dimension: 384 },
  ])('refuses %o', (options) => {
    expect(() => hashingEmbedder(options as object)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('names its dimensions in its id', async () => {
    const ids = await Promise.all(
      [64, 384].map(async (dimensions) => (await hashingEmbedder({ dimensions }).describe()).id),
    )
    expect(new Set(ids).size).toBe(2)
  })

  it.each([
    ['How do I reset my password?', 'How can I reset the password?', 'Where is the nearest airport?'],
    ['cancelling subscriptions', 'cancel my subscription', 'raise my pension'],
    ['如何重置密码', '怎么重置我的密码', '明天去上海的火车票'],
    ['iPhone手机怎么截屏', '苹果iPhone手机截屏方法', '安卓电视怎么投影'],
  ])('puts %j nearer to %j than to %j', async (text, near, far) => {
    expect(await similarity(text, near)).toBeGreaterThan(await similarity(text, far))
  })

  it.each([
    ['Straße', 'STRASSE'.toLowerCase().replace('ss', 'ß')],
    ['ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['Cafe\u0301', 'café'],
    ['Reset   my\npassword!', 'reset my password'],
  ])('sees no difference between %j and %j', async (a, b) => {
    expect(await similarity(a, b)).toBeCloseTo(1, 6)
  })

  it.each([
    ['100 USD', '200 USD'],
    ['C# tutorial', 'C+ tutorial'],
    ['1.5 km', '15 km'],
  ])('sees a difference between %j and %j', async (a, b) => {
    expect(await similarity(a, b)).toBeLessThan(0.9)
  })

  it('counts a repeated word less than in proportion', async () => {
    expect(await similarity('help', 'help help help help please')).toBeGreaterThan(
      await similarity('help', 'help please'),
    )
    expect(await similarity('please', 'help help help help please')).toBeGreaterThan(0.2)
  })

  it('rejects punctuation alone, and takes a single symbol', async () => {
    await expect(hashingEmbedder().embed(['?!…'])).rejects.toMatchObject({ code: 'NOT_EMBEDDABLE' })
    expect(await hashingEmbedder().embed(['👍'])).toHaveLength(1)
  })

  it('gives a unit vector or NOT_EMBEDDABLE for every string there is', async () => {
    const embedder = hashingEmbedder()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const [vector] = await embedder.embed([text]).catch((error) => {
          expect(error).toMatchObject({ code: 'NOT_EMBEDDABLE' })
          return []
        })
        if (vector) expect(dot(vector, vector)).toBeCloseTo(1, 5)
      }),
    )
  })
})
