import { formatValue } from '../format-value.ts'
import { type Markup, markup } from '../markup.ts'
import type { BarChartSection } from '../sections.ts'
import { table } from '../table.ts'
import { chartFigure, emptyFigure, SERIES_COLOURS } from './figure.ts'
import { type Canvas, chartFrame, hoverArea, pixels, plotWidth, yOf } from './frame.ts'
import { fits, type Scale, scaleOf } from './scale.ts'

export function barChart({ x, y, categories, series, stacked = false }: BarChartSection, title: string): Markup {
  const columns = categories.map((_, c) => series.map(({ values }) => (fits(y, values[c]) ? values[c] : undefined)))
  const tops = stacked
    ? columns.map((values) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0))
    : columns.flat()
  const ys = scaleOf(
    y,
    tops.filter((value) => value !== undefined),
    { ticks: 5, fromZero: y.scale !== 'log' },
  )
  if (!ys || categories.length === 0) return emptyFigure()
  const names = series.map(({ name }) => name)
  const given = series.reduce((count, { values }) => count + values.filter((value) => value !== undefined).length, 0)
  const left = given - columns.flat().filter((value) => value !== undefined).length

  const draw = (canvas: Canvas) =>
    chartFrame({
      title,
      description: `Bar chart of ${y.label} by ${x.label}: ${names.join(', ')}`,
      canvas,
      x: { axis: x, ticks: categoryTicks(canvas, categories) },
      y: { axis: y, scale: ys },
      content: columns.flatMap((values, c) => {
        const slot = plotWidth(canvas) / categories.length
        const start = canvas.left + c * slot
        const tip = [categories[c] as string, ...names.map((name, s) => `${name}: ${formatValue(values[s], y.format)}`)]
        const bars = stacked
          ? stackedBars(canvas, ys, values, start, slot)
          : sideBySide(canvas, ys, values, start, slot)
        return [
          stacked ? markup`<g class="stacked">${bars}</g>` : markup`${bars}`,
          hoverArea(canvas, start, start + slot, tip),
        ]
      }),
    })
  return chartFigure({
    names,
    draw,
    table: table({
      columns: [{ title: x.label }, ...names.map((name) => ({ title: name, format: y.format }))],
      rows: categories.map((category, c) => [category, ...series.map(({ values }) => values[c])]),
    }),
    remarks: left > 0 ? [`${left} ${left === 1 ? 'value' : 'values'} that the axis cannot show left out.`] : [],
  })
}

type Values = readonly (number | undefined)[]

function sideBySide(canvas: Canvas, scale: Scale, values: Values, start: number, slot: number): Markup[] {
  const group = Math.min(slot * 0.72, values.length * 64)
  const width = group / values.length
  return values.map((value, s) => {
    if (value === undefined) return markup``
    const from = start + (slot - group) / 2 + s * width
    return bar(canvas, scale, s, from, Math.max(1, width - 2), Math.max(scale.min, Math.min(0, scale.max)), value)
  })
}

function stackedBars(canvas: Canvas, scale: Scale, values: Values, start: number, slot: number): Markup[] {
  const width = Math.min(slot * 0.72, 72)
  let below = 0
  return values.map((value, s) => {
    if (!value) return markup``
    const from = below
    below += value
    return bar(canvas, scale, s, start + (slot - width) / 2, width, from, below)
  })
}

/** From one value to another, whichever is higher. */
export function bar(
  canvas: Canvas,
  scale: Scale,
  colour: number,
  x: number,
  width: number,
  from: number,
  to: number,
): Markup {
  const within = (value: number) => yOf(canvas, Math.min(1, Math.max(0, scale.at(value))))
  const low = from <= scale.min ? yOf(canvas, 0) : within(from)
  const high = within(to)
  const height = Math.abs(low - high)
  return markup`<rect class="bar fill-${colour % SERIES_COLOURS}" x="${pixels(x)}" y="${pixels(Math.min(low, high))}" width="${pixels(width)}" height="${pixels(Math.max(to === from ? 0 : 1, height))}" rx="${pixels(Math.min(3, width / 4))}"/>`
}

/** Names that do not fit are shortened; the tooltip has them whole. */
function categoryTicks(canvas: Canvas, categories: readonly string[]) {
  const slot = plotWidth(canvas) / categories.length
  const every = Math.max(1, Math.ceil(34 / slot))
  const room = Math.max(4, Math.floor((slot * every) / 7))
  return categories
    .map((name, i) => ({ at: (i + 0.5) / categories.length, label: shortened(name, room) }))
    .filter((_, i) => i % every === 0)
}

function shortened(name: string, room: number): string {
  let width = 0
  const shown = [...name].filter((character) => {
    width += /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(character) ? 2 : 1
    return width <= room
  })
  return width <= room ? name : `${shown.slice(0, -1).join('')}…`
}
