/**
 * Question: where the shipped calibration is wrong for the traffic, does `learned` keep the asked false hit rate, and how many
 * verdicts does that take?
 *
 * Method: every labelled pair of a set is one question that finds one candidate; the policy weighs it once, with the static
 * embedder. A stream draws pairs with replacement, seeded, and sends them through the same `learned` and `TrafficLearner` as a
 * cache does; a part of the questions (`--rate`) is checked by a judge that knows the label, or errs as often as it says. Ten
 * streams each. Figures are of the whole stream and of its second half; "broken" counts the streams that served more wrong
 * answers than asked.
 * Baselines: thresholds on the cosine, and the calibration without learning.
 * What it does not show: labels of these sets are people's and are noisy (a fifth of QQP's close ones are wrong), so "wrong" is
 * wrong by the label; each pair meets its own candidate only, so entries gather no history; what a judge costs.
 *
 *     npm run bench:learning -- [--questions 20000] [--rate 0.2] [--max 0.05] [--streams 10] [--out reports]
 *
 * Reads REPRISE_DATA (default ../shared/data).
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Candidate } from '../../src/core/entry.ts'
import type { JudgeErrorRate } from '../../src/core/judge-error.ts'
import { dot } from '../../src/core/vector.ts'
import { wilson } from '../../src/core/wilson.ts'
import { staticEmbedder } from '../../src/embeddings/static-embedder.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import { learned } from '../../src/semantic-cache/decision/learned.ts'
import type { Decision, DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import { TrafficLearner } from '../../src/semantic-cache/learning/traffic-learner.ts'
import { families, familyPairs, heldApart, type LabelledPair, publicPairs } from './sets.ts'

const DATA = resolve(process.env.REPRISE_DATA ?? join(import.meta.dirname, '../../../shared/data'))
const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '20000' },
    rate: { type: 'string', default: '0.2' },
    max: { type: 'string', default: '0.05' },
    streams: { type: 'string', default: '10' },
    sets: { type: 'string', default: 'lcqmc,qqp,checklist,families-en (held apart)' },
    out: { type: 'string', default: 'reports' },
  },
})
const QUESTIONS = Number(values.questions)
const CHECKED = Number(values.rate)
const MAX = Number(values.max)
const STREAMS = Number(values.streams)

interface Weighed {
  readonly isSame: boolean
  readonly candidate: Candidate<string>
  readonly decision: Decision<string>
}

interface Way {
  readonly name: string
  readonly policy: DecisionPolicy
  /** Verdicts on what was served or came near; absent: none. */
  readonly judge?: { readonly stated: JudgeErrorRate; readonly falseAlarm: number; readonly missed: number }
  /** Verdicts of people on what was served, by whether it was wrong: who is served well says less. */
  readonly feedback?: { readonly ofWrong: number; readonly ofRight: number }
}

interface Outcome {
  served: number
  wrong: number
  lateServed: number
  lateWrong: number
  right: number
  same: number
  verdicts: number
  /** Verdicts before the first answer after which the bar was another than at the start; absent: it never moved. */
  movedAfter?: number
}

/** Decides as was decided beforehand: streams repeat the same pairs. */
function remembered(name: string): DecisionPolicy {
  return {
    name,
    maxFalseHitRate: MAX,
    decide: async (_query, [candidate]) => byCandidate.get(candidate as never) as never,
  }
}
const byCandidate = new WeakMap<Candidate<string>, Decision<string>>()

