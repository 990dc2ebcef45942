import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { calibrated, createSemanticCache, staticEmbedder } from '../../../src/index.ts'
import { similarityThreshold } from '../../../src/semantic-cache/decision/similarity-threshold.ts'
import type { TunedParameters } from '../../../src/semantic-cache/decision/tuned-parameters.ts'
import { answer, ask } from '../../support/cache-bench.ts'
import { reprise } from '../../support/reprise-bin.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reprise-tune-'))
})
afterEach(() => rm(folder, { recursive: true }))

const THINGS = [
  'password',
  'router',
  'invoice',
  'account',
  'printer',
  'contract',
  'address',
  'order',
  'booking',
  'profile',
]
const DEEDS = ['reset', 'cancel', 'change', 'delete', 'export', 'print', 'find', 'share', 'lock', 'copy']

interface Line {
  readonly asked: string
  readonly stored: string
  readonly correct: boolean
}

/** A hundred questions re-phrased, and each beside the next one's. */
function lines(): Line[] {
  const all = DEEDS.flatMap((deed) => THINGS.map((thing) => `${deed} my ${thing}`))
  return all.flatMap((what, i) => [
    { asked: `How can I ${what}?`, stored: `How do I ${what}?`, correct: true },
    { asked: `How can I ${all[(i + 1) % all.length]}?`, stored: `How do I ${what}?`, correct: false },
  ])
}

async function write(name: string, rows: readonly unknown[]): Promise<string> {
  await writeFile(
    join(folder, name),
    rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'),
  )
  return name
}

const tune = (...words: string[]) => reprise(['tune', ...words], { cwd: folder })

