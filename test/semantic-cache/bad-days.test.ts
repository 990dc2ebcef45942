import { afterEach, describe, expect, it, vi } from 'vitest'
import { CacheError, type DecisionPolicy, type Embedder, type ModelResponse } from '../../src/index.ts'
import {
  answer,
  ask,
  cacheBench,
  collect,
  countingModel,
  gate,
  lettersEmbedder,
  textIn,
} from '../support/cache-bench.ts'
import { anEntry } from '../support/entries.ts'
import type { StoreOperation } from '../support/faulty-store.ts'

describe('a store that fails', () => {
  it.each<[string, Parameters<Awaited<ReturnType<typeof cacheBench>>['faults']['break']>[1]]>([
    ['rejects', { kind: 'fail' }],
    ['throws', { kind: 'throw' }],
  ])('(%s) is a bypass: the model answers, nothing is written', async (_how, fault) => {
    const { cache, faults, lookups, events } = await cacheBench({ memory: { maxEntries: 0 } })
    const model = countingModel()
    faults.break('all', fault)
    const { response, record } = await cache.getOrCall(ask('hi'), model.call)
    expect(textIn(response)).toBe('answer 1')
    expect(record).toMatchObject({ outcome: 'bypass', reason: 'store-failed' })
    expect((await collect(cache.getOrStream(ask('hi'), model.stream))).text).toBe('answer 2')
    expect(lookups().map(({ outcome }) => outcome)).toEqual(['bypass', 'bypass'])
    expect(events.filter((event) => event.type === 'store' && event.what === 'failed')).toHaveLength(2)
    faults.heal()
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('hit')
  })

  it('only at the search is a miss, and the answer is kept for the exact tier', async () => {
    const { cache, faults } = await cacheBench()
    const model = countingModel()
    faults.break('nearest', { kind: 'fail' })
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'search-failed',
    })
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('hit')
  })

  it('only at the write loses the entry, with an event', async () => {
    const { cache, faults, writes } = await cacheBench()
    const model = countingModel()
    faults.break('set', { kind: 'fail' })
    await cache.getOrCall(ask('hi'), model.call)
    await cache.flush()
    expect(writes()).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'store-failed' })])
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
  })

  it('again and again is left alone for a while, then tried once', async () => {
    const { cache, faults, clock, events } = await cacheBench({ breaker: { failures: 2, halfOpenAfterMs: 1_000 } })
    const model = countingModel()
    faults.break('get', { kind: 'fail' })
    const reasons = []
    for (let i = 0; i < 4; i++) reasons.push((await cache.getOrCall(ask('hi'), model.call)).record.reason)
    expect(reasons).toEqual(['store-failed', 'store-failed', 'breaker-open', 'breaker-open'])
    expect(faults.calls('get')).toBe(2)
    faults.heal()
    clock.now += 1_000
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('miss')
    expect(events.flatMap((event) => (event.type === 'store' ? [event.what] : []))).toEqual([
      'failed',
      'failed',
      'breaker-opened',
      'breaker-closed',
    ])
  })

  it('that hangs costs the deadline and no more', async () => {
    const { cache, faults } = await cacheBench({ storeDeadlineMs: 20 })
    const model = countingModel()
    faults.break('get', { kind: 'hang' })
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({
      outcome: 'bypass',
      reason: 'store-late',
    })
  })

  it.each(['corrupt', 'foreign'] as const)('holding a %s record is a miss that is written anew', async (problem) => {
    const { cache, faults, events } = await cacheBench({ memory: { maxEntries: 0 } })
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call)
    await cache.flush()
    faults.break('get', { kind: 'problem', problem }, 1)
    faults.break('nearest', { kind: 'fail' }, 1)
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: `record-${problem}`,
    })
    expect(events).toContainEqual(expect.objectContaining({ type: 'store', what: `record-${problem}` }))
    expect(textIn((await cache.getOrCall(ask('hi'), model.call)).response)).toBe('answer 2')
  })

  it("holding somebody else's value under our key never serves it", async () => {
    const { cache, faults } = await cacheBench({ memory: { maxEntries: 0 } })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('hi'), model.call)
    await cache.flush()
    const entry = await cache.inspect(record.key)
    await faults.store.set(anEntry({ ...entry, value: { not: 'an answer' } as never }))
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'record-corrupt',
    })
    await cache.flush()
    await faults.store.set(anEntry({ ...entry, scope: 'of another' }))
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({
      outcome: 'miss',
      reason: 'record-foreign',
    })
  })

  it.each<StoreOperation>(['update', 'add', 'read'])(
    'at %s never shows in an answer or in stats',
    async (operation) => {
      const { cache, faults } = await cacheBench()
      const model = countingModel()
      faults.break(operation, { kind: 'fail' })
      for (let i = 0; i < 3; i++) await cache.getOrCall(ask('hi'), model.call)
      await cache.flush()
      expect(await cache.stats()).toMatchObject({ hits: 2, misses: 1 })
    },
  )

  it('does not keep writes without bound', async () => {
    const { cache, faults, writes } = await cacheBench({ maxPendingWrites: 2, storeDeadlineMs: 1_000 })
    const model = countingModel()
    const { promise, open } = gate()
    const set = faults.store.set.bind(faults.store)
    vi.spyOn(faults.store, 'set').mockImplementation(async (entry, options) => {
      await promise
      return set(entry as never, options)
    })
    const slow = await cacheBench({
      store: faults.store,
      maxPendingWrites: 2,
      storeDeadlineMs: 1_000,
      decision: 'exact',
    })
    for (const text of ['a', 'b', 'c']) await slow.cache.getOrCall(ask(text), model.call)
    expect(slow.writes()).toEqual([expect.objectContaining({ outcome: 'dropped', reason: 'queue-full' })])
    open()
    await slow.cache.flush()
    expect(
      slow
        .writes()
        .map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(['dropped', 'stored', 'stored'])
    expect(writes()).toEqual([])
    expect((await cache.lookup(ask('a'))).record.outcome).toBe('hit')
  })
})

