import { numeralsOf } from './numerals.ts'
import type { Token } from './tokens.ts'

/** A calendar date or a part of one; `relative` holds words such as `yesterday` or `next week` in one spelling. */
export interface DateMention {
  readonly year?: number
  readonly month?: number
  readonly day?: number
  /** 1 Monday … 7 Sunday. */
  readonly weekday?: number
  /** Minutes after midnight; `half` when it is not said whether before or after noon. */
  readonly minutes?: number
  readonly relative?: string
  readonly text: string
}

export interface Dates {
  readonly mentions: readonly DateMention[]
  /** Token indexes that belong to dates, so that their numbers are not counted again. */
  readonly taken: ReadonlySet<number>
}

const MONTHS = new Map<string, number>()
for (const [
  index,
  names,
] of 'january jan|february feb|march|april apr|may|june jun|july jul|august aug|september sep sept|october oct|november nov|december dec'
  .split('|')
  .entries()) {
  for (const name of names.split(' ')) MONTHS.set(name, index + 1)
}
const WEEKDAYS = new Map<string, number>()
for (const [
  index,
  names,
] of 'monday mon mondays|tuesday tue tues tuesdays|wednesday wed wednesdays|thursday thu thurs thursdays|friday fri fridays|saturday sat saturdays|sunday sundays'
  .split('|')
  .entries()) {
  for (const name of names.split(' ')) WEEKDAYS.set(name, index + 1)
}
const RELATIVE_WORDS: Readonly<Record<string, string>> = {
  yesterday: 'day-1',
  today: 'day+0',
  tonight: 'day+0',
  tomorrow: 'day+1',
  昨天: 'day-1',
  昨日: 'day-1',
  昨晚: 'day-1',
  今天: 'day+0',
  今日: 'day+0',
  今晚: 'day+0',
  明天: 'day+1',
  明日: 'day+1',
  明晚: 'day+1',
  前天: 'day-2',
  后天: 'day+2',
  去年: 'year-1',
  今年: 'year+0',
  明年: 'year+1',
  前年: 'year-2',
  后年: 'year+2',
  上周: 'week-1',
  上星期: 'week-1',
  上礼拜: 'week-1',
  本周: 'week+0',
  这周: 'week+0',
  这星期: 'week+0',
  下周: 'week+1',
  下星期: 'week+1',
  下礼拜: 'week+1',
  上个月: 'month-1',
  上月: 'month-1',
  本月: 'month+0',
  这个月: 'month+0',
  下个月: 'month+1',
  下月: 'month+1',
}
const STEPS: Readonly<Record<string, string>> = {
  last: '-1',
  previous: '-1',
  past: '-1',
  this: '+0',
  current: '+0',
  next: '+1',
  coming: '+1',
  following: '+1',
}
const PERIODS = new Set([
  'week',
  'month',
  'year',
  'quarter',
  'weekend',
  'night',
  'summer',
  'winter',
  'spring',
  'autumn',
  'semester',
  'season',
])
const NUMERIC_DATE = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/

/** Finds dates, weekdays, clock times and words such as "yesterday" in English and Chinese. */
export function datesOf(tokens: readonly Token[], folded: string): Dates {
  const mentions: DateMention[] = []
  const taken = new Set<number>()
  const take = (from: number, to: number, mention: Omit<DateMention, 'text'>) => {
    for (let i = from; i < to; i++) taken.add(i)
    mentions.push({ ...mention, text: folded.slice(tokens[from]?.start ?? 0, tokens[to - 1]?.end ?? 0) })
  }
  const numerals = new Map(numeralsOf(tokens).map((numeral) => [numeral.from, numeral]))
  const text = (i: number) => tokens[i]?.text ?? ''
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token
    if (taken.has(i)) continue
    if (token.kind === 'number') {
      const joined = joinDate(tokens, i)
      if (joined) {
        take(i, joined.to, joined.date)
        continue
      }
      const clock = /^(\d{1,2}):(\d{2})$/.exec(token.text)
      if (clock && Number(clock[1]) < 25 && Number(clock[2]) < 60) {
        const half = /^(am|pm)$/.exec(text(i + 1))?.[1]
        take(i, i + (half ? 2 : 1), { minutes: clockMinutes(Number(clock[1]), Number(clock[2]), half) })
        continue
      }
    }
    const numeral = numerals.get(i)
    if (numeral) {
      const { to, value } = numeral
      if (/^(?:am|pm)$/.test(text(to)) && value <= 12) take(i, to + 1, { minutes: clockMinutes(value, 0, text(to)) })
      else if (text(to) === 'oclock') take(i, to + 1, { minutes: value * 60 })
      else if (text(to) === '点' && value <= 24) take(i, to + 1, { minutes: hanClock(tokens, i, value) })
      else if (text(to) === '年' && value >= 1000 && value < 2200) take(i, to + 1, { year: value })
      else if (text(to) === '月' && value <= 12 && text(to - 1) !== '个') take(i, to + 1, { month: value })
      else if (/^[日号]$/.test(text(to)) && value <= 31 && numeral.to - i <= 3) take(i, to + 1, { day: value })
      else if (token.kind === 'number' && value >= 1900 && value < 2100 && /^\d{4}$/.test(token.text))
        take(i, to, { year: value })
      else if (value <= 31) {
        const at = text(to) === 'of' ? to + 1 : to
        const month = monthAt(tokens, at)
        if (month && (numeral.ordinal || token.kind === 'number')) take(i, at + 1, { day: value, month })
      }
      continue
    }
    const month = monthAt(tokens, i)
    if (month) {
      const at = text(i + 1) === 'the' ? i + 2 : i + 1
      const day = numerals.get(at)
      if (day && day.value <= 31 && day.value >= 1 && (at === i + 1 || day.ordinal))
        take(i, day.to, { month, day: day.value })
      else take(i, i + 1, { month })
      continue
    }
    const weekday = WEEKDAYS.get(token.text)
    if (weekday && (token.text.length > 3 || token.raw.charAt(0) !== token.text.charAt(0))) {
      take(i, i + 1, { weekday })
      continue
    }
    relativeAt(tokens, i, take)
  }
  return { mentions, taken }
}

