import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { CacheEntry } from '../../core/entry.ts'
import { type CacheStore, isVectorStore, type VectorCacheStore } from '../../stores/store.ts'

/** A store under test, with its clock and a namespace that no other test uses. */
export interface Subject<Store extends CacheStore = CacheStore> {
  readonly store: Store
  readonly namespace: string
  readonly clock: Clock
}

export interface Clock {
  now(): number
  advance(byMs: number): void
}

/** Starts at the real time, so that a server's own clock does not expire what the test's clock keeps alive. */
export function testClock(): Clock {
  let at = Date.now()
  return {
    now: () => at,
    advance: (byMs) => {
      at += byMs
    },
  }
}

export const HOUR_MS = 3_600_000

/** A complete entry; give what the test is about. */
export function entryFor<Value = string>(
  { namespace, clock }: Subject,
  given: Partial<CacheEntry<Value>> = {},
): CacheEntry<Value> {
  return {
    key: randomUUID(),
    namespace,
    tags: [],
    scope: 'scope',
    value: 'answer' as Value,
    origin: { provider: 'openai', name: 'gpt-4o-mini', durationMs: 840 },
    createdAt: clock.now(),
    expiresAt: clock.now() + HOUR_MS,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
    ...given,
  }
}

/** A unit vector at an angle in the plane of the first two of eight dimensions: cosines can be told in advance. */
export function at(degrees: number): Float32Array {
  const vector = new Float32Array(8)
  vector[0] = Math.cos((degrees * Math.PI) / 180)
  vector[1] = Math.sin((degrees * Math.PI) / 180)
  return vector
}

export function vectorSubject(subject: Subject): Subject<VectorCacheStore> {
  if (!isVectorStore(subject.store)) throw new TypeError(`the ${subject.store.name} store has no nearest()`)
  return { ...subject, store: subject.store }
}

/** The entry without its vector, which a store may hold in a smaller form. */
export function plain<Value>(entry: CacheEntry<Value> | undefined): Omit<CacheEntry<Value>, 'vector'> | undefined {
  if (!entry) return undefined
  const { vector: _, ...rest } = entry
  return rest
}

export async function keysFound({ store, namespace }: Subject, keys: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const key of keys) if ((await store.get(key, { namespace })).entry) found.push(key)
  return found
}

export function expectClose(actual: Float32Array | undefined, expected: Float32Array): void {
  expect(actual).toBeInstanceOf(Float32Array)
  expect(actual).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(actual?.[i]).toBeCloseTo(value, 2)
}

/** What names of keys, tags, tenants and namespaces must survive: separators, patterns and scripts of all kinds. */
export const ODD_NAMES: readonly string[] = [
  'a:b',
  'a:b:c',
  '{a}',
  '{a}:b',
  '*',
  'a*',
  '?',
  '[a]',
  '(a|b)',
  'a|b',
  'a,b',
  'a b',
  ' a ',
  '@a',
  '-a',
  'a-b',
  'a.b',
  'a/b',
  'a\\b',
  'a"b',
  "a'b",
  'a%b',
  'a$b',
  '~a',
  'a\nb',
  'A:B',
  'café',
  'cafe\u0301',
  '日本語',
  '🎉🎊',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '0',
  'x'.repeat(1_000),
]
