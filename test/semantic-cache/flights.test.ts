import { describe, expect, it } from 'vitest'
import type { ModelResponse, StreamPart } from '../../src/index.ts'
import { answer, ask, cacheBench, collect, countingModel, gate, textIn } from '../support/cache-bench.ts'

describe('identical calls in flight', () => {
  it('are one call, and only the first pays', async () => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    const answers = await Promise.all(Array.from({ length: 5 }, () => cache.getOrCall(ask('hi'), model.call)))
    expect(model.calls).toBe(1)
    expect(answers.map(({ record }) => record.collapsed ?? false)).toEqual([false, true, true, true, true])
    expect(answers.map(({ response }) => response.usage?.totalTokens)).toEqual([150, 0, 0, 0, 0])
    expect(answers.every(({ record }) => record.outcome === 'miss')).toBe(true)
    expect(lookups()).toHaveLength(5)
    await cache.flush()
    expect(await cache.stats()).toMatchObject({
      misses: 5,
      collapsed: 4,
      avoided: { tokens: 600 },
      spent: { tokens: 150 },
    })
  })

  it('are not one call when they ask for different things', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const calls = [{}, { tags: ['a'] }, { ttlMs: 5 }, { tenant: 'a' }, { mode: 'refresh' as const }]
    await Promise.all(calls.map((controls) => cache.getOrCall(ask('hi'), model.call, controls)))
    expect(model.calls).toBe(5)
  })

  it('give every caller data of its own', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const [first, second] = await Promise.all([1, 2].map(() => cache.getOrCall(ask('hi'), model.call)))
    ;(first?.response.content as unknown[]).length = 0
    expect(textIn(second?.response as ModelResponse)).toBe('answer 1')
  })

  it('outlive the abort of one caller, the first included', async () => {
    const { cache } = await cacheBench()
    const { promise, open } = gate<ModelResponse>()
    let signal: AbortSignal | undefined
    const call = (given: AbortSignal) => {
      signal = given
      return promise
    }
    const controllers = [new AbortController(), new AbortController(), new AbortController()]
    const answers = controllers.map(({ signal }) => cache.getOrCall(ask('hi'), call, { signal }))
    const settled = Promise.allSettled(answers)
    await new Promise((resolve) => setTimeout(resolve, 5))
    controllers[0]?.abort('first gone')
    await expect(answers[0]).rejects.toBe('first gone')
    expect(signal?.aborted).toBe(false)
    controllers[1]?.abort('second gone')
    open(answer('late'))
    const [, second, third] = await settled
    expect(second).toMatchObject({ status: 'rejected', reason: 'second gone' })
    expect(third).toMatchObject({ status: 'fulfilled', value: { record: { collapsed: true } } })
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('hit')
  })

  it('are aborted when every caller has gone, and nothing is stored', async () => {
    const { cache } = await cacheBench()
    const { promise } = gate<ModelResponse>()
    const seen: unknown[] = []
    const controllers = [new AbortController(), new AbortController()]
    const call = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => seen.push(signal.reason))
      return promise
    }
    const settled = Promise.allSettled(controllers.map(({ signal }) => cache.getOrCall(ask('hi'), call, { signal })))
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (const [index, controller] of controllers.entries()) controller.abort(index)
    expect((await settled).map((result) => (result as PromiseRejectedResult).reason)).toEqual([0, 1])
    expect(seen).toEqual([1])
    const model = countingModel()
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('do not share a failure: every caller gets a call of its own', async () => {
    const { cache } = await cacheBench()
    let calls = 0
    const failure = new Error('the model said no')
    const call = async () => {
      calls++
      await new Promise((resolve) => setImmediate(resolve))
      if (calls <= 1) throw failure
      return answer(`answer ${calls}`)
    }
    const results = await Promise.allSettled([1, 2, 3].map(() => cache.getOrCall(ask('hi'), call)))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect((results[0] as PromiseRejectedResult).reason).toBe(failure)
    expect(calls).toBe(3)
    const [, second] = results
    expect((second as PromiseFulfilledResult<{ record: object }>).value.record).not.toHaveProperty('collapsed')
  })

  it('are not joined by a caller who comes after a failure', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await expect(cache.getOrCall(ask('hi'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(textIn((await cache.getOrCall(ask('hi'), model.call)).response)).toBe('answer 1')
  })

  it('are not joined by a caller who comes after an invalidation', async () => {
    const { cache } = await cacheBench()
    const { promise, open } = gate<ModelResponse>()
    const model = countingModel()
    const before = cache.getOrCall(ask('hi'), () => promise, { tags: ['a'] })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await cache.invalidate({ tags: ['a'] })
    const after = await cache.getOrCall(ask('hi'), model.call, { tags: ['a'] })
    expect(textIn(after.response)).toBe('answer 1')
    open(answer('outdated'))
    expect(textIn((await before).response)).toBe('outdated')
    await cache.flush()
    expect(textIn((await cache.getOrCall(ask('hi'), model.call, { tags: ['a'] })).response)).toBe('answer 1')
  })
})

