import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DeadlineQueue } from '../../src/core/deadline-queue.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a deadline for many', () => {
  it('comes for each when its own time is over, and once', async () => {
    const queue = new DeadlineQueue(100)
    const late: string[] = []
    queue.add(() => late.push('first'))
    await vi.advanceTimersByTimeAsync(60)
    queue.add(() => late.push('second'))
    await vi.advanceTimersByTimeAsync(39)
    expect(late).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(late).toEqual(['first'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(late).toEqual(['first', 'second'])
  })

  it('does not come for what was settled, in whatever order that was', async () => {
    const queue = new DeadlineQueue(100)
    const late: number[] = []
    const waiting = [0, 1, 2, 3].map((i) => queue.add(() => late.push(i)))
    for (const i of [2, 0, 3, 3]) queue.settle(waiting[i] as (typeof waiting)[0])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(late).toEqual([1])
  })

  it('has one timer, and none while nobody waits', async () => {
    const queue = new DeadlineQueue(100)
    const waiting = Array.from({ length: 50 }, () => queue.add(() => undefined))
    expect(vi.getTimerCount()).toBe(1)
    for (const one of waiting) queue.settle(one)
    expect(vi.getTimerCount()).toBe(0)
    queue.add(() => undefined)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on when one who is late asks again at once', async () => {
    const queue = new DeadlineQueue(100)
    let late = 0
    queue.add(() => {
      late++
      queue.add(() => late++)
    })
    await vi.advanceTimersByTimeAsync(250)
    expect(late).toBe(2)
  })

  it('gives what is due the same time again when the process stood still, three times at most', async () => {
    const queue = new DeadlineQueue(100)
    const late: string[] = []
    queue.add(() => late.push('first'))
    const answered = queue.add(() => late.push('answered'))
    let stoodStillMs = 400
    const clock = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => clock() + stoodStillMs)
    await vi.advanceTimersByTimeAsync(100)
    expect(late).toEqual([])
    queue.settle(answered)
    for (let more = 0; more < 2; more++) {
      stoodStillMs += 400
      await vi.advanceTimersByTimeAsync(101)
    }
    expect(late).toEqual([])
    stoodStillMs += 400
    await vi.advanceTimersByTimeAsync(101)
    expect(late).toEqual(['first'])
    vi.mocked(performance.now).mockRestore()
    expect(vi.getTimerCount()).toBe(0)
  })
})
