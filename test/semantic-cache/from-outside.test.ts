import { describe, expect, it, vi } from 'vitest'
import type { ModelResponse, StreamPart } from '../../src/index.ts'
import { createSemanticCache, embeddedStore } from '../../src/index.ts'
import { answer, ask, cacheBench, collect, countingModel, textIn } from '../support/cache-bench.ts'

/** Defects found by somebody who tried to break the cache from outside, one test each. */
describe('found from outside', () => {
  it('an abort between two parts, or inside the call itself, leaves no unhandled rejection', async () => {
    const { cache } = await cacheBench()
    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    async function* call(): AsyncGenerator<StreamPart> {
      yield { type: 'delta', part: { type: 'text', text: 'a' } }
      await new Promise((resolve) => setTimeout(resolve, 2))
      yield { type: 'delta', part: { type: 'text', text: 'b' } }
    }
    const between = new AbortController()
    await expect(
      (async () => {
        for await (const _part of cache.getOrStream(ask('q'), call, { signal: between.signal })) between.abort('gone')
      })(),
    ).rejects.toBe('gone')
    const inside = new AbortController()
    const failing = () => {
      inside.abort('gone')
      return Promise.reject(new Error('model'))
    }
    await expect(cache.getOrCall(ask('r'), failing, { signal: inside.signal })).rejects.toBe('gone')
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('an abort while the reader holds a part reaches the model at once', async () => {
    const { cache } = await cacheBench()
    const controller = new AbortController()
    let signal: AbortSignal | undefined
    async function* call(given: AbortSignal): AsyncGenerator<StreamPart> {
      signal = given
      for (;;) yield { type: 'delta', part: { type: 'text', text: 'a' } }
    }
    const parts = cache.getOrStream(ask('q'), call, { signal: controller.signal })[Symbol.asyncIterator]()
    await parts.next()
    controller.abort('gone')
    expect(signal?.aborted).toBe(true)
    const model = countingModel()
    expect((await cache.getOrCall(ask('q'), model.call)).record).not.toHaveProperty('collapsed')
  })

  it('an async listener that rejects is counted like one that throws', async () => {
    const { cache } = await cacheBench({ on: async () => Promise.reject(new Error('listener')) })
    await cache.getOrCall(ask('hi'), countingModel().call)
    await new Promise((resolve) => setImmediate(resolve))
    expect((await cache.stats()).listenerErrors).toBeGreaterThan(0)
  })

  it('a long prompt is looked at in bounded work', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const text = `${'The contract is between parties who are the owners and which is binding; how it does so. '.repeat(4_000)}${' is'.repeat(40_000)}`
    for (let i = 0; i < 3; i++) await cache.getOrCall(ask(text), model.call)
    expect(model.calls).toBe(1)
  }, 5_000)

  it('sliding does not keep an invalidated entry in memory, nor lend it the life of its reader', async () => {
    const clock = { now: 1_000_000 }
    const now = () => clock.now
    const store = embeddedStore({ now })
    const ours = await createSemanticCache({ store, now, slidingTtl: true, ttlJitter: 0, decision: 'exact' })
    const model = countingModel()
    await ours.getOrCall(ask('a'), model.call, { tags: ['t'] })
    await ours.flush()
    // As another process would, of which this one does not hear.
    await store.clear({ namespace: 'default', tags: ['t'] })
    for (let i = 0; i < 8; i++) {
      clock.now += 1_000
      await ours.getOrCall(ask('a'), model.call, { tags: ['t'] })
    }
    expect(model.calls).toBe(2)
    await ours.getOrCall(ask('short'), model.call, { ttlMs: 10_000 })
    clock.now += 6_000
    await ours.getOrCall(ask('short'), model.call)
    await ours.flush()
    clock.now += 60_000
    expect((await ours.getOrCall(ask('short'), model.call)).record.outcome).toBe('miss')
  })

  it('a question about now is not answered by an old entry of another wording', async () => {
    const { cache, clock } = await cacheBench({
      questionsAboutNow: { ttlMs: 60_000 },
      decision: {
        name: 'anything',
        decide: async (_query, [reuse]) =>
          reuse
            ? { reuse, findings: [], overhead: { tokens: 0 } }
            : { reason: 'no-candidate', findings: [], overhead: { tokens: 0 } },
      },
    })
    const model = countingModel()
    await cache.getOrCall(ask('price of gold'), model.call)
    clock.now += 3_600_000
    expect((await cache.getOrCall(ask('latest price of gold'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'too-old',
    })
  })

  it('only-if-cached does not call the model for a stale entry either', async () => {
    const { cache, clock } = await cacheBench({ ttlMs: 1_000, staleWhileRevalidateMs: 10_000 })
    const model = countingModel()
    await cache.getOrCall(ask('a'), model.call)
    clock.now += 2_000
    expect((await cache.getOrCall(ask('a'), model.call, { mode: 'only-if-cached' })).record.outcome).toBe('stale')
    await cache.flush()
    expect(model.calls).toBe(1)
  })

  it("a reader who changes its parts changes nobody else's answer", async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    for await (const part of cache.getOrStream(ask('a'), model.stream)) {
      if (part.type === 'delta') (part.part as { text: string }).text = 'EVIL'
    }
    expect(textIn((await cache.getOrCall(ask('a'), model.call)).response)).toBe('answer 1')
  })

  it.each<[string, unknown]>([
    ['a reuse without entry', { reuse: {}, findings: [], overhead: { tokens: 0 } }],
    ['a finding that is none', { reason: 'policy-refused', findings: [null], overhead: { tokens: 0 } }],
  ])('a policy that gives %s is a miss', async (_what, decision) => {
    const { cache } = await cacheBench({ decision: { name: 'broken', decide: async () => decision as never } })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'policy-failed',
    })
  })

  it.each<[string, 'get' | 'nearest', unknown]>([
    ['get: undefined', 'get', undefined],
    ['get: null', 'get', null],
    ['nearest: undefined', 'nearest', undefined],
    ['nearest: [null]', 'nearest', [null]],
    ['nearest: no entry', 'nearest', [{ similarity: 1 }]],
  ])('a store that gives rubbish never fails the call (%s)', async (_what, operation, value) => {
    const store = embeddedStore()
    vi.spyOn(store, operation).mockResolvedValue(value as never)
    const { cache } = await cacheBench({ store, memory: { maxEntries: 0 } })
    const model = countingModel()
    expect(textIn((await cache.getOrCall(ask('hi'), model.call)).response)).toBe('answer 1')
  })

  it.each<[string, unknown]>([
    ['content with null', answer('x', { content: [null] as never })],
    ['a text part without text', answer('x', { content: [{ type: 'text' }] as never })],
    ['alternatives that are no list', answer('x', { alternatives: 5 as never })],
    ['null', null],
    ['undefined', undefined],
    ['metadata with a function', answer('x', { metadata: { f: () => 1 } })],
  ])("the model's odd answer reaches every caller as it is: %s", async (_what, given) => {
    const { cache } = await cacheBench()
    const call = async () => given as ModelResponse
    const answers = await Promise.all([1, 2].map(() => cache.getOrCall(ask('hi'), call)))
    expect(answers[0]?.response).toBe(given)
    await cache.flush()
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('miss')
  })

  it.each<[string, unknown, unknown]>([
    ['null for controls', ask('hi'), null],
    ['a signal that is none', ask('hi'), { signal: {} }],
    [
      'a provider that throws',
      {
        ...ask('hi'),
        get provider() {
          throw new Error('no')
        },
      },
      {},
    ],
    ['a provider without text', { ...ask('hi'), provider: Object.create(null) }, {}],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      })(),
      {},
    ],
  ])('%s is a bypass', async (_what, request, controls) => {
    const { cache } = await cacheBench()
    const model = countingModel()
    expect((await cache.getOrCall(request as never, model.call, controls as never)).record.outcome).toBe('bypass')
    expect((await collect(cache.getOrStream(request as never, model.stream, controls as never))).text).toBe('answer 2')
  })

  it('flush ends after a renewal whose answer is none', async () => {
    const { cache, clock } = await cacheBench({ ttlMs: 1_000, staleWhileRevalidateMs: 10_000 })
    await cache.getOrCall(ask('a'), countingModel().call)
    clock.now += 2_000
    await cache.getOrCall(ask('a'), async () => answer('x', { content: [null] as never }))
    await cache.flush()
  })

  it('names and fields that hide from a copy still count in the key', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const hidden = (a: number) => JSON.parse(`{"role":"user","content":"mm","__proto__":{"a":${a}}}`)
    const contents = [
      [
        { type: 'file', id: 'file-2' },
        { type: 'text', text: 'sum up' },
      ],
      [
        { type: 'file', id: 'file-3' },
        { type: 'text', text: 'sum up' },
      ],
      [{ type: 'text', text: 'sum up', context: 'a' }],
      [{ type: 'text', text: 'sum up', context: 'b' }],
    ]
    for (const content of contents)
      await cache.getOrCall(ask('', { messages: [{ role: 'user', content }] as never }), model.call)
    for (const a of [1, 2]) await cache.getOrCall(ask('', { messages: [hidden(a)] }), model.call)
    expect(model.calls).toBe(6)
  })
})
