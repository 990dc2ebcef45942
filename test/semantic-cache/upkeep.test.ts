import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type CacheRecord,
  createSemanticCache,
  embeddedStore,
  learned,
  type ModelResponse,
  similarityThreshold,
} from '../../src/index.ts'
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

describe('invalidate', () => {
  async function filled() {
    const bench = await cacheBench()
    const model = countingModel()
    const put = (text: string, tenant: string, tags: string[]) =>
      bench.cache.getOrCall(ask(text), model.call, { tenant, tags })
    const records = {
      a1: (await put('one', 'a', ['x'])).record.key,
      a2: (await put('two', 'a', ['y', 'z'])).record.key,
      b1: (await put('one', 'b', ['x'])).record.key,
      b2: (await put('two', 'b', [])).record.key,
    }
    await bench.cache.flush()
    const left = async () => {
      const names = []
      for (const [name, key] of Object.entries(records)) if (await bench.cache.inspect(key)) names.push(name)
      return names
    }
    return { ...bench, records, left }
  }

  it('removes what matches all the given fields, and counts it', async () => {
    const cases: [(keys: Record<string, string>) => object, number, string[]][] = [
      [() => ({ tags: ['x'] }), 2, ['a2', 'b2']],
      [() => ({ tags: ['x', 'z'] }), 3, ['b2']],
      [() => ({ tenant: 'a' }), 2, ['b1', 'b2']],
      [() => ({ tenant: 'a', tags: ['x'] }), 1, ['a2', 'b1', 'b2']],
      [({ a1, b1 }) => ({ keys: [a1, b1, 'unknown'] }), 2, ['a2', 'b2']],
      [({ a1, b1 }) => ({ keys: [a1, b1], tenant: 'a' }), 1, ['a2', 'b1', 'b2']],
      [({ a1, a2 }) => ({ keys: [a1, a2], tags: ['z'] }), 1, ['a1', 'b1', 'b2']],
      [() => ({ namespace: 'default' }), 4, []],
      [() => ({ namespace: 'other' }), 0, ['a1', 'a2', 'b1', 'b2']],
      [() => ({ tags: [] }), 0, ['a1', 'a2', 'b1', 'b2']],
      [() => ({ keys: [] }), 0, ['a1', 'a2', 'b1', 'b2']],
    ]
    for (const [filter, removed, remaining] of cases) {
      const { cache, records, left } = await filled()
      expect(await cache.invalidate(filter(records))).toBe(removed)
      expect(await left()).toEqual(remaining)
    }
  })

  it('takes effect in the memory tier at once', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    await cache.getOrCall(ask('hi'), model.call, { tags: ['x'] })
    await cache.invalidate({ tags: ['x'] })
    expect((await cache.getOrCall(ask('hi'), model.call, { tags: ['x'] })).record.outcome).toBe('miss')
  })

  it('takes effect at once in the memory of every cache of this process, and of its namespace alone', async () => {
    const store = embeddedStore()
    const model = countingModel()
    const cache = () => createSemanticCache({ store, decision: 'exact' })
    const [one, two] = [await cache(), await cache()]
    const other = await createSemanticCache({ store, decision: 'exact', namespace: 'other' })
    for (const each of [one, two, other]) await each.getOrCall(ask('hi'), model.call, { tags: ['x'] })
    await one.invalidate({ tags: ['x'] })
    expect((await two.getOrCall(ask('hi'), model.call, { tags: ['x'] })).record.outcome).toBe('miss')
    expect((await other.getOrCall(ask('hi'), model.call, { tags: ['x'] })).record.tier).toBe('memory')
    await one.invalidate({ namespace: 'other' })
    expect((await other.getOrCall(ask('hi'), model.call, { tags: ['x'] })).record.outcome).toBe('miss')
  })

  it.each<[string, object]>([
    ['a tag', { tags: ['x'] }],
    ['the tenant', { tenant: 'a' }],
    ['the namespace', { namespace: 'default' }],
  ])('keeps out the answer of a call that was under way when %s was cleared', async (_what, filter) => {
    const { cache, writes } = await cacheBench()
    const { promise, open } = gate<ModelResponse>()
    const calling = cache.getOrCall(ask('hi'), () => promise, { tenant: 'a', tags: ['x'] })
    await new Promise((resolve) => setTimeout(resolve, 5))
    await cache.invalidate(filter)
    open(answer('outdated'))
    await calling
    await cache.flush()
    expect(writes()).toEqual([expect.objectContaining({ outcome: 'refused', reason: 'cleared' })])
    expect((await cache.lookup(ask('hi'), { tenant: 'a' })).record.outcome).toBe('miss')
  })

  it('keeps out the answer of a call under way when its key was cleared', async () => {
    const { cache, writes } = await cacheBench()
    const { record, slot } = await cache.lookup(ask('hi'))
    await cache.invalidate({ keys: [record.key] })
    if (slot) cache.write(slot, answer('outdated'))
    await cache.flush()
    expect(writes()).toEqual([expect.objectContaining({ outcome: 'refused', reason: 'cleared' })])
  })

  it('says which option is wrong', async () => {
    const { cache } = await cacheBench()
    for (const filter of [
      {},
      undefined,
      { key: 'a' },
      { keys: 'a' },
      { keys: [''] },
      { tags: 'a' },
      { tenant: '' },
      { namespace: '' },
    ]) {
      await expect(cache.invalidate(filter as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    }
  })

  it('rejects when the store cannot do it, with an event', async () => {
    const { cache, faults, events } = await cacheBench()
    faults.break('clear', { kind: 'fail' })
    await expect(cache.invalidate({ tags: ['x'] })).rejects.toThrow()
    expect(events).toContainEqual(expect.objectContaining({ type: 'invalidate', outcome: 'failed' }))
  })
})

describe('feedback', () => {
  it('becomes evidence of the entry that answered', async () => {
    const { cache, events } = await cacheBench()
    const model = countingModel()
    const miss = await cache.getOrCall(ask('listen'), model.call)
    const hit = await cache.getOrCall(ask('silent'), model.call)
    await cache.feedback(miss.record, { correct: true })
    await cache.feedback(hit.record, { correct: false })
    const another = await cache.getOrCall(ask('enlist'), model.call)
    expect(another.record).toMatchObject({ outcome: 'miss', reason: 'quarantined' })
    expect((await cache.inspect(miss.record.key))?.evidence).toMatchObject({ ownCorrect: 1, wrong: 1 })
    expect(events.filter(({ type }) => type === 'feedback')).toHaveLength(2)
    expect((await cache.stats()).feedback).toEqual({ correct: 1, wrong: 1 })
  })

  it('counts once for each record, however often it comes and by whichever process', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const [first, second] = [await cacheBench({ store }), await cacheBench({ store })]
    const model = countingModel()
    const own = (await first.cache.getOrCall(ask('listen'), model.call)).record
    await first.cache.flush()
    const hit = (await first.cache.getOrCall(ask('silent'), model.call)).record
    const sameAgain = (await first.cache.getOrCall(ask('silent'), model.call)).record
    const copy: CacheRecord = JSON.parse(JSON.stringify(hit))
    await Promise.all([hit, hit, copy].map((record) => first.cache.feedback(record, { correct: true })))
    await second.cache.feedback(copy, { correct: true })
    await first.cache.feedback(sameAgain, { correct: true })
    expect((await first.cache.inspect(own.key))?.evidence).toMatchObject({ correct: 2, wrong: 0 })
    expect((await first.cache.stats()).falseHits.feedback).toMatchObject({ observations: 2, wrong: 0 })
    const outcomes = [...first.events, ...second.events].flatMap((event) =>
      event.type === 'feedback' ? [event.outcome] : [],
    )
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(3)
  })

  it('takes the last word on a record for the only one', async () => {
    const decision = learned(similarityThreshold({ minSimilarity: 0.9 }), { maxFalseHitRate: 0.05 })
    const { cache, events, clock } = await cacheBench({ decision })
    const model = countingModel()
    const { record: own } = await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    const { record: hit } = await cache.getOrCall(ask('silent'), model.call)
    for (const correct of [false, true, false, true]) await cache.feedback(hit, { correct })
    expect((await cache.inspect(own.key))?.evidence).toMatchObject({ correct: 1, wrong: 0 })
    expect((await cache.stats()).feedback).toEqual({ correct: 1, wrong: 0 })
    expect((await cache.stats()).falseHits.feedback).toMatchObject({ observations: 1, wrong: 0 })
    expect(events.filter((event) => event.type === 'feedback' && event.changed)).toHaveLength(3)

    // The answer itself: a wrong one is replaced, and the new one owes nothing to the verdict on the old.
    await cache.feedback(own, { correct: false })
    clock.now++
    await cache.getOrCall(ask('listen'), model.call)
    await cache.flush()
    await cache.feedback(own, { correct: true })
    expect((await cache.inspect(own.key))?.evidence).toMatchObject({ ownCorrect: 1 })
    expect((await cache.inspect(own.key))?.evidence.ownWrong ?? 0).toBe(0)
  })

  it('refuses a record whose outcome, tier or keys no cache could have made', async () => {
    const { cache, events } = await cacheBench()
    const record = { outcome: 'hit', tier: 'semantic', key: 'k', entryKey: 'e' }
    for (const [change, message] of [
      [{ outcome: 'hax' }, /record\.outcome must be one of hit, stale, miss, bypass, got "hax"/],
      [{ tier: 'moon' }, /record\.tier must be one of memory, exact, semantic, got "moon"/],
      [{ entryKey: 7 }, /record\.entryKey must be a string, got 7/],
      [{ id: {} }, /record\.id must be a string/],
    ] as const) {
      const given = cache.feedback({ ...record, ...change } as never, { correct: true })
      await expect(given).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) })
    }
    expect(events).toEqual([])
  })

  it('about nothing, or with the store down, is an event and no error', async () => {
    const { cache, faults, events } = await cacheBench()
    await cache.feedback({ outcome: 'bypass', reason: 'mode-bypass', key: '' }, { correct: true })
    faults.break('update', { kind: 'fail' })
    await cache.feedback({ outcome: 'miss', key: 'k' }, { correct: true })
    expect(events.flatMap((event) => (event.type === 'feedback' ? [event.outcome] : []))).toEqual([
      'unknown-entry',
      'failed',
    ])
    await expect(cache.feedback(undefined as never, { correct: true })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    await expect(cache.feedback({ outcome: 'miss', key: 'k' }, {} as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
  })
})

describe('inspect', () => {
  it('shows an entry with its counts, and nothing for an unknown key', async () => {
    const { cache } = await cacheBench()
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call, { tenant: 'a', tags: ['x'] })
    for (let i = 0; i < 3; i++) await cache.getOrCall(ask('listen'), model.call, { tenant: 'a', tags: ['x'] })
    await cache.flush()
    expect(await cache.inspect(record.key)).toMatchObject({
      key: record.key,
      tenant: 'a',
      tags: ['x'],
      hits: 3,
      queryText: 'listen',
      origin: { provider: 'openai', name: 'gpt-4o-mini', usage: { totalTokens: 150 } },
    })
    expect(await cache.inspect('unknown')).toBeUndefined()
  })

  it('shows no question where none is stored', async () => {
    const { cache } = await cacheBench({ storeQueryText: false })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('listen'), model.call)
    expect(await cache.inspect(record.key)).not.toHaveProperty('queryText')
    expect((await cache.getOrCall(ask('silent'), model.call)).record.tier).toBe('semantic')
  })
})

