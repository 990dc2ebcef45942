import { cpus } from 'node:os'
import { basename } from 'node:path'
import { Command } from 'commander'
import { numberOption } from '../../core/options.ts'
import type { EmbedderNotice } from '../../embeddings/embedder.ts'
import { type Progress, progress } from '../../report/progress.ts'
import { terminalTable } from '../../report/terminal-table.ts'
import { EMBEDDER_USAGE, embedderChoice } from '../embed/embedder-choice.ts'
import { mustBeApart, mustBeWritable, writeWhole } from '../output-files.ts'
import { DECISION_USAGE, decisionChoice } from './baseline.ts'
import { countOf, readPairs } from './labelled-pairs.ts'
import { percent, type Tuned, tune } from './tune.ts'
import { coverageTable, recommendation, recommendedRate, tuneReport } from './tune-report.ts'

interface Options {
  readonly embedder: string
  readonly decision: string
  readonly maxFalseHitRate: string
  readonly out: string
  readonly report: string | false
  readonly json?: true
}

/** Exit code of a run that wrote its files, but not for the asked rate. */
const RATE_NOT_SHOWN = 1

/** `reprise tune pairs.jsonl`: makes the decision fit the questions of one's own traffic, from labelled pairs. */
export function tuneCommand(): Command {
  return new Command('tune')
    .description('calibrate the decision on labelled pairs of your own traffic')
    .argument('<pairs...>', 'files of JSON lines {"asked": …, "stored": …, "correct": true|false}')
    .option('-e, --embedder <name>', EMBEDDER_USAGE, 'static')
    .option('-d, --decision <name>', `what to compare with: ${DECISION_USAGE}`, 'calibrated')
    .option('-r, --max-false-hit-rate <rate>', 'share of wrong answers among reused ones to stay under', '0.01')
    .option('-o, --out <file>', 'the parameters for calibrated({ parameters })', 'reprise-parameters.json')
    .option('--report <file>', 'the page with plots and the worst errors', 'reprise-tune.html')
    .option('--no-report', 'write no page')
    .option('--json', 'print the figures as JSON')
    .action(async (paths: string[], options: Options) => {
      process.exitCode = await run(paths, options)
    })
}

async function run(paths: readonly string[], options: Options): Promise<number> {
  const { decision, out, report, json } = options
  const given = options.maxFalseHitRate.trim() === '' ? Number.NaN : Number(options.maxFalseHitRate)
  const maxFalseHitRate = numberOption('--max-false-hit-rate', given, { min: 0.001, max: 0.5, default: 0.01 })
  const embedder = embedderChoice(options.embedder)
  // At the loosest rate: whether the word is a decision at all.
  decisionChoice(decision, 0.5)
  const written = { '--out': out, ...(report !== false && { '--report': report }) }
  mustBeApart(paths, written)
  await mustBeWritable({ '--out': { file: out }, ...(report !== false && { '--report': { file: report } }) })
  const { pairs, unlabelled, repeated, sameText } = await readPairs(paths)
  const bar: { shown?: Progress } = {}
  let cut = 0
  let tuned: Tuned
  try {
    tuned = await tune(pairs, embedder, {
      maxFalseHitRate,
      decision,
      report: (notice: EmbedderNotice) => {
        if (notice.what === 'truncated') cut += notice.texts
      },
      onProgress: (done, total) => {
        bar.shown ??= progress({ label: 'measuring', total })
        bar.shown.update(done)
      },
    })
  } finally {
    bar.shown?.stop()
    await (embedder as { close?: () => Promise<void> }).close?.()
  }
  const left = [
    unlabelled > 0 && `${countOf(unlabelled, 'pair')} without a label`,
    repeated > 0 && `${countOf(repeated, 'repeated pair')}`,
    sameText > 0 && `${countOf(sameText, 'pair')} of a text with itself`,
    tuned.foreign > 0 && `${countOf(tuned.foreign, 'pair')} in another language`,
  ].filter(Boolean)
  if (left.length > 0) process.stderr.write(`left out: ${left.join(', ')}\n`)
  if (cut > 0) process.stderr.write(`${countOf(cut, 'text')} cut by the embedder\n`)

  const at = Date.now()
  await writeWhole(out, `${JSON.stringify(tuned.parameters, null, 2)}\n`)
  if (report !== false) {
    const { labels } = tuned.parameters
    const dataset = `${paths.map((path) => basename(path)).join(', ')} (${labels.digest})`
    const machine = cpus()[0]?.model
    const stamp = { at, dataset, versions: { node: process.versions.node }, ...(machine && { machine }) }
    await writeWhole(report, tuneReport(tuned, out, stamp))
  }
  if (json) process.stdout.write(`${JSON.stringify(jsonOf(tuned, options), null, 2)}\n`)
  else print(tuned, options)
  return recommendedRate(tuned) === maxFalseHitRate ? 0 : RATE_NOT_SHOWN
}

function print(tuned: Tuned, { out, report }: Options): void {
  const { parameters, asked } = tuned
  const { same, different } = parameters.labels
  const title = `${parameters.embedder.id}: ${countOf(same, 'true pair')}, ${countOf(different, 'look-alike')}`
  process.stdout.write(`${terminalTable(coverageTable(tuned), { title })}\n\n`)
  const rate = recommendedRate(tuned)
  if (rate !== asked) {
    process.stderr.write(
      `reprise: these labels do not show ${percent(asked)}; the lowest rate from there on that they show is ${percent(rate)}\n`,
    )
  }
  process.stdout.write(`${recommendation(tuned, out)}\n`)
  process.stdout.write(`written: ${out}${report === false ? '' : `, ${report}`}\n`)
}

function jsonOf(tuned: Tuned, { out }: Options) {
  const { parameters, baseline, similarityOnly, asked } = tuned
  return {
    embedder: parameters.embedder,
    labels: parameters.labels,
    asked,
    recommended: { maxFalseHitRate: recommendedRate(tuned), parameters: out },
    tuned: tuned.fitted.figures,
    [baseline.name]: baseline.rows.map(({ figures }) => figures),
    similarityAlone: similarityOnly.figures,
    vetoes: parameters.vetoes,
  }
}
