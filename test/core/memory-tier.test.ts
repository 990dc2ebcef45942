import { describe, expect, it } from 'vitest'
import { MemoryTier } from '../../src/core/memory-tier.ts'
import { noteInvalidation } from '../../src/core/process-invalidations.ts'
import { anEntry } from '../support/entries.ts'

describe('MemoryTier', () => {
  const entry = anEntry({ createdAt: 0, expiresAt: 100_000 })

  it('keeps an entry for maxAgeMs and no longer, and not beyond its expiry', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxAgeMs: 5_000 })
    tier.put('a', entry, 1_000, tier.epoch)
    expect(tier.get('a', 5_999)).toBe(entry)
    expect(tier.get('a', 6_000)).toBeUndefined()
    tier.put('b', entry, 99_000, tier.epoch)
    expect(tier.get('b', 100_000)).toBeUndefined()
  })

  it('does not trust an entry from the future of a clock that was set back', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxAgeMs: 5_000 })
    tier.put('a', entry, 50_000, tier.epoch)
    expect(tier.get('a', 1_000)).toBeUndefined()
  })

  it('lets nothing in that was read before it was cleared', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxAgeMs: 5_000 })
    const { epoch } = tier
    tier.clear()
    tier.put('a', entry, 0, epoch)
    expect(tier.get('a', 1)).toBeUndefined()
  })

  it('hears of an invalidation through another cache of the process, however many namespaces there are', () => {
    const tier = new MemoryTier({ maxEntries: 10, maxAgeMs: 5_000 }, 'ours')
    const { epoch } = tier
    tier.put('a', entry, 0, epoch)
    noteInvalidation('theirs')
    expect(tier.get('a', 1)).toBe(entry)
    noteInvalidation('ours')
    tier.put('b', entry, 0, epoch)
    expect([tier.get('a', 1), tier.get('b', 1)]).toEqual([undefined, undefined])
    tier.put('a', entry, 0, tier.epoch)
    for (let i = 0; i < 2_000; i++) noteInvalidation(`namespace ${i}`)
    expect(tier.get('a', 1)).toBeUndefined()
    noteInvalidation('ours')
    tier.put('a', entry, 0, tier.epoch)
    expect(tier.get('a', 1)).toBe(entry)
  })

  it('is bounded, and off with 0', () => {
    const tier = new MemoryTier({ maxEntries: 2, maxAgeMs: 5_000 })
    for (const key of ['a', 'b', 'c']) tier.put(key, entry, 0, tier.epoch)
    expect([tier.get('a', 1), tier.get('c', 1)]).toEqual([undefined, entry])
    for (const options of [
      { maxEntries: 0, maxAgeMs: 5_000 },
      { maxEntries: 2, maxAgeMs: 0 },
    ]) {
      const off = new MemoryTier(options)
      off.put('a', entry, 0, off.epoch)
      expect(off.get('a', 0)).toBeUndefined()
    }
  })
})
