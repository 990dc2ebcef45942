export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field of what may be a record. */
export function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}

/** A list of lists, or undefined; what is inside is checked where vectors are. */
export function listOfLists(value: unknown): readonly ArrayLike<number>[] | undefined {
  return Array.isArray(value) && value.every((item) => Array.isArray(item)) ? value : undefined
}
