import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlReport, type Report } from '../../src/report/html-report.ts'
import type { ReportSection } from '../../src/report/sections.ts'

const AT = Date.UTC(2026, 10, 26, 12)

/** A report with the text in every place that takes one. */
function everywhere(text: string, value = 1): Report {
  const frame = { heading: text, note: text }
  const series = [
    { name: text, points: [[0, value] as const, [1, 2] as const], values: [value, 2] },
    { name: text, points: [[0, 3] as const], values: [3, undefined] },
  ]
  const sections: ReportSection[] = [
    { ...frame, kind: 'keyFigures', figures: [{ label: text, value: text, note: text, tone: 'good' }] },
    { ...frame, kind: 'table', columns: [{ title: text }, { title: 'n' }], rows: [[text, value]] },
    {
      ...frame,
      kind: 'lineChart',
      x: { label: text },
      y: { label: text },
      series,
      markers: [{ at: 0.5, label: text }],
    },
    { ...frame, kind: 'barChart', x: { label: text }, y: { label: text }, categories: [text, text], series },
    {
      ...frame,
      kind: 'histogram',
      x: { label: text },
      y: { label: text },
      series: series.map(({ name }) => ({ name, values: [value, 5] })),
      markers: [{ at: 3, label: text }],
    },
    { ...frame, kind: 'text', paragraphs: [text] },
    { ...frame, kind: 'examples', examples: [{ title: text, tone: 'bad', fields: [{ label: text, text }] }] },
  ]
  const stamp = { at: AT, commit: text, machine: text, versions: { [text]: text }, seed: text, dataset: text }
  return { title: text || '-', subtitle: text, stamp, sections }
}

/** The tags of a page in order, without the values of their attributes: what a browser makes of it. */
function structure(html: string): string[] {
  const body = html.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<script>[\s\S]*?<\/script>/, '<script></script>')
  return (body.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '=""'))
}

