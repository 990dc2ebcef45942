/**
 * Bytes of the value as UTF-8 JSON, with what JSON would leave out counted too: members of maps and sets, and bytes as
 * Base64. A value that occurs twice counts once. Needs no copy of the text.
 */
export function dataSize(value: unknown): number {
  return sizeOf(value, new Set())
}

function sizeOf(value: unknown, seen: Set<object>): number {
  switch (typeof value) {
    case 'string':
      return textSize(value)
    case 'object':
      return value === null ? 4 : sizeOfObject(value, seen)
    default:
      // The text of the others is ASCII.
      return String(value).length
  }
}

function sizeOfObject(value: object, seen: Set<object>): number {
  if (seen.has(value)) return 0
  seen.add(value)
  if (Array.isArray(value)) return sizeOfList(value, seen)
  if (value instanceof Map) return sizeOfList(value, seen)
  if (value instanceof Set) return sizeOfList(value, seen)
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return 2 + Math.ceil(value.byteLength / 3) * 4
  if (value instanceof Date) return 26
  if (value instanceof URL || value instanceof URLSearchParams || value instanceof RegExp)
    return textSize(String(value))
  let size = 2
  for (const [name, held] of Object.entries(value)) {
    // Name, colon and a comma.
    if (held !== undefined) size += textSize(name) + 2 + sizeOf(held, seen)
  }
  return size > 2 ? size - 1 : size
}

function sizeOfList(values: Iterable<unknown>, seen: Set<object>): number {
  let size = 2
  for (const held of values) size += 1 + sizeOf(held ?? null, seen)
  return size > 2 ? size - 1 : size
}

function textSize(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}
