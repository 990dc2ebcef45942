import { Command } from 'commander'
import { costCommand } from './cost/cost-command.ts'
import { convertCommand } from './traffic/convert/convert-command.ts'

/** `reprise bench`: measure before switching on. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure what a cache would do, on your own traffic')
    .addCommand(costCommand())
    .addCommand(convertCommand())
}