describe('the HTML report', () => {
  it('cannot be broken out of by any text in any place', () => {
    const plain = structure(htmlReport(everywhere('x')))
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '</script><script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        '</style><script>alert(1)</script>',
        '<!--',
        ']]>',
        '</title>',
        '</textarea></svg><script>alert(1)</script>',
        '\u0000\uD800<b>',
        'a\nb',
        '&lt;script&gt;',
      ),
    )
    fc.assert(
      fc.property(nasty, (text) => {
        expect(structure(htmlReport(everywhere(text)))).toEqual(plain)
      }),
    )
  })

  it('shows texts as they were given', () => {
    const html = htmlReport(everywhere('a < b & "c" \'d\' 中文'))
    expect(html).toContain('a &#60; b &#38; &#34;c&#34; &#39;d&#39; 中文')
  })

  it('needs nothing from elsewhere, and its policy allows exactly its own style and script', () => {
    const html = htmlReport(everywhere('x'))
    expect(html).not.toMatch(/(?:src|href|srcset|action)=|@import|url\(/)
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    for (const [directive, tag] of [
      ['script-src', 'script'],
      ['style-src', 'style'],
    ]) {
      const contents = [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))].map(
        ([, text]) => text ?? '',
      )
      expect(contents).toHaveLength(1)
      const hash = createHash('sha256')
        .update(contents[0] as string)
        .digest('base64')
      expect(policy.replaceAll('&#39;', "'")).toContain(`${directive} 'sha256-${hash}'`)
    }
    expect(policy).toContain('default-src &#39;none&#39;')
    expect(html).not.toMatch(/ style="| on[a-z]+="/)
  })

  it('gives each chart two sizes, a description and its data as a table', () => {
    const html = htmlReport(everywhere('similarity'))
    expect(html.match(/<svg class="wide"/g)).toHaveLength(3)
    expect(html.match(/<svg class="narrow"/g)).toHaveLength(3)
    expect(html.match(/role="img" aria-label="similarity\. /g)).toHaveLength(6)
    expect(html.match(/<summary>Data as a table/g)).toHaveLength(3)
  })

  it('stamps what one must know to measure the same again', () => {
    const html = htmlReport({
      title: 'T',
      stamp: { at: AT, commit: 'abc', seed: 7, versions: { node: '20' } },
      sections: [],
    })
    for (const fact of ['2026-11-26 12:00 UTC', 'abc', '<dt>seed</dt><dd>7</dd>', '<dt>node</dt><dd>20</dd>']) {
      expect(html).toContain(fact)
    }
    expect(html).not.toContain('<dt>machine</dt>')
  })

  it('draws whatever numbers come, without a NaN in the page', () => {
    const number = fc.oneof(
      fc.double(),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom(0, 1e308, -1e308, 5e-324, 1 + 2 ** -52, AT),
    )
    const format = fc.constantFrom('number', 'count', 'usd', 'share', 'ms', 'time', undefined)
    const axis = fc
      .record({ format, scale: fc.constantFrom('linear', 'log', undefined) })
      .map((given) => ({ ...given, label: 'a' }))
    fc.assert(
      fc.property(
        fc.array(number, { maxLength: 12 }),
        axis,
        axis,
        fc.integer({ min: 2, max: 200 }),
        (values, x, y, bins) => {
          const html = htmlReport({
            title: 'T',
            stamp: { at: AT },
            sections: [
              {
                kind: 'lineChart',
                x,
                y,
                series: [{ name: 's', points: values.map((value, i) => [value, values[values.length - 1 - i] ?? 0]) }],
              },
              {
                kind: 'lineChart',
                x: { label: 'i' },
                y,
                series: [{ name: 's', points: values.map((value, i) => [i, value]) }],
              },
              {
                kind: 'barChart',
                x,
                y,
                categories: values.map((_, i) => `c${i}`),
                series: [
                  { name: 's', values },
                  { name: 't', values },
                ],
              },
              { kind: 'histogram', x, y, bins, series: [{ name: 's', values }] },
            ],
          })
          const drawings = html.slice(html.indexOf('<main>')).replace(/<details>[\s\S]*?<\/details>/g, '')
          expect(drawings).not.toMatch(/="(?:NaN|-?Infinity)|points="[^"]*(?:NaN|Infinity)/)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('counts every value of a histogram once, edges included', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        const html = htmlReport({
          title: 'T',
          stamp: { at: AT },
          sections: [
            {
              kind: 'histogram',
              x: { label: 'x', min: 0, max: 1 },
              y: { label: 'n' },
              bins: 10,
              series: [{ name: 's', values }],
            },
          ],
        })
        const counts = [...html.matchAll(/<td class="number">(\d+)<\/td><\/tr>/g)].map(([, count]) => Number(count))
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length)
      }),
    )
  })

  it('says how many values an axis could not show, and that there are none', () => {
    const html = htmlReport({
      title: 'T',
      stamp: { at: AT },
      sections: [
        {
          kind: 'histogram',
          x: { label: 'x', scale: 'log' },
          y: { label: 'n' },
          series: [{ name: 's', values: [0, -1, 1, 10] }],
        },
        { kind: 'lineChart', x: { label: 'x' }, y: { label: 'y' }, series: [] },
      ],
    })
    expect(html).toContain('2 values outside the axis left out.')
    expect(html).toContain('No data')
  })

  it('stays small for long series, and keeps their peaks', () => {
    const points = Array.from({ length: 50_000 }, (_, i) => [i, i === 31_337 ? 100 : Math.sin(i / 500)] as const)
    const html = htmlReport({
      title: 'T',
      stamp: { at: AT },
      sections: [
        { kind: 'lineChart', x: { label: 'x' }, y: { label: 'y', max: 100 }, series: [{ name: 's', points }] },
      ],
    })
    expect(html.length).toBeLessThan(120_000)
    const [, line = ''] = /<svg class="wide"[\s\S]*?points="([^"]*)"/.exec(html) ?? []
    expect(Math.min(...line.split(' ').map((point) => Number(point.split(',')[1])))).toBe(30)
  })

  it.each([
    [{ title: '' }, 'title must be a non-empty string, got ""'],
    [{ stamp: { at: Number.NaN } }, 'stamp.at must be epoch milliseconds, got NaN'],
    [{ sections: {} }, 'sections must be an array'],
    [{ sections: [{ kind: 'pie' }] }, 'sections[0].kind must be one of keyFigures, table,'],
    [
      { sections: [{ kind: 'table', columns: [{ title: 'a' }], rows: [['a', 1]] }] },
      'sections[0]: a row must be as long',
    ],
    [
      { sections: [{ kind: 'histogram', x: { label: 'x' }, y: { label: 'y' }, series: [], bins: 1 }] },
      'sections[0].bins must be an integer in [2, 200], got 1',
    ],
    [
      { sections: [{ kind: 'lineChart', x: { label: 'x', min: 2, max: 1 }, y: { label: 'y' }, series: [] }] },
      'sections[0].x.min must be below',
    ],
    [
      {
        sections: [
          {
            kind: 'barChart',
            x: { label: 'x' },
            y: { label: 'y' },
            categories: ['a'],
            series: [{ name: 's', values: [] }],
          },
        ],
      },
      'values of "s" must be one per category (1), got an array of 0',
    ],
    [
      {
        sections: [
          {
            kind: 'barChart',
            stacked: true,
            x: { label: 'x' },
            y: { label: 'y' },
            categories: ['a'],
            series: [{ name: 's', values: [-1] }],
          },
        ],
      },
      'values of "s" must be ≥ 0 in a stacked chart, got -1',
    ],
  ])('refuses %j', (wrong, message) => {
    expect(() => htmlReport({ title: 'T', stamp: { at: AT }, sections: [], ...wrong } as never)).toThrow(message)
  })
})
