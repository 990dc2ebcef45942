import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataSize } from '../../src/core/data-size.ts'

describe('dataSize', () => {
  it('is the size of the JSON for what JSON holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(dataSize(value)).toBe(Buffer.byteLength(JSON.stringify(value)))
      }),
    )
  })

  it.each([
    ['a map', new Map([['a', 'x'.repeat(1_000)]])],
    ['the keys of a map', new Map([['x'.repeat(1_000), 1]])],
    ['a set', { in: new Set(['x'.repeat(1_000)]) }],
    ['a buffer of bytes', [new ArrayBuffer(1_000)]],
    ['bytes', new Uint8Array(1_000)],
    ['what Node calls a Buffer', Buffer.alloc(1_000)],
    ['a pattern', new RegExp('x'.repeat(1_000))],
    ['an address', new URL(`https://a.test/${'x'.repeat(1_000)}`)],
    ['a large integer', 10n ** 1_000n],
  ])('counts what JSON leaves out: %s', (_what, value) => {
    expect(dataSize(value)).toBeGreaterThanOrEqual(1_000)
    expect(dataSize(value)).toBeLessThan(1_500)
  })

  it('ends on a cycle', () => {
    const cycle = new Map<string, unknown>()
    cycle.set('self', cycle)
    expect(dataSize(cycle)).toBeLessThan(20)
  })
})
