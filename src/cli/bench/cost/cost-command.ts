import { join } from 'node:path'
import { Command, Option } from 'commander'
import { CacheError } from '../../../core/errors.ts'
import { invalidOption, numberOption } from '../../../core/options.ts'
import type { PriceOverrides } from '../../../metrics/prices.ts'
import { progress } from '../../../report/progress.ts'
import { terminalTable } from '../../../report/terminal-table.ts'
import type { ToolPolicy } from '../../../tool-cache/tool-policy.ts'
import { mustBeApart, mustBeWritable, writeWhole } from '../../output-files.ts'
import { readTextFile } from '../traffic/read-traffic.ts'
import { CONFIGURATION_USAGE, DEFAULT_CONFIGURATIONS } from './configuration.ts'
import { type CostOptions, type CostResult, costBenchmark } from './cost-benchmark.ts'
import { costPage } from './cost-page.ts'
import { advice, breakEvenTable, latencyTable, monthlyTable, outcomeTable, remarks, sweepTable } from './cost-tables.ts'
import { durationMs } from './duration.ts'
import { MADE_UP_POLICIES } from './made-up-tools.ts'
import { type ArrivalKind, type QuestionSet, sampleQuestions } from './traffic-source.ts'

/** What a script of the repository adds to the sample that comes with the package. */
export interface CostCommandExtras {
  readonly questionSets?: Readonly<Record<string, () => Promise<QuestionSet>>>
}

/** Words as commander gives them; numbers are checked in `costOptions`. */
interface Flags extends Record<string, string | string[] | boolean | undefined> {
  configuration?: string[]
  price?: string[]
}

const MADE_UP_ONLY = ['questions', 'requests', 'zipf', 'wording-zipf', 'follow-ups', 'tool-calls']
const LOG_ONLY = ['limit', 'skip-malformed']

/** `reprise bench cost`: what a cache would save on one's own traffic, and what it may break. */
export function costCommand({ questionSets = {} }: CostCommandExtras = {}): Command {
  const sets = { sample: sampleQuestions, ...questionSets }
  return new Command('cost')
    .description('replay traffic through caches and say what they save and what they break')
    .option('--log <file>', 'your own traffic: JSON lines as docs/cost-benchmark.md describes them')
    .addOption(
      new Option('--questions <set>', 'made-up traffic of these questions')
        .choices(Object.keys(sets))
        .default('sample'),
    )
    .option('-c, --configuration <name...>', `what to compare: ${CONFIGURATION_USAGE}`)
    .option('--requests <n>', 'calls of the made-up traffic', '1000')
    .option('--zipf <exponent>', 'made-up traffic: how uneven the questions are', '0.9')
    .option('--wording-zipf <exponent>', 'made-up traffic: how uneven the wordings of a question are', '1')
    .option('--follow-ups <share>', 'made-up traffic: calls with a history', '0.1')
    .option('--tool-calls <share>', 'made-up traffic: calls of tools', '0.2')
    .addOption(
      new Option('--arrivals <kind>', 'when calls come; default: as logged, else as on a day').choices([
        'day',
        'even',
        'log',
        'trace',
      ]),
    )
    .option('--trace <file>', 'arrivals of a trace: JSON lines of { timestamp, input_length, output_length }')
    .option('--span <time>', 'length of the traffic, such as 24h; a trace is stretched to it')
    .option('--limit <n>', 'only the first lines of the log')
    .option('--skip-malformed', 'leave malformed lines of the log out, and count them')
    .option('--seed <n>', 'of everything that is drawn', '1')
    .option('--model <name>', 'the model of lines that name none', 'gpt-4o-mini')
    .option(
      '--price <model=in/out...>',
      'prices of your own, in US dollars a million tokens, such as my-model=0.15/0.6',
    )
    .option('--monthly <calls>', 'calls of the model a month, to which the replay is scaled', '1000000')
    .option('--ttl <time>', 'life of an entry', '24h')
    .option('--max-entries <n>', 'entries kept', '100000')
    .option('--ttls <times>', 'lives to try, such as 15m,1h,24h; none: none')
    .option('--sizes <numbers>', 'numbers of entries to try, such as 100,1000; none: none')
    .option('--answer-tokens <n>', 'median length of made-up answers', '220')
    .option(
      '--context-tokens <n>',
      'instructions and context of each call beside its text; default 500 for made-up traffic, else 0',
    )
    .option('--policies <file>', 'policies of the tools, as JSON by tool name')
    .option('--tool-usd <usd>', 'price of a call of a tool that names none', '0.001')
    .option('--hosted-embedding <model>', 'the hosted model to compare local embedders with', 'text-embedding-3-small')
    .option(
      '--embedding-latency-ms <ms>',
      'median time of a hosted embedder, where a local server stands in for it',
      '120',
    )
    .option('--machine-usd-per-hour <usd>', 'price of a machine that would embed', '0.17')
    .option('--machine-processors <n>', 'its processors', '4')
    .option('--redis-usd <usd>', 'what the store costs a month', '0')
    .option('--compute-usd <usd>', 'what the application’s machines cost a month', '0')
    .option('--live', 'buy the answers from the real model with OPENAI_API_KEY, each body once')
    .option('--estimate', 'only say what --live would cost')
    .option('--max-usd <usd>', 'with --live: spend no more')
    .option('--max-answer-tokens <n>', 'with --live: bound of an answer whose call names none', '1000')
    .option('--base-url <url>', 'with --live: another endpoint that speaks OpenAI’s format')
    .option('--answers <file>', 'with --live: keeps bought answers, so that nothing is paid twice')
    .option('--json', 'print the result as JSON instead of tables')
    .option('--out <folder>', 'where cost.html and cost.json go', 'reports')
    .action(async (flags: Flags, command: Command) => {
      checkApplicable(command)
      const options = await costOptions(flags, sets)
      await checkOutputs(flags)
      const result = await costBenchmark(options)
      if (result) await write(result, String(flags.out), flags.json === true)
    })
}

