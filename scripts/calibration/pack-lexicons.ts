/**
 * Packs the word lists of scripts/calibration/lexicons for the package: every word by its base form, every relation written
 * on both sides, so that reading them is splitting lines.
 *
 *     npx tsx scripts/calibration/pack-lexicons.ts
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lemmaOf } from '../../src/semantic-cache/decision/text/lemma.ts'
import { CHINESE_PAIRS, ENGLISH_PAIRS } from '../../src/semantic-cache/decision/text/opposite-pairs.ts'
import chineseFrequency from './lexicons/chinese-frequency.generated.ts'
import chineseOpposites from './lexicons/chinese-opposites.generated.ts'
import englishConcepts from './lexicons/english-concepts.generated.ts'
import englishFrequency from './lexicons/english-frequency.generated.ts'
import englishOpposites from './lexicons/english-opposites.generated.ts'

const UNKNOWN_RARITY = 9.5
const folder = join(import.meta.dirname, '../../src/semantic-cache/decision/text/lexicons')

const rarity = new Map<string, number>()
for (const source of [englishFrequency, chineseFrequency]) {
  for (const [bucket, line] of source.split('\n').entries()) {
    for (const word of line.split(' ')) if (word) rarity.set(word, bucket)
  }
}
for (const [word, bucket] of [...rarity]) {
  const lemma = lemmaOf(word)
  if (lemma !== word) rarity.set(lemma, Math.min(bucket, rarity.get(lemma) ?? UNKNOWN_RARITY))
}
const buckets: string[][] = []
for (const [word, bucket] of rarity) {
  while (buckets.length <= bucket) buckets.push([])
  buckets[bucket]?.push(word)
}
write('rarity', 'Line n: words of rarity n.', buckets.map((words) => words.sort().join(' ')).join('\n'))

const concepts = new Map<string, { same: string[]; broader: string[] }>()
const derived = new Map<string, Set<string>>()
for (const line of englishConcepts.split('\n')) {
  const [word = '', same = '', broader = '', kin = ''] = line.split('|')
  const lemma = lemmaOf(word)
  const known = concepts.get(lemma) ?? { same: [], broader: [] }
  if (same) known.same.push(...same.split(','))
  if (broader) known.broader.push(...broader.split(','))
  concepts.set(lemma, known)
  if (kin) for (const other of kin.split(',')) connect(derived, lemma, lemmaOf(other))
}
const known = [...new Set([...concepts.keys(), ...derived.keys()])].sort()
write(
  'concepts',
  'word|concepts|broader concepts|derived words',
  known
    .map((lemma) => {
      const { same = [], broader = [] } = concepts.get(lemma) ?? {}
      return [lemma, same.join(), broader.join(), [...(derived.get(lemma) ?? [])].join()].join('|')
    })
    .join('\n'),
)

const opposites = new Map<string, Set<string>>()
for (const source of [englishOpposites, chineseOpposites, ENGLISH_PAIRS, CHINESE_PAIRS]) {
  for (const line of source.trim().split('\n')) {
    const [word = '', ...others] = line.split(' ')
    for (const other of others) connect(opposites, lemmaOf(word), lemmaOf(other))
  }
}
write(
  'opposites',
  'word|its opposites',
  [...opposites]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, others]) => `${word}|${[...others].join()}`)
    .join('\n'),
)

function connect(graph: Map<string, Set<string>>, a: string, b: string): void {
  if (a === b) return
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    const others = graph.get(from)
    if (others) others.add(to)
    else graph.set(from, new Set([to]))
  }
}

function write(name: string, purpose: string, text: string): void {
  const head = `// Made by scripts/calibration/pack-lexicons.ts; see NOTICE beside this file. ${purpose}`
  writeFileSync(join(folder, `${name}.generated.ts`), `${head}\nexport default \`${text}\`\n`)
}
