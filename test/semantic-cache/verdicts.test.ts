import { describe, expect, it, vi } from 'vitest'
import { type CacheEvent, similarityThreshold, type VerifiedOptions, verified } from '../../src/index.ts'
import { ask, cacheBench, countingModel, gate, textIn } from '../support/cache-bench.ts'

const near = similarityThreshold({ minSimilarity: 0.9 })

async function bench(options: VerifiedOptions, more: Parameters<typeof cacheBench>[0] = {}) {
  const made = await cacheBench({ decision: verified(near, options), ...more })
  const verifies = () =>
    made.events.filter((event): event is CacheEvent & { type: 'verify' } => event.type === 'verify')
  return { ...made, verifies, model: countingModel() }
}

describe('a verified decision in the cache', () => {
  it('reuses what the verifier accepts, says so in an event, and counts what it cost as overhead', async () => {
    const verifier = () => ({ probability: 0.995, kind: 'none', overhead: { usd: 0.5, tokens: 7 } })
    const { cache, model, verifies, lookups } = await bench({ verifier })
    await cache.getOrCall(ask('listen'), model.call, { tenant: 'acme' })
    const { record, response } = await cache.getOrCall(ask('silent'), model.call, { tenant: 'acme' })
    expect(record).toMatchObject({ outcome: 'hit', tier: 'semantic' })
    expect(textIn(response)).toBe('answer 1')
    expect(verifies()).toEqual([
      expect.objectContaining({
        verifier: 'verifier',
        outcome: 'accepted',
        probability: 0.995,
        kind: 'none',
        tenant: 'acme',
        provider: 'openai',
        name: 'gpt-4o-mini',
        entryKey: record.entryKey,
        overhead: { usd: 0.5, tokens: 7, durationMs: expect.any(Number) },
      }),
    ])
    expect(JSON.stringify(verifies())).not.toMatch(/listen|silent/)
    expect(lookups()[1]?.overhead).toMatchObject({ usd: 0.5, tokens: 7 })
    expect((await cache.stats()).overhead).toMatchObject({ usd: 0.5, tokens: 7 })
  })

  it('looks up the price of a verifier that names its model and usage, and says unknown for one that does not', async () => {
    const usage = { inputTokens: 1_000, outputTokens: 0, totalTokens: 1_000 }
    const billedAs = { provider: 'openai', name: 'judge-model' }
    const prices = { 'judge-model': { inputUsdPerMillionTokens: 2, outputUsdPerMillionTokens: 8 } }
    const priced = await bench(
      { verifier: () => ({ probability: 0, overhead: { tokens: 1_000, usage, billedAs } }) },
      { prices },
    )
    await priced.cache.getOrCall(ask('listen'), priced.model.call)
    await priced.cache.getOrCall(ask('silent'), priced.model.call)
    expect(priced.verifies()[0]).toMatchObject({ outcome: 'refused', overhead: { usd: 0.002, tokens: 1_000 } })
    const unpriced = await bench({ verifier: () => ({ probability: 0, overhead: { tokens: 5 } }) })
    await unpriced.cache.getOrCall(ask('listen'), unpriced.model.call)
    await unpriced.cache.getOrCall(ask('silent'), unpriced.model.call)
    expect((await unpriced.cache.stats()).overhead).toMatchObject({ tokens: 5, unpricedCalls: 1 })
  })

  it.each<[string, VerifiedOptions['verifier'], object]>([
    ['fails', () => Promise.reject(new Error('down')), { outcome: 'failed' }],
    ['is late', () => new Promise<boolean>(() => {}), { outcome: 'late' }],
  ])('that %s is a miss with reason verifier-failed, and the answer is kept', async (_how, verifier, event) => {
    const { cache, model, verifies, lookups } = await bench({ verifier }, { verifierDeadlineMs: 20 })
    await cache.getOrCall(ask('listen'), model.call)
    const { record, response } = await cache.getOrCall(ask('silent'), model.call)
    expect(record).toMatchObject({ outcome: 'miss', reason: 'verifier-failed' })
    expect(textIn(response)).toBe('answer 2')
    expect(verifies()).toMatchObject([event])
    expect(lookups()[1]).toMatchObject({ reason: 'verifier-failed' })
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('hit')
  })

  it('judges two texts once: later processes find the accepting verdict in the store', async () => {
    const verifier = vi.fn(async () => ({ probability: 1, overhead: { tokens: 3 } }))
    const first = await bench({ verifier })
    await first.cache.getOrCall(ask('listen'), first.model.call)
    await first.cache.getOrCall(ask('silent'), first.model.call)
    await first.cache.flush()
    // The same store behind a policy of another process.
    const second = await bench({ verifier }, { store: first.faults.store })
    const { record } = await second.cache.getOrCall(ask('silent'), second.model.call)
    expect(record).toMatchObject({ outcome: 'hit', tier: 'semantic' })
    expect(verifier).toHaveBeenCalledTimes(1)
    expect(second.verifies()).toMatchObject([{ remembered: true, outcome: 'accepted' }])
  })

  it('does not bring back what was invalidated: the remembered verdict is about an entry that must be there', async () => {
    const { cache, model } = await bench({ verifier: () => true })
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('hit')
    await cache.invalidate({ keys: [record.key] })
    expect((await cache.getOrCall(ask('silent'), model.call)).record.outcome).toBe('miss')
  })

  it('keeps verdicts of one tenant from another, and goes on without those the store cannot read', async () => {
    const verifier = vi.fn(async () => ({ probability: 1, overhead: { tokens: 3 } }))
    const first = await bench({ verifier })
    for (const tenant of ['a', 'b']) {
      await first.cache.getOrCall(ask('listen'), first.model.call, { tenant })
      await first.cache.getOrCall(ask('silent'), first.model.call, { tenant })
    }
    expect(verifier).toHaveBeenCalledTimes(2)
    const second = await bench({ verifier }, { store: first.faults.store, memory: { maxEntries: 0 } })
    first.faults.break('set', { kind: 'fail' })
    expect((await second.cache.getOrCall(ask('silent'), second.model.call, { tenant: 'c' })).record.outcome).toBe(
      'miss',
    )
  })
})

