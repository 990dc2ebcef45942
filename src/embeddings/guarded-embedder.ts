import { CircuitBreaker } from '../core/circuit-breaker.ts'
import { withDeadline } from '../core/deadline.ts'
import { CacheError } from '../core/errors.ts'
import type { CacheEvent } from '../core/events.ts'
import { unitVector } from '../core/vector.ts'
import type { Embedder, EmbedderDescription } from './embedder.ts'

const HUNG_AFTER_DEADLINES = 10

export interface GuardOptions {
  readonly deadlineMs: number
  readonly breaker: { readonly failures: number; readonly halfOpenAfterMs: number }
  readonly emit: (event: CacheEvent) => void
  readonly now: () => number
}

/**
 * The embedder behind a deadline and a circuit breaker, its vectors checked: what comes out is unit length, finite and
 * of the described dimensions, or a CacheError (EMBEDDER_FAILED, DEADLINE_EXCEEDED, CIRCUIT_OPEN).
 */
export function guardedEmbedder(embedder: Embedder, { deadlineMs, breaker, emit, now }: GuardOptions): Embedder {
  const circuit = new CircuitBreaker({ ...breaker, now })
  let description: Promise<EmbedderDescription> | undefined
  let known: EmbedderDescription | undefined
  let askedAt = 0
  const report = (what: 'failed' | 'late' | 'breaker-opened' | 'breaker-closed', detail?: string) =>
    emit({ type: 'embedder', at: now(), what, ...(known && { embedderId: known.id }), ...(detail && { detail }) })

  const guarded = async <Result>(
    what: string,
    work: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal | undefined,
  ): Promise<Result> => {
    if (!circuit.tryCall())
      throw new CacheError('CIRCUIT_OPEN', 'the embedder failed too often just now and is left alone')
    try {
      const result = await withDeadline(what, deadlineMs, work, signal)
      if (circuit.succeed().closed) report('breaker-closed')
      return result
    } catch (error) {
      if (signal?.aborted) {
        // A caller who leaves says nothing about the embedder's health.
        circuit.giveUp()
        throw error
      }
      const failure = CacheError.is(error)
        ? error
        : new CacheError('EMBEDDER_FAILED', `${what} failed: ${error instanceof Error ? error.name : typeof error}`, {
            cause: error,
          })
      report(failure.code === 'DEADLINE_EXCEEDED' ? 'late' : 'failed', failure.message)
      // Nor does a text it cannot read: somebody else's question would suffer for it.
      if (failure.code === 'NOT_EMBEDDABLE') circuit.giveUp()
      else if (circuit.fail()) report('breaker-opened')
      throw failure
    }
  }

  const describe = () => {
    // One that hangs is asked again after a while; one that loads slowly is left to load.
    if (description && now() - askedAt > HUNG_AFTER_DEADLINES * deadlineMs) description = undefined
    if (!description) askedAt = now()
    description ??= Promise.resolve()
      .then(() => embedder.describe())
      .then((described) => {
        checkDescription(described)
        known = described
        return described
      })
    description.catch(() => {
      description = undefined
    })
    return description
  }

  return {
    // A description already known says nothing about the embedder's health now.
    describe: async () => known ?? guarded('loading the embedder', describe, undefined),
    async embed(texts, { signal, report: notice } = {}) {
      return guarded(
        'embedding',
        async (deadline) => {
          const { dimensions } = await describe()
          const vectors = await embedder.embed(texts, { signal: deadline, ...(notice && { report: notice }) })
          if (!Array.isArray(vectors) || vectors.length !== texts.length) {
            const got = Array.isArray(vectors) ? `${vectors.length}` : typeof vectors
            throw new CacheError('EMBEDDER_FAILED', `an embedder must give ${texts.length} vectors, got ${got}`)
          }
          return vectors.map((vector) => unitVector(vector, dimensions))
        },
        signal,
      )
    },
    ...(embedder.wordVectors && { wordVectors: (text: string) => embedder.wordVectors?.(text) ?? [] }),
  }
}

function checkDescription({ id, dimensions }: EmbedderDescription): void {
  if (typeof id !== 'string' || id === '') {
    throw new CacheError('EMBEDDER_FAILED', `an embedder's id must be a non-empty string, got ${String(id)}`)
  }
  if (!Number.isInteger(dimensions) || dimensions < 1) {
    throw new CacheError(
      'EMBEDDER_FAILED',
      `an embedder's dimensions must be an integer ≥ 1, got ${String(dimensions)}`,
    )
  }
}
