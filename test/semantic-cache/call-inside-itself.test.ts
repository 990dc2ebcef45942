import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../src/core/request.ts'
import type { ModelResponse, StreamPart } from '../../src/core/response.ts'
import { createSemanticCache } from '../../src/create.ts'
import type { SemanticCache } from '../../src/semantic-cache/semantic-cache.ts'
import { embeddedStore } from '../../src/stores/embedded/embedded-store.ts'
import { sharedStore } from '../support/shared-store.ts'

const request: ModelRequest = {
  provider: 'test',
  model: 'm',
  messages: [{ role: 'user', content: 'round and round?' }],
}
const saying = (text: string): ModelResponse => ({
  content: [{ type: 'text', text }],
  toolCalls: [],
  finishReason: 'stop',
})

/** A model call that asks the same of the cache waited for itself, for ever. */
describe.each([
  ['in a store of one process', () => embeddedStore()],
  ['in a store with leases', () => sharedStore(embeddedStore())],
])('a model call that calls the cache from inside itself, %s', (_name, storeOf) => {
  it('gets an answer when it asks for the very same', async () => {
    const cache = await createSemanticCache({ store: storeOf() })
    const { response, record } = await cache.getOrCall(request, async () => {
      const inner = await cache.getOrCall(request, async () => saying('inner'))
      return saying(`outer round ${textOf(inner.response)}`)
    })
    expect([textOf(response), record.outcome]).toEqual(['outer round inner', 'miss'])
    await cache.close()
  })

  it('gets one when only its controls are others', async () => {
    const cache = await createSemanticCache({ store: storeOf() })
    const { response } = await cache.getOrCall(request, async () => {
      const inner = await cache.getOrCall(request, async () => saying('inner'), { ttlMs: 5_000 })
      return saying(`outer round ${textOf(inner.response)}`)
    })
    expect(textOf(response)).toBe('outer round inner')
    await cache.close()
  })

  it('gets one when it streams, whoever reads it', async () => {
    const cache = await createSemanticCache({ store: storeOf() })
    async function* source(): AsyncGenerator<StreamPart> {
      yield { type: 'delta', part: { type: 'text', text: 'outer round ' } }
      for await (const part of innerOf(cache)) if (part.type === 'delta') yield part
      yield { type: 'finish', finishReason: 'stop' }
    }
    const texts: string[] = []
    for await (const part of cache.getOrStream(request, () => source())) {
      if (part.type === 'delta' && part.part.type === 'text') texts.push(part.part.text)
    }
    expect(texts.join('')).toBe('outer round inner')
    await cache.close()
  })
})

async function* innerOf(cache: SemanticCache): AsyncGenerator<StreamPart> {
  yield* cache.getOrStream(request, async () => saying('inner'))
}

function textOf({ content }: ModelResponse): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
