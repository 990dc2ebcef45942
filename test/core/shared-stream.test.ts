import { describe, expect, it, vi } from 'vitest'
import { SharedStream } from '../../src/core/shared-stream.ts'

async function collect<Part>(parts: AsyncIterable<Part>): Promise<Part[]> {
  const all: Part[] = []
  for await (const part of parts) all.push(part)
  return all
}

async function* count(upTo: number): AsyncGenerator<number> {
  for (let i = 1; i <= upTo; i++) yield i
}

describe('SharedStream', () => {
  it('gives every consumer every part, however late it comes', async () => {
    const stream = new SharedStream(
      count(5),
      () => false,
      (part) => part,
      () => {},
    )
    const early = stream.parts()
    expect(await early.next()).toEqual({ done: false, value: 1 })
    const late = await collect(stream.parts())
    expect(late).toEqual([1, 2, 3, 4, 5])
    expect(await collect(early)).toEqual([2, 3, 4, 5])
    expect(await stream.drain()).toEqual([1, 2, 3, 4, 5])
  })

  it('pulls only as fast as the fastest consumer', async () => {
    const pulled: number[] = []
    async function* source() {
      for (const part of [1, 2, 3]) {
        pulled.push(part)
        yield part
      }
    }
    const consumer = new SharedStream(
      source(),
      () => false,
      (part) => part,
      () => {},
    ).parts()
    await consumer.next()
    await new Promise((resolve) => setImmediate(resolve))
    expect(pulled).toEqual([1])
  })

  it('ends at the last part without waiting for the source to end', async () => {
    const cleanedUp = vi.fn()
    async function* endless() {
      try {
        yield 1
        yield 2
        await new Promise(() => {})
      } finally {
        cleanedUp()
      }
    }
    const onEnd = vi.fn()
    expect(
      await collect(
        new SharedStream(
          endless(),
          (part) => part === 2,
          (part) => part,
          onEnd,
        ).parts(),
      ),
    ).toEqual([1, 2])
    expect(onEnd).toHaveBeenCalledExactlyOnceWith([1, 2], undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(cleanedUp).toHaveBeenCalled()
  })

  it('throws to everyone what the source threw, after the parts before it', async () => {
    const failure = new Error('cut')
    async function* broken() {
      yield 1
      throw failure
    }
    const onEnd = vi.fn()
    const stream = new SharedStream(
      broken(),
      () => false,
      (part) => part,
      onEnd,
    )
    for (let consumer = 0; consumer < 2; consumer++) {
      const parts = stream.parts()
      expect(await parts.next()).toEqual({ done: false, value: 1 })
      await expect(parts.next()).rejects.toBe(failure)
    }
    expect(onEnd).toHaveBeenCalledExactlyOnceWith([1], { cause: failure })
  })

  it('stops: consumers that wait get the reason', async () => {
    const stream = new SharedStream<number>(
      { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
      () => false,
      (part) => part,
      () => {},
    )
    stream.stop('gone')
    await expect(stream.parts().next()).rejects.toBe('gone')
  })
})
