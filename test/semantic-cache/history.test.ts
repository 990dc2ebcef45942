import { describe, expect, it } from 'vitest'
import type { Message, ModelRequest } from '../../src/core/request.ts'
import { staticEmbedder } from '../../src/embeddings/static-embedder.ts'
import { createSemanticCache, type SemanticCacheOptions } from '../../src/index.ts'
import { calibrated } from '../../src/semantic-cache/decision/calibrated.ts'
import type { DecisionContext, DecisionPolicy } from '../../src/semantic-cache/decision/policy.ts'
import { similarityThreshold } from '../../src/semantic-cache/decision/similarity-threshold.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { ask, cacheBench, countingModel, textIn } from '../support/cache-bench.ts'

/** Texts in turns, the user's first and last. */
function talk(...texts: readonly string[]): Message[] {
  return texts.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }))
}

const semantic = (options: SemanticCacheOptions = {}) => cacheBench({ history: 'semantic', ...options })
const open = { decision: similarityThreshold({ minSimilarity: 0.8 }), embedder: staticEmbedder() }

/** What comes of one conversation after another. */
async function second(
  first: readonly Message[],
  then: readonly Message[],
  options: SemanticCacheOptions = open,
  change: readonly [Partial<ModelRequest>, Partial<ModelRequest>] = [{}, {}],
) {
  const { cache } = await semantic(options)
  const model = countingModel()
  await cache.getOrCall(ask('', { messages: first, ...change[0] }), model.call)
  const { record, response } = await cache.getOrCall(ask('', { messages: then, ...change[1] }), model.call)
  await cache.close()
  return { ...record, text: textIn(response) }
}

const stored = talk('How do I reset my password?', 'Open Settings, then Security.', 'How long is the link valid?')