describe('a verdict made after the answer', () => {
  it('makes this call a miss, waits for the answer, is awaited by flush, and serves the same question when its own answer is gone', async () => {
    const answered = gate<never>()
    const verifier = vi.fn(async () => ({ probability: 1, overhead: { usd: 0.5, tokens: 7 } }))
    const { cache, verifies, model } = await bench({ verifier, mode: 'after' })
    await cache.getOrCall(ask('listen'), model.call)
    const pending = cache.getOrCall(ask('silent'), () => answered.promise)
    await new Promise((resolve) => setImmediate(resolve))
    expect(verifier).not.toHaveBeenCalled()
    answered.fail(new Error('the model is down'))
    await expect(pending).rejects.toThrow('the model is down')
    await cache.flush()
    expect(verifies()).toMatchObject([{ after: true, outcome: 'accepted' }])
    expect((await cache.stats()).overhead).toMatchObject({ usd: 0.5, tokens: 7 })
    // Its own answer never came, so the neighbour's is worth having now.
    expect((await cache.getOrCall(ask('silent'), model.call)).record).toMatchObject({
      outcome: 'hit',
      tier: 'semantic',
    })
    expect(verifier).toHaveBeenCalledTimes(1)
  })

  it('reports pending as the reason of the miss', async () => {
    const { cache, model } = await bench({ verifier: () => true, mode: 'after' })
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.lookup(ask('silent'))).record).toMatchObject({ outcome: 'miss', reason: 'verifier-pending' })
    await cache.flush()
    expect((await cache.lookup(ask('silent'))).record).toMatchObject({ outcome: 'hit' })
  })

  it('that never comes costs its deadline and is an event', async () => {
    const { cache, model, verifies } = await bench(
      { verifier: () => new Promise<boolean>(() => {}), mode: 'after' },
      { verifierDeadlineMs: 20 },
    )
    await cache.getOrCall(ask('listen'), model.call)
    await cache.lookup(ask('silent'))
    await cache.flush()
    expect(verifies()).toMatchObject([{ outcome: 'late', after: true }])
  })

  it('waits in a bounded queue: what is over the bound is dropped, with an event', async () => {
    const open = gate<boolean>()
    const { cache, model, verifies } = await bench({ verifier: () => open.promise, mode: 'after' })
    await cache.getOrCall(ask('listen'), model.call)
    // Letters alone make the vector, capitals do not count in it: 40 other texts with the very same one.
    for (let bits = 1; bits <= 40; bits++) {
      const text = [...'listen'].map((letter, at) => (bits & (1 << at) ? letter.toUpperCase() : letter)).join('')
      await cache.lookup(ask(text))
    }
    open.open(true)
    await cache.flush()
    const outcomes = verifies().map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(8)
    expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(32)
  })
})