async function costOptions(
  flags: Flags,
  sets: Readonly<Record<string, () => Promise<QuestionSet>>>,
): Promise<CostOptions> {
  const number = (flag: string, range: { min: number; max?: number; integer?: boolean }) => {
    const given = flags[camelCase(flag)] as string
    return numberOption(`--${flag}`, given.trim() === '' ? Number.NaN : Number(given), { ...range, default: 0 })
  }
  const optional = (flag: string, range: { min: number; max?: number; integer?: boolean }) =>
    flags[camelCase(flag)] === undefined ? undefined : number(flag, range)
  const text = (name: string) => flags[name] as string | undefined
  const log = text('log')
  const limit = optional('limit', { min: 1, integer: true })
  const maxUsd = optional('max-usd', { min: 0 })
  const span = text('span')
  const ttls = text('ttls')
  const sizes = text('sizes')
  const questions = String(flags.questions)
  return {
    ...(log !== undefined && { log }),
    ...(limit !== undefined && { limit }),
    ...(maxUsd !== undefined && { maxUsd }),
    ...(span !== undefined && { spanMs: durationMs('--span', span) }),
    ...(ttls !== undefined && { ttlsMs: listOf(ttls, (one) => durationMs('--ttls', one)) }),
    ...(sizes !== undefined && { sizes: listOf(sizes, sizeOf) }),
    ...(flags.arrivals !== undefined && { arrivals: flags.arrivals as ArrivalKind }),
    ...(flags.trace !== undefined && { trace: text('trace') }),
    ...(flags.baseUrl !== undefined && { baseUrl: text('baseUrl') }),
    ...(flags.answers !== undefined && { answersFile: text('answers') }),
    skipMalformed: flags.skipMalformed === true,
    questionSet: sets[questions] ?? sampleQuestions,
    configurations: flags.configuration ?? DEFAULT_CONFIGURATIONS,
    requests: number('requests', { min: 1, max: 10_000_000, integer: true }),
    zipf: number('zipf', { min: 0, max: 5 }),
    wordingZipf: number('wording-zipf', { min: 0, max: 20 }),
    followUps: number('follow-ups', { min: 0, max: 1 }),
    toolCalls: number('tool-calls', { min: 0, max: 1 }),
    seed: number('seed', { min: 0, max: 4_294_967_295, integer: true }),
    model: String(flags.model),
    prices: pricesOf(flags.price ?? []),
    monthlyCalls: number('monthly', { min: 1 }),
    ttlMs: durationMs('--ttl', String(flags.ttl)),
    maxEntries: number('max-entries', { min: 1, integer: true }),
    answerTokens: number('answer-tokens', { min: 1 }),
    contextTokens: optional('context-tokens', { min: 0 }) ?? (log === undefined ? 500 : 0),
    policies: flags.policies === undefined ? MADE_UP_POLICIES : await readPolicies(String(flags.policies)),
    toolUsd: number('tool-usd', { min: 0 }),
    hostedModel: String(flags.hostedEmbedding),
    embeddingLatencyMs: number('embedding-latency-ms', { min: 0 }),
    machineUsdPerHour: number('machine-usd-per-hour', { min: 0 }),
    machineProcessors: number('machine-processors', { min: 1, integer: true }),
    redisUsd: number('redis-usd', { min: 0 }),
    computeUsd: number('compute-usd', { min: 0 }),
    live: flags.live === true,
    estimateOnly: flags.estimate === true,
    maxAnswerTokens: number('max-answer-tokens', { min: 1, integer: true }),
    watch: {
      say: (line) => process.stderr.write(`${line}\n`),
      begin: (label, total) => progress({ label, total }),
    },
  }
}

