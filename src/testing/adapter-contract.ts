import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallControls } from '../core/controls.ts'
import { CacheError } from '../core/errors.ts'
import type { CacheRecord } from '../core/outcome.ts'
import type { ToolCall } from '../core/request.ts'
import type { SemanticCache } from '../semantic-cache/semantic-cache.ts'
import type { CacheStore } from '../stores/store.ts'

/** One call, in words every framework has. The adapter's test turns it into its framework's call. */
export interface AdapterQuestion {
  readonly text: string
  readonly instructions?: string
  /** Turns before the question, user and assistant in turn. */
  readonly earlier?: readonly string[]
  /** Bytes of a PNG attached to the question. */
  readonly image?: Uint8Array
  /** Name of a tool the model may call, which takes `{ city: string }`. */
  readonly tool?: string
  readonly temperature?: number
  readonly model?: string
  readonly controls?: Omit<CallControls, 'signal'>
  readonly signal?: AbortSignal
}

/** What the model behind the adapter says next, or the HTTP status it fails with. */
export interface AdapterModelAnswer {
  readonly text?: string
  readonly toolCalls?: readonly { readonly name: string; readonly args: { readonly city: string } }[]
  readonly finishReason?: 'stop' | 'tool_calls' | 'length' | 'content_filter'
  readonly status?: number
  /** Never answers. */
  readonly hang?: true
}

/** An answer as the caller of the framework gets it. */
export interface AdapterAnswer {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
  /** Ids of the answer itself; those of its tool calls stand with them. */
  readonly id?: string
  readonly totalTokens: number
  readonly record?: CacheRecord
  /** Everything else that a caller can see, made comparable: without ids, usage and the record. */
  readonly rest: unknown
}

export interface AdapterSubject {
  ask(question: AdapterQuestion): Promise<AdapterAnswer>
  /** The same by streaming; the answer is what the pieces add up to. */
  askStreaming(question: AdapterQuestion): Promise<AdapterAnswer & { readonly pieces: number }>
  /** Calls that reached the model. */
  calls(): number
  /** From now on the model says this. */
  modelSays(answer: AdapterModelAnswer): void
  close(): Promise<void>
}

export interface AdapterContractOptions {
  /** `createSemanticCache` of the package, or what makes the cache an adapter is for. */
  readonly createCache: (options: { readonly store?: CacheStore }) => Promise<SemanticCache>
  /** Makes the adapter under test over a model of its own and the given cache. */
  readonly open: (cache: SemanticCache) => Promise<AdapterSubject>
}

const PNG = Uint8Array.from([137, 80, 78, 71, 1, 2, 3, 4])
const QUESTION: AdapterQuestion = {
  text: 'What is the capital of France?',
  instructions: 'Answer in one sentence.',
  earlier: ['I like geography.', 'So do I.'],
  image: PNG,
  temperature: 0.3,
  controls: { tenant: 'acme' },
}

/** Each differs from QUESTION in one thing that must not be shared across. */
const DIFFERENCES: readonly [string, AdapterQuestion][] = [
  ['tenant', { ...QUESTION, controls: { tenant: 'beta' } }],
  ['missing tenant', { ...QUESTION, controls: {} }],
  ['shared entries', { ...QUESTION, controls: { shared: true } }],
  ['model', { ...QUESTION, model: 'other-model' }],
  ['instructions', { ...QUESTION, instructions: 'Answer at length.' }],
  ['missing instructions', { ...QUESTION, instructions: undefined }],
  ['tools', { ...QUESTION, tool: 'weather' }],
  ['settings', { ...QUESTION, temperature: 0.9 }],
  ['an earlier turn', { ...QUESTION, earlier: ['I like history.', 'So do I.'] }],
  ['an earlier answer', { ...QUESTION, earlier: ['I like geography.', 'I do not.'] }],
  ['the number of turns', { ...QUESTION, earlier: [] }],
  ['the image', { ...QUESTION, image: Uint8Array.from([...PNG.slice(0, -1), 5]) }],
  ['a missing image', { ...QUESTION, image: undefined }],
  ['the question', { ...QUESTION, text: 'What is the capital of Spain?' }],
  [
    'turns written into the question',
    { ...QUESTION, earlier: [], text: 'I like geography.\nAI: So do I.\nHuman: What is the capital of France?' },
  ],
]

