/**
 * Question: what does a cache serve, and how much of it is wrong, under each decision policy?
 *
 * Method: (1) pairs: each labelled pair in a cache of its own. (2) cache: families in one seeded stream through
 * createSemanticCache, so that look-alikes meet each other's entries; GPTCache's 999 pairs by its own method (all origins
 * stored, all similars asked) and with equal origins merged. Every policy at one setting for all sets. Families in files no
 * fit has seen; `--all` adds the rest, marked. 95 % Wilson intervals.
 * Baselines: exact only; thresholds at RedisVL's and BetterDB's default (distance .1) and at GPTCache's (.8); the best single
 * threshold in hindsight that serves at most 1 % of the look-alikes of the families.
 * What it does not show: gold.jsonl holds close pairs only; real traffic has another mix, and its own look-alikes.
 *
 *     npm run bench:quality -- [--embedder static,minilm,bge-small-en,bge-small-zh] [--judge packages/reprise-judge] [--all]
 *                              [--limit 2000] [--pairs] [--out reports]
 *
 * Reads REPRISE_DATA and REPRISE_MODELS (default ../shared/data, ../shared/models); what is absent is named. `--limit` takes
 * that many pairs of each set, by a lot that is the same in each run; `--pairs` leaves the streams out.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dot } from '../../src/core/vector.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import * as embeddings from '../../src/embeddings/index.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import type { DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import { similarityThreshold } from '../../src/semantic-cache/decision/similarity-threshold.ts'
import { verified } from '../../src/semantic-cache/decision/verified.ts'
import { html } from './html.ts'
import { familyStream, type Question, type StreamCount, streamThrough } from './judge-cache.ts'
import { type ContextCount, contextCases, judgeContext } from './judge-context.ts'
import { judgePairs, type PairCount } from './judge-pairs.ts'
import { markdown, type Report } from './markdown.ts'
import { families, familyPairs, heldApart, type LabelledPair, mockData, publicPairs } from './sets.ts'

const SHARED = resolve(import.meta.dirname, '../../../shared')
const DATA = resolve(process.env.REPRISE_DATA ?? join(SHARED, 'data'))
const MODELS = resolve(process.env.REPRISE_MODELS ?? join(SHARED, 'models'))
const { values } = parseArgs({
  options: {
    judge: { type: 'string', default: resolve(import.meta.dirname, '../../packages/reprise-judge') },
    embedder: { type: 'string', default: 'static,minilm,bge-small-en,bge-small-zh' },
    all: { type: 'boolean', default: false },
    limit: { type: 'string', default: '0' },
    pairs: { type: 'boolean', default: false },
    out: { type: 'string', default: 'reports' },
  },
})
const FOLDERS: Readonly<Record<string, readonly [string, readonly ('en' | 'zh')[]]>> = {
  minilm: ['all-MiniLM-L6-v2', ['en']],
  'bge-small-en': ['bge-small-en-v1.5', ['en']],
  'bge-small-zh': ['bge-small-zh-v1.5', ['zh']],
}
/** The local judge beside calibrated, where its weights are. */
const judge = ['en', 'zh'].some((language) => existsSync(join(values.judge, language, 'judge.json')))
  ? embeddings.localJudge({ model: values.judge, deadlineMs: 60_000 })
  : undefined
const RATES = [0.01, 0.05, 0.2]
const DEFAULT_OF: Readonly<Record<string, string>> = {
  'similarityThreshold(0.9)': " (RedisVL's and BetterDB's default, distance .1)",
  'similarityThreshold(0.8)': " (GPTCache's published setting)",
}
const FEWER = ['checklist', 'checklist-swaps', 'negation', 'redis-langcache', 'gold-en', 'gold-zh']

const absent: string[] = judge ? [] : [`local judge: none in ${values.judge}`]
const all = families(DATA)
const publicOnes = publicPairs(DATA).filter(({ set }) => values.all || FEWER.includes(set))
const report: Report = {
  node: process.version,
  processor: cpus()[0]?.model ?? 'unknown',
  at: new Date().toISOString(),
  absent,
  embedders: [],
}

for (const name of values.embedder.split(',')) {
  const found = embedderOf(name)
  if (!found) continue
  const { embedder, languages } = found
  const apart = heldApart(name)
  const chosen = values.all ? all : all.filter(({ file }) => apart.includes(file))
  const everything = [...familyPairs(chosen, apart), ...publicOnes]
  const pairs = limited(everything.filter(({ language }) => languages.includes(language)))
  const vectors = await embedAll(embedder, pairs)
  const cases = contextCases(DATA).filter(({ lang }) => languages.includes(lang))
  const hindsight = bestThreshold(pairs, vectors)
  const policies: readonly (DecisionPolicy | 'exact')[] = [
    'exact',
    similarityThreshold({ minSimilarity: 0.9 }),
    similarityThreshold({ minSimilarity: 0.8 }),
    similarityThreshold({ minSimilarity: hindsight }),
    ...RATES.map((maxFalseHitRate) => calibrated({ maxFalseHitRate })),
    ...(judge ? RATES.map((maxFalseHitRate) => verified(calibrated({ maxFalseHitRate }), { verifier: judge })) : []),
  ]
  const rows: {
    policy: string
    sets: Record<string, PairCount>
    stream?: StreamCount
    mock?: StreamCount
    context?: ContextCount
  }[] = []
  for (const policy of policies) {
    const label =
      policy === 'exact'
        ? 'exact'
        : `${policy.name}${DEFAULT_OF[policy.name] ?? ''}${policy.name.endsWith(`(${hindsight})`) ? ', best in hindsight' : ''}`
    process.stderr.write(`${name}: ${label}\n`)
    const sets = Object.fromEntries(await judgePairs(pairs, policy, embedder, vectors))
    const held = chosen.filter(
      ({ file }) => apart.includes(file) && languages.includes(file.startsWith('zh') ? 'zh' : 'en'),
    )
    if (values.pairs) {
      rows.push({ policy: label, sets })
      continue
    }
    const known = remembering(embedder, vectors)
    const sample = held.filter((_, index) => index % Math.max(1, Math.ceil(held.length / 60)) === 0)
    const stream = await streamThrough([], familyStream(sample), true, policy, known)
    const mock = languages.includes('en') ? mockQuestions() : undefined
    rows.push({
      policy: label,
      sets,
      stream,
      ...(mock && { mock: await streamThrough(mock.origins, mock.similars, false, policy, known) }),
      ...(cases.length > 0 && { context: await judgeContext(cases, policy, known) }),
    })
  }
  report.embedders.push({ name, id: (await embedder.describe()).id, rows })
  await (embedder as { close?: () => Promise<void> }).close?.()
}
await judge?.close()
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'quality.json'), JSON.stringify(report, null, 1))
writeFileSync(join(values.out, 'quality.md'), markdown(report))
writeFileSync(join(values.out, 'quality.html'), html(report))
process.stdout.write(markdown(report))

