import { describe, expect, it } from 'vitest'
import { WriteQueue } from '../../src/core/write-queue.ts'

describe('WriteQueue', () => {
  it('runs nothing before the current answer has gone out', async () => {
    const queue = new WriteQueue(10)
    const order: string[] = []
    queue.add(async () => void order.push('write'))
    await Promise.resolve()
    order.push('answer')
    await queue.flush()
    expect(order).toEqual(['answer', 'write'])
  })

  it('refuses work over its bound and takes it again when there is room', async () => {
    const queue = new WriteQueue(2)
    expect([1, 2, 3].map(() => queue.add(async () => {}))).toEqual([true, true, false])
    await queue.flush()
    expect(queue.pending).toBe(0)
    expect(queue.add(async () => {})).toBe(true)
  })

  it('flushes what was added meanwhile, and outlives a task that fails', async () => {
    const queue = new WriteQueue(10)
    const done: string[] = []
    queue.add(async () => {
      queue.add(async () => void done.push('second'))
      throw new Error('first')
    })
    await queue.flush()
    expect(done).toEqual(['second'])
  })

  it('waits for a group without waiting for the others', async () => {
    const queue = new WriteQueue(10)
    let finish = () => {}
    queue.add(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
      ['slow'],
    )
    queue.add(async () => {}, ['fast', 'both'])
    expect([queue.has('fast'), queue.has('other')]).toEqual([true, false])
    await queue.settled('fast')
    expect([queue.has('fast'), queue.has('both'), queue.has('slow')]).toEqual([false, false, true])
    finish()
    await queue.flush()
  })
})