describe('an embedder that fails', () => {
  const never = () => new Promise<never>(() => {})
  it.each<[string, string, Partial<Embedder>]>([
    [
      'throws',
      'embedder-failed',
      {
        embed: () => {
          throw new Error('no')
        },
      },
    ],
    ['rejects', 'embedder-failed', { embed: () => Promise.reject(new Error('no')) }],
    ['cannot be loaded', 'embedder-failed', { describe: () => Promise.reject(new Error('no')) }],
    ['hangs', 'embedder-late', { embed: never }],
    ['hangs while loading', 'embedder-late', { describe: never }],
    ['gives no vector', 'embedder-failed', { embed: async () => [] }],
    ['gives no array', 'embedder-failed', { embed: async () => undefined as never }],
    ['gives a vector of the wrong length', 'embedder-failed', { embed: async () => [new Float32Array(5).fill(1)] }],
    ['gives a zero vector', 'embedder-failed', { embed: async () => [new Float32Array(27)] }],
    ['gives NaN', 'embedder-failed', { embed: async () => [new Float32Array(27).fill(Number.NaN)] }],
    ['gives Infinity', 'embedder-failed', { embed: async () => [new Float32Array(27).fill(Number.POSITIVE_INFINITY)] }],
    ['describes itself with nonsense', 'embedder-failed', { describe: async () => ({ id: '', dimensions: 0 }) }],
  ])('(%s) is a miss, and the exact entry is written all the same', async (_how, reason, change) => {
    const { cache, events } = await cacheBench({ embedder: lettersEmbedder(change), embedderDeadlineMs: 20 })
    const model = countingModel()
    const { record, response } = await cache.getOrCall(ask('hi'), model.call)
    expect(textIn(response)).toBe('answer 1')
    expect(record).toMatchObject({ outcome: 'miss', reason })
    expect(
      events.some((event) => event.type === 'embedder' && (event.what === 'failed' || event.what === 'late')),
    ).toBe(true)
    await cache.flush()
    expect((await cache.getOrCall(ask('hi'), model.call)).record.outcome).toBe('hit')
    expect((await cache.inspect(record.key))?.vector).toBeUndefined()
  })

  it('again and again is left alone for a while', async () => {
    let calls = 0
    const embedder = lettersEmbedder({
      embed: () => {
        calls++
        return Promise.reject(new Error('no'))
      },
    })
    const { cache, clock, events } = await cacheBench({ embedder, breaker: { failures: 2, halfOpenAfterMs: 1_000 } })
    const model = countingModel()
    for (const text of ['a', 'b', 'c', 'd']) await cache.getOrCall(ask(text), model.call)
    expect(calls).toBe(2)
    clock.now += 1_000
    await cache.getOrCall(ask('e'), model.call)
    expect(calls).toBe(3)
    expect(events).toContainEqual(expect.objectContaining({ type: 'embedder', what: 'breaker-opened' }))
  })

  it('over texts it cannot read is not left alone: other questions are read', async () => {
    const letters = lettersEmbedder()
    const unreadable = new CacheError('NOT_EMBEDDABLE', 'a text must be readable')
    const embed: Embedder['embed'] = (texts, options) =>
      texts[0]?.startsWith('?') ? Promise.reject(unreadable) : letters.embed(texts, options)
    const { cache } = await cacheBench({ embedder: { ...letters, embed }, breaker: { failures: 2 } })
    const model = countingModel()
    for (const text of ['?1', '?2', '?3', 'listen']) await cache.getOrCall(ask(text), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record.tier).toBe('semantic')
  })

  it('works again after one that could not be loaded at first', async () => {
    let tries = 0
    const letters = lettersEmbedder()
    const embedder = lettersEmbedder({
      describe: async () => {
        if (tries++ === 0) throw new Error('not yet')
        return letters.describe()
      },
    })
    const { cache } = await cacheBench({ embedder })
    const model = countingModel()
    await cache.getOrCall(ask('abc'), model.call)
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record.tier).toBe('semantic')
  })
})

