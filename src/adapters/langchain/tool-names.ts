import type { ModelRequest } from '../../core/request.ts'
import type { ModelResponse } from '../../core/response.ts'
import { isRecord } from './content.ts'

/**
 * Names that createAgent makes up for the tools of a structured answer: `extract-1`, `extract-2` … from a counter of the
 * whole process, so the same agent has another name in every run. In a request and in what is stored they become their
 * place in the conversation; the schema still counts, and a replayed call gets the name of its own run.
 */
export class ToolNames {
  readonly #neutral = new Map<string, string>()
  readonly #own = new Map<string, string>()
  readonly #structured: ReadonlySet<unknown>

  constructor(request: ModelRequest) {
    this.#collect(request.messages)
    this.#collect(request.tools)
    this.#structured = new Set(request.tools?.map(({ name }) => this.#neutral.get(name)).filter((name) => name))
  }

  request(request: ModelRequest): ModelRequest {
    return this.#neutral.size === 0 ? request : renamed(request, this.#neutral)
  }

  /** What is stored. An answer with two structured calls is an error to the agent, which asks again: not one to keep. */
  toStore(response: ModelResponse): ModelResponse {
    if (this.#neutral.size === 0) return response
    const stored = renamed(response, this.#neutral)
    const structured = stored.toolCalls.filter(({ name }) => this.#structured.has(name))
    return structured.length > 1 ? { ...stored, finishReason: 'error' } : stored
  }

  fromStore(response: ModelResponse): ModelResponse {
    return this.#own.size === 0 ? response : renamed(response, this.#own)
  }

  /** The name here of a call that another run made in the stream both share. */
  translated(name: string, from: ToolNames): string {
    const neutral = from.#neutral.get(name)
    return (neutral && this.#own.get(neutral)) ?? name
  }

  #collect(value: unknown): void {
    if (Array.isArray(value)) for (const held of value) this.#collect(held)
    if (!isRecord(value)) return
    for (const [field, held] of Object.entries(value)) {
      if (field !== 'name') this.#collect(held)
      else if (typeof held === 'string' && MADE_UP.test(held) && !this.#neutral.has(held)) {
        const neutral = `extract-#${this.#neutral.size}`
        this.#neutral.set(held, neutral)
        this.#own.set(neutral, held)
      }
    }
  }
}

const MADE_UP = /^extract-\d+$/

function renamed<Value>(value: Value, names: ReadonlyMap<string, string>): Value {
  const walk = (held: unknown, field?: string): unknown => {
    if (typeof held === 'string') return field === 'name' ? (names.get(held) ?? held) : held
    if (Array.isArray(held)) return held.map((one) => walk(one))
    if (!isRecord(held) || Object.getPrototypeOf(held) !== Object.prototype) return held
    return Object.fromEntries(Object.entries(held).map(([name, one]) => [name, walk(one, name)]))
  }
  return walk(value) as Value
}
