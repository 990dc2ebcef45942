#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { benchCommand } from './bench/bench-command.ts'
import { embedCommand } from './embed/embed-command.ts'
import { tuneCommand } from './tune/tune-command.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

/** Each verb is a file of its own that gives a commander Command. */
const program = new Command('reprise')
  .description('Semantic and tool caching for LLM calls: look into it from the command line')
  .version(version)
  .addCommand(benchCommand())
  .addCommand(embedCommand())
  .addCommand(tuneCommand())

program.parseAsync().catch((error: unknown) => {
  // A message without a stack: what went wrong here is an option, a key or a file.
  process.stderr.write(`reprise: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
