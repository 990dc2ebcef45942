import { type Markup, markup } from '../markup.ts'
import type { Axis } from '../sections.ts'
import type { Scale } from './scale.ts'

/** One drawing of a chart. Each chart is drawn twice, because text that is scaled down to a phone cannot be read. */
export interface Canvas {
  readonly kind: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export const CANVASES: readonly Canvas[] = [
  { kind: 'wide', width: 960, height: 340, left: 68, right: 18, top: 30, bottom: 48 },
  { kind: 'narrow', width: 380, height: 280, left: 54, right: 14, top: 30, bottom: 46 },
]

export function plotWidth({ width, left, right }: Canvas): number {
  return width - left - right
}

function plotHeight({ height, top, bottom }: Canvas): number {
  return height - top - bottom
}

/** Numbers in a path need no more digits than a screen has pixels. */
export function pixels(value: number): number {
  return Math.round(value * 10) / 10
}

export function xOf(canvas: Canvas, share: number): number {
  return pixels(canvas.left + share * plotWidth(canvas))
}

export function yOf(canvas: Canvas, share: number): number {
  return pixels(canvas.height - canvas.bottom - share * plotHeight(canvas))
}

export interface Drawing {
  readonly title: string
  readonly description: string
  readonly canvas: Canvas
  readonly x: {
    readonly axis: Pick<Axis, 'label'>
    readonly ticks: readonly { readonly at: number; readonly label: string }[]
  }
  readonly y: { readonly axis: Pick<Axis, 'label'>; readonly scale: Scale }
  readonly content: readonly Markup[]
}

/** An SVG with axes around the content. */
export function chartFrame({ title, description, canvas, x, y, content }: Drawing): Markup {
  const { width, height, left, right, bottom, kind, top } = canvas
  const base = height - bottom
  const gridLines = y.scale.ticks.map(({ value, label }) => {
    const at = yOf(canvas, y.scale.at(value))
    const zero = value === 0 ? ' zero' : ''
    return markup`<line class="grid${zero}" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/><text class="tick" x="${left - 8}" y="${at + 4}" text-anchor="end">${label}</text>`
  })
  const xTicks = x.ticks.map(({ at, label }) => {
    const place = xOf(canvas, at)
    return markup`<line class="mark" x1="${place}" x2="${place}" y1="${base}" y2="${base + 5}"/><text class="tick" x="${place}" y="${base + 18}" text-anchor="middle">${label}</text>`
  })
  return markup`<svg class="${kind}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${`${title}. ${description}`}"><g aria-hidden="true">${gridLines}<line class="axis" x1="${left}" x2="${width - right}" y1="${base}" y2="${base}"/>${xTicks}<text class="label" x="${left + plotWidth(canvas) / 2}" y="${height - 6}" text-anchor="middle">${x.axis.label}</text><text class="label" x="2" y="${top - 16}">${y.axis.label}</text>${content}</g></svg>`
}

/** Ticks of a scale on the x axis, no more than fit beside each other. */
export function xTicks(canvas: Canvas, scale: Scale): Drawing['x']['ticks'] {
  const longest = Math.max(1, ...scale.ticks.map(({ label }) => label.length))
  const fitting = Math.max(2, Math.floor(plotWidth(canvas) / (longest * 7 + 14)))
  const every = Math.ceil(scale.ticks.length / fitting)
  return scale.ticks.filter((_, i) => i % every === 0).map(({ value, label }) => ({ at: scale.at(value), label }))
}

/** The area that shows a tooltip; `lines` are plain text, and the mark is seen while the pointer is on it. */
export function hoverArea(canvas: Canvas, from: number, to: number, lines: readonly string[], mark?: Markup): Markup {
  const y = canvas.top
  return markup`<g class="hover" data-tip="${lines.join('\n')}"><rect x="${pixels(from)}" y="${y}" width="${pixels(Math.max(0.1, to - from))}" height="${plotHeight(canvas)}"/>${mark}</g>`
}

export function markerLines(
  canvas: Canvas,
  scale: Scale,
  markers: readonly { readonly at: number; readonly label: string }[] = [],
): Markup[] {
  return markers
    .filter(({ at }) => at >= scale.min && at <= scale.max)
    .map(({ at, label }, i) => {
      const x = xOf(canvas, scale.at(at))
      const onLeft = scale.at(at) > 0.7
      return markup`<line class="marker" x1="${x}" x2="${x}" y1="${canvas.top}" y2="${canvas.height - canvas.bottom}"/><text class="marker-label" x="${x + (onLeft ? -6 : 6)}" y="${canvas.top + 12 + (i % 3) * 15}" text-anchor="${onLeft ? 'end' : 'start'}">${label}</text>`
    })
}
