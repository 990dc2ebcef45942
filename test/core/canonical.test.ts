import { isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalText } from '../../src/core/canonical.ts'
import { CacheError } from '../../src/core/errors.ts'

describe('canonicalText', () => {
  it('does not depend on the order of keys, at any depth', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, held]) => [name, shuffled(held)]),
      )
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalText(shuffled(value))).toBe(canonicalText(value))
      }),
    )
  })

  it('is equal exactly when the values are', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: false,
      withSet: false,
      withTypedArray: true,
      maxDepth: 3,
      noNullPrototype: true,
    } as never)
    fc.assert(
      fc.property(values, values, (a, b) => {
        const text = (value: unknown) => {
          try {
            return canonicalText(value)
          } catch (error) {
            expect(CacheError.is(error, 'NOT_CANONICAL')).toBe(true)
            return undefined
          }
        }
        const [left, right] = [text(a), text(b)]
        if (left === undefined || right === undefined) return
        if (isDeepStrictEqual(a, b)) expect(left).toBe(right)
        else if (left === right) expect(isDeepStrictEqual(positiveZero(a), positiveZero(b))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('tells apart what plain JSON merges', () => {
    const values = [
      null,
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      '0',
      '',
      1,
      '1',
      1n,
      '1n',
      true,
      'true',
      [],
      {},
      [undefined],
      [null],
      new Array(1),
      { a: undefined },
      { a: null },
      new Map(),
      new Set(),
      new Map([['a', 1]]),
      { a: 1 },
      new Set([1]),
      [1],
      new Date(0),
      new Date(Number.NaN),
      '1970-01-01T00:00:00.000Z',
      new Uint8Array([1]),
      new Int8Array([1]),
      new Uint8Array([1]).buffer,
      'AQ==',
      new URL('http://a/'),
      'http://a/',
      /a/,
      /a/g,
      '#undefined',
      '#NaN',
      { '#undefined': 1 },
      ['a,b'],
      ['a', 'b'],
      '["a"]',
      ['a'],
    ]
    expect(new Set(values.map(canonicalText)).size).toBe(values.length)
  })

  it('means the same by a Buffer and a Uint8Array of the same bytes, by 0 and −0, and by Map and Set in any order', () => {
    expect(canonicalText(Buffer.from([1, 2]))).toBe(canonicalText(new Uint8Array([1, 2])))
    expect(canonicalText(new Uint8Array([0, 1, 2]).subarray(1))).toBe(canonicalText(new Uint8Array([1, 2])))
    expect(canonicalText(-0)).toBe(canonicalText(0))
    expect(canonicalText(new Set([1, 2]))).toBe(canonicalText(new Set([2, 1])))
    expect(
      canonicalText(
        new Map([
          [{ a: 1 }, 1],
          [{ b: 1 }, 2],
        ]),
      ),
    ).toBe(
      canonicalText(
        new Map([
          [{ b: 1 }, 2],
          [{ a: 1 }, 1],
        ]),
      ),
    )
  })

  it('takes plain objects of another realm and without prototype', () => {
    expect(canonicalText(runInNewContext('({ a: [1] })'))).toBe(canonicalText({ a: [1] }))
    expect(canonicalText(Object.assign(Object.create(null), { a: 1 }))).toBe(canonicalText({ a: 1 }))
  })

  it('takes the same object twice where it is no cycle', () => {
    const held = { a: 1 }
    expect(canonicalText([held, held])).toBe('[{"a":1},{"a":1}]')
  })

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a class instance', new (class Secret {})()],
    ['an error', new Error('a')],
    ['a promise', Promise.resolve()],
    ['a weak map', new WeakMap()],
    ['a subclass of Date', new (class Zoned extends Date {})(0)],
    ['a subclass of Array', new (class Money extends Array {})()],
    ['an array with a name of its own', Object.assign([1], { currency: 'EUR' })],
    ['a date with a name of its own', Object.assign(new Date(0), { zone: 'CET' })],
    ['an object with a symbol key', { [Symbol('a')]: 1 }],
    [
      'a cycle',
      (() => {
        const a: Record<string, unknown> = {}
        a.a = [a]
        return a
      })(),
    ],
    [
      'a cycle through a Map',
      (() => {
        const a = new Map()
        a.set('a', a)
        return a
      })(),
    ],
    ['a value nested too deep', Array.from({ length: 5_000 }).reduce<unknown>((inner) => [inner], 1)],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalText({ value })).toThrowError(expect.objectContaining({ code: 'NOT_CANONICAL' }))
  })
})

function positiveZero(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(positiveZero)
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, positiveZero(held)]))
  }
  return value
}