describe('a decision that fails', () => {
  const policy = (decide: DecisionPolicy['decide']): DecisionPolicy => ({ name: 'broken', decide })
  it.each<[string, string, DecisionPolicy]>([
    [
      'throws',
      'policy-failed',
      policy(() => {
        throw new Error('no')
      }),
    ],
    ['rejects', 'policy-failed', policy(() => Promise.reject(new Error('no')))],
    ['hangs', 'policy-late', policy(() => new Promise(() => {}))],
    ['gives nothing', 'policy-failed', policy(async () => undefined as never)],
    [
      'makes up a candidate',
      'policy-failed',
      policy(async () => ({
        reuse: { similarity: 1, entry: anEntry() as never },
        findings: [],
        overhead: { tokens: 0 },
      })),
    ],
  ])('(%s) is a miss', async (_how, reason, decision) => {
    const { cache } = await cacheBench({ decision, verifierDeadlineMs: 20 })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    expect((await cache.getOrCall(ask('silent'), model.call)).record).toMatchObject({ outcome: 'miss', reason })
  })

  it('hands on the overhead and the names of what its guards saw, never the texts', async () => {
    const { cache, lookups } = await cacheBench({
      decision: policy(async () => ({
        reason: 'guard-veto',
        findings: [{ guard: 'numbers', verdict: 'differ', asked: 'secret 1', stored: 'secret 2' }],
        overhead: { usd: 0.5, tokens: 7 },
      })),
    })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    await cache.getOrCall(ask('silent'), model.call)
    expect(lookups()[1]).toMatchObject({
      reason: 'guard-veto',
      findings: [{ guard: 'numbers', verdict: 'differ' }],
      overhead: { usd: 0.5, tokens: 7 },
    })
    expect(JSON.stringify(lookups())).not.toContain('secret')
    expect((await cache.stats()).overhead).toMatchObject({ usd: 0.5, tokens: 7 })
  })
})

