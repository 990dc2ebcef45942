import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CacheError } from '../../src/core/errors.ts'
import { decodeRecord, encodeRecord } from '../../src/stores/record-codec.ts'

const origin = { provider: 'openai', name: 'gpt-4o', durationMs: 1 }

function roundTrip(value: unknown): unknown {
  const bytes = Buffer.from(encodeRecord({ value, origin }), 'utf8')
  return decodeRecord(bytes.toString('utf8')).content?.value
}

const richValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
  maxDepth: 4,
})

describe('the record codec', () => {
  it('returns any plain value unchanged, through UTF-8, or refuses it', () => {
    fc.assert(
      fc.property(richValue, (value) => {
        let back: unknown
        try {
          back = roundTrip(value)
        } catch (error) {
          return CacheError.is(error, 'NOT_ENCODABLE')
        }
        expect(back).toStrictEqual(value)
        return true
      }),
      { numRuns: 2_000 },
    )
  })

  it('returns any JSON value unchanged', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(roundTrip(value)).toStrictEqual(value)
      }),
      { numRuns: 1_000 },
    )
  })

  it('writes values that JSON returns unchanged as JSON', () => {
    const value = { content: [{ type: 'text', text: 'a\nb' }], n: null, list: [1.5, true] }
    expect(encodeRecord({ value, origin, queryText: 'why\n?' })).toBe(
      `1j${JSON.stringify({ origin, queryText: 'why\n?' })}\n${JSON.stringify(value)}`,
    )
  })

  it('keeps a history under a version of its own, which readers of the first take for foreign', () => {
    const unit = fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 })
      .filter((values) => Math.hypot(...values) > 1e-3)
      .map((values) => Float32Array.from(values, (value) => value / Math.hypot(...values)))
    const turn = fc.record({
      role: fc.constantFrom('user' as const, 'assistant' as const),
      text: fc.string({ unit: 'binary' }),
    })
    fc.assert(
      fc.property(fc.array(turn), fc.array(unit), fc.jsonValue(), (turns, vectors, value) => {
        const text = encodeRecord({ value, origin, history: { turns, vectors } })
        expect(text[0]).toBe('2')
        const { content } = decodeRecord(Buffer.from(text, 'utf8').toString('utf8'))
        expect(content?.value).toEqual(value)
        expect(content?.history?.turns).toEqual(turns)
        for (const [i, vector] of vectors.entries()) {
          const back = content?.history?.vectors[i] as Float32Array
          expect(back).toHaveLength(vector.length)
          for (const [k, component] of vector.entries()) expect(back[k]).toBeCloseTo(component, 2)
        }
      }),
    )
  })

  it.each([
    ['no history', '2j{"origin":{}}\n1'],
    ['a turn of nobody', '2j{"origin":{},"history":{"turns":[{"role":"x","text":""}],"vectors":[]}}\n1'],
    ['no vectors', '2j{"origin":{},"history":{"turns":[]}}\n1'],
    ['an empty vector', '2j{"origin":{},"history":{"turns":[],"vectors":[[1,""]]}}\n1'],
  ])('calls a record with %s corrupt', (_what, text) => {
    expect(decodeRecord(text)).toEqual({ problem: 'corrupt' })
  })

  it('keeps query text and origin', () => {
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3 }
    const given = { value: [undefined], origin: { ...origin, usage, costUsd: 0.5 }, queryText: '\ud800 "巴黎" \u2028' }
    expect(decodeRecord(encodeRecord(given))).toEqual({ content: given })
  })

  it('does not write the bytes around a view', () => {
    const pool = Buffer.from('secret of another request|mine')
    const text = encodeRecord({ value: { mine: pool.subarray(26) }, origin })
    expect(text).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
    expect(text.length).toBeLessThan(150)
    expect(roundTrip(pool.subarray(26))).toStrictEqual(Buffer.from('mine'))
  })

  it('keeps shared references shared', () => {
    const shared = { a: 1 }
    const back = roundTrip([shared, shared]) as unknown[]
    expect(back[0]).toBe(back[1])
  })

  it('does not take exponential time for values that share a lot', () => {
    let value: unknown[] = [0]
    for (let i = 0; i < 100; i++) value = [value, value]
    expect(encodeRecord({ value, origin }).length).toBeLessThan(3_000)
  })

  it.each([
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', {
        enumerable: true,
        get: () => {
          throw new Error('no')
        },
      }),
    ],
    ['nesting without end', Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 0)],
    ['a subclass of an array', new (class List extends Array {})()],
    ['a subclass of a date', new (class Day extends Date {})()],
    ['an object with symbol keys', { [Symbol('s')]: 1 }],
    ['a boxed number', Object(1)],
    [
      'a proxy that fails',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no')
          },
        },
      ),
    ],
  ])('refuses %s', (_what, value) => {
    expect(() => encodeRecord({ value, origin })).toThrowError(expect.objectContaining({ code: 'NOT_ENCODABLE' }))
  })

  it('keeps a key `__proto__` an ordinary key', () => {
    const value = JSON.parse('{"__proto__":{"polluted":1},"a":2}')
    const back = roundTrip(value) as object
    expect(Object.keys(back)).toEqual(['__proto__', 'a'])
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(back).not.toHaveProperty('polluted')
  })

  it.each([
    ['nothing', ''],
    ['text of somebody else', '{"content":"hello"}'],
    ['a newer version', '3j{"origin":{}}\n1'],
    ['an unknown kind', '1x{"origin":{}}\n1'],
  ])('calls %s foreign', (_what, text) => {
    expect(decodeRecord(text)).toEqual({ problem: 'foreign' })
  })

  it('calls every damaged record corrupt, or reads it without throwing', () => {
    const text = encodeRecord({ value: new Map([['a', new Uint8Array([1, 2, 3])]]), origin, queryText: 'q' })
    for (let length = 2; length < text.length; length++) {
      expect(decodeRecord(text.slice(0, length))).toEqual({ problem: 'corrupt' })
    }
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        decodeRecord(text.slice(0, at) + character + text.slice(at + 1))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each(['1jnull\n1', '1j{}\n1', '1j{"origin":null}\n1', '1j[]\n1'])(
    'calls a record without origin corrupt: %s',
    (text) => {
      expect(decodeRecord(text)).toEqual({ problem: 'corrupt' })
    },
  )
})
