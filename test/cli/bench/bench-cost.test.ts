import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { costCommand } from '../../../src/cli/bench/cost/cost-command.ts'
import { startModelServer } from '../../../src/cli/bench/model-server.ts'
import { reprise } from './reprise.ts'

const QUICK = ['--ttls', 'none', '--sizes', 'none'] as const
const TIMEOUT_MS = 240_000
const folder = mkdtempSync(join(tmpdir(), 'reprise-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function logOf(name: string, lines: readonly (object | string)[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
  return path
}

async function cost(...words: string[]) {
  return reprise(['bench', 'cost', '--out', join(folder, 'reports'), ...QUICK, ...words])
}

const ask = (content: string, more: object = {}) => ({ messages: [{ role: 'user', content }], ...more })
const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 4, 4)

describe('reprise bench cost', { timeout: TIMEOUT_MS }, () => {
  it('gives the same result for the same seed, apart from what is measured, and another for another', async () => {
    const words = ['--requests', '60', '-c', 'exact', 'calibrated:0.05+tools', '--json']
    const [first, second, other] = await Promise.all([
      cost(...words, '--seed', '7'),
      reprise(['bench', 'cost', '--out', join(folder, 'again'), ...QUICK, ...words, '--seed', '7']),
      reprise(['bench', 'cost', '--out', join(folder, 'other'), ...QUICK, ...words, '--seed', '8']),
    ])
    expect(first.code, first.stderr).toBe(0)
    expect(unmeasured(second.stdout)).toEqual(unmeasured(first.stdout))
    expect(unmeasured(other.stdout)).not.toEqual(unmeasured(first.stdout))
    expect(JSON.parse(readFileSync(join(folder, 'reports/cost.json'), 'utf8'))).toEqual(JSON.parse(first.stdout))
    const { stamp, configurations } = JSON.parse(first.stdout)
    expect(stamp).toMatchObject({ seed: 7, dataset: expect.stringMatching(/^sample [0-9a-f]{12}$/) })
    expect(stamp.versions.node).toBe(process.versions.node)
    expect(configurations.map(({ name }: { name: string }) => name)).toEqual(['none', 'exact', 'calibrated:0.05+tools'])
    for (const { measured } of configurations) expect(measured.storeOrEmbedderFailures).toBe(0)
  })

  it('ends before the run where the judge it is asked to measure is not there', async () => {
    const { stderr, code } = await cost('--requests', '20', '-c', 'exact', 'judged:0.05')
    expect(code).toBe(2)
    expect(stderr).toMatch(/npm install reprise-judge/)
  })

  it('prints what is saved and broken, a monthly report and a break-even, and draws a page that needs nothing else', async () => {
    const { stdout, stderr, code } = await reprise([
      ...['bench', 'cost', '--requests', '60', '--seed', '3', '-c', 'exact', 'threshold:0.8'],
      ...['--sizes', '5,50', '--ttls', '1h,24h', '--monthly', '500000', '--out', join(folder, 'page')],
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/Monthly cost report, 500,000 calls/)
    expect(stdout).toMatch(/Local embedders beside text-embedding-3-small/)
    expect(stdout).toMatch(/Made-up traffic/)
    expect(stderr).toMatch(/threshold:0\.8 .*100 %/)
    const page = readFileSync(join(folder, 'page/cost.html'), 'utf8')
    expect(page).toContain('Hit rate over time')
    expect(page).toContain('Hit rate by entries kept')
    expect(page).not.toMatch(/(?:src|href)="https?:/)
    const { bySize, byTtl } = JSON.parse(readFileSync(join(folder, 'page/cost.json'), 'utf8'))
    expect(bySize).toHaveLength(4)
    expect(bySize[0].hitRate).toBeLessThan(bySize[1].hitRate)
    expect(byTtl.map(({ value }: { value: number }) => value)).toEqual([HOUR_MS, 24 * HOUR_MS, HOUR_MS, 24 * HOUR_MS])
  })

  it('counts money by what the log says: two equal calls an hour apart are one call less', async () => {
    const answer = { text: 'In thirty days.', inputTokens: 1_000_000, outputTokens: 1_000_000, latencyMs: 900 }
    const log = logOf('two.jsonl', [
      ask('How long can I return shoes?', { at: START, answer, answerId: 'returns' }),
      ask('How long can I return shoes?', { at: new Date(START + HOUR_MS).toISOString(), answer, answerId: 'returns' }),
      ask('Where is my parcel?', { at: START + 2 * HOUR_MS, answer, answerId: 'parcel', model: 'other' }),
    ])
    const { stdout, stderr } = await cost(
      ...['--log', log, '-c', 'exact', '--price', 'gpt-4o-mini=1/2', 'other=10/20', '--monthly', '3000', '--json'],
    )
    const { configurations, monthly, traffic } = JSON.parse(stdout || stderr)
    const [none, exact] = configurations
    expect(none.model).toMatchObject({ withoutCacheUsd: 36, spentUsd: 36, avoidedUsd: 0 })
    expect(exact.model).toMatchObject({ withoutCacheUsd: 36, spentUsd: 33, avoidedUsd: 3, netUsd: 3 })
    expect(exact.ledger).toMatchObject({ avoidedUsd: 3, spentUsd: 33, unpricedCalls: 0 })
    expect(exact).toMatchObject({ hitRate: 1 / 3, coverage: 1, sparedMs: 900, modelCalls: 2 })
    expect(monthly[1]).toMatchObject({ modelUsd: 33_000, withoutCacheUsd: 36_000, netUsd: 3_000 })
    expect(traffic).toMatchObject({ exactRepeats: 1 / 3, spanMs: 2 * HOUR_MS, answers: { logged: 3, bought: 0 } })
  })

  it('lets an entry live as long as it may in virtual time, and no longer', async () => {
    const log = logOf('lives.jsonl', [
      ask('How long can I return shoes?', { at: START }),
      ask('How long can I return shoes?', { at: START + 2 * HOUR_MS }),
    ])
    const hits = async (ttl: string) => {
      const { stdout, stderr } = await cost('--log', log, '-c', 'exact', '--ttl', ttl, '--json')
      return JSON.parse(stdout || stderr).configurations[1].outcomes.hit
    }
    expect(await hits('1h')).toBe(0)
    expect(await hits('4h')).toBe(1)
  })

  it('joins identical calls that come while the first is under way', async () => {
    const answer = { text: 'Yes.', outputTokens: 10, latencyMs: 5_000 }
    const log = logOf('joined.jsonl', [
      ask('Do you ship abroad?', { at: START, answer }),
      ask('Do you ship abroad?', { at: START + 2_000, answer }),
      ask('Do you ship abroad?', { at: START + 6_000, answer }),
    ])
    const { stdout } = await cost('--log', log, '-c', 'exact', '--json')
    const exact = JSON.parse(stdout).configurations[1]
    expect(exact.outcomes).toMatchObject({ miss: 2, collapsed: 1, hit: 1 })
    expect(exact.modelCalls).toBe(1)
    expect(exact.sparedMs).toBe(2_000 + 5_000)
  })

  it('counts an answer given for another question as a false hit, with an interval', async () => {
    const log = logOf('false-hits.jsonl', [
      ask('How do I turn on dark mode in the app?', { at: START, answerId: 'on' }),
      ask('How do I turn off dark mode in the app?', { at: START + HOUR_MS, answerId: 'off' }),
    ])
    const { stdout } = await cost('--log', log, '-c', 'threshold:0.5', 'calibrated:0.01', '--json')
    const [, threshold, calibrated] = JSON.parse(stdout).configurations
    expect(threshold.falseHits.byMeaning).toMatchObject({ wrong: 1, labelled: 1, rate: 1 })
    expect(threshold.falseHits.byMeaning.interval[0]).toBeGreaterThan(0)
    expect(calibrated.falseHits.byMeaning).toMatchObject({ wrong: 0, labelled: 0 })
  })

  it('replays calls of tools under their policies, and says which results were out of date', async () => {
    const tool = (args: object, result: unknown, at: number) => ({ tool: 'get_rate', args, result, at, costUsd: 0.5 })
    const log = logOf('tools.jsonl', [
      tool({ currency: 'EUR' }, 1.1, START),
      tool({ currency: 'EUR' }, 1.1, START + 60_000),
      tool({ currency: 'EUR' }, 1.2, START + 120_000),
      { tool: 'set_rate', args: { currency: 'EUR' }, result: 'ok', at: START + 180_000 },
      tool({ currency: 'EUR' }, 1.3, START + 240_000),
    ])
    const policies = logOf('policies.json', [
      { get_rate: { reads: ['rate:{currency}'], ttlMs: HOUR_MS }, set_rate: { writes: ['rate:{currency}'] } },
    ])
    const { stdout, stderr } = await cost('--log', log, '--policies', policies, '-c', 'exact+tools', '--json')
    const [none, withTools] = JSON.parse(stdout || stderr).configurations
    expect(none.tools).toMatchObject({ withoutCacheUsd: 2.001, hits: 0, calls: 5 })
    expect(withTools.tools.hits).toBe(2)
    expect(withTools.tools.avoidedUsd).toBeCloseTo(1, 9)
    expect(withTools.falseHits.tools).toMatchObject({ wrong: 1, labelled: 2 })
  })

  it('takes arrivals and lengths from a trace', async () => {
    const trace = logOf('trace.jsonl', [
      { timestamp: 1_000, input_length: 500, output_length: 100, hash_ids: [0] },
      { timestamp: 61_000, input_length: 700, output_length: 50 },
    ])
    const { stdout, stderr } = await cost(
      ...['--trace', trace, '--requests', '2', '--tool-calls', '0', '-c', 'exact', '--span', '2h', '--json'],
    )
    const { traffic, configurations, source } = JSON.parse(stdout || stderr)
    expect(traffic.spanMs).toBe(2 * HOUR_MS)
    expect(source).toMatchObject({ arrivals: 'trace' })
    expect(configurations[0].tokens.withoutCache).toBe(1_350)
  })

  it('asks a hosted embedder over HTTP, against a local stand-in, and counts what it bills', async () => {
    const { stdout, stderr } = await cost(
      ...['--requests', '20', '--tool-calls', '0', '-c', 'calibrated:0.05@openai:text-embedding-3-small', '--json'],
    )
    const [, hosted] = JSON.parse(stdout || stderr).configurations
    expect(hosted.model.overheadUsd).toBeGreaterThan(0)
    expect(hosted.ledger.unpricedCalls).toBe(0)
    expect(hosted.measured.cacheMs.p95).toBeGreaterThan(50)
  })
})

describe('reprise bench cost --live', { timeout: TIMEOUT_MS }, () => {
  it('says what it would cost, refuses without a cap or above it, and buys each body once', async () => {
    const server = await startModelServer({ answer: () => ({ text: 'An answer.', usage: { completionTokens: 50 } }) })
    try {
      const log = logOf('live.jsonl', [ask('What is a cache?'), ask('What is a cache?'), ask('What is a hit?')])
      const answers = join(folder, 'answers.jsonl')
      const live = (...words: string[]) =>
        cost('--log', log, '-c', 'exact', 'threshold:0.9', '--live', '--base-url', server.baseUrl, ...words)

      const estimate = await live('--estimate')
      expect(estimate.stderr).toMatch(/2 answers to buy at http.*about \$0\.\d+, at most \$0\.\d+/)
      expect(estimate.code).toBe(0)
      const uncapped = await live()
      expect(uncapped.stderr).toMatch(/--max-usd must be given with --live, in US dollars > 0, got undefined/)
      const poor = await live('--max-usd', '0.0000001')
      expect(poor.stderr).toMatch(/--max-usd must be at least the estimate of .*, got 1e-7/)
      expect(server.requestCount).toBe(0)

      const bought = await live('--max-usd', '1', '--answers', answers, '--json')
      expect(bought.code, bought.stderr).toBe(0)
      expect(server.requestCount).toBe(2)
      expect(JSON.parse(bought.stdout).live).toMatchObject({ calls: 2 })
      const again = await live('--max-usd', '1', '--answers', answers, '--json')
      expect(JSON.parse(again.stdout).live).toMatchObject({ calls: 0, spentUsd: 0 })
      expect(server.requestCount).toBe(2)
    } finally {
      await server.close()
    }
  })

  it('stops before the cap is passed, and keeps what was bought', async () => {
    const server = await startModelServer({ answer: () => ({ text: 'Long.', usage: { completionTokens: 900 } }) })
    try {
      const log = logOf(
        'cap.jsonl',
        Array.from({ length: 20 }, (_, i) => ask(`Question number ${i}?`)),
      )
      const answers = join(folder, 'capped.jsonl')
      const { stderr, code } = await cost(
        ...['--log', log, '-c', 'exact', '--live', '--base-url', server.baseUrl, '--answers', answers],
        ...['--answer-tokens', '1', '--price', 'gpt-4o-mini=0/1000', '--max-usd', '3'],
      )
      expect(code).toBe(2)
      expect(stderr).toMatch(/--max-usd must be enough for all calls, got 3: \$[\d.]+ spent on \d answers/)
      expect(existsSync(answers)).toBe(true)
      expect(server.tokens.completion).toBeLessThanOrEqual(3_000)
    } finally {
      await server.close()
    }
  })
})

describe('reprise bench cost with bad input', { timeout: TIMEOUT_MS }, () => {
  const good = ask('Is this a good line?')
  it.each([
    ['no JSON', [good, '{"messages": ['], [], /bad\.jsonl:2: a line must be JSON/],
    [
      'an unknown role',
      [good, '', { messages: [{ role: 'usr', content: 'x' }] }],
      [],
      /bad\.jsonl:3: messages\[0\]\.role must be one of system, .*, got "usr"/,
    ],
    [
      'no messages',
      [{ prompt: 'x' }],
      [],
      /bad\.jsonl:1: a line must be an object with messages, or with tool, args and result/,
    ],
    [
      'a wrong time',
      [ask('x', { at: 'yesterday' })],
      [],
      /bad\.jsonl:1: at must be epoch milliseconds or an ISO 8601 time, got "yesterday"/,
    ],
    [
      'negative tokens',
      [ask('x', { answer: { inputTokens: -1 } })],
      [],
      /answer\.inputTokens must be a number ≥ 0 and finite, got -1/,
    ],
    [
      'a misspelt field of the answer',
      [ask('x', { answer: { tokens: 1 } })],
      [],
      /a field of answer must be one of text, .*, got "tokens"/,
    ],
    [
      'a tool without a result',
      [{ tool: 'x', args: {} }],
      [],
      /bad\.jsonl:1: result must be what the tool gave, got nothing/,
    ],
    ['an empty log', ['', ''], [], /bad\.jsonl must have at least one line of traffic, got none/],
    [
      'a model without a price',
      [ask('x', { model: 'my-model' })],
      [],
      /--price MODEL=INPUT\/OUTPUT .*, got "openai\/my-model"/,
    ],
    [
      'times in some lines only',
      [good, ask('x', { at: 1 })],
      ['--arrivals', 'log'],
      /must have an "at" in every line .*, got 1 of 2 without/,
    ],
    [
      'a risk out of range',
      [good],
      ['-c', 'calibrated:7'],
      /maxFalseHitRate must be a number in \[0\.001, 0\.5\], got 7/,
    ],
    ['an unknown configuration', [good], ['-c', 'magic'], /--configuration must be POLICY.*, got "magic"/],
    ['an embedder that is hosted elsewhere', [good], ['-c', 'threshold:0.9@cohere'], /@cohere in live runs only/],
    ['a seed that is none', [good], ['--seed', 'x'], /--seed must be an integer in \[0, 4294967295\], got NaN/],
    [
      'a life that is none',
      [good],
      ['--ttl', '5 minutes'],
      /--ttl must be a time such as 90s, 15m, 24h or 7d, got "5 minutes"/,
    ],
    [
      'a price that is none',
      [good],
      ['--price', 'x=free'],
      /--price must be MODEL=INPUT\/OUTPUT\[\/CACHED\].*, got "x=free"/,
    ],
    ['a trace that is none', [good], ['--trace', 'package.json'], /package\.json:1: a line must be JSON/],
    [
      'a time in some lines only',
      [ask('x', { at: START }), ask('y')],
      [],
      /"at" must stand in every line of .*bad\.jsonl or in none, got 1 of 2 without; --arrivals day/,
    ],
    [
      'a model without a price',
      [good, ask('x', { model: 'of-my-own' })],
      [],
      /bad\.jsonl:2: the model of a line must be one of the price catalogue.*, got "openai\/of-my-own" \(.*--skip-malformed/,
    ],
    [
      'a number of calls beside a log',
      [good],
      ['--requests', '7'],
      /--requests must be left out with --log, .* \(--limit takes the first of them\), got "7"/,
    ],
    ['a live run without a key', [good], ['--live', '--max-usd', '1'], /OPENAI_API_KEY must be set for --live/],
  ])('refuses %s, saying file, line, what is allowed and what was given', async (_what, lines, words, message) => {
    // In this process: a new one for each would only be slower.
    const command = costCommand().exitOverride()
    const given = ['--log', logOf('bad.jsonl', lines), '--out', folder, ...QUICK, ...words]
    vi.stubEnv('OPENAI_API_KEY', '')
    vi.stubEnv('OPENAI_BASE_URL', undefined)
    await expect(command.parseAsync(given, { from: 'user' })).rejects.toThrow(message)
    vi.unstubAllEnvs()
  })

  it('ends with code 2, a message and no stack', async () => {
    const log = logOf('worse.jsonl', [good, '{"messages": ['])
    const { stdout, stderr, code } = await cost('--log', log, '-c', 'exact')
    expect(stderr).toMatch(/^reprise: .*worse\.jsonl:2: a line must be JSON/)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('finds out before it begins that it cannot write, or would write over what it reads', async () => {
    const log = logOf('read.jsonl', [good])
    for (const [words, message] of [
      [['--out', '/proc/reprise/reports'], /--out must be where files can be written \(ENOENT in \/proc\)/],
      [['--out', log], /--out must be a folder, not a file/],
      [['--answers', log], /--answers must be a file of its own/],
      [['--answers', folder], /--answers must be a file, not a folder/],
    ] as const) {
      const command = costCommand().exitOverride()
      const given = ['--log', log, '--out', folder, ...QUICK, ...words]
      await expect(command.parseAsync(given, { from: 'user' })).rejects.toThrow(message)
    }
    expect(readFileSync(log, 'utf8')).toBe(JSON.stringify(good))
  })

  it('leaves malformed lines out when told to, and says how many', async () => {
    const log = logOf('some.jsonl', [good, 'not JSON', { messages: [] }, ask('x', { model: 'of-my-own' }), good])
    const { stdout, stderr } = await cost('--log', log, '-c', 'exact', '--skip-malformed', '--json')
    const { source, traffic } = JSON.parse(stdout || stderr)
    expect(source.malformed.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4])
    expect(traffic.calls).toBe(2)
  })

  it('refuses what counts for a log only where there is none', async () => {
    const command = costCommand().exitOverride()
    await expect(command.parseAsync(['--limit', '3', ...QUICK], { from: 'user' })).rejects.toThrow(
      /--limit must be given with --log, got "3"/,
    )
  })

  it('says so when the log is not there', async () => {
    const { stderr, code } = await cost('--log', join(folder, 'nowhere.jsonl'))
    expect(stderr).toMatch(/a file must be there to be read, got .*nowhere\.jsonl \(ENOENT\)/)
    expect(code).toBe(2)
  })
})

/** Everything that a seed decides. */
function unmeasured(json: string): unknown {
  return JSON.parse(json, (name, value) =>
    name === 'measured' || name === 'at' || name === 'machine' ? undefined : value,
  )
}
