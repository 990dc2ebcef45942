import { Command } from 'commander'
import { numberOption } from '../../core/options.ts'
import { dot } from '../../core/vector.ts'
import type { EmbedderNotice } from '../../embeddings/index.ts'
import type { Decision, DecisionPolicy } from '../../semantic-cache/decision/policy.ts'
import { DECISION_USAGE, decisionChoice } from '../tune/baseline.ts'
import { entryOf } from '../tune/measured-pairs.ts'
import { EMBEDDER_USAGE, embedderChoice } from './embedder-choice.ts'

interface Options {
  readonly embedder: readonly string[]
  readonly decision: string
  readonly maxFalseHitRate: string
  readonly json?: true
}

interface Row {
  readonly embedder: string
  readonly id: string
  readonly dimensions: number
  readonly similarity: number
  readonly tokens?: number
  readonly decision: Verdict
}

interface Verdict extends Pick<Decision<string>, 'findings' | 'probability'> {
  readonly policy: string
  readonly reuse: boolean
  readonly reason?: string
}

/** `reprise embed A B`: how near two texts are to an embedder, what each guard sees, and what would be decided. */
export function embedCommand(): Command {
  return new Command('embed')
    .description('print similarity, what the guards see, and the decision for two texts under one or more embedders')
    .argument('<a>', 'a text, as asked')
    .argument('<b>', 'another text, as stored')
    .option('-e, --embedder <name...>', EMBEDDER_USAGE, ['static'])
    .option('-d, --decision <name>', DECISION_USAGE, 'calibrated')
    .option('-r, --max-false-hit-rate <rate>', 'share of wrong answers among reused ones to stay under', '0.01')
    .option('--json', 'print JSON')
    .action(async (a: string, b: string, { embedder, decision, maxFalseHitRate, json }: Options) => {
      const range = { min: 0.001, max: 0.5, default: 0.01 }
      const rate = numberOption('--max-false-hit-rate', Number(maxFalseHitRate || Number.NaN), range)
      const policy = decisionChoice(decision, rate)
      const rows: Row[] = []
      for (const word of embedder) rows.push(await compared(word, a, b, policy))
      process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(shown).join('\n'))
    })
}

async function compared(word: string, a: string, b: string, policy: DecisionPolicy): Promise<Row> {
  const embedder = embedderChoice(word)
  let tokens: number | undefined
  const report = (notice: EmbedderNotice) => {
    if (notice.what === 'usage') tokens = (tokens ?? 0) + notice.tokens
    if (notice.what === 'truncated') process.stderr.write(`${word}: ${notice.texts} of the texts were cut\n`)
    if (notice.what === 'download') showDownload(notice)
  }
  const [vector, stored] = (await embedder.embed([a, b], { report })) as [Float32Array, Float32Array]
  const { id, dimensions } = await embedder.describe()
  const similarity = dot(vector, stored)
  const query = {
    text: a,
    vector,
    embedderId: id,
    ...(embedder.wordVectors && { wordVectors: embedder.wordVectors }),
  }
  const { signal } = new AbortController()
  const decided = await policy.decide(query, [{ entry: entryOf(b, stored, id), similarity }], { signal })
  const { reuse, reason, probability, findings } = decided
  const decision = {
    policy: policy.name,
    reuse: reuse !== undefined,
    ...(reason && { reason }),
    ...(probability !== undefined && { probability }),
    findings,
  }
  return { embedder: word, id, dimensions, similarity, ...(tokens ? { tokens } : {}), decision }
}

function showDownload({ file, loadedBytes, totalBytes }: Extract<EmbedderNotice, { what: 'download' }>): void {
  const of = totalBytes === undefined ? '' : ` of ${(totalBytes / 1e6).toFixed(1)}`
  process.stderr.write(`downloading ${file}: ${(loadedBytes / 1e6).toFixed(1)}${of} MB\n`)
}

/** The similarity, a line per guard that sees more than agreement, and the decision. */
function shown({ similarity, id, decision }: Row): string {
  const { policy, reuse, reason, probability, findings } = decision
  const lines = [`${similarity.toFixed(4).padStart(7)}  ${id}`]
  const width = Math.max(0, ...findings.map(({ guard }) => guard.length))
  for (const { guard, verdict, asked, stored } of findings) {
    const seen = asked === undefined && stored === undefined ? '' : `  ${asked ?? '–'} | ${stored ?? '–'}`
    lines.push(`         ${guard.padEnd(width)}  ${verdict.padEnd(6)}${verdict === 'agree' ? '' : seen}`.trimEnd())
  }
  const chance = probability === undefined ? '' : `, probability ${probability.toFixed(3)}`
  lines.push(`         ${reuse ? 'reused' : `not reused: ${reason}`}${chance}  (${policy})`)
  return `${lines.join('\n')}\n`
}