function embedderOf(name: string): { embedder: Embedder; languages: readonly ('en' | 'zh')[] } | undefined {
  if (name === 'static') {
    const factory = (embeddings as Record<string, unknown>).staticEmbedder
    if (typeof factory === 'function') return { embedder: factory() as Embedder, languages: ['en', 'zh'] }
    absent.push('static: no staticEmbedder in this build')
    return undefined
  }
  const [folder, languages] = FOLDERS[name] ?? []
  const model = folder && join(MODELS, 'Xenova', folder)
  if (!model || !languages || !existsSync(model)) {
    absent.push(`${name}: ${model ?? 'unknown embedder'}`)
    return undefined
  }
  return { embedder: embeddings.onnxEmbedder({ model }), languages }
}

/** By lot, not by step: a family's pairs stand in a fixed order, so that every fourth of them is of the same few kinds. */
function limited(pairs: readonly LabelledPair[]): LabelledPair[] {
  const limit = Number(values.limit)
  if (!(limit > 0)) return [...pairs]
  const lots = new Map<string, [lot: string, pair: LabelledPair][]>()
  for (const pair of pairs) {
    const lot = createHash('sha256')
      .update(JSON.stringify([pair.asked, pair.stored]))
      .digest('hex')
    const set = lots.get(pair.set)
    if (set) set.push([lot, pair])
    else lots.set(pair.set, [[lot, pair]])
  }
  const drawn = new Set(
    [...lots.values()].flatMap((set) => {
      set.sort(([a], [b]) => (a < b ? -1 : 1))
      return set.slice(0, limit).map(([, pair]) => pair)
    }),
  )
  return pairs.filter((pair) => drawn.has(pair))
}

async function embedAll(embedder: Embedder, pairs: readonly LabelledPair[]): Promise<Map<string, Float32Array>> {
  const texts = [...new Set(pairs.flatMap(({ asked, stored }) => [asked, stored]))].filter((text) => text.trim() !== '')
  const vectors = new Map<string, Float32Array>()
  for (let i = 0; i < texts.length; i += 64) {
    const part = texts.slice(i, i + 64)
    for (const [k, vector] of (await embedder.embed(part)).entries()) vectors.set(part[k] as string, vector)
  }
  return vectors
}

/** The lowest threshold that serves at most 1 % of the families' look-alikes, to two digits: what nobody knows beforehand. */
function bestThreshold(pairs: readonly LabelledPair[], vectors: ReadonlyMap<string, Float32Array>): number {
  const lookAlikes = pairs
    .filter(({ set, isSame }) => set.startsWith('families') && !isSame)
    .map(({ asked, stored }) => dot(vectors.get(asked) as Float32Array, vectors.get(stored) as Float32Array))
    .sort((a, b) => b - a)
  return Math.min(1, Math.ceil(100_000 * ((lookAlikes[Math.floor(lookAlikes.length * 0.01)] ?? 1) + 1e-6)) / 100_000)
}

function remembering(embedder: Embedder, vectors: Map<string, Float32Array>): Embedder {
  return {
    ...embedder,
    async embed(texts, options) {
      const missing = texts.filter((text) => !vectors.has(text))
      if (missing.length > 0)
        for (const [i, vector] of (await embedder.embed(missing, options)).entries())
          vectors.set(missing[i] as string, vector)
      return texts.map((text) => vectors.get(text) as Float32Array)
    },
  }
}

/** By GPTCache's method an answer is right when it is that of its own origin; merged, origins of equal text are one. */
function mockQuestions(): { origins: Question[]; similars: Question[] } | undefined {
  const mock = mockData(DATA)
  if (mock.length === 0) return undefined
  const last = new Map(mock.map(({ origin }, index) => [origin.trim().toLowerCase(), index]))
  const firstOf = (origin: string) => `text-${last.get(origin.trim().toLowerCase())}`
  return {
    origins: mock.map(({ origin }, index) => ({ text: origin, answers: [`pair-${index}`, firstOf(origin)] })),
    similars: mock.map(({ similar, origin }, index) => ({
      text: similar,
      answers: [`pair-${index}`],
      merged: [firstOf(origin)],
    })),
  }
}
