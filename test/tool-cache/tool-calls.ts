import type { CacheEvent, LookupEvent, WriteEvent } from '../../src/core/events.ts'
import { createToolCache, type ToolCacheOptions } from '../../src/create-tool-cache.ts'
import type { ToolCache, ToolControls, ToolInvocation, ToolResult } from '../../src/tool-cache/tool-cache.ts'

/** A cache, its events, and a tool that counts its calls and says which one answered. */
export async function aToolCache(options: ToolCacheOptions = {}) {
  const events: CacheEvent[] = []
  const clock = { now: 1_000_000 }
  const cache = await createToolCache({
    now: () => clock.now,
    random: () => 0,
    on: [(event) => events.push(event)],
    ...options,
  })
  return { cache, events, clock, ...counting(cache) }
}

function counting(cache: ToolCache) {
  const counts = new Map<string, number>()
  return {
    counts,
    /** Calls a tool whose answer is its own running number; waits until the result is stored. */
    ask: async (call: ToolInvocation, controls?: ToolControls) => {
      const answer = await cache.getOrCall(
        call,
        async (): Promise<ToolResult> => {
          const count = (counts.get(call.name) ?? 0) + 1
          counts.set(call.name, count)
          return { content: `${call.name} ${count}` }
        },
        controls,
      )
      await cache.flush()
      return { content: answer.result.content, ...answer.record }
    },
  }
}

export const lookups = (events: readonly CacheEvent[]) =>
  events.filter((event): event is LookupEvent => event.type === 'lookup')
export const writes = (events: readonly CacheEvent[]) =>
  events.filter((event): event is WriteEvent => event.type === 'write')

/** A promise and its settling, to hold a tool where the test wants it. */
export function gate<Value = void>() {
  let open: (value: Value) => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const opened = new Promise<Value>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { opened, open: (value: Value) => open(value), fail: (error: unknown) => fail(error) }
}
