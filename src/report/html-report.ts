import { createHash } from 'node:crypto'
import { type Markup, markup, trusted } from './markup.ts'
import { PAGE_SCRIPT } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'
import { sectionBody } from './section-body.ts'
import { checkReport } from './section-check.ts'
import type { ReportSection } from './sections.ts'

export interface Report {
  readonly title: string
  readonly subtitle?: string
  readonly stamp: ReportStamp
  readonly sections: readonly ReportSection[]
}

/** What one must know to measure the same again. */
export interface ReportStamp {
  /** Epoch milliseconds. */
  readonly at: number
  readonly commit?: string
  readonly machine?: string
  /** By name, such as `{ node: '20.20.2' }`. */
  readonly versions?: Readonly<Record<string, string>>
  readonly seed?: number | string
  readonly dataset?: string
}

/**
 * One page that needs nothing else: no script, style, font or picture from elsewhere, so that it opens from a disk and
 * can be kept. Charts are SVG drawn here, which print, follow light and dark, and are readable without their script
 * (it only shows tooltips). All texts are escaped, and the page's own policy forbids any other script.
 *
 * @throws CacheError INVALID_OPTION for a section that cannot be drawn
 */
export function htmlReport(report: Report): string {
  checkReport(report)
  const { title, subtitle, stamp, sections } = report
  const policy = `default-src 'none'; style-src '${hashOf(PAGE_STYLE)}'; script-src '${hashOf(PAGE_SCRIPT)}'; base-uri 'none'; form-action 'none'`
  return markup`${trusted('<!doctype html>\n')}<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="generator" content="Reprise"><title>${title}</title><style>${trusted(PAGE_STYLE)}</style></head><body><header><h1>${title}</h1>${subtitle !== undefined && markup`<p class="subtitle">${subtitle}</p>`}${stampLine(stamp)}</header><main>${sections.map(sectionOf)}</main><div id="tip" role="status" hidden></div><script>${trusted(PAGE_SCRIPT)}</script></body></html>
`.text
}

function sectionOf(section: ReportSection): Markup {
  const { heading, note } = section
  return markup`<section class="kind-${section.kind}">${heading !== undefined && markup`<h2>${heading}</h2>`}${note !== undefined && markup`<p class="section-note">${note}</p>`}${sectionBody(section)}</section>`
}

function stampLine({ at, commit, machine, versions = {}, seed, dataset }: ReportStamp): Markup {
  const facts: [string, string | undefined][] = [
    ['made', `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['commit', commit],
    ['data', dataset],
    ['seed', seed === undefined ? undefined : String(seed)],
    ['machine', machine],
    ...Object.entries(versions),
  ]
  return markup`<dl class="stamp">${facts.map(([name, value]) => value !== undefined && markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