describe('lookup and write by hand', () => {
  it('are the two halves of getOrCall', async () => {
    const { cache } = await cacheBench()
    const { slot, record } = await cache.lookup(ask('listen'))
    expect(record.outcome).toBe('miss')
    if (!slot) throw new Error('a miss must give a slot')
    cache.write(slot, answer('by hand'))
    await cache.flush()
    expect(textIn((await cache.lookup(ask('silent'))).response as ModelResponse)).toBe('by hand')
  })

  it('give a slot to renew a stale entry with', async () => {
    const { cache, clock } = await cacheBench({ ttlMs: 1_000, staleWhileRevalidateMs: 1_000 })
    const first = await cache.lookup(ask('listen'))
    if (first.slot) cache.write(first.slot, answer('old'))
    await cache.flush()
    clock.now += 1_500
    const stale = await cache.lookup(ask('listen'))
    expect(stale.record.outcome).toBe('stale')
    if (!stale.slot) throw new Error('a stale hit must give a slot')
    cache.write(stale.slot, answer('new'))
    await cache.flush()
    expect(textIn((await cache.lookup(ask('silent'))).response as ModelResponse)).toBe('new')
  })
})

describe('close', () => {
  it('waits for what is queued; later calls go to the model', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const other = await createSemanticCache({ store, namespace: 'other' })
    const { cache } = await cacheBench({ store })
    const model = countingModel()
    const { record } = await cache.getOrCall(ask('hi'), model.call)
    await cache.close()
    await cache.close()
    expect((await store.get(record.key, { namespace: 'default' })).entry).toBeDefined()
    expect((await cache.getOrCall(ask('hi'), model.call)).record).toMatchObject({ outcome: 'bypass', reason: 'closed' })
    expect((await collect(cache.getOrStream(ask('hi'), model.stream))).text).toBe('answer 3')
    await expect(cache.invalidate({ tags: ['a'] })).rejects.toMatchObject({ code: 'CLOSED' })
    await other.getOrCall(ask('ho'), model.call)
    expect((await other.getOrCall(ask('ho'), model.call)).record.outcome).toBe('hit')
    await other.close()
  })
})

