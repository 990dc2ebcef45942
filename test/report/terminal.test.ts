import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { progress } from '../../src/report/progress.ts'
import { hasColour, terminalTable } from '../../src/report/terminal-table.ts'

describe('a table on the terminal', () => {
  it('lines numbers up on the right, and counts wide characters as two cells', () => {
    const columns = [
      { title: '名称' },
      { title: 'hit rate', format: 'share' as const },
      { title: 'n', format: 'count' as const },
    ]
    const rows = [
      ['通义千问', 0.5, 1_200],
      ['gpt-4o-mini', undefined, 3],
    ]
    expect(terminalTable({ columns, rows }, { title: 'By model', colour: false })).toBe(
      [
        'By model',
        '名称         hit rate      n',
        '────────────────────────────',
        '通义千问       50.0 %  1,200',
        'gpt-4o-mini         –      3',
      ].join('\n'),
    )
  })

  it('colours only where it is told to', () => {
    const table = { columns: [{ title: 'a' }], rows: [['b']] }
    expect(terminalTable(table, { colour: true })).toContain('\u001B[1m')
    expect(terminalTable(table, { colour: false })).not.toContain('\u001B')
  })

  it('lets no name move the cursor or break the line', () => {
    const text = terminalTable(
      { columns: [{ title: 'a' }], rows: [['x\u001B[2J\u001B]0;t\u0007y\nz\r']] },
      { colour: false },
    )
    expect(text.split('\n')[2]).toBe('xy z')
  })

  it('knows where colours are shown', () => {
    expect(hasColour({ isTTY: true }, {})).toBe(true)
    expect(hasColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(hasColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(hasColour({}, {})).toBe(false)
  })
})

describe('progress', () => {
  it('is a line for every tenth where there is no terminal', () => {
    const stream = new PassThrough()
    let time = 0
    const bar = progress({ label: 'demo', total: 300, stream, now: () => time })
    for (let done = 1; done <= 300; done++) {
      time += 10
      bar.update(done, done > 250 ? 'hit rate 60 %' : undefined)
    }
    bar.stop()
    const lines = String(stream.read()).trimEnd().split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toBe('demo 10 % (30/300, 300 ms)')
    expect(lines[9]).toBe('demo 100 % (300/300, 3.0 s) · hit rate 60 %')
  })

  it('does not divide by nothing', () => {
    const stream = new PassThrough()
    progress({ label: 'demo', total: 0, stream, now: () => 0 }).update(0)
    expect(String(stream.read())).toBe('demo 100 % (0/0, 0 ms)\n')
  })

  it('is a bar on a terminal, and gives the cursor back', () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 120,
      cursorTo: () => true,
      clearLine: () => true,
    })
    const bar = progress({ label: 'demo', total: 10, stream })
    bar.update(10, 'done')
    bar.stop()
    const text = String(stream.read())
    expect(text).toContain('10/10')
    expect(text).toContain('█')
    expect(text.lastIndexOf('\u001B[?25h')).toBeGreaterThan(text.lastIndexOf('\u001B[?25l'))
  })
})