const exact = { stated: 0, falseAlarm: 0, missed: 0 }
const measured = {
  stated: { falseAlarms: { count: 20, of: 1_000 }, missed: { count: 25, of: 500 } },
  falseAlarm: 0.02,
  missed: 0.05,
}
const calibration = remembered(`calibrated(${MAX})`)
const threshold = (minSimilarity: number): DecisionPolicy => ({
  name: `threshold ${minSimilarity}`,
  decide: async (_query, [closest]) => {
    const rest = { findings: [], overhead: { tokens: 0 } }
    return closest && closest.similarity >= minSimilarity
      ? { reuse: closest, ...rest }
      : { reason: 'below-threshold', ...rest }
  },
})
const WAYS: readonly Way[] = [
  ...[0.8, 0.9, 0.95].map((at) => ({ name: `threshold ${at}`, policy: threshold(at) })),
  { name: `calibrated(${MAX})`, policy: calibration },
  { name: 'learned, feedback only', policy: learned(calibration), feedback: { ofWrong: 0.1, ofRight: 0.02 } },
  { name: 'learned, shadow checks', policy: learned(calibration), judge: exact },
  { name: "learned, start 'closed'", policy: learned(calibration, { start: 'closed' }), judge: exact },
  {
    name: "learned, start 'closed', a judge with 2 % false alarms and 5 % missed (measured)",
    policy: learned(calibration, { start: 'closed' }),
    judge: measured,
  },
]

const embedder = staticEmbedder()
const { id: embedderId } = await embedder.describe()
const everything = [...publicPairs(DATA), ...familyPairs(families(DATA), heldApart('static'))]
const lines = [
  `# Learning on this traffic: ${MAX * 100} % asked, ${QUESTIONS} questions, ${CHECKED * 100} % checked, ${STREAMS} streams`,
  '',
  `Node ${process.version}, ${new Date().toISOString()}, static embedder. Shares with 95 % Wilson intervals over all streams.`,
]
const results: Record<string, Record<string, Outcome[]>> = {}
for (const set of values.sets.split(',')) {
  const pairs = everything.filter((pair) => pair.set === set)
  if (pairs.length === 0) {
    lines.push('', `**${set}**: not run, no such data under ${DATA}`)
    continue
  }
  process.stderr.write(`${set}: ${pairs.length} pairs\n`)
  const weighed = await weigh(pairs)
  lines.push('', `## ${set}: ${pairs.length} pairs, ${pairs.filter(({ isSame }) => isSame).length} the same`, '')
  lines.push(
    '| decision | false hits, whole stream | second half | streams broken (whole, second half) | of the same served | verdicts until the bar moved |',
  )
  lines.push('|---|---|---|---|---|---|')
  const ofSet: Record<string, Outcome[]> = {}
  results[set] = ofSet
  for (const way of WAYS) {
    const outcomes: Outcome[] = []
    for (let seed = 1; seed <= STREAMS; seed++) outcomes.push(await stream(way, weighed, seed))
    ofSet[way.name] = outcomes
    lines.push(row(way.name, outcomes))
  }
}
mkdirSync(values.out, { recursive: true })
writeFileSync(
  join(values.out, 'learning.json'),
  JSON.stringify({ max: MAX, checked: CHECKED, questions: QUESTIONS, results }, null, 1),
)
writeFileSync(join(values.out, 'learning.md'), `${lines.join('\n')}\n`)
process.stdout.write(`${lines.join('\n')}\n`)

async function weigh(pairs: readonly LabelledPair[]): Promise<Weighed[]> {
  const policy = calibrated({ maxFalseHitRate: MAX })
  const { signal } = new AbortController()
  const weighed: Weighed[] = []
  for (const [i, { asked, stored, isSame }] of pairs.entries()) {
    // A text that the embedder refuses is never served.
    const vectors = await embedder.embed([asked, stored]).catch(() => undefined)
    const [vector, storedVector] = vectors ?? []
    if (!vector || !storedVector) continue
    const candidate = candidateOf(`${i}`, stored, storedVector, dot(vector, storedVector))
    const query = {
      text: asked,
      vector,
      embedderId,
      ...(embedder.wordVectors && { wordVectors: embedder.wordVectors }),
    }
    const decision = await policy.decide(query, [candidate], { signal })
    byCandidate.set(candidate, decision)
    weighed.push({ isSame, candidate, decision })
  }
  return weighed
}

