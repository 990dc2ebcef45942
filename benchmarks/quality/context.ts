/**
 * Question: with `history: 'semantic'`, how often does a cache reuse an answer in a re-phrased conversation, and how often
 * in one that only looks like it?
 *
 * Method: each case in a cache of its own: one conversation is stored, the other asked, through createSemanticCache.
 * (1) context.jsonl: the same last message after two histories that make it mean different things: no hit is right. Both
 * ways round; once with the histories as they are, once cut to as many turns as the shorter has, so that they can be
 * compared at all. (2) conversations.jsonl (the project's own): two turns, both re-phrased, and look-alikes of which one
 * turn asks for something else. (3) families held apart from the fits, with follow-up questions: hard on purpose.
 * Precision and recall with 95 % Wilson intervals. Baselines: a cut-off on the similarity in place of the decision, and
 * `history: 'exact'`. MeanCache (arXiv 2403.02694) publishes precision .975 and recall .793 on conversations of its own.
 * What it does not show: the mix of real traffic, and conversations of many turns.
 *
 *     npx tsx benchmarks/quality/context.ts [--embedder static,minilm,bge-small-en,bge-small-zh] [--rates 0.01,0.2] [--families 60] [--out reports]
 *
 * Reads REPRISE_DATA and REPRISE_MODELS (default ../shared/data, ../shared/models); what is absent is named.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Message } from '../../src/core/request.ts'
import { wilson } from '../../src/core/wilson.ts'
import { createSemanticCache } from '../../src/create.ts'
import { type Embedder, onnxEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import type { DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import { similarityThreshold } from '../../src/semantic-cache/decision/similarity-threshold.ts'
import { type ConversationCase, contextCases, familyCases, ownCases } from './conversation-cases.ts'

const SHARED = resolve(import.meta.dirname, '../../../shared')
const DATA = resolve(process.env.REPRISE_DATA ?? join(SHARED, 'data'))
const MODELS = resolve(process.env.REPRISE_MODELS ?? join(SHARED, 'models'))
const { values } = parseArgs({
  options: {
    embedder: { type: 'string', default: 'static,minilm,bge-small-en,bge-small-zh' },
    families: { type: 'string', default: '60' },
    rates: { type: 'string', default: '0.01,0.05,0.1,0.2' },
    out: { type: 'string', default: 'reports' },
  },
})
const FOLDERS: Readonly<Record<string, readonly [string, readonly ('en' | 'zh')[]]>> = {
  minilm: ['all-MiniLM-L6-v2', ['en']],
  'bge-small-en': ['bge-small-en-v1.5', ['en']],
  'bge-small-zh': ['bge-small-zh-v1.5', ['zh']],
}
const POLICIES: readonly (readonly [DecisionPolicy, 'exact' | 'semantic'])[] = [
  [calibrated({ maxFalseHitRate: 0.2 }), 'exact'],
  ...values.rates
    .split(',')
    .map(Number)
    .map((maxFalseHitRate) => [calibrated({ maxFalseHitRate }), 'semantic'] as const),
  ...[0.9, 0.8].map((minSimilarity) => [similarityThreshold({ minSimilarity }), 'semantic'] as const),
]

interface Count {
  same: number
  hitSame: number
  different: number
  hitDifferent: number
}

const cases = [
  ...contextCases(DATA),
  ...ownCases(join(import.meta.dirname, 'conversations.jsonl')),
  ...familyCases(DATA, Number(values.families)),
]
const lines = ['# Conversations', '', `${new Date().toISOString()} · node ${process.version}`, '']
const figures: Record<string, unknown>[] = []
for (const name of values.embedder.split(',')) {
  const [folder, languages] = FOLDERS[name] ?? ['', ['en', 'zh']]
  const model = join(MODELS, 'Xenova', folder)
  if (name !== 'static' && (folder === '' || !existsSync(model))) {
    lines.push(`Not run: ${name}`, '')
    continue
  }
  const embedder = name === 'static' ? staticEmbedder() : onnxEmbedder({ model })
  const known = remembering(embedder)
  lines.push(`## ${name}`, '', '| decision | history | set | precision | recall | wrong hits |', '|-|-|-|-|-|-|')
  for (const [decision, history] of POLICIES) {
    const counts = new Map<string, Count>()
    for (const one of cases.filter(({ language }) => languages.includes(language))) {
      const count = counts.get(one.set) ?? { same: 0, hitSame: 0, different: 0, hitDifferent: 0 }
      counts.set(one.set, count)
      const hit = await isHit(one, decision, history, known)
      if (one.isSame) count.same++
      else count.different++
      if (hit && one.isSame) count.hitSame++
      if (hit && !one.isSame) count.hitDifferent++
    }
    for (const [set, count] of counts) {
      figures.push({ embedder: name, decision: decision.name, history, set, ...count })
      const { same, hitSame, different, hitDifferent } = count
      const cells = [
        share(hitSame, hitSame + hitDifferent),
        share(hitSame, same),
        different === 0 ? '–' : `${hitDifferent} of ${different}`,
      ]
      lines.push(`| ${decision.name} | ${history} | ${set} | ${cells.join(' | ')} |`)
    }
    process.stderr.write(`${name}: ${decision.name}, ${history}\n`)
    save()
  }
  lines.push('')
  await (embedder as { close?: () => Promise<void> }).close?.()
}
save()
process.stdout.write(`${lines.join('\n')}\n`)

/** After each decision: what was measured stays when the rest is not. */
function save(): void {
  mkdirSync(values.out, { recursive: true })
  writeFileSync(join(values.out, 'conversations.md'), `${lines.join('\n')}\n`)
  writeFileSync(join(values.out, 'conversations.json'), JSON.stringify(figures, null, 1))
}

async function isHit(
  { stored, asked }: ConversationCase,
  decision: DecisionPolicy,
  history: 'exact' | 'semantic',
  embedder: Embedder,
): Promise<boolean> {
  const cache = await createSemanticCache({
    decision,
    history,
    embedder,
    questionsAboutNow: { ttlMs: 3_600_000 },
    maxQueryChars: 4_000,
    embedderDeadlineMs: 60_000,
    verifierDeadlineMs: 60_000,
  })
  const request = (messages: readonly Message[]) => ({ provider: 'bench', model: 'bench', messages })
  const { slot } = await cache.lookup(request(stored))
  if (!slot) throw new Error('a case could not be stored')
  cache.write(slot, { content: [{ type: 'text', text: 'an answer' }], toolCalls: [], finishReason: 'stop' })
  await cache.flush()
  const { record } = await cache.lookup(request(asked))
  await cache.close()
  return record.outcome === 'hit'
}

function remembering(embedder: Embedder): Embedder {
  const vectors = new Map<string, Float32Array>()
  return {
    describe: () => embedder.describe(),
    ...(embedder.wordVectors && { wordVectors: embedder.wordVectors }),
    async embed(texts) {
      const missing = [...new Set(texts.filter((text) => !vectors.has(text)))]
      if (missing.length > 0)
        for (const [i, vector] of (await embedder.embed(missing)).entries()) vectors.set(missing[i] as string, vector)
      return texts.map((text) => vectors.get(text) as Float32Array)
    },
  }
}

function share(count: number, of: number): string {
  if (of === 0) return '–'
  const [low, high] = wilson(count, of)
  return `${(count / of).toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}), ${count}/${of}`
}
