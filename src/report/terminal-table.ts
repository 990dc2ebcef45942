import { stripVTControlCharacters, styleText } from 'node:util'
import Table from 'cli-table3'
import { formatValue } from './format-value.ts'
import type { TableSection } from './sections.ts'

export interface TerminalTableOptions {
  readonly title?: string
  /** Default: what `hasColour` says of standard output. */
  readonly colour?: boolean
}

/**
 * A table for terminals, from the same columns and rows as one of the report. Columns with numbers stand on the right;
 * wide characters (中文) count as the two cells that they take.
 */
export function terminalTable(
  { columns, rows }: Pick<TableSection, 'columns' | 'rows'>,
  { title, colour = hasColour(process.stdout) }: TerminalTableOptions = {},
): string {
  const style = (name: 'bold' | 'dim', text: string) =>
    colour ? styleText(name, text, { validateStream: false }) : text
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'))
  const table = new Table({
    head: columns.map(({ title: of }) => style('bold', printable(of))),
    colAligns: isNumber.map((number) => (number ? 'right' : 'left')),
    // One line below the head: more of them would hide the numbers.
    chars: { ...NO_LINES, mid: style('dim', '─'), 'mid-mid': style('dim', '──'), middle: '  ' },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) {
    table.push(columns.map(({ format }, i) => printable(formatValue(row[i], format))))
  }
  const heading = title === undefined ? '' : `${style('bold', printable(title))}\n`
  return heading + table.toString().replace(/[ \t]+$/gm, '')
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
}

/** Names come from outside: none may move the cursor, break the line or colour the rest. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return stripVTControlCharacters(text).replace(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
}

/** Whether a stream shows colours: a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal says otherwise. */
export function hasColour(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb'
}
