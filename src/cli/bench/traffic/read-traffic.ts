import { readFile } from 'node:fs/promises'
import { CacheError } from '../../../core/errors.ts'
import { parseTrafficLine, type TrafficLine } from './traffic-line.ts'

export interface TrafficLog {
  readonly lines: readonly TrafficLine[]
  /** Lines left out because they are malformed: with `skipMalformed` only. */
  readonly malformed: readonly { readonly line: number; readonly problem: string }[]
  readonly text: string
}

export interface ReadTrafficOptions {
  /** Of lines that name none. */
  readonly model: string
  readonly skipMalformed?: boolean
  /** Throws for a line that is well-formed and of no use all the same; it counts as malformed. */
  readonly check?: (line: TrafficLine) => void
}

/**
 * Reads a log of traffic: JSON lines as docs/cost-benchmark.md describes them. Empty lines do not count.
 *
 * @throws CacheError INVALID_OPTION naming file and line, unless malformed lines are to be skipped (and counted)
 */
export async function readTraffic(
  path: string,
  { model, skipMalformed = false, check = () => undefined }: ReadTrafficOptions,
): Promise<TrafficLog> {
  const text = await readTextFile(path)
  const lines: TrafficLine[] = []
  const malformed: { line: number; problem: string }[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue
    const number = index + 1
    try {
      const line = parseTrafficLine(parsedJson(raw), { number, model })
      check(line)
      lines.push(line)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      if (!skipMalformed) {
        const cure = 'docs/cost-benchmark.md has the format; --skip-malformed leaves such lines out and counts them'
        throw new CacheError('INVALID_OPTION', `${path}:${number}: ${problem} (${cure})`)
      }
      malformed.push({ line: number, problem })
    }
  }
  if (lines.length === 0) {
    const of = malformed.length > 0 ? `, and ${malformed.length} malformed ones` : ''
    throw new CacheError('INVALID_OPTION', `${path} must have at least one line of traffic, got none${of}`)
  }
  return { lines, malformed, text }
}

/** @throws CacheError INVALID_OPTION saying why the file cannot be read */
export async function readTextFile(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new CacheError('INVALID_OPTION', `a file must be there to be read, got ${path} (${why})`, { cause: error })
  }
}

export function parsedJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CacheError('INVALID_OPTION', `a line must be JSON: ${why.slice(0, 120)}`)
  }
}
