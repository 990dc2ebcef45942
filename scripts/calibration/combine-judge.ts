/**
 * Measures how the probabilities of `calibrated` and of a local judge go together: the weights of both, and from which
 * combined probability a rate of wrong among reused is kept. `--write` puts that into the judge's judge.json, where
 * `verified` finds it: for each embedder, and for any other what holds with the fit that judges by the texts alone.
 *
 *     npx tsx scripts/calibration/combine-judge.ts --judge packages/reprise-judge [--embedders any,static] [--limit 3000] [--write]
 *
 * Pairs are those of the families in files that neither calibrated nor judge has seen. The policy's log-odds count half of the
 * judge's (POLICY_SHARE); logistic regression on their sum, true pairs and look-alikes weighing the same, fitted on every other
 * family and measured on the rest, both ways round. The limits are for halves, and let no more of the look-alikes pass than a
 * fifth of the rate.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { families, familyPairs, heldApart, type LabelledPair, publicPairs } from '../../benchmarks/quality/sets.ts'
import type { Candidate } from '../../src/core/entry.ts'
import { dot } from '../../src/core/vector.ts'
import type { CombinationWeights, VerdictCombination } from '../../src/core/verifier.ts'
import { localJudge, onnxEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import {
  combinedProbability,
  DEFAULT_COMBINATION,
  leastProbability,
} from '../../src/semantic-cache/decision/combined-probability.ts'
import { shippedFits } from '../../src/semantic-cache/decision/fits/index.ts'
import type { CalibratedParameters } from '../../src/semantic-cache/decision/parameters.ts'

const SHARED = resolve(import.meta.dirname, '../../../shared')
const { values } = parseArgs({
  options: {
    judge: { type: 'string' },
    embedders: { type: 'string', default: 'any,static,minilm,bge-small-en,bge-small-zh' },
    limit: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '0.05' },
    write: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const data = resolve(process.env.REPRISE_DATA ?? join(SHARED, 'data'))
const models = resolve(process.env.REPRISE_MODELS ?? join(SHARED, 'models'))
const MODELS: Readonly<Record<string, string>> = {
  minilm: 'all-MiniLM-L6-v2',
  'bge-small-en': 'bge-small-en-v1.5',
  'bge-small-zh': 'bge-small-zh-v1.5',
}
const judge = localJudge({ ...(values.judge && { model: values.judge }), deadlineMs: 60_000 })
const policy = calibrated({ maxFalseHitRate: rate })
const { signal } = new AbortController()
interface Seen {
  readonly isSame: boolean
  readonly fold: 0 | 1
  readonly policy: number
  readonly isServed: boolean
  readonly isVetoed: boolean
  readonly judge: number
}

/**
 * Two weights fitted apart suit the middle, not the top, where the limits are: at 1 % of the look-alikes a half was near the
 * best of 0 to 1.2 on the families for each embedder and language. On gold too, but in Chinese without bge's vectors: less is
 * better there (.5: 17 to 21 % covered, 0: 25 %).
 */
const POLICY_SHARE = 0.5

const folders = judgeFolders()
const verdicts = new Map<string, number>()
for (const name of values.embedders.split(',')) {
  const shown = await openEmbedder(name)
  for (const language of ['en', 'zh'] as const) {
    if (!folders.has(language) || !shippedFit(name).languages.includes(language)) continue
    const chosen = families(data).filter(({ file }) => heldApart(name).includes(file) && file.startsWith(language))
    const pairs = chosen.flatMap((family, index) =>
      familyPairs([family], []).map((pair) => ({ ...pair, fold: (index % 2) as 0 | 1 })),
    )
    const step = Math.max(1, pairs.length / Number(values.limit))
    const seen: Seen[] = []
    for (let at = 0; at < pairs.length; at += step)
      seen.push(await look(pairs[Math.floor(at)] as LabelledPair & { fold: 0 | 1 }, shown))
    const combination = report(language, name, seen)
    const gold: Seen[] = []
    for (const pair of publicPairs(data))
      if (pair.set === `gold-${language}`) gold.push(await look({ ...pair, fold: 0 }, shown))
    reportGold(gold, combination)
  }
  await shown.close?.()
}
await judge.close()

interface Shown {
  readonly id: string
  vectorOf(text: string): Promise<Float32Array>
  close?(): Promise<void>
}

/** `any`: an embedder that no fit knows, so that the texts alone are judged. */
async function openEmbedder(name: string): Promise<Shown> {
  if (name === 'any') return { id: 'any', vectorOf: async () => Float32Array.of(1) }
  const embedder =
    name === 'static' ? staticEmbedder() : onnxEmbedder({ model: join(models, 'Xenova', MODELS[name] ?? name) })
  const known = new Map<string, Float32Array>()
  return {
    id: (await embedder.describe()).id,
    async vectorOf(text) {
      const vector = known.get(text) ?? ((await embedder.embed([text])) as [Float32Array])[0]
      known.set(text, vector)
      return vector
    },
    close: async () => (embedder as { close?: () => Promise<void> }).close?.(),
  }
}

