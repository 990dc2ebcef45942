import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lz4Dictionary, lz4Pack, lz4Unpack } from '../../../src/stores/redis/lz4-block.ts'
import { packPayload, unpackPayload } from '../../../src/stores/redis/payload.ts'
import { payloadDictionary } from '../../../src/stores/redis/payload-dictionary.ts'

const form = { compressAboveBytes: 64, compression: 'fast', maxRecordBytes: 1 << 24 } as const
/** Texts with repetitions, which is what packing is about. */
const repetitive = fc
  .array(fc.tuple(fc.string({ unit: 'binary', maxLength: 30 }), fc.integer({ min: 1, max: 40 })), { maxLength: 30 })
  .map((parts) => parts.map(([text, times]) => text.repeat(times)).join(''))

function unpacked(block: Uint8Array, length: number, dictionary = payloadDictionary()): Buffer | undefined {
  const at = lz4Unpack(block, 0, block.length, length, dictionary)
  return at < 0 ? undefined : Buffer.from(dictionary.scratch.slice(at, at + length))
}

describe('an LZ4 block', () => {
  it('comes back as it was, with any dictionary', () => {
    const dictionaries = [payloadDictionary(), lz4Dictionary(new Uint8Array()), lz4Dictionary(Buffer.from('abcabcabc'))]
    fc.assert(
      fc.property(repetitive, fc.constantFrom(...dictionaries), (text, dictionary) => {
        const bytes = Buffer.from(text)
        const block = Uint8Array.from(lz4Pack(bytes, dictionary))
        expect(unpacked(block, bytes.length, dictionary)?.equals(bytes)).toBe(true)
      }),
    )
  })

  it('is one that any reader of LZ4 reads', () => {
    const text = 'to be or not to be, that is the question: to be or not to be '.repeat(6)
    // Written by lz4-napi 2.10 (lz4_flex), which read back ours of the same text.
    const theirs =
      'd1746f206265206f72206e6f74200d00f2082c207468617420697320746865207175657374696f6e3a1d00092a000f1300000f3d00ff0760746f20626520'
    const none = lz4Dictionary(new Uint8Array())
    expect(unpacked(Buffer.from(theirs, 'hex'), text.length, none)?.toString()).toBe(text)
    expect(Buffer.from(lz4Pack(Buffer.from(text), none)).toString('hex')).toBe(
      'd1746f206265206f72206e6f74200d00fe092c207468617420697320746865207175657374696f6e3a202a001f203d00ff1a506f20626520',
    )
    const runs = lz4Pack(Buffer.from('a'.repeat(100)), lz4Dictionary(new Uint8Array()))
    // One literal, a match of 94 at distance 1, the last five as literals: what the format prescribes.
    expect(Buffer.from(runs).toString('hex')).toBe('1f6101004b506161616161')
  })

  it('is refused when it is damaged, and neither dictionary nor what follows is touched', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 500 }), (block, length) => {
        const dictionary = lz4Dictionary(Buffer.from('dictionary'))
        dictionary.scratch.fill(7, dictionary.length)
        const at = lz4Unpack(block, 0, block.length, length, dictionary)
        if (at >= 0) expect(at).toBe(dictionary.length)
        const { scratch } = dictionary
        expect(Buffer.from(scratch.subarray(0, dictionary.length)).toString()).toBe('dictionary')
        // Behind the text lies the block, each with seven bytes that copies may run into.
        const blockAt = dictionary.length + length + 8
        expect(Buffer.from(scratch.subarray(blockAt, blockAt + block.length))).toEqual(Buffer.from(block))
        expect(scratch.subarray(blockAt + block.length).every((byte) => byte === 7)).toBe(true)
      }),
    )
  })
})

describe('a payload', () => {
  it.each(['fast', 'small'] as const)('%s: head and value come back as JSON reads them', async (compression) => {
    await fc.assert(
      fc.asyncProperty(repetitive, fc.string({ unit: 'binary' }), async (value, head) => {
        const { payload } = await packPayload(JSON.stringify(head), JSON.stringify(value), { ...form, compression })
        const read = unpackPayload(payload, form.maxRecordBytes)
        if (typeof read === 'string') throw new Error(read)
        expect(JSON.parse(read.head)).toBe(head)
        expect(JSON.parse(read.value())).toBe(value)
      }),
    )
  })

  it.each([10, 5_000, 40_000, 200_000])('of %i characters of any script comes back', async (length) => {
    for (const unit of ['natural text — mostly Latin ', 'grüße ', '日本語の文章 ', 'mixed 日 ', '🎉']) {
      for (const compression of ['fast', 'small'] as const) {
        const text = unit.repeat(Math.ceil(length / unit.length))
        const { payload } = await packPayload('[]', JSON.stringify(text), { ...form, compression })
        const read = unpackPayload(payload, form.maxRecordBytes)
        if (typeof read === 'string') throw new Error(read)
        expect(JSON.parse(read.value())).toBe(text)
        if (length > 1_000) expect(payload.length).toBeLessThan(Buffer.byteLength(text) / 2)
      }
    }
  })

  it('says of every flipped bit that it is damaged or not ours', async () => {
    const { payload } = await packPayload('["head"]', JSON.stringify('value '.repeat(50)), form)
    for (let at = 0; at < payload.length; at++) {
      for (const bit of [1, 128]) {
        const damaged = Buffer.from(payload)
        damaged[at] = (damaged[at] as number) ^ bit
        const read = unpackPayload(damaged, form.maxRecordBytes)
        expect(read).toBeTypeOf('string')
      }
    }
    for (const length of [0, 1, 18, 19, payload.length - 1]) {
      expect(unpackPayload(payload.subarray(0, length), form.maxRecordBytes)).toBeTypeOf('string')
    }
  })

  it('never unpacks to more than it may', async () => {
    const { payload } = await packPayload('[]', JSON.stringify('a'.repeat(100_000)), form)
    expect(unpackPayload(payload, 1_000)).toBe('corrupt')
  })
})
