import { formatCount } from '../../metrics/format.ts'
import { formatTick } from '../format-value.ts'
import { type Markup, markup } from '../markup.ts'
import type { Axis, HistogramSection } from '../sections.ts'
import { table } from '../table.ts'
import { bar } from './bar-chart.ts'
import { chartFigure, emptyFigure } from './figure.ts'
import { type Canvas, chartFrame, hoverArea, markerLines, xOf, xTicks } from './frame.ts'
import { fits, type Scale, scaleOf } from './scale.ts'

/** Counts of several series in the same bins, so that their shapes can be compared. */
export function histogram(section: HistogramSection, title: string): Markup {
  const { x, markers, bins = 30 } = section
  const y: Axis = { ...section.y, format: 'count' }
  const series = section.series.map(({ name, values }) => ({ name, values: values.filter((value) => fits(x, value)) }))
  const xs = scaleOf(
    x,
    series.flatMap(({ values }) => values),
    { ticks: 10 },
  )
  if (!xs) return emptyFigure()
  const counts = series.map(({ values }) => countsOf(values, xs, bins))
  const ys = scaleOf(y, counts.flat(), { ticks: 5, fromZero: y.scale !== 'log' })
  if (!ys) return emptyFigure()
  const names = series.map(({ name }) => name)
  const given = section.series.reduce((count, { values }) => count + values.length, 0)
  const left = given - counts.flat().reduce((sum, count) => sum + count, 0)
  const edges = Array.from({ length: bins + 1 }, (_, i) => xs.valueAt(i / bins))
  const step = x.scale === 'log' ? 0 : (xs.max - xs.min) / bins
  const range = (bin: number) =>
    `${formatTick(edges[bin] as number, x.format, step)} – ${formatTick(edges[bin + 1] as number, x.format, step)}`

  const draw = (canvas: Canvas) =>
    chartFrame({
      title,
      description: `Histogram of ${x.label}, counting ${y.label}: ${names.join(', ')}`,
      canvas,
      x: { axis: x, ticks: xTicks(canvas, xs) },
      y: { axis: y, scale: ys },
      content: [
        ...Array.from({ length: bins }, (_, bin) => bin).flatMap((bin) => {
          const from = xOf(canvas, bin / bins)
          const to = xOf(canvas, (bin + 1) / bins)
          const width = (to - from - 1) / series.length
          const bars = counts.map((of, s) => {
            const count = of[bin] as number
            return count === 0
              ? markup``
              : bar(canvas, ys, s, from + s * width, Math.max(0.8, width), y.scale === 'log' ? ys.min : 0, count)
          })
          if (counts.every((of) => of[bin] === 0)) return []
          const tip = [range(bin), ...names.map((name, s) => `${name}: ${formatCount(counts[s]?.[bin] ?? 0)}`)]
          return [...bars, hoverArea(canvas, from, to, tip)]
        }),
        ...markerLines(canvas, xs, markers),
      ],
    })
  return chartFigure({
    names,
    draw,
    table: table({
      columns: [{ title: x.label }, ...names.map((name) => ({ title: name, format: 'count' as const }))],
      rows: edges.slice(0, -1).map((_, bin) => [range(bin), ...counts.map((of) => of[bin])]),
    }),
    remarks: left > 0 ? [`${formatCount(left)} ${left === 1 ? 'value' : 'values'} outside the axis left out.`] : [],
  })
}

/** The last bin holds its upper edge too. */
function countsOf(values: readonly number[], scale: Scale, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) {
    const share = scale.at(value)
    if (share < -1e-9 || share > 1 + 1e-9) continue
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(share * bins + 1e-9)))
    counts[bin] = (counts[bin] as number) + 1
  }
  return counts
}
