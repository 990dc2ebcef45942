import { formatValue } from '../format-value.ts'
import { type Markup, markup } from '../markup.ts'
import type { Axis, LineChartSection } from '../sections.ts'
import { table } from '../table.ts'
import { chartFigure, emptyFigure, SERIES_COLOURS } from './figure.ts'
import { type Canvas, chartFrame, hoverArea, markerLines, pixels, plotWidth, xOf, xTicks, yOf } from './frame.ts'
import { fits, scaleOf } from './scale.ts'
import { thinned } from './thinned.ts'

type Point = readonly [x: number, y: number]

/** Narrower areas cannot be hit with a pointer. */
const HOVER_AREA_PIXELS = 9

export function lineChart(section: LineChartSection, title: string): Markup {
  const { x, y, markers } = section
  const series = section.series.map(({ name, points }) => ({
    name,
    points: points
      .filter((point) => fits(x, point[0]) && isWithin(x, point[0]) && fits(y, point[1]))
      .sort((a, b) => a[0] - b[0]),
  }))
  const left = sum(section.series) - sum(series)
  const xs = scaleOf(
    x,
    series.flatMap(({ points }) => points.map((point) => point[0])),
    { ticks: 8, isTight: true },
  )
  const ys = scaleOf(
    y,
    series.flatMap(({ points }) => points.map((point) => point[1])),
    { ticks: 5, fromZero: true },
  )
  if (!xs || !ys) return emptyFigure()
  const names = series.map(({ name }) => name)

  const draw = (canvas: Canvas) => {
    const lines = series.map(({ points }, i) => {
      const placed = thinned(points, plotWidth(canvas)).map((point) => place(canvas, point))
      const line = markup`<polyline class="line stroke-${i % SERIES_COLOURS}" points="${placed.map(([px, py]) => `${px},${py}`).join(' ')}"/>`
      return placed.length > 1
        ? line
        : placed.map(([px, py]) => markup`<circle class="fill-${i % SERIES_COLOURS}" cx="${px}" cy="${py}" r="4"/>`)
    })
    return chartFrame({
      title,
      description: `Line chart of ${y.label} by ${x.label}: ${names.join(', ')}`,
      canvas,
      x: { axis: x, ticks: xTicks(canvas, xs) },
      y: { axis: y, scale: ys },
      content: [...lines.flat(), ...markerLines(canvas, xs, markers), ...hovers(canvas)],
    })
  }
  const place = (canvas: Canvas, [px, py]: Point): Point => [
    xOf(canvas, xs.at(px)),
    yOf(canvas, Math.min(1, Math.max(0, ys.at(py)))),
  ]
  const hovers = (canvas: Canvas) => {
    const stops = stopsOf(
      series.map(({ points }) => points),
      plotWidth(canvas) / HOVER_AREA_PIXELS,
    )
    return stops.map((stop, i) => {
      const at = xOf(canvas, xs.at(stop))
      const from = i === 0 ? canvas.left : (xOf(canvas, xs.at(stops[i - 1] as number)) + at) / 2
      const to =
        i === stops.length - 1 ? canvas.width - canvas.right : (xOf(canvas, xs.at(stops[i + 1] as number)) + at) / 2
      const here = series.flatMap(({ name, points }, s) => {
        const point = points.find(([px]) => px === stop)
        return point ? [{ name, point, colour: s % SERIES_COLOURS }] : []
      })
      const dots = here.map(({ point, colour }) => {
        const [cx, cy] = place(canvas, point)
        return markup`<circle class="fill-${colour}" cx="${cx}" cy="${cy}" r="4"/>`
      })
      const text = [
        `${x.label}: ${formatValue(stop, x.format)}`,
        ...here.map(({ name, point }) => `${name}: ${formatValue(point[1], y.format)}`),
      ]
      return hoverArea(
        canvas,
        from,
        to,
        text,
        markup`<line class="cross" x1="${pixels(at)}" x2="${pixels(at)}" y1="${canvas.top}" y2="${canvas.height - canvas.bottom}"/>${dots}`,
      )
    })
  }
  return chartFigure({
    names,
    draw,
    table: table(asTable(section, series)),
    remarks: left > 0 ? [`${left} ${left === 1 ? 'value' : 'values'} that the axes cannot show left out.`] : [],
  })
}

function isWithin({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Axis, value: number): boolean {
  return value >= min && value <= max
}

function sum(series: readonly { readonly points: readonly unknown[] }[]): number {
  return series.reduce((count, { points }) => count + points.length, 0)
}

/** Places of x where a tooltip is shown: all of them, or evenly chosen ones. */
function stopsOf(series: readonly (readonly Point[])[], max: number): number[] {
  const all = [...new Set(series.flatMap((points) => points.map(([px]) => px)))].sort((a, b) => a - b)
  const every = Math.ceil(all.length / max)
  return all.filter((_, i) => i % every === 0 || i === all.length - 1)
}

function asTable(
  { x, y }: LineChartSection,
  series: readonly { readonly name: string; readonly points: readonly Point[] }[],
) {
  const byX = new Map<number, (number | undefined)[]>()
  for (const [i, { points }] of series.entries()) {
    for (const [px, py] of points) {
      const row = byX.get(px) ?? series.map(() => undefined)
      row[i] = py
      byX.set(px, row)
    }
  }
  return {
    columns: [{ title: x.label, format: x.format }, ...series.map(({ name }) => ({ title: name, format: y.format }))],
    rows: [...byX].sort(([a], [b]) => a - b).map(([px, values]) => [px, ...values]),
  }
}
