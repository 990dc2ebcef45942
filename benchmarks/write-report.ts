import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { htmlReport, type ReportStamp } from '../src/report/html-report.ts'
import type { ReportSection } from '../src/report/sections.ts'

/** The page and the JSON of a benchmark, under the same stamp. */
export function writeReport(
  name: string,
  report: {
    readonly title: string
    readonly subtitle: string
    readonly stamp: ReportStamp
    readonly sections: readonly ReportSection[]
    readonly data: object
  },
  out = 'reports',
): void {
  const { data, ...page } = report
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify({ stamp: page.stamp, ...data }, null, 1)}\n`)
  writeFileSync(join(out, `${name}.html`), htmlReport(page))
  console.log(`Plots: ${join(out, `${name}.html`)}; figures: ${join(out, `${name}.json`)}`)
}
