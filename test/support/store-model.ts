import fc from 'fast-check'
import { expect } from 'vitest'
import type { CacheEntry } from '../../src/core/entry.ts'
import type { TotalsStore, VectorCacheStore } from '../../src/stores/store.ts'

/** What a store does, written as naively as possible. */
interface Model {
  entries: CacheEntry<unknown>[]
  /** Clears so far, oldest first. */
  clears: Filter[]
  totals: Record<string, number>
  inFlight: Map<number, { entry: CacheEntry<unknown>; generation: string; clearsBefore: number }>
}

interface Filter {
  readonly namespace: string
  readonly tenant?: string
  readonly tags?: readonly string[]
}

export type Operation =
  | { readonly do: 'set' | 'begin'; readonly slot: number; readonly entry: EntrySketch }
  | { readonly do: 'finish'; readonly slot: number }
  | { readonly do: 'delete'; readonly namespace: string; readonly keys: readonly string[] }
  | ({ readonly do: 'clear' } & Filter)
  | {
      readonly do: 'update'
      readonly namespace: string
      readonly key: string
      readonly hits: number
      readonly ttlMs?: number
    }
  | { readonly do: 'advance'; readonly byMs: number }
  | { readonly do: 'add'; readonly amount: number }

interface EntrySketch {
  readonly namespace: string
  readonly key: string
  readonly tenant?: string
  readonly tags: readonly string[]
  readonly scope: string
  readonly degrees?: number
  readonly ttlMs: number
  readonly value: unknown
}

const NAMESPACES = ['n', 'n:2']
const KEYS = ['a', 'b', 'c', 'd']
const TENANTS = ['t', 'u']
const TAGS = ['x', 'y', 'z']
const SCOPES = ['s', 'r']

const filterFields = {
  namespace: fc.constantFrom(...NAMESPACES),
  tenant: fc.option(fc.constantFrom(...TENANTS), { nil: undefined }),
}
const ttlMs = fc.integer({ min: 1, max: 20 })
const entrySketch: fc.Arbitrary<EntrySketch> = fc.record({
  ...filterFields,
  key: fc.constantFrom(...KEYS),
  tags: fc.subarray(TAGS),
  scope: fc.constantFrom(...SCOPES),
  degrees: fc.option(fc.integer({ min: 0, max: 359 }), { nil: undefined }),
  ttlMs,
  value: fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(undefined),
    fc.uint8Array({ maxLength: 5 }),
    fc.constant('long '.repeat(600)),
  ),
})
const slot = fc.nat(2)

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), slot, entry: entrySketch }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('begin' as const), slot, entry: entrySketch }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('finish' as const), slot }) },
  fc.record({ do: fc.constant('delete' as const), namespace: filterFields.namespace, keys: fc.subarray(KEYS) }),
  fc.record({
    do: fc.constant('clear' as const),
    ...filterFields,
    tags: fc.option(fc.subarray(TAGS), { nil: undefined }),
  }),
  fc.record({
    do: fc.constant('update' as const),
    namespace: filterFields.namespace,
    key: fc.constantFrom(...KEYS),
    hits: fc.integer({ min: -2, max: 5 }),
    ttlMs: fc.option(ttlMs, { nil: undefined }),
  }),
  fc.record({ do: fc.constant('advance' as const), byMs: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ do: fc.constant('add' as const), amount: fc.integer() }),
)

/** Runs operations on a store and on the model beside it, and compares what both say. */
export class StoreAndModel {
  readonly clock = { at: 1_700_000_000_000 }
  store: VectorCacheStore & TotalsStore
  #model: Model = { entries: [], clears: [], totals: {}, inFlight: new Map() }

  readonly #open: () => VectorCacheStore & TotalsStore

  constructor(open: (now: () => number) => VectorCacheStore & TotalsStore) {
    this.#open = () => open(() => this.clock.at)
    this.store = this.#open()
  }

  reopen(): void {
    this.store = this.#open()
  }