describe('a caller who leaves', () => {
  it('before anything gets the reason at once', async () => {
    const { cache, lookups } = await cacheBench()
    const model = countingModel()
    const signal = AbortSignal.abort('gone')
    await expect(cache.getOrCall(ask('hi'), model.call, { signal })).rejects.toBe('gone')
    await expect(collect(cache.getOrStream(ask('hi'), model.stream, { signal }))).rejects.toBe('gone')
    expect([model.calls, lookups().length]).toEqual([0, 0])
  })

  it.each<[string, 'get' | 'nearest' | 'embed' | 'decide']>([
    ['while the store is read', 'get'],
    ['while the question is embedded', 'embed'],
    ['while the index is searched', 'nearest'],
    ['while the decision is made', 'decide'],
  ])('%s gets the reason, the model is not called, and the lookup ends in one event', async (_when, where) => {
    const controller = new AbortController()
    const leave = <Result>(): Promise<Result> => {
      controller.abort('gone')
      return new Promise(() => {})
    }
    const letters = lettersEmbedder()
    const embed: Embedder['embed'] = (texts, options) =>
      texts[0] === 'silent' && where === 'embed' ? leave() : letters.embed(texts, options)
    const { cache, faults, lookups, events } = await cacheBench({
      embedder: { ...letters, embed },
      ...(where === 'decide' && { decision: { name: 'slow', decide: () => leave() } }),
      memory: { maxEntries: 0 },
      storeDeadlineMs: 10_000,
    })
    const model = countingModel()
    await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    if (where === 'get' || where === 'nearest') {
      faults.break(where, { kind: 'hang' })
      setTimeout(() => controller.abort('gone'), 5)
    }
    await expect(cache.getOrCall(ask('silent'), model.call, { signal: controller.signal })).rejects.toBe('gone')
    await new Promise((resolve) => setImmediate(resolve))
    expect(model.calls).toBe(1)
    expect(lookups()[1]).toMatchObject({ outcome: 'bypass', reason: 'aborted' })
    expect(events.filter((event) => event.type === 'embedder' && event.what === 'failed')).toEqual([])
  })

  it('while the model works gets the reason; the model hears of it; nothing is stored', async () => {
    const { cache } = await cacheBench()
    const controller = new AbortController()
    let heard: unknown
    const call = (signal: AbortSignal) =>
      new Promise<ModelResponse>(() => {
        signal.addEventListener('abort', () => {
          heard = signal.reason
        })
        controller.abort('gone')
      })
    await expect(cache.getOrCall(ask('hi'), call, { signal: controller.signal })).rejects.toBe('gone')
    expect(heard).toBe('gone')
    await cache.flush()
    expect((await cache.lookup(ask('hi'))).record.outcome).toBe('miss')
  })
})

describe('a model that fails', () => {
  it.each([
    ['rejects', () => Promise.reject(new Error('quota'))],
    [
      'throws',
      () => {
        throw new Error('quota')
      },
    ],
  ])('(%s) gives the caller its own error, on any outcome', async (_how, call) => {
    const { cache, faults } = await cacheBench()
    await expect(cache.getOrCall(ask('hi'), call)).rejects.toThrow('quota')
    await expect(collect(cache.getOrStream(ask('hi'), call))).rejects.toThrow('quota')
    await expect(cache.getOrCall(ask('hi'), call, { mode: 'bypass' })).rejects.toThrow('quota')
    faults.break('all', { kind: 'fail' })
    await expect(cache.getOrCall(ask('hi'), call)).rejects.toThrow('quota')
  })
})

describe('a listener that throws', () => {
  it('is ignored and counted', async () => {
    const { cache } = await cacheBench({
      on: () => {
        throw new Error('listener')
      },
    })
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call)
    expect((await cache.stats()).listenerErrors).toBeGreaterThan(0)
  })
})

describe('events', () => {
  it('hold no text of question, answer or tag', async () => {
    const { cache, events } = await cacheBench()
    const secret = 'wherewithal'
    await cache.getOrCall(ask(secret), async () => answer(secret), { tags: [secret] })
    await cache.getOrCall(ask(`${secret}s`), async () => answer(secret))
    await cache.invalidate({ tags: [secret] })
    await cache.flush()
    expect(events.length).toBeGreaterThan(3)
    expect(JSON.stringify(events)).not.toContain(secret)
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})
