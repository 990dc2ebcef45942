import { invalidOption } from '../core/options.ts'
import type { Report } from './html-report.ts'
import type { Axis, ReportSection } from './sections.ts'

const KINDS: readonly ReportSection['kind'][] = [
  'keyFigures',
  'table',
  'lineChart',
  'barChart',
  'histogram',
  'text',
  'examples',
]
const MAX_TIME_MS = 8.64e15

/** What a caller in JavaScript, or one that reads results from a file, gets wrong most. */
export function checkReport({ title, stamp, sections }: Report): void {
  if (typeof title !== 'string' || title === '') throw invalidOption('title', 'a non-empty string', title)
  if (!(Math.abs(stamp?.at) <= MAX_TIME_MS)) throw invalidOption('stamp.at', 'epoch milliseconds', stamp?.at)
  if (!Array.isArray(sections)) throw invalidOption('sections', 'an array of sections', sections)
  for (const [i, section] of sections.entries()) checkSection(section, `sections[${i}]`)
}

function checkSection(section: ReportSection, name: string): void {
  if (!KINDS.includes(section?.kind)) throw invalidOption(`${name}.kind`, `one of ${KINDS.join(', ')}`, section?.kind)
  if (section.kind === 'histogram') {
    const { bins = 30 } = section
    if (!Number.isInteger(bins) || bins < 2 || bins > 200)
      throw invalidOption(`${name}.bins`, 'an integer in [2, 200]', bins)
  }
  if (section.kind === 'barChart') {
    const { categories, series, stacked, y } = section
    for (const { name: of, values } of series) {
      if (values.length !== categories.length) {
        throw invalidOption(
          `${name}: values of ${JSON.stringify(of)}`,
          `one per category (${categories.length})`,
          values,
        )
      }
      if (stacked && values.some((value) => value !== undefined && value < 0)) {
        throw invalidOption(
          `${name}: values of ${JSON.stringify(of)}`,
          '≥ 0 in a stacked chart',
          Math.min(...values.map((value) => value ?? 0)),
        )
      }
    }
    if (stacked && y.scale === 'log') throw invalidOption(`${name}.y.scale`, 'linear in a stacked chart', y.scale)
  }
  if (section.kind === 'table') {
    for (const row of section.rows) {
      if (row.length !== section.columns.length) {
        throw invalidOption(`${name}: a row`, `as long as the columns (${section.columns.length})`, row)
      }
    }
  }
  if ('x' in section) checkBounds(section.x, `${name}.x`)
  if ('y' in section) checkBounds(section.y, `${name}.y`)
}

function checkBounds({ min, max }: Partial<Axis>, name: string): void {
  if (min !== undefined && max !== undefined && !(min < max))
    throw invalidOption(`${name}.min`, `below ${name}.max (${max})`, min)
}
