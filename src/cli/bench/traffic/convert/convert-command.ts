import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { CacheError } from '../../../../core/errors.ts'
import { mustBeWritable, writeWhole } from '../../../output-files.ts'
import { readTextFile } from '../read-traffic.ts'
import { type Converted, convert, EXPORTS } from './convert.ts'
import type { ConvertRecord } from './export-format.ts'

const SHOWN_PROBLEMS = 10

/** `reprise bench convert`: a log of traffic out of what other systems export. */
export function convertCommand(): Command {
  return new Command('convert')
    .description('make a log of traffic for `bench cost` out of an export')
    .argument('<file>', 'the export: JSON lines or one JSON array')
    .addOption(
      new Option(
        '--from <format>',
        'openai: requests and responses; langsmith: runs; langfuse: observations; qa: { question, answer }',
      )
        .choices(Object.keys(EXPORTS))
        .makeOptionMandatory(),
    )
    .option('-o, --out <file>', 'where the log goes; default: standard output')
    .option('--skip-malformed', 'write what can be read, although some records cannot')
    .action(
      async (file: string, { from, out, skipMalformed }: { from: string; out?: string; skipMalformed?: true }) => {
        if (out !== undefined) {
          if (resolve(out) === resolve(file)) {
            throw new CacheError('INVALID_OPTION', `--out must be another file than the export, got ${out}`)
          }
          await mustBeWritable({ '--out': { file: out } })
        }
        const text = await readTextFile(file)
        let converted: Converted
        try {
          converted = convert(text, EXPORTS[from] as ConvertRecord)
        } catch (error) {
          throw new CacheError('INVALID_OPTION', `${file}: ${error instanceof Error ? error.message : String(error)}`)
        }
        const { lines, records, leftOut, refused } = converted
        for (const { place, problem } of refused.slice(0, SHOWN_PROBLEMS))
          process.stderr.write(`${file}:${place}: ${problem}\n`)
        if (refused.length > SHOWN_PROBLEMS) process.stderr.write(`… and ${refused.length - SHOWN_PROBLEMS} more\n`)
        const others = Object.entries(leftOut).map(([what, count]) => `, left out ${count} (${what})`)
        process.stderr.write(
          `${records} records: ${lines.length} lines${others.join('')}, ${refused.length} malformed\n`,
        )
        if (refused.length > 0 && !skipMalformed) {
          throw new CacheError(
            'INVALID_OPTION',
            `${file}: every record must be readable, got ${refused.length} that are not; --skip-malformed writes the others`,
          )
        }
        if (lines.length === 0) throw new CacheError('INVALID_OPTION', `${file} must hold at least one call, got none`)
        const log = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
        if (out === undefined) process.stdout.write(log)
        else await writeWhole(out, log)
      },
    )
}
