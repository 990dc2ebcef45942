import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai'
import { type AnswerFunction, type ModelServer, startModelServer } from '../../../src/cli/bench/model-server.ts'

/** The real ChatOpenAI over a local server. Never `streaming: true`: it would download token ranks. */
export function chatOpenAI(server: ModelServer, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({
    model: 'gpt-4o-mini',
    apiKey: 'sk-test-secret-value',
    maxRetries: 0,
    ...fields,
    configuration: { baseURL: server.baseUrl, ...fields.configuration },
  })
}

export function saying(text: string): AnswerFunction {
  return () => ({ text })
}

export function serverSaying(text: string): Promise<ModelServer> {
  return startModelServer({ answer: saying(text) })
}