  /** The model as it is now, to go back to when the store loses what was not flushed. */
  save(): Model {
    return structuredClone(this.#model)
  }

  restore(saved: Model): void {
    this.#model = structuredClone(saved)
  }

  /** Calls under way end with the process that made them. */
  forgetCalls(): void {
    this.#model.inFlight.clear()
  }

  async run(step: Operation): Promise<void> {
    const model = this.#model
    switch (step.do) {
      case 'set': {
        expect(await this.store.set(this.#entry(step.entry))).toEqual({ stored: true })
        this.#put(this.#entry(step.entry))
        return
      }
      case 'begin': {
        const entry = this.#entry(step.entry)
        const { generation } = await this.store.get(entry.key, entry)
        model.inFlight.set(step.slot, { entry, generation, clearsBefore: model.clears.length })
        return
      }
      case 'finish': {
        const call = model.inFlight.get(step.slot)
        if (!call) return
        const isCleared = model.clears.slice(call.clearsBefore).some((filter) => matches(call.entry, filter))
        expect(await this.store.set(call.entry, { ifGeneration: call.generation })).toEqual(
          isCleared ? { stored: false, reason: 'cleared' } : { stored: true },
        )
        if (!isCleared) this.#put(call.entry)
        return
      }
      case 'delete': {
        const gone = this.#live().filter(
          ({ namespace, key }) => namespace === step.namespace && step.keys.includes(key),
        )
        expect(await this.store.delete(step.keys, step)).toBe(gone.length)
        model.entries = model.entries.filter((entry) => !gone.includes(entry))
        return
      }
      case 'clear': {
        const gone = this.#live().filter((entry) => matches(entry, step))
        expect(await this.store.clear(step)).toBe(gone.length)
        model.entries = model.entries.filter((entry) => !matches(entry, step))
        model.clears.push(step)
        return
      }
      case 'update': {
        const expiresAt = step.ttlMs === undefined ? undefined : this.clock.at + step.ttlMs
        const { namespace } = step
        const entry = this.#live().find((held) => held.namespace === namespace && held.key === step.key)
        const change = { namespace, addHits: step.hits, addWrong: 1, ...(expiresAt && { expiresAt }) }
        expect(await this.store.update(step.key, change)).toBe(entry !== undefined)
        if (!entry) return
        this.#put({
          ...entry,
          hits: entry.hits + step.hits,
          evidence: { ...entry.evidence, wrong: entry.evidence.wrong + 1 },
          expiresAt: expiresAt ?? entry.expiresAt,
        })
        return
      }
      case 'advance':
        this.clock.at += step.byMs
        return
      case 'add':
        await this.store.add('totals', { n: step.amount }, 1_000_000)
        model.totals.n = (model.totals.n ?? 0) + step.amount
    }
  }

  /** Everything that can be asked of the store. */
  async compare(): Promise<void> {
    for (const namespace of NAMESPACES) {
      for (const key of KEYS) {
        const { entry } = await this.store.get(key, { namespace })
        expect(entry).toEqual(this.#live().find((held) => held.namespace === namespace && held.key === key))
      }
      for (const scope of SCOPES) {
        const vector = unit(77)
        const found = await this.store.nearest({ namespace, embedderId: 'e', scope, vector, limit: 10 })
        const expected = this.#live().filter(
          (entry) => entry.namespace === namespace && entry.scope === scope && entry.vector !== undefined,
        )
        expect(found.map(({ entry }) => entry.key).sort()).toEqual(expected.map(({ key }) => key).sort())
        for (const [i, candidate] of found.entries()) {
          expect(candidate.similarity).toBeCloseTo(cosine(candidate.entry.vector, vector), 5)
          expect(candidate.similarity).toBeLessThanOrEqual(found[i - 1]?.similarity ?? 1)
        }
      }
    }
    expect(await this.store.read(['totals'])).toEqual([this.#model.totals])
  }

  #live(): CacheEntry<unknown>[] {
    return this.#model.entries.filter(({ expiresAt }) => expiresAt > this.clock.at)
  }

  #put(entry: CacheEntry<unknown>): void {
    this.#model.entries = this.#model.entries.filter(
      ({ namespace, key }) => namespace !== entry.namespace || key !== entry.key,
    )
    this.#model.entries.push(entry)
  }

  #entry({ degrees, ttlMs: lifeMs, tenant, ...sketch }: EntrySketch): CacheEntry<unknown> {
    return {
      ...sketch,
      ...(tenant !== undefined && { tenant }),
      ...(degrees !== undefined && { vector: unit(degrees), embedderId: 'e' }),
      origin: { provider: 'p', name: 'm', durationMs: 1 },
      createdAt: this.clock.at,
      expiresAt: this.clock.at + lifeMs,
      staleMs: 0,
      hits: 0,
      evidence: { correct: 0, wrong: 0 },
    }
  }
}

function matches(entry: CacheEntry<unknown>, { namespace, tenant, tags }: Filter): boolean {
  if (entry.namespace !== namespace) return false
  if (tenant !== undefined && entry.tenant !== tenant) return false
  return tags === undefined || tags.some((tag) => entry.tags.includes(tag))
}

function unit(degrees: number): Float32Array {
  const angle = (degrees * Math.PI) / 180
  return Float32Array.of(Math.cos(angle), Math.sin(angle), 0)
}

function cosine(a: Float32Array | undefined, b: Float32Array): number {
  let sum = 0
  for (const [i, value] of (a ?? new Float32Array()).entries()) sum += value * (b[i] ?? 0)
  return sum
}
