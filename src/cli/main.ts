#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
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

/** 0: done. 1: done, but not as well as asked (`tune`). 2: not done, whatever the reason: options, input, a failure. */
const NOT_DONE = 2

for (const command of withSubcommands(program)) command.exitOverride()

program.parseAsync().catch((error: unknown) => {
  // Commander has said itself what is wrong, and ends `--help` the same way.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : NOT_DONE
  else {
    // A message without a stack: what went wrong here is an option, a key or a file.
    process.stderr.write(`reprise: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = NOT_DONE
  }
})

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}
