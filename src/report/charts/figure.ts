import { type Markup, markup } from '../markup.ts'
import { CANVASES, type Canvas } from './frame.ts'

export interface ChartFigure {
  readonly names: readonly string[]
  /** Draws one size. */
  readonly draw: (canvas: Canvas) => Markup
  /** The same data for those who cannot see the chart, or want its numbers. */
  readonly table: Markup
  /** What could not be shown. */
  readonly remarks: readonly string[]
}

/** A chart in both sizes with legend and table. */
export function chartFigure({ names, draw, table, remarks }: ChartFigure): Markup {
  const legend =
    names.length > 1 &&
    markup`<ul class="legend">${names.map((name, i) => markup`<li><svg class="swatch" viewBox="0 0 14 14" aria-hidden="true"><rect class="fill-${i % SERIES_COLOURS}" x="1" y="1" width="12" height="12" rx="3"/></svg>${name}</li>`)}</ul>`
  return markup`<figure>${legend}<div class="chart">${CANVASES.map(draw)}</div>${remarks.map((remark) => markup`<p class="remark">${remark}</p>`)}<details><summary>Data as a table</summary>${table}</details></figure>`
}

export function emptyFigure(): Markup {
  return markup`<p class="empty">No data</p>`
}

/** After so many series colours come again. */
export const SERIES_COLOURS = 8