async function look(
  { asked, stored, isSame, fold }: LabelledPair & { fold: 0 | 1 },
  { id: embedderId, vectorOf }: Shown,
): Promise<Seen> {
  const [vector, storedVector] = [await vectorOf(asked), await vectorOf(stored)]
  const query = { text: asked, vector, embedderId }
  const decided = await policy.decide(query, [candidate(stored, storedVector, dot(vector, storedVector))], { signal })
  const key = JSON.stringify([asked, stored])
  const said = verdicts.get(key) ?? (await judge.verify(asked, stored, { signal })).probability ?? 0.5
  verdicts.set(key, said)
  return {
    isSame,
    fold,
    policy: decided.probability ?? 0,
    isServed: decided.reuse !== undefined,
    isVetoed: decided.reason === 'guard-veto',
    judge: said,
  }
}

function shippedFit(name: string): CalibratedParameters {
  const fit = shippedFits().find((one) => one.name === name)
  if (!fit) throw new Error(`--embedders must be names of shipped fits, got ${name}`)
  return fit
}

function report(language: string, name: string, seen: readonly Seen[]): CombinationWeights {
  const print = (what: string, served: (row: Seen) => boolean) => {
    const share = (rows: readonly Seen[]) =>
      `${rows.filter(served).length}/${rows.length} = ${((100 * rows.filter(served).length) / Math.max(1, rows.length)).toFixed(2)} %`
    console.log(
      `  ${what}: true ${share(seen.filter(({ isSame }) => isSame))}, look-alikes ${share(seen.filter(({ isSame }) => !isSame))}`,
    )
  }
  const isJudged = ({ isVetoed, policy }: Seen) => !isVetoed && policy >= 0.05
  const combinationOf = (rows: readonly Seen[]) => {
    const weights = fitted(rows.filter(isJudged))
    return {
      ...weights,
      limits: limitsOf(rows.map((row) => ({ ...row, probability: isJudged(row) ? together(row, weights) : 0 }))),
    }
  }
  const ofTheOther = [0, 1].map((fold) => combinationOf(seen.filter((row) => row.fold !== fold)))
  console.log(
    `${language}, ${name}: ${seen.length} pairs, of true pairs vetoed ${seen.filter((row) => row.isSame && row.isVetoed).length}`,
  )
  console.log(
    `  AUC policy ${auc(seen, (row) => (row.isVetoed ? 0 : row.policy)).toFixed(3)}, judge ${auc(seen, (row) => row.judge).toFixed(3)}, together ${auc(seen, (row) => (row.isVetoed ? 0 : together(row, ofTheOther[row.fold] as CombinationWeights))).toFixed(3)}`,
  )
  print(`calibrated(${rate}) alone`, (row) => row.isServed)
  print('judge alone', (row) => row.judge >= 1 - rate)
  const combination = combinationOf(seen)
  print('verified, weights and limits of the other half', (row) =>
    isVerified(row, ofTheOther[row.fold] as CombinationWeights),
  )
  print('verified, as written', (row) => isVerified(row, combination))
  print('verified, DEFAULT_COMBINATION', (row) => {
    if (row.isServed && row.policy > Math.max(0.99, 1 - rate)) return true
    return isJudged(row) && together(row, DEFAULT_COMBINATION) >= 1 - rate
  })
  const rounded = JSON.parse(
    JSON.stringify(combination, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value)),
  )
  console.log('  combination', JSON.stringify(rounded))
  if (values.write && values.judge) write(language, name, rounded)
  return rounded
}

/** As `verified` decides about one candidate. */
function isVerified(row: Seen, weights: CombinationWeights): boolean {
  if (row.isVetoed) return false
  if (row.isServed && row.policy > Math.max(0.99, 1 - rate)) return true
  const least = leastProbability(weights, rate)
  if (least === 1 && row.isServed) return row.judge >= 0.5
  return (row.isServed || row.policy >= 0.05) && together(row, weights) >= least
}

/** gold.jsonl judges only: nothing here is fitted on it. */
function reportGold(gold: readonly Seen[], weights: CombinationWeights): void {
  const print = (what: string, isServed: (row: Seen) => boolean) => {
    const served = gold.filter(isServed)
    const right = served.filter(({ isSame }) => isSame).length
    const same = gold.filter(({ isSame }) => isSame).length
    console.log(
      `  gold, ${what}: covered ${right}/${same} = ${((100 * right) / Math.max(1, same)).toFixed(1)} %, wrong ${served.length - right}/${served.length}`,
    )
  }
  print(`calibrated(${rate}) alone`, (row) => row.isServed)
  print('verified', (row) => isVerified(row, weights))
}

/**
 * For each rate the least probability above which no larger share is wrong, true pairs and look-alikes weighing the same as in
 * the mix of `calibrated`. Traffic may hold more look-alikes; so no more than a fifth of the rate of them may pass, however
 * many true pairs do.
 */
