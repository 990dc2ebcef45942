/**
 * Question: what do other caches do with the same calls: who shares an answer that must not be shared, how much of what
 * they serve is wrong, how long does a hit take?
 *
 * Method: every peer is set up as its own documentation shows, with the same vectors where it embeds. (1) Correctness: two
 * calls that differ in one thing, in an empty cache. (2) Quality: questions in order of arrival, what misses is stored.
 * (3) Speed: 200 stored questions asked again; the time inside the peer's own process. All in one run on one machine.
 * Baseline of the speed: LangChain's InMemoryCache round the same ChatOpenAI.
 * What it does not show: a peer tuned by hand (a threshold of one's own, prompts that hold the tenant); hosted services.
 * RedisVL and GPTCache take a string and give a string, so their times hold no message handling.
 *
 *     npm run bench:peers -- [--install] [--embedder static|bge-small-en|minilm] [--families 60] [--folder .cache/peers] [--out reports]
 *
 * Reads REPRISE_TEST_REDIS_URL (a Redis with the query engine; database 9 of it is flushed), REPRISE_DATA, REPRISE_MODELS.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { datasetHash, reportStamp } from '../../src/cli/bench/stamp.ts'
import { wilson } from '../../src/core/wilson.ts'
import type { Embedder } from '../../src/embeddings/embedder.ts'
import { onnxEmbedder, staticEmbedder } from '../../src/embeddings/index.ts'
import { htmlReport } from '../../src/report/html-report.ts'
import { CHECKS, type CheckResult, runCheck } from './checks.ts'
import { installPeers } from './install.ts'
import { startModelSide } from './node/model-side.ts'
import { peersAtHand } from './peers.ts'
import { askAll, type StreamResult, streams } from './quality.ts'
import { reportMarkdown, reportSections } from './report.ts'
import { repeatHits, type SpeedResult } from './speed.ts'

export interface PeerRow {
  readonly name: string
  readonly version: string
  readonly setup: string
  readonly checks: Readonly<Record<string, CheckResult>>
  readonly quality: Readonly<Record<string, StreamResult>>
  readonly speed?: SpeedResult
}

const SHARED = resolve(import.meta.dirname, '../../../shared')
const DATA = resolve(process.env.REPRISE_DATA ?? join(SHARED, 'data'))
const MODELS = resolve(process.env.REPRISE_MODELS ?? join(SHARED, 'models'))
const { values } = parseArgs({
  options: {
    install: { type: 'boolean', default: false },
    embedder: { type: 'string', default: 'static' },
    families: { type: 'string', default: '60' },
    folder: { type: 'string', default: '.cache/peers' },
    out: { type: 'string', default: 'reports' },
  },
})
const folder = resolve(values.folder)
if (values.install) installPeers(folder)

const embedder = remembering(embedderOf(values.embedder))
const side = await startModelSide()
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
const { peers, absent } = await peersAtHand({
  folder,
  side,
  embedder,
  version: manifest.version,
  redisUrl: process.env.REPRISE_TEST_REDIS_URL,
})
const data = existsSync(join(DATA, 'families')) ? streams(DATA, Number(values.families)) : []
if (data.length === 0) absent.push({ name: 'quality', reason: `no data in ${DATA} (REPRISE_DATA)` })
const texts = [...new Set(data.flatMap(({ questions }) => questions.map(({ text }) => text)))]
const vectors = await embedder.all(texts)
const repeated = Array.from({ length: 200 }, (_, index) => `How do I cancel order number ${1000 + index * 7}?`)
const repeatedVectors = await embedder.all(repeated)

const rows: PeerRow[] = []
for (const peer of peers) {
  process.stderr.write(`${peer.name}: `)
  try {
    const checks: Record<string, CheckResult> = {}
    for (const check of CHECKS) {
      const session = await peer.open()
      checks[check.name] = await runCheck(check, session, embedder.one, peer.noPlaceFor)
      await session.close()
    }
    process.stderr.write('checks, ')
    const quality: Record<string, StreamResult> = {}
    for (const stream of peer.isSemantic ? data : []) {
      const session = await peer.open()
      quality[stream.name] = await askAll(stream, session, vectors)
      await session.close()
      process.stderr.write(`${stream.name}, `)
    }
    const session = await peer.open()
    const questions = repeated.map((text) => ({ text, vector: repeatedVectors.get(text) as Float32Array }))
    const speed = await repeatHits(session, questions)
    await session.close()
    process.stderr.write('speed\n')
    rows.push({ name: peer.name, version: peer.version, setup: peer.setup, checks, quality, speed })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    absent.push({ name: peer.name, reason: (error as Error).message.split('\n')[0] ?? '' })
  }
  await peer.close()
}
await side.close()

const { id } = await embedder.describe()
const stamp = reportStamp({
  dataset: `${data.length} streams ${datasetHash(texts)}, embedder ${id}`,
  versions: Object.fromEntries(rows.map(({ name, version }) => [name, version])),
})
const result = { rows, absent, streams: data.map(({ name }) => name) }
mkdirSync(values.out, { recursive: true })
writeFileSync(join(values.out, 'peers.json'), JSON.stringify({ stamp, ...result }, null, 1))
writeFileSync(join(values.out, 'peers.md'), reportMarkdown(result, wilson))
writeFileSync(
  join(values.out, 'peers.html'),
  htmlReport({
    title: 'Reprise beside the others',
    subtitle: 'Same calls, same vectors, one run',
    stamp,
    sections: reportSections(result, wilson),
  }),
)
process.stdout.write(reportMarkdown(result, wilson))

function embedderOf(name: string): Embedder {
  if (name === 'static') return staticEmbedder()
  const folders: Readonly<Record<string, string>> = {
    'bge-small-en': 'bge-small-en-v1.5',
    minilm: 'all-MiniLM-L6-v2',
  }
  if (!folders[name])
    throw new Error(`--embedder: static, ${Object.keys(folders).join(' or ')} is allowed, got "${name}"`)
  return onnxEmbedder({ model: join(MODELS, 'Xenova', folders[name]) })
}

function remembering(embedder: Embedder): Embedder & {
  one(text: string): Promise<Float32Array>
  all(texts: readonly string[]): Promise<Map<string, Float32Array>>
} {
  const known = new Map<string, Float32Array>()
  const all = async (texts: readonly string[]) => {
    const missing = texts.filter((text) => !known.has(text))
    for (let start = 0; start < missing.length; start += 64) {
      const part = missing.slice(start, start + 64)
      for (const [index, vector] of (await embedder.embed(part)).entries()) known.set(part[index] as string, vector)
    }
    return new Map(texts.map((text) => [text, known.get(text) as Float32Array]))
  }
  return {
    ...embedder,
    all,
    one: async (text) => (await all([text])).get(text) as Float32Array,
    embed: async (texts) => {
      const found = await all(texts)
      return texts.map((text) => found.get(text) as Float32Array)
    },
  }
}
