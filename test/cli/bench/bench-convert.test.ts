import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseTrafficLine } from '../../../src/cli/bench/traffic/traffic-line.ts'
import { reprise } from './reprise.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function convert(from: string, content: string, ...words: string[]) {
  const path = join(folder, `${from}.export`)
  writeFileSync(path, content)
  const ended = await reprise(['bench', 'convert', path, '--from', from, ...words])
  const lines = ended.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  return { ...ended, lines }
}
const jsonLines = (...records: object[]) => records.map((record) => JSON.stringify(record)).join('\n')

describe('reprise bench convert', { timeout: 120_000 }, () => {
  it('reads requests and responses of OpenAI, batch files and bodies alone', async () => {
    const body = { model: 'gpt-4o', temperature: 0, messages: [{ role: 'user', content: 'Hi' }] }
    const response = {
      created: 1_767_600_000,
      choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }],
      usage: { prompt_tokens: 8, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } },
    }
    const { lines, stderr } = await convert(
      'openai',
      jsonLines(
        { request: body, response, latency_ms: 640 },
        { custom_id: 'b1', method: 'POST', url: '/v1', body },
        body,
      ),
    )
    expect(lines).toEqual([
      {
        at: 1_767_600_000_000,
        ...body,
        answer: {
          text: 'Hello',
          finishReason: 'stop',
          inputTokens: 8,
          outputTokens: 2,
          cachedInputTokens: 4,
          latencyMs: 640,
        },
      },
      { id: 'b1', ...body },
      body,
    ])
    expect(stderr).toMatch(/3 records: 3 lines, 0 malformed/)
  })

  it('does not write over the export it reads', async () => {
    const content = jsonLines({ question: 'Hi', answer: 'Hello' })
    const path = join(folder, 'qa.export')
    const { code, stderr } = await convert('qa', content, '--out', path)
    expect(code).toBe(2)
    expect(stderr).toMatch(/--out must be another file than the export/)
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('reads runs of LangSmith: models and tools, with chains left out and counted', async () => {
    const message = (kind: string, kwargs: object) => ({
      lc: 1,
      type: 'constructor',
      id: ['langchain', 'schema', kind],
      kwargs,
    })
    const { lines, stderr } = await convert(
      'langsmith',
      JSON.stringify([
        {
          id: 'run-1',
          run_type: 'llm',
          start_time: '2026-01-05T08:00:00.000000',
          end_time: '2026-01-05T08:00:01.500000',
          extra: {
            invocation_params: { model: 'gpt-4o-mini', temperature: 0.2, _type: 'openai-chat', stream: false },
            metadata: { ls_provider: 'openai', ls_model_name: 'gpt-4o-mini' },
          },
          inputs: {
            messages: [[message('SystemMessage', { content: 'Be brief' }), message('HumanMessage', { content: 'Hi' })]],
          },
          outputs: {
            generations: [
              [
                {
                  text: 'Hello',
                  generation_info: { finish_reason: 'stop' },
                  message: message('AIMessage', { content: 'Hello' }),
                },
              ],
            ],
            llm_output: { token_usage: { prompt_tokens: 11, completion_tokens: 3 } },
          },
        },
        {
          id: 'run-2',
          run_type: 'tool',
          name: 'search',
          start_time: '2026-01-05T08:00:02Z',
          end_time: '2026-01-05T08:00:03Z',
          inputs: { input: '{"q":"x"}' },
          outputs: { output: 'found' },
        },
        { id: 'run-3', run_type: 'chain', inputs: {}, outputs: {} },
        { id: 'run-4', run_type: 'llm', error: 'rate limit', inputs: { messages: [] } },
      ]),
    )
    expect(lines).toEqual([
      {
        id: 'run-1',
        at: '2026-01-05T08:00:00.000000Z',
        provider: 'openai',
        model: 'gpt-4o-mini',
        temperature: 0.2,
        messages: [
          { role: 'system', content: 'Be brief' },
          { role: 'user', content: 'Hi' },
        ],
        answer: { text: 'Hello', finishReason: 'stop', inputTokens: 11, outputTokens: 3, latencyMs: 1_500 },
      },
      {
        id: 'run-2',
        at: '2026-01-05T08:00:02Z',
        tool: 'search',
        args: { q: 'x' },
        result: { output: 'found' },
        durationMs: 1_000,
      },
    ])
    expect(stderr).toMatch(
      /4 records: 2 lines, left out 1 \(run of type chain\), left out 1 \(failed call of a model\), 0 malformed/,
    )
  })

  it('reads observations of Langfuse', async () => {
    const { lines, stderr } = await convert(
      'langfuse',
      jsonLines(
        {
          id: 'g1',
          type: 'GENERATION',
          startTime: '2026-01-05T08:00:00Z',
          endTime: '2026-01-05T08:00:02Z',
          model: 'gpt-4o',
          modelParameters: { temperature: '0' },
          input: '[{"role":"user","content":"Hi"}]',
          output: { role: 'assistant', content: 'Hello' },
          usageDetails: { input: 9, output: 4 },
          userId: 'acme',
        },
        { id: 's1', type: 'SPAN' },
      ),
    )
    expect(lines).toEqual([
      {
        id: 'g1',
        at: '2026-01-05T08:00:00Z',
        tenant: 'acme',
        model: 'gpt-4o',
        temperature: '0',
        messages: [{ role: 'user', content: 'Hi' }],
        answer: { text: 'Hello', inputTokens: 9, outputTokens: 4, latencyMs: 2_000 },
      },
    ])
    expect(stderr).toMatch(/left out 1 \(observation of type SPAN\)/)
  })

  it('reads questions and answers, and writes what the benchmark reads', async () => {
    const out = join(folder, 'qa.jsonl')
    const { code } = await convert(
      'qa',
      jsonLines({ question: 'Hi?', answer: 'Yes', answerId: 'a', id: 7 }, { question: 'Why?' }),
      '-o',
      out,
    )
    expect(code).toBe(0)
    const lines = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual([
      { id: '7', answerId: 'a', messages: [{ role: 'user', content: 'Hi?' }], answer: { text: 'Yes' } },
      { messages: [{ role: 'user', content: 'Why?' }] },
    ])
    for (const line of lines)
      expect(parseTrafficLine(line, { number: 1, model: 'm' })).toMatchObject({ request: { model: 'm' } })
  })

  it('refuses records it cannot read, naming each, and loses none in silence', async () => {
    const content = `${JSON.stringify({ question: 'Hi?' })}\nnonsense\n\n${JSON.stringify({ answer: 'x' })}`
    const refused = await convert('qa', content)
    expect(refused.code).toBe(2)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/qa\.export:2: a line must be JSON/)
    expect(refused.stderr).toMatch(/qa\.export:4: question must be a non-empty text, got nothing/)
    expect(refused.stderr).toMatch(/every record must be readable, got 2 that are not/)
    const skipped = await convert('qa', content, '--skip-malformed')
    expect(skipped.code).toBe(0)
    expect(skipped.lines).toHaveLength(1)
    expect(skipped.stderr).toMatch(/3 records: 1 lines, 2 malformed/)
  })

  it.each([
    [
      'an unknown export',
      ['bench', 'convert', 'package.json', '--from', 'csv'],
      /Allowed choices are openai, langsmith, langfuse, qa/,
    ],
    ['no format', ['bench', 'convert', 'package.json'], /required option '--from <format>' not specified/],
    ['a file that is not there', ['bench', 'convert', 'nowhere', '--from', 'qa'], /got nowhere \(ENOENT\)/],
  ])('says what is wrong with %s', async (_what, words, message) => {
    const { stderr, code } = await reprise(words)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})
