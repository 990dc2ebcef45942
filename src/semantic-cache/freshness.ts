/**
 * Questions about now: their answer ages by the minute, so they bypass the cache unless allowed. The one place where
 * such wordings are listed. "Now" and 现在 alone are no sign ("it worked before and now fails"); they count where the
 * sentence asks for a value of the present.
 */
const ENGLISH = [
  /\b(today|tonight|todays)\b/,
  /\b(right|just|as of|up to|until|till) now\b|\bthese days\b/,
  /\b(currently|presently|nowadays|at (the|this) (moment|minute|time of day)|at present)\b/,
  /\b(latest|newest|most recent|up-to-date|up to date|real-time|realtime|breaking)\b/,
  /\bcurrent\s+(\w+\s+){0,2}(price|prices|rate|rates|weather|temperature|time|date|score|value|version|status|news|events?|exchange|stock|market|president|ceo|population|standings?|year|month|week|day)\b/,
  /\bwhat(\s+is|'s|s)?\s+(the\s+)?(time|date|day)\b(?!.*\b(of|for|to|did|does|will|was|were|do)\b)/,
  /\bthis (morning|afternoon|evening|week|weekend|month|quarter|year|season)\b/,
  /\b(yesterday|tomorrow)\b/,
  /\b(live|current) (score|scores|price|prices|rates?|results?|stream|traffic)\b/,
]

const CHINESE = [
  /今天|今日|今晚|今早|今夜|今年|本周|这周|本月|这个月|昨天|昨日|明天|明日|此刻|此时此刻|刚刚|实时|即时|眼下|时下/,
  /最新|目前|当前|现任|近日|最近的?(新闻|消息|动态|价格|行情|比分|天气)/,
  /现在.{0,8}(几点|多少|天气|价格|汇率|行情|股价|温度|比分|是谁|什么时间|星期几|几号)|几点了|今儿/,
]

const QUESTION = /\b(what|what's|whats|how|who|who's|where|which|is|are|does|do)\b/
const ENDS_IN_NOW = /\bnow\s{0,5}[?.!]{0,5}$/

/** A question stands at the beginning or the end of a long text; the middle is what it is about. */
const LOOKED_AT_CHARS = 1_000

/** True when the text asks for something that holds now and may not in an hour. English and Chinese. */
export function asksAboutNow(text: string): boolean {
  const short = text.length <= 2 * LOOKED_AT_CHARS
  const shown = short ? text : `${text.slice(0, LOOKED_AT_CHARS)}\n${text.slice(-LOOKED_AT_CHARS)}`
  const folded = shown.normalize('NFKC').toLowerCase().replaceAll('’', "'").trimEnd()
  if (ENDS_IN_NOW.test(folded) && QUESTION.test(folded)) return true
  return ENGLISH.some((sign) => sign.test(folded)) || CHINESE.some((sign) => sign.test(folded))
}
