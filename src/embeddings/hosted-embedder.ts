import { orAborted } from '../core/deadline.ts'
import { CacheError } from '../core/errors.ts'
import { Batcher, type BatchingOptions, type BatchResult } from './batching.ts'
import type { Embedder, EmbedderDescription } from './embedder.ts'
import { requireContent } from './text-content.ts'

/** What one provider adds to the port: a wire format and names. */
export interface HostedService {
  /** Undefined when only the service knows: then one short text is embedded to find out. */
  readonly dimensions: number | undefined
  /** May ask the service for the revision of its model. */
  readonly idOf: (dimensions: number) => string | Promise<string>
  readonly maxTokens?: number | undefined
  readonly billedAs?: EmbedderDescription['billedAs']
  readonly batching: Required<BatchingOptions>
  readonly embedBatch: (texts: readonly string[], signal: AbortSignal) => Promise<BatchResult>
  readonly worthSplitting: (error: unknown) => boolean
}

/** The Embedder port over a service that takes texts in batches. */
export function hostedEmbedder(service: HostedService): Embedder {
  let starting: Promise<{ description: EmbedderDescription; batcher: Batcher }> | undefined

  const start = async () => {
    const dimensions = service.dimensions ?? (await probedDimensions(service))
    const { maxTokens, billedAs, batching, embedBatch, worthSplitting } = service
    const description: EmbedderDescription = {
      id: await service.idOf(dimensions),
      dimensions,
      ...(maxTokens !== undefined && { maxTokens }),
      ...(billedAs && { billedAs }),
    }
    return { description, batcher: new Batcher({ ...batching, dimensions, embedBatch, worthSplitting }) }
  }
  const started = () => {
    starting ??= start()
    // The next call tries again: a service that was down must not stay down for us.
    starting.catch(() => {
      starting = undefined
    })
    return starting
  }

  return {
    describe: async () => (await started()).description,
    async embed(texts, options = {}) {
      options.signal?.throwIfAborted()
      requireContent(texts)
      if (texts.length === 0) return []
      const { batcher } = await orAborted(started(), options.signal)
      return batcher.embed(texts, options)
    },
  }
}

async function probedDimensions({ embedBatch }: HostedService): Promise<number> {
  // The deadline of the request bounds it; no caller's signal does, because all later callers share the result.
  const { vectors } = await embedBatch(['dimensions'], new AbortController().signal)
  const length = vectors[0]?.length ?? 0
  if (length === 0) throw new CacheError('EMBEDDER_FAILED', 'an embedder must give vectors of ≥ 1 dimension, got none')
  return length
}
