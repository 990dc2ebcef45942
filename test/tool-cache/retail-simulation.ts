import type { CacheRecord } from '../../src/core/outcome.ts'
import type { ToolInvocation, ToolResult } from '../../src/tool-cache/tool-cache.ts'
import type { ToolPolicy } from '../../src/tool-cache/tool-policy.ts'
import { type Action, type Database, TOOLS, theDatabase, theTasks } from './retail.ts'

/** Where an agent's calls go: one process with a cache. */
export type Caller = (
  call: ToolInvocation,
  run: () => Promise<ToolResult>,
) => Promise<{ readonly result: ToolResult; readonly record: CacheRecord }>

export interface SimulationCounts {
  calls: number
  reads: number
  hits: number
  writes: number
  /** Answers that were true at no moment since their read began, nor before a write that had not returned by then. */
  stale: number
  /** Answers of a time before a write that another process had begun and that had not returned when the read began. */
  overlapping: number
}

/** Of all retail tools, by name. */
export function retailPolicies(
  policyOf: (tool: { policy: ToolPolicy }) => ToolPolicy = ({ policy }) => policy,
): Record<string, ToolPolicy> {
  return Object.fromEntries(Object.entries(TOOLS).map(([name, tool]) => [name, policyOf(tool)]))
}

/**
 * Agents work on the shop at the same time, each in one of several processes. Every answer of a read is compared with
 * what the shop itself would have said, without a cache, at the moments since the read began: for each such moment the
 * true answer is computed from the state.
 */
export async function simulate({
  seed,
  agents,
  callers,
  pause,
}: {
  seed: number
  agents: number
  callers: readonly Caller[]
  /** Lets the others go on; given a number in [0, 1). */
  pause: (random: number) => Promise<void>
}): Promise<SimulationCounts> {
  const random = seeded(seed)
  const database = theDatabase()
  const tasks = theTasks().filter((actions) => actions.length > 0)
  const open = new Set<Read>()
  const unfinished = new Set<Unfinished>()
  const counts: SimulationCounts = { calls: 0, reads: 0, hits: 0, writes: 0, stale: 0, overlapping: 0 }
  const wait = () => pause(random())

  const begin = (action: Action, process: number): Read => {
    const truth = () => answerOf(database, action)
    const before = new Set<string>()
    for (const write of unfinished) if (write.process !== process) before.add(write.asBefore(truth))
    return { truth, seen: new Set([truth()]), before }
  }

  const read = async (action: Action, process: number) => {
    const reading = begin(action, process)
    open.add(reading)
    const { result, record } = await ask(action, process, async () => {
      await wait()
      const content = answerOf(database, action)
      await wait()
      return { content }
    })
    open.delete(reading)
    counts.reads++
    if (record.outcome === 'hit') counts.hits++
    const content = String(result.content)
    if (reading.seen.has(content)) return
    if (reading.before.has(content)) counts.overlapping++
    else counts.stale++
  }

  const write = async (action: Action, process: number) => {
    let under: Unfinished | undefined
    await ask(action, process, async () => {
      await wait()
      under = unfinishedWrite(database, action, process)
      unfinished.add(under)
      const content = answerOf(database, action)
      counts.writes++
      for (const reading of open) reading.seen.add(reading.truth())
      await wait()
      // A tool may fail after it has changed something.
      if (random() < 0.2) throw new Error('connection lost')
      return { content }
    }).catch(() => undefined)
    if (under) unfinished.delete(under)
  }

  const ask = (action: Action, process: number, run: () => Promise<ToolResult>) => {
    counts.calls++
    const caller = callers[process]
    if (!caller) throw new Error(`no process ${process}`)
    return caller({ name: action.name, args: action.arguments }, run)
  }
  const somewhere = () => Math.floor(random() * callers.length)

  const agent = async (first: number) => {
    for (let at = first; at < tasks.length; at += agents) {
      for (const action of tasks[at] ?? []) {
        await (TOOLS[action.name]?.policy.writes ? write : read)(action, somewhere())
        await wait()
      }
      // Others look at the same orders and users.
      const elsewhere = tasks[Math.floor(random() * tasks.length)] ?? []
      for (const action of elsewhere) if (!TOOLS[action.name]?.policy.writes) await read(action, somewhere())
    }
  }
  await Promise.all(Array.from({ length: agents }, (_, first) => agent(first)))
  return counts
}

interface Read {
  readonly truth: () => string
  readonly seen: Set<string>
  /** True before a write of another process that has changed something and not returned. */
  readonly before: ReadonlySet<string>
}

interface Unfinished {
  readonly process: number
  asBefore(truth: () => string): string
}

/** Remembers the row that a write is about to change. */
function unfinishedWrite(database: Database, { arguments: args }: Action, process: number): Unfinished {
  const table: Record<string, unknown> = args.order_id === undefined ? database.users : database.orders
  const id = String(args.order_id ?? args.user_id)
  const before = structuredClone(table[id])
  return {
    process,
    asBefore: (truth) => {
      const now = table[id]
      table[id] = before
      try {
        return truth()
      } finally {
        table[id] = now
      }
    },
  }
}

function answerOf(database: Database, { name, arguments: args }: Action): string {
  try {
    return JSON.stringify(TOOLS[name]?.run(database, args))
  } catch (error) {
    return String(error)
  }
}

/** Numbers in [0, 1) that a seed fixes. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}
