/**
 * A deep copy of plain data, much faster than structuredClone for answers: arrays and plain objects are copied here,
 * other objects (bytes, dates, maps) by structuredClone.
 *
 * @throws DataCloneError for functions and other values that cannot be copied
 */
export function copyData<Value>(value: Value): Value {
  if (typeof value === 'function' || typeof value === 'symbol') return structuredClone(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyData) as Value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value)
  const copy: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const held = copyData((value as Record<string, unknown>)[name])
    // Assigning `__proto__` would set the prototype instead of a property.
    if (name === '__proto__') Object.defineProperty(copy, name, { value: held, enumerable: true, writable: true })
    else copy[name] = held
  }
  return copy as Value
}