// Processes that load lexicons and vectors; no time is asserted.
describe('reprise tune', { timeout: 180_000 }, () => {
  it('writes parameters that calibrated() loads, a page, and a table', async () => {
    const input = await write('pairs.jsonl', lines())
    const { stdout, stderr, code } = await tune(
      input,
      '-r',
      '0.05',
      '--out',
      'out/policy.json',
      '--report',
      'out/page.html',
    )
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('100 true pairs, 100 look-alikes')
    expect(stdout).toMatch(/5 % ← +tuned +\d/)
    expect(stdout).toMatch(/5 % ← +calibrated +\d/)
    expect(stdout).toContain("calibrated({ maxFalseHitRate: 0.05, parameters: 'out/policy.json' })")
    expect(stderr).toContain('measuring 100 %')
    const page = await readFile(join(folder, 'out/page.html'), 'utf8')
    for (const heading of ['Risk and coverage', 'Reliability', 'Guards', 'The look-alikes nearest to being reused']) {
      expect(page).toContain(heading)
    }
    expect(page).toContain('pairs.jsonl:')

    const path = join(folder, 'out/policy.json')
    const parameters: TunedParameters = JSON.parse(await readFile(path, 'utf8'))
    expect(parameters.labels).toMatchObject({ same: 100, different: 100 })
    for (const given of [path, parameters, [path]]) {
      const decision = calibrated({ maxFalseHitRate: 0.05, parameters: given })
      const cache = await createSemanticCache({ decision, memory: { maxEntries: 0 } })
      await cache.getOrCall(ask('How do I reset my password?'), async () => answer('press'))
      expect((await cache.lookup(ask('How can I reset my password?'))).record).toMatchObject({ tier: 'semantic' })
      expect((await cache.lookup(ask('How can I reset my router?'))).record).toMatchObject({ outcome: 'miss' })
      await cache.close()
    }
    const shown = await reprise([
      'embed',
      'How can I lock my order?',
      'How do I lock my order?',
      '-r',
      '0.05',
      '-d',
      path,
    ])
    expect(shown.stdout).toMatch(/^ +reused, probability [01]\.\d+/m)
  })

  it('writes the same file for the same labels, in any order', async () => {
    const [a, b] = [await write('a.jsonl', lines()), await write('b.jsonl', [...lines()].reverse())]
    await Promise.all([
      tune(a, '-r', '0.05', '--out', 'a.json', '--no-report'),
      tune(b, '-r', '0.05', '--out', 'b.json', '--no-report'),
    ])
    const made = await Promise.all(['a.json', 'b.json'].map((name) => readFile(join(folder, name), 'utf8')))
    expect(made[0]).toBe(made[1])
    expect((await readdir(folder)).sort()).toEqual(['a.json', 'a.jsonl', 'b.json', 'b.jsonl'])
  })

  it('says on standard error, and by exit code 1, when the labels do not show the asked rate', async () => {
    // Every tenth label is wrong, so that no limit keeps to 5 %.
    const noisy = lines().map((line, i) =>
      i % 10 === 1 ? { ...line, asked: `${line.stored} `, correct: false } : line,
    )
    const input = await write('noisy.jsonl', noisy)
    const { stderr, stdout, code } = await tune(input, '-r', '0.05')
    expect(code).toBe(1)
    expect(stderr).toMatch(/these labels do not show 5 %; the lowest rate from there on that they show is \d+ %/)
    expect(stdout).toMatch(/calibrated\(\{ maxFalseHitRate: 0\.[1-5]/)
    const parameters = join(folder, 'reprise-parameters.json')
    expect(() => calibrated({ maxFalseHitRate: 0.05, parameters })).toThrow(
      /maxFalseHitRate must be at least 0\.\d+ with the parameters in .*, because their labels show no lower one, got 0\.05/,
    )
  })

  it('counts no text as a re-wording of itself', async () => {
    const input = await write('equal.jsonl', [...lines(), { a: 'Is it on?', b: 'Is it on?', label: 1 }])
    const { stdout, stderr } = await tune(input, '-r', '0.05', '--no-report')
    expect(stderr).toMatch(/left out: 1 pair of a text with itself/)
    expect(stdout).toContain('100 true pairs, 100 look-alikes')
  })

  it('takes what a cache recorded, with the verdicts of feedback', async () => {
    const path = join(folder, 'recorded.jsonl')
    const cache = await createSemanticCache({
      decision: similarityThreshold({ minSimilarity: 0.8 }),
      embedder: staticEmbedder(),
      recordNearMisses: { path, hits: true },
    })
    const verdicts: boolean[] = []
    for (const { asked, stored } of lines()) {
      await cache.getOrCall(ask(stored), async () => answer(stored))
      const { record, response } = await cache.lookup(ask(asked))
      if (record.outcome !== 'hit') continue
      const said = response?.content[0]
      const correct = said?.type === 'text' && said.text.slice('How do'.length) === asked.slice('How can'.length)
      verdicts.push(correct)
      await cache.feedback(record, { correct })
    }
    await cache.close()
    expect(verdicts.filter(Boolean).length).toBeGreaterThan(20)
    const { stdout, stderr, code } = await tune('recorded.jsonl', '-r', '0.5', '--no-report')
    expect(stderr).toContain('without a label')
    expect(code, stderr).toBeLessThan(2)
    expect(stdout).toMatch(/\d+ true pairs, \d+ look-alikes/)
  })

  it('prints JSON', async () => {
    const input = await write('pairs.jsonl', lines())
    const { stdout } = await tune(input, '-r', '0.05', '--json', '-d', 'threshold:0.95')
    expect(JSON.parse(stdout)).toMatchObject({
      embedder: { dimensions: expect.any(Number) },
      recommended: { maxFalseHitRate: 0.05, parameters: 'reprise-parameters.json' },
      tuned: expect.arrayContaining([expect.objectContaining({ maxFalseHitRate: 0.05 })]),
      'threshold:0.95': expect.any(Array),
    })
  })

  const french = (line: Line) => ({
    ...line,
    asked: line.asked.replace('How can I', 'Comment puis-je').replace('my', 'mon'),
  })
  it.each<readonly [string, () => readonly unknown[], readonly string[], RegExp]>([
    [
      'too few labels for the rate',
      () => lines(),
      ['-r', '0.01'],
      /too few labels for a false hit rate of 1 %: it takes 300 right reuses .*rule of three: 3 ÷ 0\.01.*at least 300 pairs labelled true, got 100; 100 can show 3 % at best \(--max-false-hit-rate 0\.03\)/,
    ],
    [
      'hardly any look-alikes',
      () => lines().filter(({ correct }, i) => correct || i < 9),
      ['-r', '0.05'],
      /too few pairs labelled false: at least 30 are needed, got 4/,
    ],
    [
      'one class only',
      () => lines().filter(({ correct }) => correct),
      [],
      /all 100 pairs are labelled true: .* add pairs labelled false/,
    ],
    [
      'contradictory labels',
      () => [...lines(), { a: 'How do I reset my password?', b: 'How can I reset my password?', label: 0 }],
      [],
      /1 pair labelled both ways; decide for one:\n {2}in\.jsonl:1 and in\.jsonl:201 \("How do I reset my password\?"/,
    ],
    [
      'a text labelled unlike itself',
      () => [...lines(), { a: 'Is it on?', b: 'Is it on?', label: 0 }],
      ['-r', '0.05'],
      /1 pair of a text with itself labelled false; take out or correct:\n {2}in\.jsonl:201 \("Is it on\?"\)/,
    ],
    [
      'another language',
      () => lines().map(french),
      ['-r', '0.05'],
      /200 pairs of 200 are in a language that cannot be tuned with reprise\/static\S+ \(English and Chinese can\):\n {2}in\.jsonl:1: "Comment puis-je/,
    ],
    [
      'another script',
      () => lines().map((line) => ({ ...line, asked: `${line.asked} どうすればいいですか` })),
      ['-r', '0.05'],
      /200 pairs of 200 are in a language that cannot be tuned/,
    ],
    [
      'a language that the embedder was not made for',
      () => lines().map(({ correct }, i) => ({ asked: `怎么重置密码${i}？`, stored: `如何重置密码${i}？`, correct })),
      ['-r', '0.05', '-e', `onnx:${join(process.cwd(), '../shared/models/Xenova/bge-small-en-v1.5')}`],
      /are in a language that cannot be tuned with .* \(English can\)|no model folder/,
    ],
    [
      'labels of no kind known',
      () => [
        { a: 'x', b: 'y', label: 'yes' },
        { a: 'x', b: 'y', label: 2 },
      ],
      [],
      /2 lines cannot be used:\n {2}in\.jsonl:1: label must be true, false, 1 or 0, got "yes"/,
    ],
    [
      'a line that is no JSON',
      () => [...lines(), '{"asked": "half'],
      [],
      /1 line cannot be used:\n {2}in\.jsonl:201: not JSON/,
    ],
    [
      'a text that is missing',
      () => [{ asked: 'x', correct: true }],
      [],
      /in\.jsonl:1: "stored" \(or "b"\) must be a text/,
    ],
    [
      'no labels at all',
      () => lines().map(({ asked, stored }) => ({ asked, stored })),
      [],
      /none of 200 pairs has a label: add "correct": true or false/,
    ],
    ['an empty file', () => [], [], /no pair in in\.jsonl/],
    [
      'a rate out of range',
      () => lines(),
      ['-r', '0'],
      /--max-false-hit-rate must be a number in \[0\.001, 0\.5\], got 0/,
    ],
    ['an embedder it does not know', () => lines(), ['-e', 'magic'], /--embedder must be one of static/],
    [
      'a decision it does not know',
      () => lines(),
      ['-d', 'threshold:2'],
      /minSimilarity must be a number in \(0, 1\], got 2/,
    ],
  ])('says what is wrong with %s, ends with code 2 and writes nothing', async (_what, rows, words, message) => {
    const input = await write('in.jsonl', rows())
    const { stdout, stderr, code } = await tune(input, ...words)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(2)
    expect(await readdir(folder)).toEqual(['in.jsonl'])
  })

  it('does not write over the labels it reads, nor one of its files over the other', async () => {
    const input = await write('pairs.jsonl', lines())
    const before = await readFile(join(folder, input), 'utf8')
    const clashes = [
      ['--out', input],
      ['--report', `./${input}`],
      ['--out', 'same', '--report', 'same'],
    ]
    for (const clash of clashes) {
      const { stderr, code } = await tune(input, ...clash)
      expect(code).toBe(2)
      expect(stderr).toMatch(/--(out|report) must be a file of its own/)
    }
    expect(await readFile(join(folder, input), 'utf8')).toBe(before)
    expect(await readdir(folder)).toEqual([input])
  })

  it('says what is wrong with a file that is not there, and with a place it cannot write to', async () => {
    expect(await tune('nowhere.jsonl')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nowhere.jsonl cannot be read'),
    })
    const input = await write('pairs.jsonl', lines())
    await mkdir(join(folder, 'taken'))
    // Before a pair is measured, and before the one file is written without the other.
    for (const [option, place, what] of [
      ['--out', 'taken', 'a file, not a folder'],
      ['--report', 'taken', 'a file, not a folder'],
      ['--report', join(input, 'page.html'), 'where files can be written'],
      ['--out', '/proc/reprise/parameters.json', 'where files can be written'],
    ] as const) {
      const { stdout, stderr, code } = await tune(input, '-r', '0.05', option, place)
      expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
      expect(stderr).toContain(`${option} must be ${what}`)
    }
    expect((await readdir(folder)).sort()).toEqual(['pairs.jsonl', 'taken'])
  })
})
