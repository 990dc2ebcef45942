/** `a.b.0` as steps; a backslash before a dot makes it part of a name. */
export function pathSteps(path: string): readonly string[] {
  return path.split(/(?<!\\)\./).map((step) => step.replaceAll('\\.', '.'))
}

/** The value under a path, or undefined; own properties only. */
export function valueAt(value: unknown, steps: readonly string[]): unknown {
  let held = value
  for (const step of steps) {
    if (typeof held !== 'object' || held === null || !Object.hasOwn(held, step)) return undefined
    held = (held as Record<string, unknown>)[step]
  }
  return held
}

/** The value without what the paths name; `*` stands for every item or property. What is unchanged is not copied. */
export function withoutPaths(value: unknown, paths: readonly (readonly string[])[]): unknown {
  return paths.reduce<unknown>((rest, steps) => without(rest, steps, 0), value)
}

function without(value: unknown, steps: readonly string[], at: number): unknown {
  const step = steps[at]
  if (step === undefined || typeof value !== 'object' || value === null) return value
  const names = step === '*' ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : []
  if (names.length === 0) return value
  const isLast = at === steps.length - 1
  if (Array.isArray(value)) {
    const items: unknown[] = [...value]
    // A removed item leaves undefined behind: the places of the others count.
    for (const name of names) items[Number(name)] = isLast ? undefined : without(items[Number(name)], steps, at + 1)
    return items
  }
  const prototype = Object.getPrototypeOf(value)
  // Anything but plain data is left to the fingerprint, which refuses it by name.
  if (prototype !== Object.prototype && prototype !== null) return value
  const record: Record<string, unknown> = Object.assign(Object.create(prototype), value)
  for (const name of names) {
    if (isLast) delete record[name]
    else record[name] = without(record[name], steps, at + 1)
  }
  return record
}
