import { CacheError } from '../../core/errors.ts'
import type { GraphOutput } from './runtime.ts'

/** The states of the tokens under the names exporters give them, or a vector that the graph has pooled itself. */
export function graphOutput(outputs: Readonly<Record<string, unknown>>): GraphOutput {
  const name = ['last_hidden_state', 'token_embeddings', 'sentence_embedding', 'logits'].find(
    (known) => known in outputs,
  )
  const output = (name ? outputs[name] : Object.values(outputs)[0]) as
    | { readonly data: unknown; readonly dims: readonly number[] }
    | undefined
  if (output?.data instanceof Float32Array && (output.dims.length === 2 || output.dims.length === 3)) {
    return { data: output.data, shape: output.dims }
  }
  throw new CacheError(
    'EMBEDDER_FAILED',
    `onnxEmbedder: a graph must give float32 states of its tokens (last_hidden_state), this one gives ${Object.keys(outputs).join(', ')}`,
  )
}
