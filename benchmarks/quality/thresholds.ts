/**
 * Question: which cosine threshold belongs to which embedder, and how much does it serve?
 *
 * Method: every labelled pair gets its similarity. For each bound on the false hit rate (wrong ÷ served), the lowest
 * threshold that keeps it, with what it serves of the pairs that may share an answer ("covered"). At least 50 pairs
 * must be served, since less is luck. Baseline: hashingEmbedder, which knows spelling only.
 * What it does not show: the threshold is chosen in hindsight on the same pairs, and other traffic has another mix.
 *
 *     npx tsx benchmarks/quality/thresholds.ts [--families 150] [--json]
 *
 * Reads REPRISE_DATA and REPRISE_MODELS (default ../shared/data and ../shared/models); what is absent is named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { dot } from '../../src/core/vector.ts'
import { type Embedder, hashingEmbedder, onnxEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'

const SHARED = resolve(import.meta.dirname, '../../../shared')
const DATA = resolve(process.env.REPRISE_DATA ?? join(SHARED, 'data'))
const MODELS = resolve(process.env.REPRISE_MODELS ?? join(SHARED, 'models'))
const MIN_SERVED = 50
const { values } = parseArgs({ options: { families: { type: 'string', default: '150' }, json: { type: 'boolean' } } })

interface Pair {
  readonly a: string
  readonly b: string
  readonly isSame: boolean
}
type Language = 'en' | 'zh'

const jsonLines = <Row>(file: string): Row[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

function gold(language: Language): Pair[] {
  const rows = jsonLines<{ lang: string; a: string; b: string; label: number }>(join(DATA, 'quality/gold.jsonl'))
  return rows.filter(({ lang }) => lang === language).map(({ a, b, label }) => ({ a, b, isSame: label === 1 }))
}

interface Family {
  readonly q: string
  readonly same: readonly string[]
  readonly diff: readonly { readonly t: string }[]
}

/** Every nth family of a language, so that each domain is there. */
function families(language: Language, count: number): Family[] {
  const folder = join(DATA, 'families')
  const files = readdirSync(folder).filter((file) => file.startsWith(`${language}-`) && file.endsWith('.jsonl'))
  const all = files.flatMap((file) => jsonLines<Family>(join(folder, file)))
  const step = Math.max(1, Math.floor(all.length / count))
  return all.filter((_, i) => i % step === 0)
}

/** Texts that may share one answer, and each of them against the others that `othersOf` gives. */
function familyPairs(of: readonly Family[], othersOf: (family: Family, position: number) => readonly string[]): Pair[] {
  return of.flatMap((family, position) => {
    const group = [family.q, ...family.same]
    const alike = group.flatMap((a, i) => group.slice(i + 1).map((b) => ({ a, b, isSame: true })))
    return [...alike, ...group.flatMap((a) => othersOf(family, position).map((b) => ({ a, b, isSame: false })))]
  })
}

const lookAlikes = ({ diff }: Family) => diff.map(({ t }) => t)
const strangersAmong = (all: readonly Family[]) => (_family: Family, position: number) =>
  [1, 2, 3, 4].map((distance) => all[(position + distance) % all.length]?.q ?? '')

async function similarities(embedder: Embedder, pairs: readonly Pair[]) {
  const vectors = new Map<string, Float32Array | undefined>()
  for (const text of new Set(pairs.flatMap(({ a, b }) => [a, b]))) {
    // A text that the embedder refuses is never served.
    vectors.set(text, (await embedder.embed([text]).catch(() => []))[0])
  }
  return pairs.flatMap(({ a, b, isSame }) => {
    const [left, right] = [vectors.get(a), vectors.get(b)]
    return left && right ? [{ similarity: dot(left, right), isSame }] : []
  })
}

type Scored = Awaited<ReturnType<typeof similarities>>

