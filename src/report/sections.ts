/** How numbers of a column or axis are written. `share` takes 0…1, `ms` milliseconds, `time` epoch milliseconds (UTC). */
export type NumberFormat = 'number' | 'count' | 'usd' | 'share' | 'ms' | 'time'

/** What stands above and below the content of every section. */
interface SectionFrame {
  readonly heading?: string
  /** What the reader should see, or how the numbers came about. */
  readonly note?: string
}

export type ReportSection = SectionFrame &
  (
    | KeyFiguresSection
    | TableSection
    | LineChartSection
    | BarChartSection
    | HistogramSection
    | TextSection
    | ExamplesSection
  )

export type Tone = 'good' | 'bad' | 'neutral'

/** Large single numbers. */
export interface KeyFiguresSection {
  readonly kind: 'keyFigures'
  readonly figures: readonly {
    readonly label: string
    /** A string is shown as it is. */
    readonly value: string | number | undefined
    readonly format?: NumberFormat
    readonly note?: string
    readonly tone?: Tone
  }[]
}

export type Cell = string | number | undefined

export interface TableSection {
  readonly kind: 'table'
  readonly columns: readonly { readonly title: string; readonly format?: NumberFormat }[]
  /** Undefined is shown as a dash. */
  readonly rows: readonly (readonly Cell[])[]
}

export interface Axis {
  readonly label: string
  readonly format?: NumberFormat
  /** Values ≤ 0 have no place on a `log` axis: they are left out, and the page says how many. */
  readonly scale?: 'linear' | 'log'
  /** Bounds of the axis; default: those of the data, made round. */
  readonly min?: number
  readonly max?: number
}

/** A line across the chart, at a value of the x axis. */
export interface Marker {
  readonly at: number
  readonly label: string
}

export interface LineChartSection {
  readonly kind: 'lineChart'
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[]
  readonly markers?: readonly Marker[]
}

export interface BarChartSection {
  readonly kind: 'barChart'
  /** Names below the bars; `label` of x says what they are. */
  readonly x: Pick<Axis, 'label'>
  readonly categories: readonly string[]
  readonly y: Axis
  /** One value per category. */
  readonly series: readonly { readonly name: string; readonly values: readonly (number | undefined)[] }[]
  /** Series on top of each other instead of side by side; for values ≥ 0 on a linear axis. */
  readonly stacked?: boolean
}

export interface HistogramSection {
  readonly kind: 'histogram'
  readonly x: Axis
  /** What is counted, such as `'questions'`. */
  readonly y: Pick<Axis, 'label' | 'scale'>
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
  /** Number of bins, 2…200. Default 30. */
  readonly bins?: number
  readonly markers?: readonly Marker[]
}

export interface TextSection {
  readonly kind: 'text'
  readonly paragraphs: readonly string[]
}

/** Texts side by side for people to judge, such as a question, the one it was matched with, and why. */
export interface ExamplesSection {
  readonly kind: 'examples'
  readonly examples: readonly {
    readonly title?: string
    readonly tone?: Tone
    readonly fields: readonly { readonly label: string; readonly text: string }[]
  }[]
}
