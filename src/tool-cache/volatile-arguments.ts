import { snakeCase } from './tool-name.ts'

/** Arguments that name the moment of the call: with one of them no call is like another. Any way of naming. */
export const VOLATILE_ARGUMENT_NAMES: readonly string[] = [
  'timestamp',
  'time_stamp',
  'current_time',
  'now',
  'date',
  'today',
  'current_date',
  'current_timestamp',
  'current_datetime',
  'datetime_now',
  'utc_now',
  'current_day',
  'local_time',
]

const MAX_DEPTH = 200

/** The volatile name that the first such argument has, at any depth (lists, maps and sets too), or undefined. */
export function volatileArgument(args: unknown, names: ReadonlySet<string>): string | undefined {
  return names.size === 0 ? undefined : find(args, names, 0)
}

/** Names of volatile arguments in one form. */
export function volatileNames(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(snakeCase))
}

function find(value: unknown, names: ReadonlySet<string>, depth: number): string | undefined {
  // Cycles end here as well; the fingerprint refuses them by name.
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return undefined
  for (const [name, held] of entriesOf(value)) {
    const plain = snakeCase(name)
    // The name from our list goes into the reason; a path could hold text of the user.
    if (names.has(plain)) return plain
    const inside = find(held, names, depth + 1)
    if (inside !== undefined) return inside
  }
  return undefined
}

function entriesOf(value: object): Iterable<readonly [string, unknown]> {
  if (value instanceof Map) return [...value].map(([key, held]) => [String(key), held] as const)
  if (value instanceof Set) return [...value].map((held, at) => [String(at), held] as const)
  if (ArrayBuffer.isView(value)) return []
  return Object.entries(value)
}
