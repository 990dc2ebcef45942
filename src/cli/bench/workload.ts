import { readFile } from 'node:fs/promises'
import { CacheError } from '../../core/errors.ts'

/** One question of a recorded or made-up stream, in arrival order. */
export interface WorkloadRequest {
  readonly id: string
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[]
  /** Requests with the same value may share one answer; absent when nobody labelled it. */
  readonly answerId?: string
  /** What this request tests, for the table: first, repeat, paraphrase, look-alike, follow-up. */
  readonly kind?: string
  readonly lang?: string
}

/**
 * Reads a workload: JSON lines of `WorkloadRequest`.
 *
 * @throws CacheError INVALID_OPTION naming file and line
 */
export async function readWorkload(path: string | URL): Promise<WorkloadRequest[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const request = parse(line)
    if (request) return [request]
    const allowed = '{ id, messages: [{ role, content }], answerId?, kind?, lang? }'
    throw new CacheError('INVALID_OPTION', `line ${index + 1} of ${path} must be ${allowed}, got ${line.slice(0, 60)}`)
  })
}

function parse(line: string): WorkloadRequest | undefined {
  try {
    const value = JSON.parse(line) as WorkloadRequest
    const isRequest =
      typeof value.id === 'string' &&
      Array.isArray(value.messages) &&
      value.messages.length > 0 &&
      value.messages.every(({ role, content }) => typeof role === 'string' && typeof content === 'string')
    return isRequest ? value : undefined
  } catch {
    return undefined
  }
}
