import { formatValue } from './format-value.ts'
import { type Markup, markup } from './markup.ts'
import type { Cell, NumberFormat, TableSection } from './sections.ts'

/** Longer tables show the rest on demand only, so that a page of a thousand rows can still be read. */
const SHOWN_ROWS = 200

/** Numbers stand on the right, so that their digits line up. */
export function table({ columns, rows }: Pick<TableSection, 'columns' | 'rows'>): Markup {
  const isNumber = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'))
  const head = columns.map(({ title }, i) => markup`<th scope="col"${isNumber[i] && NUMBER}>${title}</th>`)
  const body = rows.slice(0, SHOWN_ROWS).map((row) => rowOf(columns, row, isNumber))
  const rest = rows.length - SHOWN_ROWS
  return markup`<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${
    rest > 0 && markup`<p class="remark">The first ${SHOWN_ROWS} of ${rows.length} rows.</p>`
  }`
}

const NUMBER = markup` class="number"`

function rowOf(
  columns: readonly { readonly format?: NumberFormat }[],
  row: readonly Cell[],
  isNumber: readonly boolean[],
): Markup {
  return markup`<tr>${columns.map(({ format }, i) => markup`<td${isNumber[i] && NUMBER}>${formatValue(row[i], format)}</td>`)}</tr>`
}
