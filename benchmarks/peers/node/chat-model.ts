import type { PeerCall } from '../peer.ts'
import { openaiMessages, openaiTools } from './model-side.ts'

/** What is used of a LangChain chat model; the peers bring their own copy of LangChain. */
export interface ChatModel {
  bindTools(tools: unknown): ChatModel
  invoke(messages: unknown, options?: unknown): Promise<{ readonly text: string }>
  stream(messages: unknown, options?: unknown): Promise<AsyncIterable<{ readonly text: string }>>
}

export type MakeModel = (fields: Record<string, unknown>) => ChatModel

/** The same call through any ChatOpenAI: system, turns, image, tools, settings and format as an application gives them. */
export async function askChatModel(
  make: MakeModel,
  baseUrl: string,
  call: PeerCall,
  configurable?: Record<string, unknown>,
): Promise<{ text: string; microseconds: number }> {
  const base = make({
    model: call.model ?? 'model-a',
    temperature: call.temperature ?? 0,
    apiKey: 'none',
    maxRetries: 0,
    configuration: { baseURL: baseUrl },
  })
  const model = call.tools ? base.bindTools(openaiTools(call.tools)) : base
  const options = {
    ...(call.jsonAnswer ? { response_format: { type: 'json_object' } } : {}),
    ...(configurable ? { configurable } : {}),
  }
  const messages = openaiMessages(call)
  const started = process.hrtime.bigint()
  let text = ''
  if (call.streamed) for await (const chunk of await model.stream(messages, options)) text += chunk.text
  else text = (await model.invoke(messages, options)).text
  return { text, microseconds: Number(process.hrtime.bigint() - started) / 1000 }
}