describe("history: 'semantic'", () => {
  it('reuses the answer of a conversation with both questions re-phrased', async () => {
    const asked = talk(
      'how can i reset my password',
      'Open Settings, then Security.',
      'For how long is the link valid?',
    )
    expect(await second(stored, asked)).toMatchObject({ outcome: 'hit', tier: 'semantic', text: 'answer 1' })
    const exact = { ...open, history: 'exact' as const }
    expect(await second(stored, asked, exact)).toMatchObject({ outcome: 'miss', reason: 'no-candidate' })
  })

  it('tells the similarity of the last messages, and does not serve below the floor of the call', async () => {
    const { cache } = await semantic(open)
    const model = countingModel()
    await cache.getOrCall(ask('', { messages: stored }), model.call)
    const asked = talk('how can i reset my password', 'Open Settings, then Security.', 'How long is the link valid?')
    const { record } = await cache.lookup(ask('', { messages: asked }))
    expect(record).toMatchObject({ outcome: 'hit' })
    expect(record.similarity).toBeCloseTo(1, 2)
    const other = [...asked.slice(0, 2), { role: 'user', content: 'For how long is the link valid?' } as const]
    const { record: refused } = await cache.lookup(ask('', { messages: other }), { minSimilarity: 0.999 })
    expect(refused).toMatchObject({ outcome: 'miss', reason: 'below-threshold' })
  })

  it.each([
    [
      'after another question',
      talk('How do I reset my router?', 'Open Settings, then Security.', 'How long is the link valid?'),
    ],
    [
      'after an answer with another number',
      talk('How do I reset my password?', 'Press 3 times.', 'How long is the link valid?'),
    ],
    [
      'after a further turn',
      talk(
        'Hello',
        'Hi',
        'How do I reset my password?',
        'Open Settings, then Security.',
        'How long is the link valid?',
      ),
    ],
    ['without the turns before', talk('How long is the link valid?')],
  ])('is a miss for the same last message %s', async (_what, asked) => {
    const first = talk('How do I reset my password?', 'Press 2 times.', 'How long is the link valid?')
    for (const [a, b] of [
      [stored, asked],
      [asked, stored],
      [first, asked],
      [asked, first],
    ] as const) {
      expect((await second(a, b)).outcome).toBe('miss')
    }
  })

  it('is a miss for another last message after the same turns', async () => {
    const asked = talk('How do I reset my password?', 'Open Settings, then Security.', 'Who sends the invoice?')
    expect(await second(stored, asked)).toMatchObject({ outcome: 'miss', reason: 'below-threshold' })
  })

  it('says that the history differs, with what was seen', async () => {
    const { cache, lookups } = await semantic(open)
    const model = countingModel()
    await cache.getOrCall(ask('', { messages: stored }), model.call)
    const other = talk('Which wine goes with fish?', 'Open Settings, then Security.', 'How long is the link valid?')
    const { record } = await cache.getOrCall(ask('', { messages: other }), model.call)
    expect(record).toMatchObject({ outcome: 'miss', reason: 'history-differs', entryKey: expect.any(String) })
    // The events of the bench hold no text.
    expect(JSON.stringify(lookups())).not.toContain('wine')
  })

  it.each<readonly [string, Partial<ModelRequest>]>([
    ['model', { model: 'gpt-4o' }],
    ['settings', { settings: { temperature: 1 } }],
    ['tools', { tools: [{ name: 'search' }] }],
    ['instructions', { messages: [{ role: 'system', content: 'Be brief.' }, ...stored] }],
    [
      'instructions between the turns',
      { messages: [...stored.slice(0, 2), { role: 'system', content: 'Be brief.' }, ...stored.slice(2)] },
    ],
    [
      'an image in an earlier turn',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'How do I reset my password?' },
              { type: 'image', digest: 'x' },
            ],
          },
          ...stored.slice(1),
        ],
      },
    ],
    [
      'what a tool said',
      {
        messages: [
          { role: 'user', content: 'How do I reset my password?' },
          { role: 'assistant', content: [{ type: 'toolCall', id: '1', name: 'find', args: {} }] },
          { role: 'tool', content: [{ type: 'toolResult', toolCallId: '1', content: 'page 7' }] },
          ...stored.slice(1),
        ],
      },
    ],
  ])('never shares over another %s', async (_what, change) => {
    expect(await second(stored, stored, open, [{}, change])).toMatchObject({ outcome: 'miss', reason: 'no-candidate' })
  })

  it('compares no reasoning of the model, which nobody was told', async () => {
    const thinking = (text: string): Message[] => [
      stored[0] as Message,
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text },
          { type: 'text', text: 'Open Settings, then Security.' },
        ],
      },
      stored[2] as Message,
    ]
    expect(await second(thinking('Hm.'), thinking('Let me see.'))).toMatchObject({ outcome: 'hit', tier: 'semantic' })
  })

  it('keys the exact tier on the whole request', async () => {
    const { cache } = await semantic(open)
    const keys = new Set<string>()
    for (const word of ['password', 'router', 'phone']) {
      const messages = talk(`How do I reset my ${word}?`, 'Done.', 'Why?')
      keys.add((await cache.lookup(ask('', { messages }))).record.key)
    }
    expect(keys.size).toBe(3)
  })

  it('serves a repeated conversation from the exact tier', async () => {
    expect(await second(stored, stored, { ...open, memory: { maxEntries: 0 } })).toMatchObject({ tier: 'exact' })
  })

  it('shares one store with a cache that compares exactly, and neither serves the other', async () => {
    const store = embeddedStore()
    const model = countingModel()
    const common = { store, memory: { maxEntries: 0 }, ...open }
    const exact = await createSemanticCache(common)
    const means = await createSemanticCache({ ...common, history: 'semantic' })
    const asked = talk('how can i reset my password', 'Open Settings, then Security.', 'How long is the link valid?')
    for (const cache of [exact, means]) {
      expect((await cache.getOrCall(ask('', { messages: stored }), model.call)).record.outcome).toBe('miss')
      await cache.flush()
    }
    expect((await exact.getOrCall(ask('', { messages: asked }), model.call)).record.outcome).toBe('miss')
    // A first question has no history, so both share it.
    await exact.getOrCall(ask('What is a cache?'), model.call)
    await exact.flush()
    expect((await means.getOrCall(ask('what is a cache'), model.call)).record.outcome).toBe('hit')
    await Promise.all([exact.close(), means.close()])
  })

  it('finds the right one of many conversations that end in the same words', async () => {
    const decision = similarityThreshold({ minSimilarity: 0.95 })
    const { cache } = await semantic({ ...open, decision, candidates: 3, memory: { maxEntries: 0 } })
    const things = [
      'password',
      'router',
      'printer',
      'alarm clock',
      'washing machine',
      'bank card',
      'car radio',
      'thermostat',
      'oven',
      'drone',
    ]
    for (const thing of things) {
      const model = async () => ({
        content: [{ type: 'text' as const, text: thing }],
        toolCalls: [],
        finishReason: 'stop' as const,
      })
      await cache.getOrCall(
        ask('', { messages: talk(`How do I reset my ${thing}?`, 'Press the button.', 'And then?') }),
        model,
      )
    }
    await cache.flush()
    for (const thing of things) {
      const messages = talk(`How can I reset my ${thing}?`, 'Press the button.', 'And then?')
      const { response, record } = await cache.lookup(ask('', { messages }))
      expect(record).toMatchObject({ outcome: 'hit', tier: 'semantic' })
      expect(response && textIn(response)).toBe(thing)
    }
    await cache.close()
  })

  it('works with the calibrated decision, which refuses a look-alike anywhere on the way', async () => {
    const options = { ...open, decision: calibrated({ maxFalseHitRate: 0.2 }) }
    const trip = talk('Translate "good morning" into Spanish', 'Buenos días.', 'And in French?')
    const asked = talk('Translate "good morning" into Spanish.', 'Buenos días.', 'And in French?')
    expect((await second(trip, asked, options)).outcome).toBe('hit')
    const night = talk('Translate "good night" into Spanish', 'Buenos días.', 'And in French?')
    expect((await second(trip, night, options)).outcome).toBe('miss')
  })

  it('gives a policy no remembered verdict for an earlier turn, and adds up what its decisions cost', async () => {
    const contexts: DecisionContext[] = []
    const policy: DecisionPolicy = {
      name: 'costly',
      async decide(_query, [candidate], context) {
        contexts.push(context)
        const overhead = { usd: 0.001, tokens: 10 }
        return candidate
          ? { reuse: candidate, findings: [], overhead }
          : { reason: 'no-candidate', findings: [], overhead }
      },
    }
    const asked = talk('how can i reset my password', 'Open Settings, then Security.', 'How long is the link valid?')
    const { cache, lookups } = await semantic({ ...open, decision: policy })
    const model = countingModel()
    await cache.getOrCall(ask('', { messages: stored }), model.call)
    expect((await cache.getOrCall(ask('', { messages: asked }), model.call)).record.outcome).toBe('hit')
    expect(contexts.map(({ recall }) => recall !== undefined)).toEqual([false, true])
    expect(lookups().at(-1)).toMatchObject({ overhead: { tokens: 20, usd: 0.002 } })
  })

  it('is a miss where the policy fails on an earlier turn', async () => {
    const policy: DecisionPolicy = {
      name: 'broken',
      async decide({ text }) {
        throw new Error(text)
      },
    }
    const asked = talk('how can i reset my password', 'Open Settings, then Security.', 'How long is the link valid?')
    expect(await second(stored, asked, { ...open, decision: policy })).toMatchObject({ reason: 'policy-failed' })
  })

  it('compares long conversations and long turns exactly', async () => {
    const long = (opening: string) => [...Array.from({ length: 7 }, () => [opening, 'Yes.']).flat(), 'Why?']
    expect((await second(talk(...long('Can I?')), talk(...long('May I?')))).reason).toBe('no-candidate')
    const wordy = (end: string) => talk('Tell me all', `${'so '.repeat(800)}${end}`, 'Why?')
    expect((await second(wordy('a'), wordy('b'))).reason).toBe('no-candidate')
    expect((await second(wordy('a'), wordy('a'))).outcome).toBe('hit')
  })

  it('survives a store that hands out histories of another shape', async () => {
    const store = embeddedStore()
    const { nearest } = store
    store.nearest = async (query) => {
      const found = await nearest.call(store, query)
      return found.map(({ entry, similarity }) => ({
        similarity,
        entry: { ...entry, history: { turns: [], vectors: [] } },
      })) as never
    }
    const asked = talk('how can i reset my password', 'Open Settings, then Security.', 'How long is the link valid?')
    expect(await second(stored, asked, { ...open, store })).toMatchObject({ outcome: 'miss', reason: 'no-candidate' })
  })

  it.each([
    [{ history: 'fuzzy' as never }, /history must be 'exact' or 'semantic', got "fuzzy"/],
    [{ history: 'semantic' as const, storeQueryText: false }, /storeQueryText must be true with history: 'semantic'/],
  ])('is validated: %o', async (options, message) => {
    await expect(createSemanticCache(options)).rejects.toThrow(message)
  })
})