/**
 * The promises of an adapter, for vitest: nothing is shared across a difference, everything else is a hit equal to its
 * miss, and no trouble of the cache reaches the caller. Call it at the top level of a test file.
 *
 * @example
 * adapterContract('cachedModel', { createCache: createSemanticCache, open: (cache) => ... })
 */
export function adapterContract(name: string, { createCache, open }: AdapterContractOptions): void {
  describe(`${name} keeps the adapter contract`, () => {
    let cache: SemanticCache
    let subject: AdapterSubject

    const start = async (store?: CacheStore) => {
      await close()
      cache = await createCache(store ? { store } : {})
      subject = await open(cache)
      subject.modelSays({ text: 'Paris is the capital of France.' })
    }
    const close = async () => {
      await subject?.close()
      await cache?.close()
    }
    beforeEach(() => start())
    afterEach(async () => {
      await close()
    })

    const shapes = [
      ['asked', (question: AdapterQuestion) => subject.ask(question)],
      ['streamed', (question: AdapterQuestion) => subject.askStreaming(question)],
    ] as const

    describe.each(shapes)('%s', (_shape, ask) => {
      it.each(DIFFERENCES)('never shares an answer across %s', async (_what, different) => {
        await ask(QUESTION)
        const answer = await ask(different)
        expect(answer.record?.outcome).toBe('miss')
        expect(subject.calls()).toBe(2)
      })

      it('answers a repeated call from the cache, equal to the first but for ids, usage and record', async () => {
        const miss = await ask(QUESTION)
        const hit = await ask(QUESTION)
        expect(subject.calls()).toBe(1)
        expect(miss.record?.outcome).toBe('miss')
        expect(hit.record?.outcome).toBe('hit')
        expect(hit.text).toBe(miss.text)
        expect(hit.rest).toEqual(miss.rest)
        expect(miss.totalTokens).toBeGreaterThan(0)
        expect(hit.totalTokens).toBe(0)
        expect(hit.id).not.toBe(miss.id)
      })

      it('repeats tool calls with ids of their own', async () => {
        subject.modelSays({
          toolCalls: [
            { name: 'weather', args: { city: 'Paris' } },
            { name: 'weather', args: { city: 'Nice' } },
          ],
        })
        const question = { ...QUESTION, tool: 'weather' }
        const answers = [await ask(question), await ask(question), await ask(question)]
        expect(subject.calls()).toBe(1)
        for (const { toolCalls, rest } of answers) {
          expect(toolCalls.map(({ name, args }) => ({ name, args }))).toEqual([
            { name: 'weather', args: { city: 'Paris' } },
            { name: 'weather', args: { city: 'Nice' } },
          ])
          expect(rest).toEqual(answers[0]?.rest)
        }
        const ids = answers.flatMap(({ toolCalls }) => toolCalls.map(({ id }) => id))
        expect(new Set(ids).size).toBe(6)
      })

      it.each([
        ['truncated', { text: 'Paris is', finishReason: 'length' }],
        ['filtered', { text: 'Paris is', finishReason: 'content_filter' }],
        ['empty', { text: '' }],
        ['not what its tool takes', { toolCalls: [{ name: 'weather', args: { city: 7 as unknown as string } }] }],
      ] as const)('does not store an answer that is %s', async (_what, says) => {
        subject.modelSays(says)
        const question = { ...QUESTION, tool: 'weather' }
        await ask(question)
        await ask(question)
        expect(subject.calls()).toBe(2)
      })

      it("hands on the model's own error and does not remember it", async () => {
        subject.modelSays({ status: 400 })
        await expect(ask(QUESTION)).rejects.toSatisfy((error) => !CacheError.is(error))
        subject.modelSays({ text: 'Paris.' })
        expect((await ask(QUESTION)).text).toBe('Paris.')
      })

      it('throws NOT_CACHED for only-if-cached without an entry, and does not call the model', async () => {
        const only = { ...QUESTION, controls: { tenant: 'acme', mode: 'only-if-cached' } } as const
        await expect(ask(only)).rejects.toSatisfy((error) => CacheError.is(error, 'NOT_CACHED'))
        expect(subject.calls()).toBe(0)
        await ask(QUESTION)
        expect((await ask(only)).record?.outcome).toBe('hit')
      })

      it('asks the model anew on refresh, and stores what it says then', async () => {
        await ask(QUESTION)
        subject.modelSays({ text: 'Paris, of course.' })
        const refreshed = await ask({ ...QUESTION, controls: { tenant: 'acme', mode: 'refresh' } })
        expect(refreshed.text).toBe('Paris, of course.')
        await cache.flush()
        expect((await ask(QUESTION)).text).toBe('Paris, of course.')
        expect(subject.calls()).toBe(2)
      })

      it('neither reads nor writes on bypass', async () => {
        const around = { ...QUESTION, controls: { tenant: 'acme', mode: 'bypass' } } as const
        await ask(QUESTION)
        expect((await ask(around)).record).toMatchObject({ outcome: 'bypass', reason: 'mode-bypass' })
        expect(subject.calls()).toBe(2)
      })

      it('finds an entry again by its tag, to remove it', async () => {
        await ask({ ...QUESTION, controls: { tenant: 'acme', tags: ['geography'] } })
        await cache.flush()
        expect(await cache.invalidate({ tags: ['geography'] })).toBe(1)
        await ask({ ...QUESTION, controls: { tenant: 'acme', tags: ['geography'] } })
        expect(subject.calls()).toBe(2)
      })

      it('stays out of a call with controls that make no sense', async () => {
        const answer = await ask({ ...QUESTION, controls: { ttlMs: -1 } })
        expect(answer.text).toBe('Paris is the capital of France.')
        expect(answer.record).toMatchObject({ outcome: 'bypass', reason: 'invalid-controls' })
      })

      it("gives the model's answer while the store is down", async () => {
        await start(brokenStore())
        for (let i = 0; i < 2; i++) {
          const answer = await ask(QUESTION)
          expect(answer.text).toBe('Paris is the capital of France.')
          expect(answer.record?.outcome).toBe('bypass')
        }
      })

      it('collapses identical calls in flight into one', async () => {
        const answers = await Promise.all([ask(QUESTION), ask(QUESTION), ask(QUESTION)])
        expect(subject.calls()).toBe(1)
        expect(answers.map(({ text }) => text)).toEqual(Array(3).fill('Paris is the capital of France.'))
        expect(answers.filter(({ record }) => record?.collapsed)).toHaveLength(2)
        expect(answers.filter(({ totalTokens }) => totalTokens > 0)).toHaveLength(1)
        expect(new Set(answers.map(({ id }) => id)).size).toBe(3)
      })

      it('stops waiting when the caller gives up, and does not store what never came', async () => {
        subject.modelSays({ hang: true })
        const controller = new AbortController()
        const asked = ask({ ...QUESTION, signal: controller.signal })
        const failed = expect(asked).rejects.toSatisfy((error) => !CacheError.is(error))
        await untilTrue(() => subject.calls() === 1)
        controller.abort()
        await failed
        subject.modelSays({ text: 'Paris.' })
        expect((await ask(QUESTION)).text).toBe('Paris.')
      })
    })

    it('serves a streamed call from an answer that was not streamed, in pieces', async () => {
      const miss = await subject.ask(QUESTION)
      const hit = await subject.askStreaming(QUESTION)
      expect(subject.calls()).toBe(1)
      expect(hit.text).toBe(miss.text)
      expect(hit.pieces).toBeGreaterThan(2)
      expect(hit.record?.outcome).toBe('hit')
    })

    it('serves a call that is not streamed from an answer that was', async () => {
      const miss = await subject.askStreaming(QUESTION)
      const hit = await subject.ask(QUESTION)
      expect(subject.calls()).toBe(1)
      expect(hit.text).toBe(miss.text)
      expect(hit.record?.outcome).toBe('hit')
    })

    it('reuses one entry for all tenants where a call shares it', async () => {
      await subject.ask({ ...QUESTION, controls: { tenant: 'acme', shared: true } })
      const hit = await subject.ask({ ...QUESTION, controls: { tenant: 'beta', shared: true } })
      expect(hit.record?.outcome).toBe('hit')
    })
  })
}

function brokenStore(): CacheStore {
  const fail = () => Promise.reject(new Error('the store is down'))
  const done = () => Promise.resolve()
  return { name: 'broken', get: fail, set: fail, update: fail, delete: fail, clear: fail, flush: done, close: done }
}

/** Waits by turns of the event loop, not by time. */
async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
