import { type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'
import type { PeerCall } from '../peer.ts'

/** The model behind the peers: says what the call wants it to say, and counts. */
export interface ModelSide {
  readonly baseUrl: string
  /** Says what the model answers from now on, and remembers how often it was asked. */
  expect(call: PeerCall): { wasAsked(): boolean }
  close(): Promise<void>
}

export async function startModelSide(): Promise<ModelSide> {
  const server: ModelServer = await startModelServer({ answer: () => ({ text: 'unexpected' }) })
  const say = answerer()
  return {
    baseUrl: server.baseUrl,
    expect(call) {
      const before = server.requestCount
      const text = say(call)
      server.answerWith(() => ({ text, ...(call.truncated ? { finishReason: 'length' as const } : {}) }))
      return { wasAsked: () => server.requestCount > before }
    },
    close: () => server.close(),
  }
}

/** What a model says: the wanted answer, else one it never gave before. */
export function answerer(): (call: PeerCall) => string {
  let count = 0
  return ({ answer, jsonAnswer }) => answer ?? (jsonAnswer ? `{"answer":${++count}}` : `answer ${++count}`)
}

/** Messages in the words of the OpenAI API. */
export function openaiMessages({ system, earlier = [], text, imageUrl }: PeerCall) {
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...earlier.map((turn) => ({ role: turn.role, content: turn.text })),
    {
      role: 'user' as const,
      content:
        imageUrl === undefined
          ? text
          : [
              { type: 'text' as const, text },
              { type: 'image_url' as const, image_url: { url: imageUrl } },
            ],
    },
  ]
}

export function openaiTools(names: readonly string[]) {
  return names.map((name) => ({
    type: 'function' as const,
    function: { name, description: `The tool ${name}`, parameters: { type: 'object', properties: {} } },
  }))
}
