/**
 * The main job, to be seen: a stream of questions in English and Chinese goes through a wrapped chat model, and a table
 * says what was answered from the cache, what that saved, and what nearly hit.
 *
 *   npm run demo                        against a local stand-in for a model
 *   OPENAI_API_KEY=… npm run demo -- --live    against the real one (a few cents)
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { ChatOpenAI } from '@langchain/openai'
import { cachedModel } from '../../src/adapters/langchain/index.ts'
import { startModelServer } from '../../src/cli/bench/model-server.ts'
import { type Observation, replay } from '../../src/cli/bench/replay.ts'
import { readWorkload, type WorkloadRequest } from '../../src/cli/bench/workload.ts'
import { type CacheEvent, createSemanticCache, type SemanticCacheOptions, summaryOf } from '../../src/index.ts'
import { progress } from '../../src/report/progress.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { configurations } from './configurations.ts'
import { demoReport } from './demo-report.ts'
import { type DemoRun, nearMissesOf, outcomesTable } from './outcomes.ts'
import { modelAnswers } from './stand-in.ts'

const SEED = 20_261_126
const MODEL = 'gpt-4o-mini'
const { values: flags } = parseArgs({
  options: {
    live: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '32' },
    report: { type: 'string', default: 'reports/demo.html' },
  },
})
const concurrency = Number(flags.concurrency)
if (!Number.isInteger(concurrency) || concurrency < 1) {
  throw new RangeError(`--concurrency must be an integer ≥ 1, got ${flags.concurrency}`)
}
if (flags.live && !process.env.OPENAI_API_KEY) throw new Error('--live needs OPENAI_API_KEY')

const requests = await readWorkload(new URL('workload.jsonl', import.meta.url))
console.error(
  `${requests.length} questions in English and Chinese, ${concurrency} at a time, ${flags.live ? `to the real ${MODEL}` : 'to a local stand-in for a model'}`,
)

const runs: DemoRun[] = []
for (const configuration of configurations()) {
  runs.push(await run(configuration.name, configuration.options))
  await configuration.close?.()
}

const standIn = flags.live
  ? undefined
  : 'The model is a local stand-in: its answers, latencies and token counts are made up (seeded); prices are those of gpt-4o-mini.'
console.log(`\n${terminalTable(outcomesTable(runs), { title: `What ${requests.length} questions cost` })}`)
if (standIn) console.log(standIn)
const last = runs.at(-1) as DemoRun
console.log(`\n${terminalTable(nearMissesOf(last), { title: `What nearly hit, and was asked anew (${last.name})` })}`)
if (last.stats) console.log(`\n${summaryOf(last.stats)}`)

mkdirSync('reports', { recursive: true })
writeFileSync(flags.report, demoReport(runs, { ...(standIn && { standIn }), stamp: stamp() }))
console.log(`\nCharts: ${flags.report} (opens offline)`)

/** The whole stream once: without a cache, or with one made by the given options. */
async function run(name: string, options: SemanticCacheOptions | undefined): Promise<DemoRun> {
  const server = flags.live
    ? undefined
    : await startModelServer({ answer: modelAnswers(), latency: 'realistic', seed: SEED })
  const events: CacheEvent[] = []
  const cache = options && (await createSemanticCache({ ...options, on: (event) => events.push(event) }))
  const plain = new ChatOpenAI({
    model: MODEL,
    temperature: 0,
    ...(server && { apiKey: 'none', configuration: { baseURL: server.baseUrl } }),
  })
  // The stand-in is priced as what it stands in for.
  const model = cache ? cachedModel(plain, { cache, tenant: 'demo' }) : plain
  const bar = progress({ label: name.padEnd(26), total: requests.length })
  try {
    const ask = async (request: WorkloadRequest) => {
      const answer = await model.invoke(request.messages.map(({ role, content }) => ({ role, content })))
      return answer.response_metadata.reprise as Observation['record']
    }
    const observations = await replay({
      requests,
      ask,
      concurrency,
      onProgress: (done, seen) => bar.update(done, `${hits(seen)} from the cache`),
    })
    await cache?.flush()
    return { name, observations, events, ...(cache && { stats: await cache.stats() }) }
  } finally {
    bar.stop()
    await cache?.close()
    await server?.close()
  }
}

function hits(observations: readonly Observation[]): number {
  return observations.filter((seen) => seen?.record?.outcome === 'hit').length
}

function stamp() {
  let commit: string | undefined
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    // Not a checkout: the report does without.
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`
  return { at: Date.now(), machine, versions: { node: process.versions.node }, seed: SEED, ...(commit && { commit }) }
}