/** What would be ignored is refused: a run that says it did what it did not is worse than none. */
function checkApplicable(command: Command): void {
  const given = (flag: string) => command.getOptionValueSource(camelCase(flag)) === 'cli'
  const [others, cure] = given('log')
    ? [MADE_UP_ONLY, 'left out with --log, whose calls are as logged (--limit takes the first of them)']
    : [LOG_ONLY, 'given with --log']
  const other = others.find(given)
  if (other !== undefined) throw invalidOption(`--${other}`, cure, command.opts()[camelCase(other)])
}

async function checkOutputs(flags: Flags): Promise<void> {
  const out = String(flags.out)
  const read = [flags.log, flags.trace, flags.policies].filter((path) => typeof path === 'string')
  const answers = typeof flags.answers === 'string' ? flags.answers : undefined
  mustBeApart(read, {
    ...(answers !== undefined && { '--answers': answers }),
    '--out': join(out, 'cost.json'),
    'the page of --out': join(out, 'cost.html'),
  })
  await mustBeWritable({
    '--out': { folder: out },
    ...(answers !== undefined && { '--answers': { file: answers } }),
  })
}

async function write(result: CostResult, out: string, asJson: boolean): Promise<void> {
  const json = `${JSON.stringify(result, null, 1)}\n`
  await writeWhole(join(out, 'cost.json'), json)
  await writeWhole(join(out, 'cost.html'), costPage(result))
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`)
  }
  if (asJson) return print(json.trimEnd())
  print(`\n${terminalTable(outcomeTable(result), { title: 'What each configuration saves and breaks' })}\n`)
  print(`${terminalTable(latencyTable(result), { title: 'What a caller waits' })}\n`)
  if (result.bySize.length > 0)
    print(`${terminalTable(sweepTable(result.bySize, 'entries'), { title: 'By entries kept' })}\n`)
  if (result.byTtl.length > 0)
    print(`${terminalTable(sweepTable(result.byTtl, 'life'), { title: 'By life of an entry' })}\n`)
  const { monthlyCalls } = result.options
  print(
    `${terminalTable(monthlyTable(result), { title: `Monthly cost report, ${Number(monthlyCalls).toLocaleString('en-US')} calls of the model` })}`,
  )
  for (const line of advice(result)) print(`  ${line}`)
  if (result.measured.breakEven.length > 0) {
    print(
      `\n${terminalTable(breakEvenTable(result), { title: `Local embedders beside ${result.options.hostedModel}` })}`,
    )
  }
  print('')
  for (const line of remarks(result)) print(line)
  print(
    `\nPlots: ${join(out, 'cost.html')} (opens offline); everything: ${join(out, 'cost.json')}; ${result.measured.seconds.toFixed(1)} s`,
  )
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function listOf<Value>(text: string, of: (one: string) => Value): Value[] {
  return text === 'none' ? [] : text.split(',').map(of)
}

function sizeOf(text: string): number {
  return numberOption('--sizes', Number(text), { min: 1, integer: true, default: 1 })
}

function pricesOf(words: readonly string[]): PriceOverrides {
  const prices: Record<string, PriceOverrides[string]> = {}
  for (const word of words) {
    const [, model, input, output, cached] = /^(.+)=([\d.]+)(?:\/([\d.]+))?(?:\/([\d.]+))?$/.exec(word) ?? []
    if (model === undefined)
      throw invalidOption('--price', 'MODEL=INPUT/OUTPUT[/CACHED] in US dollars a million tokens', word)
    prices[model] = {
      inputUsdPerMillionTokens: Number(input),
      ...(output !== undefined && { outputUsdPerMillionTokens: Number(output) }),
      ...(cached !== undefined && { cachedInputUsdPerMillionTokens: Number(cached) }),
    }
  }
  return prices
}

async function readPolicies(path: string): Promise<Record<string, ToolPolicy>> {
  const text = await readTextFile(path)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, ToolPolicy>
  } catch {
    // Said below.
  }
  throw new CacheError(
    'INVALID_OPTION',
    `${path} must be a JSON object of policies by tool name, got ${text.slice(0, 60)}`,
  )
}
