/** What metadata and MCP annotations say of a tool; absent where they say nothing. */
export interface ToolMarks {
  readonly cacheable?: boolean
  readonly destructive?: boolean
  readonly volatile?: boolean
  readonly readOnly?: boolean
  readonly idempotent?: boolean
  readonly hints: {
    readonly readOnly?: boolean
    readonly destructive?: boolean
    readonly idempotent?: boolean
    readonly openWorld?: boolean
  }
}

/**
 * Reads marks in both ways of naming (`read_only`, `readOnly`), and hints where they are found: in the annotations of
 * an MCP definition, in `metadata.annotations`, or among the metadata. Only true and false count.
 */
export function toolMarks(metadata: unknown, annotations: unknown): ToolMarks {
  const sources = [annotations, property(metadata, 'annotations'), metadata]
  const mark = (...names: readonly string[]) => firstBoolean([metadata], names)
  const hint = (name: string) => firstBoolean(sources, [name])
  return {
    cacheable: mark('cacheable'),
    destructive: mark('destructive'),
    volatile: mark('volatile'),
    readOnly: mark('read_only', 'readOnly'),
    idempotent: mark('idempotent'),
    hints: {
      readOnly: hint('readOnlyHint'),
      destructive: hint('destructiveHint'),
      idempotent: hint('idempotentHint'),
      openWorld: hint('openWorldHint'),
    },
  }
}

function firstBoolean(sources: readonly unknown[], names: readonly string[]): boolean | undefined {
  for (const source of sources) {
    for (const name of names) {
      const value = property(source, name)
      if (typeof value === 'boolean') return value
    }
  }
  return undefined
}

function property(source: unknown, name: string): unknown {
  return typeof source === 'object' && source !== null ? (source as Record<string, unknown>)[name] : undefined
}
