import { describe, expect, it, vi } from 'vitest'
import { formatCount, formatDuration, formatShare, formatUsd } from '../../src/metrics/format.ts'
import { createLedger } from '../../src/metrics/ledger.ts'
import { summaryListener, summaryOf } from '../../src/metrics/summary.ts'
import { hit, lookup, NOON } from './events.ts'

describe('the summary in one line', () => {
  it('says hits by tier, hit rate and net amounts', async () => {
    const { listener, totals } = createLedger({ now: () => NOON })
    listener(hit())
    listener(hit({ outcome: 'stale', tier: 'memory' }))
    listener(lookup())
    listener(lookup({ outcome: 'bypass', reason: 'mode-bypass' }))
    expect(summaryOf(await totals.snapshot())).toBe(
      'reprise: hit rate 66.7 % of 3 lookups (1 memory, 0 exact, 1 semantic, of these 1 stale) · 1 bypassed · net $0.00009, 300 tokens, 1.6 s',
    )
  })

  it('says that there was no traffic', async () => {
    expect(summaryOf(await createLedger().totals.snapshot())).toBe('reprise: no traffic')
  })

  it('says for how many calls the price is unknown', async () => {
    const { listener, totals } = createLedger({ now: () => NOON })
    listener(hit({ avoided: { provider: 'ollama', name: 'llama3', durationMs: 10 } }))
    expect(summaryOf(await totals.snapshot())).toContain('net $0.00, 0 tokens, 9.5 ms · unknown price for 1 call')
  })
})

describe('the summary listener', () => {
  it('prints after so many events', () => {
    const lines: string[] = []
    const listener = summaryListener({ print: (line) => lines.push(line), everyEvents: 2 })
    for (let i = 0; i < 5; i++) listener(hit({ at: NOON + i * 1e9 }))
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain('of 4 lookups')
  })

  it('prints when the clock of the events has moved on', () => {
    const lines: string[] = []
    const listener = summaryListener({ print: (line) => lines.push(line), everyMs: 1_000 })
    for (const at of [0, 999, 1_000, 1_500, 2_100]) listener(hit({ at }))
    expect(lines).toHaveLength(2)
  })

  it('goes on after a print that throws', () => {
    const print = vi.fn().mockImplementationOnce(() => {
      throw new Error('broken pipe')
    })
    const listener = summaryListener({ print, everyEvents: 1 })
    expect(() => listener(hit())).toThrow('broken pipe')
    listener(hit())
    expect(print).toHaveBeenLastCalledWith(expect.stringContaining('of 2 lookups'))
  })

  it.each([{ everyMs: 0 }, { everyEvents: 1.5 }, { print: 'x' }, { every: 1 }])('refuses %o', (options) => {
    expect(() => summaryListener(options as never)).toThrow(/must be/)
  })
})

describe('numbers for people', () => {
  it.each([
    [0, '$0.00'],
    [1234.5, '$1,234.50'],
    [0.0123, '$0.0123'],
    [-0.00002, '−$0.00002'],
    [0.99999, '$1.00'],
  ])('%f dollars are %s', (usd, text) => expect(formatUsd(usd)).toBe(text))

  it.each([
    [0, '0 ms'],
    [0.4211, '0.42 ms'],
    [870, '870 ms'],
    [999.7, '1.0 s'],
    [12_340, '12.3 s'],
    [59_990, '1 min 0 s'],
    [-250_000, '−4 min 10 s'],
    [7_500_000, '2 h 5 min'],
  ])('%f milliseconds are %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text))

  it('a share of nothing is not known', () => {
    expect(formatShare(undefined)).toBe('n/a')
    expect(formatShare(0.617)).toBe('61.7 %')
    expect(formatCount(-12_345.4)).toBe('−12,345')
  })
})
