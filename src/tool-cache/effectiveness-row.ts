/** What is counted of one tool; all of it can be summed. */
const FIGURES = [
  ...(['hits', 'misses', 'bypasses', 'collapsed', 'avoidedUsd', 'avoidedMs', 'lookupMs'] as const),
  ...(['refetched', 'refetchedSame', 'refetchGapMs', 'stored', 'storedTtlMs'] as const),
] as const

/**
 * `refetchGapMs` sums the time between two fetches of one call, `storedTtlMs` the lives given to `stored` results.
 */
export type EffectivenessRow = Record<(typeof FIGURES)[number], number>

export function emptyRow(): EffectivenessRow {
  return Object.fromEntries(FIGURES.map((figure) => [figure, 0])) as EffectivenessRow
}

export function addToRow(row: EffectivenessRow, more: EffectivenessRow): void {
  for (const figure of FIGURES) row[figure] += more[figure]
}

/** Adds every row to that of the same tool. */
export function addRows(
  rows: Map<string, EffectivenessRow>,
  more: ReadonlyMap<string, EffectivenessRow>,
): Map<string, EffectivenessRow> {
  for (const [tool, row] of more) {
    const sum = rows.get(tool) ?? emptyRow()
    addToRow(sum, row)
    rows.set(tool, sum)
  }
  return rows
}

/** Fields `figure:tool`; no figure has a colon. */
export function encodeRows(rows: ReadonlyMap<string, EffectivenessRow>): Record<string, number> {
  const fields: Record<string, number> = {}
  for (const [tool, row] of rows) {
    for (const figure of FIGURES) if (row[figure] !== 0) fields[`${figure}:${tool}`] = row[figure]
  }
  return fields
}

/** Fields of another form are of another version, or damaged, and left out. */
export function decodeRows(fields: Readonly<Record<string, number>>): Map<string, EffectivenessRow> {
  const rows = new Map<string, EffectivenessRow>()
  for (const [field, amount] of Object.entries(fields)) {
    const colon = field.indexOf(':')
    const figure = FIGURES.find((name) => name === field.slice(0, colon))
    if (!figure || !Number.isFinite(amount)) continue
    const tool = field.slice(colon + 1)
    const row = rows.get(tool) ?? emptyRow()
    row[figure] += amount
    rows.set(tool, row)
  }
  return rows
}