function limitsOf(rows: readonly (Seen & { readonly probability: number })[]): (readonly [number, number])[] {
  const count = { true: rows.filter(({ isSame }) => isSame).length, false: rows.filter(({ isSame }) => !isSame).length }
  const sorted = [...rows].sort((a, b) => b.probability - a.probability)
  return [0.01, 0.02, 0.05, 0.1, 0.2].flatMap((limit) => {
    let served = 0
    let wrong = 0
    let least: number | undefined
    for (const [at, row] of sorted.entries()) {
      const weight = 1 / count[`${row.isSame}`]
      served += weight
      // With labels weighing alike, this is the share of all look-alikes too.
      if (!row.isSame) wrong += weight
      if (at >= 20 && wrong / served <= limit && wrong <= limit / 5 && row.probability > 0) least = row.probability
    }
    return least === undefined ? [] : [[limit, least] as const]
  })
}

/** The judge.json of each language it judges. */
function judgeFolders(): Map<string, string> {
  const root = resolve(values.judge ?? 'packages/reprise-judge')
  const paths = existsSync(join(root, 'judge.json'))
    ? [join(root, 'judge.json')]
    : ['en', 'zh'].map((language) => join(root, language, 'judge.json')).filter((path) => existsSync(path))
  return new Map(paths.flatMap((path) => described(path).languages.map((language) => [language, path] as const)))
}

function described(path: string) {
  return JSON.parse(readFileSync(path, 'utf8')) as {
    readonly languages: readonly string[]
    readonly combination?: VerdictCombination
  }
}

function write(language: string, name: string, weights: CombinationWeights): void {
  const path = folders.get(language) as string
  const judged = described(path)
  const { byEmbedder = [], ...general }: VerdictCombination = judged.combination ?? weights
  const { embedders } = shippedFit(name)
  const others = byEmbedder.filter((one) => !one.embedders.some((part) => embedders.includes(part)))
  const combination =
    embedders.length === 0
      ? { ...weights, byEmbedder }
      : { ...general, byEmbedder: [...others, { embedders, ...weights }] }
  writeFileSync(path, `${JSON.stringify({ ...judged, combination }, undefined, 2)}\n`)
  console.log(`  written to ${path}`)
}

function together({ policy: own, judge: other }: Seen, weights: CombinationWeights): number {
  return combinedProbability(own, other, weights)
}

/** Logistic regression by Newton's method on the sum of both log-odds, both labels weighing the same. */
function fitted(rows: readonly Seen[]): CombinationWeights {
  const logOdds = (p: number) =>
    Math.log(Math.min(0.999, Math.max(0.001, p)) / (1 - Math.min(0.999, Math.max(0.001, p))))
  const count = { true: rows.filter(({ isSame }) => isSame).length, false: rows.filter(({ isSame }) => !isSame).length }
  let [scale, bias] = [0.5, 0]
  for (let turn = 0; turn < 50; turn++) {
    let [gs, gb, ss, sb, bb] = [0, 0, 1e-6, 0, 1e-6]
    for (const row of rows) {
      const x = POLICY_SHARE * logOdds(row.policy) + logOdds(row.judge)
      const p = 1 / (1 + Math.exp(-(scale * x + bias)))
      const weight = 0.5 / count[`${row.isSame}`]
      gs += weight * (Number(row.isSame) - p) * x
      gb += weight * (Number(row.isSame) - p)
      ss += weight * p * (1 - p) * x * x
      sb += weight * p * (1 - p) * x
      bb += weight * p * (1 - p)
    }
    const determinant = ss * bb - sb * sb
    scale += (gs * bb - gb * sb) / determinant
    bias += (gb * ss - gs * sb) / determinant
  }
  return { policy: POLICY_SHARE * scale, verifier: scale, bias }
}

function auc(rows: readonly Seen[], score: (row: Seen) => number): number {
  const sorted = rows.map((row) => ({ isSame: row.isSame, score: score(row) })).sort((a, b) => a.score - b.score)
  let below = 0
  let sum = 0
  for (let i = 0; i < sorted.length; ) {
    let j = i
    while (j < sorted.length && sorted[j]?.score === sorted[i]?.score) j++
    const tied = sorted.slice(i, j)
    const different = tied.filter(({ isSame }) => !isSame).length
    sum += (tied.length - different) * (below + different / 2)
    below += different
    i = j
  }
  return sum / Math.max(1, below * (sorted.length - below))
}

function candidate(queryText: string, vector: Float32Array, similarity: number): Candidate<string> {
  const times = { createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, staleMs: 0, hits: 0 }
  const origin = { provider: 'fit', name: 'fit', durationMs: 0 }
  const entry = {
    key: queryText,
    namespace: 'fit',
    tags: [],
    scope: 'fit',
    value: queryText,
    queryText,
    vector,
    origin,
    ...times,
  }
  return { entry: { ...entry, evidence: { correct: 0, wrong: 0 } }, similarity }
}
