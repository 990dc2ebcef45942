/**
 * Measures each guard alone: how often its `differ` falls on look-alikes and how often on true pairs (false vetoes).
 *
 *     npx tsx scripts/calibration/measure-guards.ts pairs.jsonl [every nth pair] [guard to show errors of]
 */
import { readFileSync } from 'node:fs'
import { compare } from '../../src/semantic-cache/decision/features.ts'
import { guards } from '../../src/semantic-cache/decision/guards/index.ts'

const [input = '', step = '1', shown = ''] = process.argv.slice(2)
interface Pair {
  lang: string
  set: string
  kind: string
  y: number
  a: string
  b: string
}
const groupOf = ({ lang, set }: Pair) =>
  /^(?:en|zh)-\d/.test(set)
    ? `families-${lang}`
    : set.startsWith('rules')
      ? `rules-${lang}`
      : set.startsWith('gold')
        ? `gold-${lang}`
        : set
const table = new Map<string, { differ: [number, number]; kinds: Map<string, number> }>()
const totals = new Map<string, [number, number]>()
let nanoseconds = 0n
let pairs = 0
let printed = 0
for (const [index, line] of readFileSync(input, 'utf8').split('\n').entries()) {
  if (!line || index % Number(step) !== 0) continue
  const pair = JSON.parse(line) as Pair
  const group = groupOf(pair)
  const total = totals.get(group) ?? [0, 0]
  total[pair.y as 0 | 1]++
  totals.set(group, total)
  const comparison = compare(pair.a, pair.b)
  const startedAt = process.hrtime.bigint()
  const findings = guards.map((guard) => guard.inspect(comparison))
  nanoseconds += process.hrtime.bigint() - startedAt
  pairs++
  let vetoed = false
  const count = (name: string) => {
    const key = `${name}|${group}`
    const row = table.get(key) ?? { differ: [0, 0] as [number, number], kinds: new Map() }
    row.differ[pair.y as 0 | 1]++
    row.kinds.set(pair.kind, (row.kinds.get(pair.kind) ?? 0) + 1)
    table.set(key, row)
  }
  for (const [i, { guard, verdict, asked, stored }] of findings.entries()) {
    if (verdict !== 'differ') continue
    count(guard)
    if (guards[i]?.vetoes) vetoed = true
    if (guard === shown && pair.y === 1 && printed++ < 40)
      console.log(`${pair.set} [${asked} | ${stored}]\n   ${pair.a}\n   ${pair.b}`)
  }
  if (vetoed) count('any veto')
}
for (const name of [...guards.map((guard) => guard.name), 'any veto']) {
  const cells = [...totals].map(([group, [different, same]]) => {
    const [onDifferent, onSame] = table.get(`${name}|${group}`)?.differ ?? [0, 0]
    return `${group} ${((100 * onDifferent) / different).toFixed(1)}%/${same ? ((100 * onSame) / same).toFixed(2) : '-'}%`
  })
  console.log(`${name.padEnd(14)} ${cells.join('  ')}`)
}
console.log(
  'columns: differ on look-alikes / on true pairs;',
  Number(nanoseconds) / 1e3 / pairs,
  'µs a pair for all guards after analysis and alignment',
)
