import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EntryTable } from '../../../src/stores/embedded/entry-table.ts'
import { StoredEntry } from '../../../src/stores/embedded/stored-entry.ts'

function entry(key: string): StoredEntry {
  const fields = { key, namespace: 'n', tags: [], scope: 's', createdAt: 0, expiresAt: 1, staleMs: 0, hits: 0 }
  return new StoredEntry({ ...fields, evidence: { correct: 0, wrong: 0 } }, 'content', 0)
}

const key = fc.nat(19).map(String)
const change = fc.oneof(
  { weight: 3, arbitrary: fc.constant('step' as const) },
  fc.record({ read: key }),
  fc.record({ put: key }),
  fc.record({ remove: key }),
)

it('walks over each entry that was there and stays, once, whatever is read, written and removed meanwhile', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const table = new EntryTable({ maxEntries: 100, maxBytes: 1e9, now: () => 0, onEvict: () => undefined })
      const expected = new Set<StoredEntry>()
      for (let i = 0; i < 20; i++) {
        const held = entry(`${i}`)
        table.put(held, undefined)
        expected.add(held)
      }
      const seen: StoredEntry[] = []
      table.beginWalk()
      for (const next of changes) {
        if (next === 'step') {
          const found = table.nextInWalk()
          if (found) seen.push(found)
        } else if ('read' in next) table.get('n', next.read)
        else {
          const former = table.get('n', 'put' in next ? next.put : next.remove)
          if (former) table.remove(former)
          if (former && !seen.includes(former)) expected.delete(former)
          if ('put' in next) table.put(entry(next.put), undefined)
        }
      }
      for (let i = 0; !table.isWalkOver; i++) {
        expect(i).toBeLessThan(1_000)
        const found = table.nextInWalk()
        if (found) seen.push(found)
      }
      expect(new Set(seen)).toEqual(expected)
      expect(seen.length).toBe(expected.size)
    }),
    { numRuns: 500 },
  )
})
