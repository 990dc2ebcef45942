import { wilson } from '../../src/core/wilson.ts'
import type { StreamCount } from './judge-cache.ts'
import type { ContextCount } from './judge-context.ts'
import type { PairCount } from './judge-pairs.ts'

export interface Report {
  readonly node: string
  readonly processor: string
  readonly at: string
  /** What could not be run, by name. */
  readonly absent: readonly string[]
  readonly embedders: {
    readonly name: string
    readonly id: string
    readonly rows: readonly {
      readonly policy: string
      readonly sets: Readonly<Record<string, PairCount>>
      readonly stream?: StreamCount
      readonly mock?: StreamCount
      readonly context?: ContextCount
    }[]
  }[]
}

export function markdown({ node, processor, at, absent, embedders }: Report): string {
  const lines = ['# Quality of decisions', '', `${at} · node ${node} · ${processor}`, '']
  if (absent.length > 0) lines.push(`Not run: ${absent.join('; ')}`, '')
  for (const { name, id, rows } of embedders) {
    lines.push(`## ${name} (\`${id}\`)`, '', '### Pairs, each in a cache of its own', '')
    for (const set of Object.keys(rows[0]?.sets ?? {})) {
      lines.push(
        `**${set}**`,
        '',
        '| policy | true pairs served | look-alikes served | wrong among served | true pairs vetoed | µs a decision |',
        '|-|-|-|-|-|-|',
      )
      for (const { policy, sets } of rows) {
        const count = sets[set]
        if (count) lines.push(`| ${policy} | ${pairCells(count)} |`)
      }
      const last = rows.find(({ policy }) => policy === 'calibrated(0.05)')?.sets[set]
      if (last && Object.keys(last.kinds).length > 1) {
        lines.push(
          '',
          `calibrated(0.05) by kind: ${Object.entries(last.kinds)
            .map(([kind, { different, served }]) => `${kind} ${served}/${different}`)
            .join(', ')}`,
        )
      }
      lines.push('')
    }
    lines.push(
      '### As a cache',
      '',
      '| policy | families in one stream: right · wrong · missed | GPTCache table: right (equal origins merged) · wrong · missed | same message, other history: served (each wrong) | same history: served |',
      '|-|-|-|-|-|',
    )
    for (const { policy, stream, mock, context } of rows) {
      const [other, own] = context
        ? [share(context.wrong, context.asked), share(context.own, context.asked)]
        : ['–', '–']
      lines.push(`| ${policy} | ${streamCell(stream)} | ${streamCell(mock)} | ${other} | ${own} |`)
    }
    lines.push('', 'GPTCache publishes .95 → 425 · 25 · 549, .9 → 804 · 77 · 118, .8 → 904 · 92 · 3.', '')
  }
  return `${lines.join('\n')}\n`
}

function pairCells({ same, servedSame, different, servedDifferent, falseVetoes, milliseconds }: PairCount): string {
  const served = servedSame + servedDifferent
  return [
    share(servedSame, same),
    share(servedDifferent, different),
    share(servedDifferent, served),
    share(falseVetoes, same),
    ((1000 * milliseconds) / Math.max(1, same + different)).toFixed(0),
  ].join(' | ')
}

function share(count: number, of: number): string {
  if (of === 0) return '–'
  const [low, high] = wilson(count, of)
  const percent = (value: number) => (100 * value).toFixed(1)
  return `${percent(count / of)} % (${percent(low)}–${percent(high)})`
}

function streamCell(count: StreamCount | undefined): string {
  return count
    ? `${count.right}${count.rightMerged > count.right ? ` (${count.rightMerged})` : ''} · ${count.wrong} · ${count.missed}`
    : '–'
}