function monthAt(tokens: readonly Token[], i: number): number | undefined {
  const token = tokens[i]
  if (!token) return undefined
  const month = MONTHS.get(token.text)
  if (!month) return undefined
  // "may", "march" and short forms are months only when written so or beside a number.
  if ((token.text === 'may' || token.text === 'march') && token.raw.charAt(0) === token.text.charAt(0)) {
    const beside = tokens[i + 1]?.kind === 'number' || tokens[i - 1]?.kind === 'number'
    if (!beside) return undefined
  }
  if (token.text === 'may' && i === 0 && tokens[1]?.kind !== 'number') return undefined
  return month
}

function joinDate(tokens: readonly Token[], i: number): { to: number; date: Omit<DateMention, 'text'> } | undefined {
  const single = NUMERIC_DATE.exec((tokens[i] as Token).text)
  if (single) return { to: i + 1, date: { year: Number(single[1]), month: Number(single[2]), day: Number(single[3]) } }
  const parts = [0, 1, 2, 3, 4].map((offset) => tokens[i + offset]?.text ?? '')
  const glued = tokens[i + 4]?.start === (tokens[i] as Token).start + parts.slice(0, 4).join('').length
  const match = glued ? NUMERIC_DATE.exec(parts.join('')) : undefined
  if (match) return { to: i + 5, date: { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) } }
  return undefined
}

function clockMinutes(hour: number, minute: number, half: string | undefined): number {
  const hours = half === 'pm' && hour < 12 ? hour + 12 : half === 'am' && hour === 12 ? 0 : hour
  return hours * 60 + minute
}

function hanClock(tokens: readonly Token[], i: number, hour: number): number {
  const before = (tokens[i - 2]?.text ?? '') + (tokens[i - 1]?.text ?? '')
  const half = /(?:下午|晚上)$/.test(before) ? 'pm' : undefined
  return clockMinutes(hour, 0, half)
}

function relativeAt(
  tokens: readonly Token[],
  i: number,
  take: (from: number, to: number, mention: Omit<DateMention, 'text'>) => void,
): void {
  const token = tokens[i] as Token
  if (token.kind === 'han') {
    if (
      (token.text === '周' || token.text === '期' || token.text === '拜') &&
      /^[一二三四五六日天]$/.test(tokens[i + 1]?.text ?? '')
    ) {
      const weekday = '一二三四五六日'.indexOf((tokens[i + 1] as Token).text) + 1 || 7
      take(i, i + 2, { weekday })
      return
    }
    for (let length = 3; length >= 2; length--) {
      const word = tokens
        .slice(i, i + length)
        .map((t) => t.text)
        .join('')
      const relative = Object.hasOwn(RELATIVE_WORDS, word) ? RELATIVE_WORDS[word] : undefined
      if (relative) return take(i, i + length, { relative })
    }
    return
  }
  const relative = Object.hasOwn(RELATIVE_WORDS, token.text) ? RELATIVE_WORDS[token.text] : undefined
  if (relative) return take(i, i + 1, { relative })
  const step = Object.hasOwn(STEPS, token.text) ? STEPS[token.text] : undefined
  const period = tokens[i + 1]?.text
  if (step && period && PERIODS.has(period)) take(i, i + 2, { relative: `${period}${step}` })
}