/** Probability that a pair of the same meaning scores higher than another. */
function areaUnderCurve(scored: Scored): number {
  const ascending = [...scored].sort((x, y) => x.similarity - y.similarity)
  let below = 0
  let sum = 0
  for (let start = 0; start < ascending.length; ) {
    let end = start
    while (end < ascending.length && ascending[end]?.similarity === ascending[start]?.similarity) end++
    const ties = ascending.slice(start, end)
    const different = ties.filter(({ isSame }) => !isSame).length
    sum += (ties.length - different) * (below + different / 2)
    below += different
    start = end
  }
  return sum / ((scored.length - below) * below)
}

function bestThreshold(scored: Scored, maxFalseHitRate: number): { threshold: number; covered: number } | undefined {
  const descending = [...scored].sort((x, y) => y.similarity - x.similarity)
  const same = scored.filter(({ isSame }) => isSame).length
  let right = 0
  let best: { threshold: number; covered: number } | undefined
  for (const [i, { similarity, isSame }] of descending.entries()) {
    if (isSame) right++
    const served = i + 1
    const isWholeTie = descending[i + 1]?.similarity !== similarity
    if (isWholeTie && served >= MIN_SERVED && (served - right) / served <= maxFalseHitRate) {
      best = { threshold: similarity, covered: right / same }
    }
  }
  return best
}

const onnx = (name: string) => {
  const model = join(MODELS, 'Xenova', name)
  return existsSync(model) ? onnxEmbedder({ model }) : undefined
}
const cases: { name: string; language: Language; embedder: (Embedder & { close?(): Promise<void> }) | undefined }[] = [
  { name: 'staticEmbedder()', language: 'en', embedder: staticEmbedder() },
  { name: 'staticEmbedder()', language: 'zh', embedder: staticEmbedder() },
  { name: 'hashingEmbedder()', language: 'en', embedder: hashingEmbedder() },
  { name: 'onnx all-MiniLM-L6-v2 int8', language: 'en', embedder: onnx('all-MiniLM-L6-v2') },
  { name: 'onnx bge-small-en-v1.5 int8', language: 'en', embedder: onnx('bge-small-en-v1.5') },
  { name: 'hashingEmbedder()', language: 'zh', embedder: hashingEmbedder() },
  { name: 'onnx bge-small-zh-v1.5 int8', language: 'zh', embedder: onnx('bge-small-zh-v1.5') },
]

const rows: Record<string, unknown>[] = []
for (const { name, language, embedder } of cases) {
  if (!embedder) {
    console.error(`not measured: ${name}, no weights in ${MODELS}`)
    continue
  }
  const chosen = families(language, Number(values.families))
  for (const [set, pairs] of [
    ['gold (close pairs)', gold(language)],
    ['families, look-alikes', familyPairs(chosen, lookAlikes)],
    ['families, other questions', familyPairs(chosen, strangersAmong(chosen))],
  ] as const) {
    const scored = await similarities(embedder, pairs)
    const at = Object.fromEntries([0.01, 0.05].map((rate) => [rate, bestThreshold(scored, rate)]))
    rows.push({ embedder: name, language, set, pairs: scored.length, auc: areaUnderCurve(scored), at })
  }
  await embedder.close?.()
}

if (values.json) console.log(JSON.stringify(rows, null, 2))
else {
  const table = new Table({
    head: ['embedder', 'set', 'pairs', 'AUC', '≤ 1 % false: threshold', 'covered', '≤ 5 % false: threshold', 'covered'],
    style: { head: [], border: [] },
  })
  for (const { embedder, language, set, pairs, auc, at } of rows) {
    const cells = Object.values(at as Record<string, ReturnType<typeof bestThreshold>>).flatMap((best) =>
      best ? [best.threshold.toFixed(3), `${(best.covered * 100).toFixed(1)} %`] : ['none', '0 %'],
    )
    table.push([String(embedder), `${set} ${language}`, String(pairs), Number(auc).toFixed(3), ...cells])
  }
  console.log(String(table))
}