async function stream({ policy, judge, feedback }: Way, weighed: readonly Weighed[], seed: number): Promise<Outcome> {
  const random = randomFrom(seed)
  const learner = new TrafficLearner({ store: undefined, nameOf: async () => '', now: () => 0 })
  const { signal } = new AbortController()
  const query = { text: '', vector: new Float32Array(), embedderId }
  const outcome: Outcome = { served: 0, wrong: 0, lateServed: 0, lateWrong: 0, right: 0, same: 0, verdicts: 0 }
  for (let i = 0; i < QUESTIONS; i++) {
    const { isSame, candidate, decision: prior } = weighed[Math.floor(random() * weighed.length)] as Weighed
    const decision = await policy.decide(query, [candidate], { signal, traffic: await learner.evidence() })
    const isLate = i >= QUESTIONS / 2
    const isServed = decision.reuse !== undefined
    if (isSame) outcome.same++
    if (isServed) {
      outcome.served++
      outcome[isSame ? 'right' : 'wrong']++
      if (isLate) outcome.lateServed++
      if (isLate && !isSame) outcome.lateWrong++
    }
    if ((judge || feedback) && outcome.movedAfter === undefined && differs(decision, prior, policy)) {
      outcome.movedAfter = outcome.verdicts
    }
    const { margin } = decision
    if (margin === undefined || margin < -4) continue
    if (judge && random() < CHECKED) {
      const isMistaken = random() < (isSame ? judge.falseAlarm : judge.missed)
      outcome.verdicts++
      learner.add({ by: 'judge', errorRate: judge.stated, margin, correct: isSame !== isMistaken })
    }
    if (feedback && isServed && random() < (isSame ? feedback.ofRight : feedback.ofWrong)) {
      outcome.verdicts++
      learner.add({ by: 'feedback', margin, correct: isSame })
    }
  }
  return outcome
}

/** Another decision than at the start: the policy's own, or nothing at all for one that starts closed. */
function differs(decision: Decision<string>, prior: Decision<string>, { learns }: DecisionPolicy): boolean {
  const before =
    learns === 'closed' ? (prior.margin ?? 0) >= 10 && prior.reuse !== undefined : prior.reuse !== undefined
  return (decision.reuse !== undefined) !== before
}

function row(name: string, outcomes: readonly Outcome[]): string {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0)
  const moved = outcomes
    .flatMap(({ movedAfter }) => (movedAfter === undefined ? [] : [movedAfter]))
    .sort((a, b) => a - b)
  const broken = outcomes.filter(({ served, wrong }) => wrong > MAX * served).length
  const lateBroken = outcomes.filter(({ lateServed, lateWrong }) => lateWrong > MAX * lateServed).length
  const cells = [
    name,
    share(
      sum(({ wrong }) => wrong),
      sum(({ served }) => served),
    ),
    share(
      sum(({ lateWrong }) => lateWrong),
      sum(({ lateServed }) => lateServed),
    ),
    `${broken}, ${lateBroken} of ${outcomes.length}`,
    share(
      sum(({ right }) => right),
      sum(({ same }) => same),
    ),
    moved.length === 0
      ? '—'
      : `${moved[Math.floor(moved.length / 2)]} (${moved[0]}–${moved.at(-1)}), in ${moved.length} streams`,
  ]
  return `| ${cells.join(' | ')} |`
}

function share(count: number, of: number): string {
  if (of === 0) return 'nothing served'
  const percent = (value: number) => (100 * value).toFixed(2)
  const [low, high] = wilson(count, of)
  return `${percent(count / of)} % (${percent(low)}–${percent(high)})`
}

function candidateOf(key: string, queryText: string, vector: Float32Array, similarity: number): Candidate<string> {
  const entry = {
    key,
    namespace: 'bench',
    tags: [],
    scope: 'bench',
    value: key,
    queryText,
    vector,
    embedderId,
    origin: { provider: 'bench', name: 'bench', durationMs: 0 },
    createdAt: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
    staleMs: 0,
    hits: 0,
    evidence: { correct: 0, wrong: 0 },
  }
  return { entry, similarity }
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
