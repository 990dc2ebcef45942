import type { Analysis } from '../text/analysis.ts'
import type { DateMention } from '../text/dates.ts'
import { finding, type Guard } from './guard.ts'

const PARTS = ['year', 'month', 'day', 'weekday', 'minutes', 'relative'] as const

export interface DateMatch {
  /** Parts (year, month, …) that both texts name. */
  readonly shared: number
  /** Parts that both name with different values. */
  readonly conflicts: number
  /** Parts only one of them names. */
  readonly leftOnly: number
  readonly rightOnly: number
}

/** Compares part by part, so that `1 September` and `September` do not conflict, and `1 September` and `2 September` do. */
export function matchDates(left: Analysis, right: Analysis): DateMatch {
  let shared = 0
  let conflicts = 0
  let leftOnly = 0
  let rightOnly = 0
  for (const part of PARTS) {
    const a = values(left, part)
    const b = values(right, part)
    const common = [...a].filter((value) => b.has(value) || (part === 'minutes' && halfDay(value, b))).length
    shared += common
    if (a.size > common && b.size > common) conflicts++
    else if (a.size > 0 && b.size === 0) leftOnly++
    else if (b.size > 0 && a.size === 0) rightOnly++
    else if (a.size !== b.size) {
      if (a.size > b.size) leftOnly++
      else rightOnly++
    }
  }
  return { shared, conflicts, leftOnly, rightOnly }
}

/** 3 o'clock may be 15:00. */
function halfDay(value: string | number, others: ReadonlySet<string | number>): boolean {
  return typeof value === 'number' && (others.has(value + 720) || others.has(value - 720))
}

function values(analysis: Analysis, part: (typeof PARTS)[number]): Set<string | number> {
  const found = new Set<string | number>()
  for (const mention of analysis.dates.mentions) {
    const value = mention[part]
    if (value !== undefined) found.add(value)
  }
  return found
}

/** Another day, month, year, weekday or hour differs; so does a calendar date against a word such as "yesterday". */
export const datesGuard: Guard = {
  name: 'dates',
  vetoes: true,
  inspect({ asked, stored }) {
    const { conflicts, leftOnly, rightOnly } = matchDates(asked, stored)
    const [a, b] = [asked, stored].map(({ dates }) => dates.mentions.map(({ text }: DateMention) => text).join(', '))
    if (conflicts > 0 || (leftOnly > 0 && rightOnly > 0)) return finding('dates', 'differ', a, b)
    if (leftOnly + rightOnly > 0) return finding('dates', 'unsure', a, b)
    return finding('dates', 'agree', a, b)
  },
}
