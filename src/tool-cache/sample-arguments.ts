import { isRecord, type JsonSchema } from './tool-schema.ts'

/** A schema whose parts refer to each other could be unfolded without end. */
const MAX_PARTS = 10_000

/**
 * Arguments with every name that the schema knows, at any depth: the shape of a call, with empty texts for values. What
 * may be one thing or another becomes all of them at once.
 */
export function sampleArguments(schema: JsonSchema | undefined): unknown {
  let parts = 0
  const sample = (part: unknown, within: readonly unknown[]): unknown => {
    if (!isRecord(part) || within.includes(part) || ++parts > MAX_PARTS) return ''
    const inside = [...within, part]
    let made: unknown = typeof part.$ref === 'string' ? sample(target(schema, part.$ref), inside) : ''
    if (isRecord(part.properties)) {
      const fields = Object.entries(part.properties).map(([name, held]) => [name, sample(held, inside)] as const)
      made = both(made, Object.fromEntries(fields))
    }
    const items = [part.items, part.prefixItems, part.additionalItems].flat().filter(isRecord)
    if (items.length > 0)
      made = both(
        made,
        items.map((item) => sample(item, inside)),
      )
    if (isRecord(part.additionalProperties)) made = both(made, { '': sample(part.additionalProperties, inside) })
    for (const choice of [part.anyOf, part.oneOf, part.allOf, part.then, part.else].flat()) {
      made = both(made, sample(choice, inside))
    }
    return made
  }
  const made = sample(schema, [])
  return made === '' ? {} : made
}

function both(one: unknown, other: unknown): unknown {
  if (!isRecord(one)) return other
  if (!isRecord(other)) return one
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other]
  const merged: Record<string, unknown> = { ...one }
  for (const [name, held] of Object.entries(other)) {
    merged[name] = Object.hasOwn(merged, name) ? both(merged[name], held) : held
  }
  return merged
}

/** `#/$defs/Name`, as generators write it. */
function target(schema: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined
  let held = schema
  for (const step of reference.slice(1).split('/').filter(Boolean)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    held = isRecord(held) && Object.hasOwn(held, name) ? held[name] : undefined
  }
  return held
}
