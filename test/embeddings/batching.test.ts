import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CacheError } from '../../src/core/errors.ts'
import { Batcher, type BatcherSettings } from '../../src/embeddings/batching.ts'
import type { EmbedderNotice } from '../../src/embeddings/embedder.ts'

/** Vector of a text: an angle made of its number, so that a mix-up shows. */
const vectorOf = (text: string) => [Math.cos(Number(text)), Math.sin(Number(text))]

function batcherWith(settings: Partial<BatcherSettings> = {}) {
  const batches: string[][] = []
  const signals: AbortSignal[] = []
  const embedBatch: BatcherSettings['embedBatch'] = async (texts, signal) => {
    batches.push([...texts])
    signals.push(signal)
    return (
      (await settings.embedBatch?.(texts, signal)) ?? { vectors: texts.map(vectorOf), tokens: texts.join('').length }
    )
  }
  const batcher = new Batcher({
    batchMs: 5,
    maxBatch: 4,
    maxConcurrentBatches: 2,
    dimensions: 2,
    worthSplitting: () => true,
    ...settings,
    embedBatch,
  })
  return { batcher, batches, signals }
}

const expectVectors = (vectors: readonly Float32Array[], texts: readonly string[]) => {
  expect(vectors).toHaveLength(texts.length)
  for (const [i, text] of texts.entries()) {
    const expected = vectorOf(text)
    expect(vectors[i]?.[0]).toBeCloseTo(expected[0] as number, 5)
    expect(vectors[i]?.[1]).toBeCloseTo(expected[1] as number, 5)
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('Batcher', () => {
  it('sends calls of one window together, after the window', async () => {
    const { batcher, batches } = batcherWith()
    const first = batcher.embed(['1'])
    await vi.advanceTimersByTimeAsync(4)
    const second = batcher.embed(['2', '3'])
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(batches).toEqual([['1', '2', '3']])
    expectVectors(await first, ['1'])
    expectVectors(await second, ['2', '3'])
  })

  it('sends at once when a batch is full, and the rest after the window', async () => {
    const { batcher, batches } = batcherWith()
    const texts = ['1', '2', '3', '4', '5', '6']
    const call = batcher.embed(texts)
    expect(batches).toEqual([['1', '2', '3', '4']])
    await vi.advanceTimersByTimeAsync(5)
    expect(batches).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6'],
    ])
    expectVectors(await call, texts)
  })

  it('sends each call at once with a window of 0', async () => {
    const { batcher, batches } = batcherWith({ batchMs: 0 })
    await Promise.all([batcher.embed(['1']), batcher.embed(['2'])])
    expect(batches).toEqual([['1'], ['2']])
  })

  it('has at most maxConcurrentBatches under way', async () => {
    const waiting: (() => void)[] = []
    const { batcher, batches } = batcherWith({
      batchMs: 0,
      maxBatch: 1,
      embedBatch: (texts) => new Promise((resolve) => waiting.push(() => resolve({ vectors: texts.map(vectorOf) }))),
    })
    const call = batcher.embed(['1', '2', '3', '4'])
    expect(batches).toHaveLength(2)
    for (let i = 0; i < 4; i++) {
      waiting[i]?.()
      await vi.advanceTimersByTimeAsync(0)
    }
    expectVectors(await call, ['1', '2', '3', '4'])
  })

  it('embeds a text once that is asked for twice, and gives everybody a vector of its own', async () => {
    const { batcher, batches } = batcherWith()
    const calls = Promise.all([batcher.embed(['1', '2', '1']), batcher.embed(['2'])])
    await vi.advanceTimersByTimeAsync(5)
    const [first, second] = await calls
    expect(batches).toEqual([['1', '2']])
    expectVectors(first, ['1', '2', '1'])
    first[0]?.fill(0)
    expectVectors([first[2] as Float32Array, second[0] as Float32Array], ['1', '2'])
  })

  const failingOn = (bad: string) =>
    batcherWith({
      embedBatch: async (texts) => {
        if (texts.includes(bad)) throw new CacheError('EMBEDDER_FAILED', `refused`)
        return { vectors: texts.map(vectorOf) }
      },
    })

  it('tries a batch that fails text by text once, so that only the bad text fails', async () => {
    const { batcher, batches } = failingOn('2')
    const good = batcher.embed(['1', '3'])
    const bad = batcher.embed(['2'])
    const rejected = expect(bad).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
    await vi.advanceTimersByTimeAsync(5)
    expectVectors(await good, ['1', '3'])
    await rejected
    expect(batches).toEqual([['1', '3', '2'], ['1'], ['3'], ['2']])
  })

  it('does not split a failure that each text would meet', async () => {
    const { batcher, batches } = batcherWith({
      worthSplitting: () => false,
      embedBatch: async () => {
        throw new CacheError('EMBEDDER_FAILED', 'wrong key')
      },
    })
    const rejected = expect(batcher.embed(['1', '2'])).rejects.toThrow('wrong key')
    await vi.advanceTimersByTimeAsync(5)
    await rejected
    expect(batches).toHaveLength(1)
  })

  it.each([
    ['too few vectors', () => []],
    ['a vector of the wrong length', () => [[1, 0, 0]]],
    ['a zero vector', () => [[0, 0]]],
    ['NaN', () => [[Number.NaN, 1]]],
  ])('rejects on %s', async (_what, vectors) => {
    const { batcher } = batcherWith({ batchMs: 0, embedBatch: async () => ({ vectors: vectors() }) })
    await expect(batcher.embed(['1'])).rejects.toMatchObject({ code: 'EMBEDDER_FAILED' })
  })

  it('lets one caller leave without the others, and drops what only the one wanted', async () => {
    const { batcher, batches } = batcherWith()
    const controller = new AbortController()
    const leaving = expect(batcher.embed(['1', '2'], { signal: controller.signal })).rejects.toBe('gone')
    const staying = batcher.embed(['2', '3'])
    controller.abort('gone')
    await leaving
    await vi.advanceTimersByTimeAsync(5)
    expect(batches).toEqual([['2', '3']])
    expectVectors(await staying, ['2', '3'])
  })

  it('stops a request that nobody waits for any more, and only then', async () => {
    const { batcher, signals } = batcherWith({ embedBatch: () => new Promise(() => {}) })
    const [one, other] = [new AbortController(), new AbortController()]
    const calls = [batcher.embed(['1'], { signal: one.signal }), batcher.embed(['2'], { signal: other.signal })]
    const rejected = calls.map((call) => expect(call).rejects.toBe('gone'))
    await vi.advanceTimersByTimeAsync(5)
    one.abort('gone')
    expect(signals[0]?.aborted).toBe(false)
    other.abort('gone')
    expect(signals[0]?.aborted).toBe(true)
    await Promise.all(rejected)
  })

  it('shares billed tokens out so that they add up, and tells each caller of its own cuts', async () => {
    const { batcher } = batcherWith({
      embedBatch: async (texts) => ({ vectors: texts.map(vectorOf), tokens: 10, truncated: [2] }),
    })
    const notices: EmbedderNotice[][] = [[], []]
    const calls = [
      batcher.embed(['1', '2'], { report: (notice) => notices[0]?.push(notice) }),
      batcher.embed(['333'], { report: (notice) => notices[1]?.push(notice) }),
    ]
    await vi.advanceTimersByTimeAsync(5)
    await Promise.all(calls)
    expect(notices).toEqual([
      [{ what: 'usage', texts: 2, tokens: 4 }],
      [
        { what: 'usage', texts: 1, tokens: 6 },
        { what: 'truncated', texts: 1 },
      ],
    ])
  })
})
