/** Namespaces whose last invalidation is remembered by itself; one more, and all count as invalidated just now. */
const MAX_NAMESPACES = 1_000

const last = new Map<string, number>()
let count = 0
let floor = 0

/** Several caches of one process may share a store: what one of them invalidates, none may serve from its memory. */
export function noteInvalidation(namespace: string): void {
  count++
  if (last.size >= MAX_NAMESPACES && !last.has(namespace)) {
    last.clear()
    floor = count
  }
  last.set(namespace, count)
}

/** Rises with every invalidation of the namespace in this process. */
export function lastInvalidation(namespace: string): number {
  return last.get(namespace) ?? floor
}
