import type { ToolDescription } from '../../tool-cache/tool-cache.ts'

/** The definitions a server gave, by name, as of the latest listing. */
export class ToolList {
  readonly #tools = new Map<string, ToolDescription>()
  readonly #list: (cursor: string | undefined) => Promise<unknown>
  #loading: Promise<void> | undefined

  constructor(list: (cursor: string | undefined) => Promise<unknown>) {
    this.#list = list
  }

  get all(): readonly ToolDescription[] {
    return [...this.#tools.values()]
  }

  get(name: string): ToolDescription | undefined {
    return this.#tools.get(name)
  }

  /** Takes in a page that was listed by the program itself. */
  add(page: unknown): void {
    for (const tool of toolsOf(page)) this.#tools.set(tool.name, tool)
  }

  /** The server said that its tools are others now: what was known of them holds no longer. */
  reload(): Promise<void> {
    this.#tools.clear()
    // A listing under way may have begun before.
    const before = this.#loading
    this.#loading = Promise.resolve(before)
      .catch(() => undefined)
      .then(() => this.#load())
      .finally(() => {
        this.#loading = undefined
      })
    return this.#loading
  }

  /** Waits for a listing under way, however it ends. */
  async settled(): Promise<void> {
    await this.#loading?.catch(() => undefined)
  }

  /** All pages; rejects when the server cannot list. */
  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    let cursor: string | undefined
    do {
      const page = await this.#list(cursor)
      this.add(page)
      const next = isRecord(page) ? page.nextCursor : undefined
      cursor = typeof next === 'string' && next !== cursor ? next : undefined
    } while (cursor !== undefined)
  }
}

function toolsOf(page: unknown): readonly ToolDescription[] {
  return definitionsOf(page).map(descriptionOf)
}

/** The definitions of a page as they are. */
export function definitionsOf(page: unknown): readonly Record<string, unknown>[] {
  if (!isRecord(page) || !Array.isArray(page.tools)) return []
  return page.tools.filter((tool) => isRecord(tool) && typeof tool.name === 'string')
}

export function descriptionOf({ name, inputSchema, annotations, _meta }: Record<string, unknown>): ToolDescription {
  return { name: String(name), inputSchema, annotations, metadata: _meta }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
