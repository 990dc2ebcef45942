import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { orAborted, withDeadline } from '../../src/core/deadline.ts'

describe('withDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gives the result and leaves no timer behind', async () => {
    await expect(withDeadline('it', 10, async () => 'done')).resolves.toBe('done')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects at the deadline, names it, and aborts the work', async () => {
    let signal: AbortSignal | undefined
    const late = withDeadline('it', 10, (given) => {
      signal = given
      return new Promise(() => {})
    })
    const expectation = expect(late).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: expect.stringContaining('10 ms'),
    })
    await vi.advanceTimersByTimeAsync(10)
    await expectation
    expect(signal?.aborted).toBe(true)
  })

  it('rejects with the reason of the caller and takes a synchronous throw for a rejection', async () => {
    const controller = new AbortController()
    const left = withDeadline('it', 10, () => new Promise(() => {}), controller.signal)
    controller.abort('gone')
    await expect(left).rejects.toBe('gone')
    await expect(withDeadline('it', 10, () => new Promise(() => {}), controller.signal)).rejects.toBe('gone')
    await expect(
      withDeadline('it', 10, () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('orAborted', () => {
  it('passes result and rejection on, and is faster than both on abort', async () => {
    const { signal } = new AbortController()
    await expect(orAborted(Promise.resolve(1), signal)).resolves.toBe(1)
    await expect(orAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
    await expect(orAborted(new Promise(() => {}), AbortSignal.abort('gone'))).rejects.toBe('gone')
  })
})