describe('streams', () => {
  it('pass through as they come, are stored at their end and replayed in pieces', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const miss = await collect(cache.getOrStream(ask('listen'), model.stream))
    expect(miss.parts.slice(0, 3)).toEqual(
      ['answer', ' ', '1'].map((text) => ({ type: 'delta', part: { type: 'text', text } })),
    )
    expect(miss.finish).toMatchObject({ record: { outcome: 'miss' }, usage: { totalTokens: 150 } })
    const hit = await collect(cache.getOrStream(ask('listen'), model.stream))
    expect(hit.text).toBe('answer 1')
    expect(hit.parts.length).toBeGreaterThan(2)
    expect(hit.finish).toMatchObject({
      finishReason: 'stop',
      usage: { totalTokens: 0 },
      record: { outcome: 'hit', tier: 'memory' },
    })
    expect((await collect(cache.getOrStream(ask('silent'), model.stream))).finish?.record?.tier).toBe('semantic')
  })

  it('serve calls, and calls serve streams, in flight and stored', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const [streamed, called] = await Promise.all([
      collect(cache.getOrStream(ask('hi'), model.stream)),
      cache.getOrCall(ask('hi'), model.call),
    ])
    expect([streamed.text, textIn(called.response), model.calls]).toEqual(['answer 1', 'answer 1', 1])
    const [calledFirst, streamedLater] = await Promise.all([
      cache.getOrCall(ask('ho'), model.call),
      collect(cache.getOrStream(ask('ho'), model.stream)),
    ])
    expect([textIn(calledFirst.response), streamedLater.text, model.calls]).toEqual(['answer 2', 'answer 2', 2])
    expect(streamedLater.finish?.record).toMatchObject({ outcome: 'miss', collapsed: true })
    expect(textIn((await cache.getOrCall(ask('hi'), model.call)).response)).toBe('answer 1')
    expect((await collect(cache.getOrStream(ask('ho'), model.stream))).text).toBe('answer 2')
  })

  it('two in flight are one call, and both see every part from the first on', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const first = cache.getOrStream(ask('hi'), model.stream)[Symbol.asyncIterator]()
    await first.next()
    const second = await collect(cache.getOrStream(ask('hi'), model.stream))
    expect(second.text).toBe('answer 1')
    expect(second.finish).toMatchObject({ usage: { totalTokens: 0 }, record: { collapsed: true } })
    let rest = ''
    for await (const part of { [Symbol.asyncIterator]: () => first })
      if (part.type === 'delta') rest += (part.part as { text: string }).text
    expect(rest).toBe(' 1')
    expect(model.calls).toBe(1)
  })

  it("hand the model's own parts through, by identity, while they are recorded", async () => {
    const { cache } = await cacheBench()
    const part: StreamPart = { type: 'delta', part: { type: 'text', text: 'a' } }
    async function* call(): AsyncGenerator<StreamPart> {
      yield part
      yield { type: 'finish', finishReason: 'stop' }
    }
    expect((await collect(cache.getOrStream(ask('hi'), call))).parts[0]).toBe(part)
  })

  it.each<[string, () => AsyncGenerator<StreamPart>, string | undefined]>([
    [
      'that throw in the middle',
      async function* () {
        yield { type: 'delta', part: { type: 'text', text: 'par' } }
        throw new Error('cut')
      },
      'cut',
    ],
    [
      'that throw at once',
      async function* () {
        yield* []
        throw new Error('cut')
      },
      'cut',
    ],
    [
      'that end without a finish',
      async function* () {
        yield { type: 'delta', part: { type: 'text', text: 'par' } }
      },
      undefined,
    ],
    [
      'that end with length',
      async function* () {
        yield { type: 'delta', part: { type: 'text', text: 'par' } }
        yield { type: 'finish', finishReason: 'length' }
      },
      undefined,
    ],
  ])('%s are not stored, and the caller gets what the model gave', async (_name, call, error) => {
    const { cache } = await cacheBench()
    const model = countingModel()
    for (const stream of [true, false]) {
      const reading = stream ? collect(cache.getOrStream(ask('hi'), call)) : cache.getOrCall(ask('hi'), call)
      if (error) await expect(reading).rejects.toThrow(error)
      else await reading
      await cache.flush()
      expect((await cache.lookup(ask('hi'))).record.outcome).toBe('miss')
    }
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('left by their only reader are aborted and not stored', async () => {
    const { cache, writes } = await cacheBench()
    let aborted = false
    async function* call(signal: AbortSignal): AsyncGenerator<StreamPart> {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      for (let i = 0; ; i++) yield { type: 'delta', part: { type: 'text', text: String(i) } }
    }
    for await (const part of cache.getOrStream(ask('hi'), call)) if (part.type === 'delta') break
    expect(aborted).toBe(true)
    await cache.flush()
    expect(writes()).toEqual([expect.objectContaining({ outcome: 'refused', reason: 'unfinished' })])
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('miss')
  })

  it('left by their reader right after the finish are stored', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    for await (const part of cache.getOrStream(ask('hi'), model.stream)) if (part.type === 'finish') break
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('hit')
  })

  it('stop for an aborting reader even when the model hangs', async () => {
    const { cache } = await cacheBench()
    const controller = new AbortController()
    async function* call(): AsyncGenerator<StreamPart> {
      yield { type: 'delta', part: { type: 'text', text: 'a' } }
      await new Promise(() => {})
    }
    const parts = cache.getOrStream(ask('hi'), call, { signal: controller.signal })[Symbol.asyncIterator]()
    await parts.next()
    const waiting = parts.next()
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
  })

  it('start again for a reader who joined one that failed before its first part', async () => {
    const { cache } = await cacheBench()
    let calls = 0
    async function* call(): AsyncGenerator<StreamPart> {
      const number = ++calls
      await new Promise((resolve) => setImmediate(resolve))
      if (number === 1) throw new Error('no')
      yield { type: 'delta', part: { type: 'text', text: `answer ${number}` } }
      yield { type: 'finish', finishReason: 'stop' }
    }
    const [first, second] = await Promise.allSettled([1, 2].map(() => collect(cache.getOrStream(ask('hi'), call))))
    expect(first?.status).toBe('rejected')
    expect(second).toMatchObject({ status: 'fulfilled', value: { text: 'answer 2' } })
  })

  it('on a bypass go straight to the model, and are aborted when left', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const { finish, text } = await collect(cache.getOrStream(ask('hi'), model.stream, { mode: 'bypass' }))
    expect([text, finish?.record?.reason, finish?.usage?.totalTokens]).toEqual(['answer 1', 'mode-bypass', 150])
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('miss')
  })
})