describe('near misses', () => {
  it('go to the file that was asked for, readable by its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'reprise-'))
    const path = join(folder, 'near-misses.jsonl')
    const { cache } = await cacheBench({ recordNearMisses: { path } })
    const model = countingModel()
    await cache.getOrCall(ask('abc'), model.call, { tenant: 'a' })
    await cache.getOrCall(ask('abd'), model.call, { tenant: 'a' })
    await cache.flush()
    const [line, ...more] = (await readFile(path, 'utf8')).trim().split('\n')
    expect(JSON.parse(line ?? '')).toMatchObject({
      asked: 'abd',
      stored: 'abc',
      reason: 'below-threshold',
      tenant: 'a',
      similarity: expect.any(Number),
    })
    expect(more).toEqual([])
    expect((await stat(path)).mode & 0o077).toBe(0)
    await rm(folder, { recursive: true })
    await cache.getOrCall(ask('abe'), model.call, { tenant: 'a' })
    await cache.flush()
  })
})

describe('a ledger on a shared store', () => {
  it('adds up over caches and restarts', async () => {
    const store = embeddedStore({ now: () => 1_000_000 })
    const model = countingModel()
    for (let run = 0; run < 2; run++) {
      const { cache } = await cacheBench({
        store,
        embedder: lettersEmbedder(),
        memory: { maxEntries: 0 },
        namespace: `n${run}`,
      })
      for (let i = 0; i < 3; i++) await cache.getOrCall(ask('hi'), model.call, { tenant: 'acme' })
      await cache.flush()
    }
    const { cache } = await cacheBench({ store })
    const stats = await cache.stats()
    expect(stats).toMatchObject({
      hits: 4,
      misses: 2,
      process: { hits: 0 },
      by: { namespace: { n0: { hits: 2 }, n1: { hits: 2 } }, tenant: { acme: { hits: 4 } }, model: {} },
    })
    expect(Object.keys(stats.by.model)).toEqual([expect.stringContaining('gpt-4o-mini')])
    expect(stats.hitRate).toBeCloseTo(2 / 3)
  })

  it('has no hit rate before any lookup', async () => {
    const { cache } = await cacheBench()
    expect((await cache.stats()).hitRate).toBeUndefined()
    await cache.getOrCall(ask('hi'), countingModel().call, { mode: 'bypass' })
    expect(await cache.stats()).toMatchObject({ bypasses: 1 })
    expect((await cache.stats()).hitRate).toBeUndefined()
  })
})
