/**
 * Question: what does the LangChain adapter add to the cache's own work, on a hit, on a miss and for the first chunk of a
 * streamed hit?
 * Baselines, in the same run: the core's `getOrCall` with the very same request; the bare model behind LangChain's own
 * `invoke`. The model answers at once and does no HTTP, so nothing here is hidden behind a network.
 * What it does not show: the time of a real model, of tracing (no callbacks are set), or of a store across a network.
 */
import { type BaseChatModelParams, SimpleChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import { cachedModel } from '../../src/adapters/langchain/index.ts'
import { toModelRequest } from '../../src/adapters/langchain/request.ts'
import { toModelResponse } from '../../src/adapters/langchain/response.ts'
import { seededRandom } from '../../src/cli/bench/latency.ts'
import { createSemanticCache } from '../../src/index.ts'
import { terminalTable } from '../../src/report/terminal-table.ts'
import { type Measured, measure, prose } from './measure.ts'

const RUNS = 5_000
const ANSWER = prose(2_000, seededRandom(1))

class InstantModel extends SimpleChatModel {
  model = 'instant'
  temperature = 0

  constructor(fields: BaseChatModelParams = {}) {
    super(fields)
  }

  _llmType() {
    return 'instant'
  }

  async _call() {
    return ANSWER
  }

  override async *_streamResponseChunks(): AsyncGenerator<ChatGenerationChunk> {
    for (const piece of ANSWER.match(/\S+\s*/g) ?? []) {
      yield new ChatGenerationChunk({ text: piece, message: new AIMessageChunk(piece) })
    }
    const message = new AIMessageChunk({ content: '', response_metadata: { finish_reason: 'stop' } })
    yield new ChatGenerationChunk({ text: '', message })
  }
}

const bare = new InstantModel()
const messagesOf = (question: string): BaseMessage[] => [
  new SystemMessage('You are a helpful assistant of an online shop.'),
  new HumanMessage(question),
]
const question = messagesOf('How do I return a pair of shoes?')

const cache = await createSemanticCache({ memory: { maxAgeMs: 3_600_000 } })
const model = cachedModel(bare, { cache })
const call = async () => toModelResponse(await bare._generate(question, {}))
await model.invoke(question)

const rows: string[][] = []
const add = (what: string, ours: Measured, baseline: Measured, addedUs: number, target: string) =>
  rows.push([what, us(ours.medianUs), us(ours.p95Us), us(baseline.medianUs), us(addedUs), target])
const us = (value: number) => value.toFixed(1)

const coreHit = await measure(RUNS, () => cache.getOrCall(toModelRequest(bare, question, {}), call))
const request = toModelRequest(bare, question, {})
const readyCoreHit = await measure(RUNS, () => cache.getOrCall(request, call))
const hit = await measure(RUNS, () => model.invoke(question))
const live = await measure(RUNS, () => bare.invoke(question))
add("hit by invoke, over the core's own hit", hit, readyCoreHit, hit.medianUs - readyCoreHit.medianUs, '≤ 300 µs')
add('  of it: making the neutral request', coreHit, readyCoreHit, coreHit.medianUs - readyCoreHit.medianUs, '')
rows.push(["  of it: LangChain's own invoke, bare model", us(live.medianUs), us(live.p95Us), '', us(live.medianUs), ''])

const miss = await measure(RUNS, (index) => model.invoke(messagesOf(`question ${index}`)))
await cache.flush()
add('miss by invoke, over the bare model', miss, live, miss.medianUs - live.medianUs, '≤ 1 000 µs')

const firstChunk = (asked: typeof model | typeof bare) => async () => {
  for await (const _chunk of await asked.stream(question)) return
}
await model.invoke(question)
const bareFirst = await measure(RUNS, firstChunk(bare))
const first = await measure(RUNS, firstChunk(model))
add(
  'first chunk of a streamed hit, beside the bare model',
  first,
  bareFirst,
  first.medianUs - bareFirst.medianUs,
  '≤ 2 000 µs',
)

const all = (asked: typeof model | typeof bare) => async () => {
  let pieces = 0
  for await (const _chunk of await asked.stream(question)) pieces++
  return pieces
}
const bareAll = await measure(300, all(bare))
const streamed = await measure(300, all(model))
add('whole streamed hit, 2 KB, beside the bare model', streamed, bareAll, streamed.medianUs - bareAll.medianUs, '')
const streamedMiss = await measure(300, async (index) => {
  for await (const _chunk of await model.stream(messagesOf(`stream ${index}`)));
})
add(
  'whole streamed miss, 2 KB, over the bare model',
  streamedMiss,
  bareAll,
  streamedMiss.medianUs - bareAll.medianUs,
  '',
)
await cache.close()

const columns = ['what', 'median µs', 'p95 µs', 'baseline median µs', 'added µs', 'target'].map((title) => ({ title }))
console.log(terminalTable({ columns, rows }, { title: 'Overhead of the LangChain adapter' }))
