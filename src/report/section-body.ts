import { barChart } from './charts/bar-chart.ts'
import { histogram } from './charts/histogram.ts'
import { lineChart } from './charts/line-chart.ts'
import { formatValue } from './format-value.ts'
import { type Markup, markup } from './markup.ts'
import type { ExamplesSection, KeyFiguresSection, ReportSection } from './sections.ts'
import { table } from './table.ts'

/** The content of a section, without its heading. */
export function sectionBody(section: ReportSection): Markup {
  const title = section.heading ?? 'Chart'
  switch (section.kind) {
    case 'keyFigures':
      return keyFigures(section)
    case 'table':
      return table(section)
    case 'lineChart':
      return lineChart(section, title)
    case 'barChart':
      return barChart(section, title)
    case 'histogram':
      return histogram(section, title)
    case 'text':
      return markup`${section.paragraphs.map((paragraph) => markup`<p>${paragraph}</p>`)}`
    case 'examples':
      return examples(section)
  }
}

function keyFigures({ figures }: KeyFiguresSection): Markup {
  return markup`<dl class="figures">${figures.map(
    ({ label, value, format, note, tone = 'neutral' }) =>
      markup`<div class="figure ${tone}"><dt>${label}</dt><dd class="value">${formatValue(value, format)}</dd>${note !== undefined && markup`<dd class="note">${note}</dd>`}</div>`,
  )}</dl>`
}

function examples({ examples }: ExamplesSection): Markup {
  return markup`<ol class="examples">${examples.map(
    ({ title, tone = 'neutral', fields }) =>
      markup`<li class="${tone}">${title !== undefined && markup`<h3>${title}</h3>`}<dl>${fields.map(
        ({ label, text }) => markup`<div><dt>${label}</dt><dd dir="auto">${text}</dd></div>`,
      )}</dl></li>`,
  )}</ol>`
}
