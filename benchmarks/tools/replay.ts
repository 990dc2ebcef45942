/**
 * Question: of the calls that an agent really made, how many does the tool cache answer, and are its answers right?
 *
 * Method: tau-bench's airline calls (1,164 calls of 182 recorded runs, with arguments and results) are replayed in order.
 * A result served from a cache is compared with the result recorded at that very place: a difference is a wrong answer.
 * Every recorded run began with a fresh database, so at the end of a run what it had written counts as written back:
 * its tags are invalidated. Baselines in the same replay: no cache, and a cache of everything by exact arguments.
 *
 * What the numbers do not show: latency and price of the tools are assumptions (--tool-ms, --tool-usd), because the
 * recording has none; the tools are one domain's; an agent served from a cache might have gone another way.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createToolCache } from '../../src/create-tool-cache.ts'
import { renderTags } from '../../src/tool-cache/tag-template.ts'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'
import { TAU_BENCH_POLICIES } from '../cost/streams.ts'

interface Call {
  readonly task: number
  readonly trial: number
  readonly tool: string
  readonly kind: 'READ' | 'WRITE' | 'GENERIC' | '?'
  readonly args: Record<string, unknown>
  readonly result: string
}

interface Score {
  calls: number
  hits: Record<Call['kind'], number>
  /** Served results that differ from the recorded ones. */
  wrong: Record<Call['kind'], number>
  overheadMs: number
}

const { values } = parseArgs({
  options: {
    data: {
      type: 'string',
      default: process.env.REPRISE_DATA ?? fileURLToPath(new URL('../../../shared/data', import.meta.url)),
    },
    'tool-ms': { type: 'string', default: '300' },
    'tool-usd': { type: 'string', default: '0.001' },
    out: { type: 'string', default: fileURLToPath(new URL('../../reports/tools.md', import.meta.url)) },
  },
})
const toolMs = Number(values['tool-ms'])
const toolUsd = Number(values['tool-usd'])

const path = join(values.data, 'tools/tau-bench-calls.jsonl')
if (!existsSync(path)) {
  console.error(`not run: ${path} is missing; set REPRISE_DATA or --data`)
  process.exit(1)
}
const calls = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Call)
const runs = groupByRun(calls)

function groupByRun(all: readonly Call[]): readonly (readonly Call[])[] {
  const groups = new Map<string, Call[]>()
  for (const call of all) {
    const name = `${call.task}/${call.trial}`
    const group = groups.get(name)
    if (group) group.push(call)
    else groups.set(name, [call])
  }
  return [...groups.values()]
}

const emptyScore = (): Score => ({
  calls: 0,
  hits: { READ: 0, WRITE: 0, GENERIC: 0, '?': 0 },
  wrong: { READ: 0, WRITE: 0, GENERIC: 0, '?': 0 },
  overheadMs: 0,
})

/** The same for an owner who knows that bookings leave the search results as they are, as all of the recording shows. */
const FLIGHTS_APART: Record<string, ToolPolicy> = {
  ...TAU_BENCH_POLICIES,
  search_direct_flight: { ttlMs: 3_600_000 },
  search_onestop_flight: { ttlMs: 3_600_000 },
}

async function withReprise(sharing: 'across runs' | 'within a run', policies = TAU_BENCH_POLICIES): Promise<Score> {
  const score = emptyScore()
  const priced = Object.fromEntries(
    Object.entries(policies).map(([name, policy]) => [name, { ...policy, costUsd: toolUsd }]),
  )
  const cache = await createToolCache({ policies: priced })
  for (const [at, run] of runs.entries()) {
    const written = new Set<string>()
    for (const call of run) {
      const before = performance.now()
      const { result, record } = await cache.getOrCall(
        { name: call.tool, args: call.args },
        async () => ({ content: call.result }),
        sharing === 'within a run' ? { tenant: `run-${at}` } : {},
      )
      score.overheadMs += performance.now() - before
      await cache.flush()
      count(score, call, record.outcome === 'hit', result.content)
      for (const tag of renderTags(call.tool, TAU_BENCH_POLICIES[call.tool]?.writes ?? [], call.args)) written.add(tag)
    }
    if (sharing === 'across runs' && written.size > 0) await cache.invalidate({ tags: [...written] })
  }
  await cache.close()
  return score
}

/** By tool name and arguments alone: what a cache does that nobody told which tools write. */
function cachingEverything(sharing: 'across runs' | 'within a run'): Score {
  const score = emptyScore()
  let held = new Map<string, string>()
  for (const run of runs) {
    if (sharing === 'within a run') held = new Map()
    for (const call of run) {
      const key = `${call.tool}:${JSON.stringify(call.args, Object.keys(call.args).sort())}`
      const known = held.get(key)
      count(score, call, known !== undefined, known)
      if (known === undefined) held.set(key, call.result)
    }
  }
  return score
}

function count(score: Score, { kind, result }: Call, isHit: boolean, served: unknown): void {
  score.calls++
  if (!isHit) return
  score.hits[kind]++
  if (served !== result) score.wrong[kind]++
}

const of = (kind: Call['kind']) => calls.filter((call) => call.kind === kind).length
const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, value) => total + value, 0)
const row = (name: string, score: Score) => {
  const hits = sum(score.hits)
  const share = ((score.hits.READ / of('READ')) * 100).toFixed(1)
  const saved = `${((hits * toolMs) / 1_000).toFixed(1)} s, $${(hits * toolUsd).toFixed(3)}`
  const overhead = score.overheadMs > 0 ? `${((score.overheadMs / score.calls) * 1_000).toFixed(0)} µs` : '–'
  return `| ${name} | ${score.calls - hits} | ${score.hits.READ} (${share} %) | ${score.hits.WRITE} | ${score.hits.GENERIC} | **${sum(score.wrong)}** | ${score.wrong.READ} | ${saved} | ${overhead} |`
}

const reprise = {
  across: await withReprise('across runs'),
  within: await withReprise('within a run'),
  apart: await withReprise('across runs', FLIGHTS_APART),
}
const everything = { across: cachingEverything('across runs'), within: cachingEverything('within a run') }
const page = `# Tool cache: replay of tau-bench

${calls.length} calls in ${runs.length} runs: ${of('READ')} READ, ${of('WRITE')} WRITE, ${of('GENERIC')} GENERIC, ${of('?')} unmarked.
Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}. Assumed per call of a tool: ${toolMs} ms, $${toolUsd}.

| | calls made | READ hits | WRITE hits | GENERIC hits | wrong answers | of them READ | avoided | time in the cache per call |
|-|-|-|-|-|-|-|-|-|
${row('no cache', { ...emptyScore(), calls: calls.length })}
${row('Reprise, shared across runs', reprise.across)}
${row('the same, flights by ttlMs alone', reprise.apart)}
${row('Reprise, within each run', reprise.within)}
${row('everything, shared across runs', everything.across)}
${row('everything, within each run', everything.within)}

A wrong answer is a served result that differs from the one recorded at that place; a WRITE hit is an action that the
agent believes done and that was not. Not shown: an agent that got another answer might have gone another way, and the
latency and price of the tools are assumptions.
`
mkdirSync(join(values.out, '..'), { recursive: true })
writeFileSync(values.out, page)
console.log(page)
if (Object.values(reprise).some(({ wrong, hits }) => sum(wrong) + hits.WRITE > 0)) {
  console.error('the tool cache gave a wrong answer or skipped a write')
  process.exitCode = 1
}
