/**
 * Question: what would a cache save on given traffic, and what would it break?
 *
 * Method: `reprise bench cost` (docs/cost-benchmark.md), with the data sets of REPRISE_DATA (default ../shared/data) beside
 * the sample that comes with the package:
 *
 *     npm run bench:cost                              the sample
 *     npm run bench:cost -- --questions families      2,780 families; or banking77
 *     npm run bench:cost -- --arrivals trace          arrivals and lengths of Mooncake's chat trace
 *     npm run bench:cost -- --stream excite           real searches of a day; or tau-bench: an agent's tool calls
 *     npm run bench:cost -- --log traffic.jsonl       your own
 *
 * Every other option is one of `reprise bench cost`. See benchmarks/README.md for what the numbers do not show.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { costCommand } from '../../src/cli/bench/cost/cost-command.ts'
import { banking77, exciteLog, families, present, TAU_BENCH_POLICIES, tauBenchLog } from './streams.ts'

const DATA = resolve(process.env.REPRISE_DATA ?? resolve(import.meta.dirname, '../../../shared/data'))
const folder = mkdtempSync(join(tmpdir(), 'reprise-cost-'))
try {
  const command = costCommand({
    questionSets: { families: () => families(DATA), banking77: () => banking77(DATA) },
  })
  await command.parseAsync(wordsOf(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  process.stderr.write(`bench:cost: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** A stream is a log that is made on the way; a trace without a file is Mooncake's. */
function wordsOf(given: readonly string[]): string[] {
  const words = [...given]
  const at = words.indexOf('--stream')
  if (at >= 0) {
    const [, name] = words.splice(at, 2)
    const log = join(folder, `${name}.jsonl`)
    words.push('--log', log)
    if (name === 'excite') writeFileSync(log, exciteLog(DATA))
    else if (name === 'tau-bench') {
      writeFileSync(log, tauBenchLog(DATA))
      const policies = join(folder, 'policies.json')
      writeFileSync(policies, JSON.stringify(TAU_BENCH_POLICIES))
      words.push('--policies', policies)
      if (!words.some((word) => word === '-c' || word === '--configuration')) words.push('-c', 'none', 'exact+tools')
    } else throw new Error(`--stream must be one of excite, tau-bench, got ${name}`)
  }
  if (words.includes('trace') && !words.includes('--trace')) {
    words.push('--trace', present(join(DATA, 'streams/mooncake-conversation-trace.jsonl')))
  }
  return words
}
