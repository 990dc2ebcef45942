import { CacheError } from '../../core/errors.ts'
import type { ModelFolder } from './model-folder.ts'
import { isAbsent } from './peer-import.ts'

export type RuntimeName = 'onnxruntime-node' | '@huggingface/transformers' | '@xenova/transformers'

export const RUNTIMES: readonly RuntimeName[] = [
  'onnxruntime-node',
  '@huggingface/transformers',
  '@xenova/transformers',
]

/** What runs the graph and the tokenizer; one per library. */
export interface Runtime {
  load(folder: ModelFolder, settings: { readonly threads: number }): Promise<LoadedModel>
}

export interface LoadedModel {
  /** Token ids, with the model's special tokens around them or without. */
  tokenize(text: string, withSpecials: boolean): readonly number[]
  /** Rows of one length, so that nothing is padded. */
  run(rows: readonly (readonly number[])[]): Promise<GraphOutput>
  close(): Promise<void>
}

/** Numbers of shape [texts, tokens, width], or [texts, width] when the graph pools by itself. */
export interface GraphOutput {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

interface Peer {
  readonly packages: readonly string[]
  readonly open: () => Promise<Runtime>
}

const PEERS: Readonly<Record<RuntimeName, Peer>> = {
  'onnxruntime-node': {
    packages: ['onnxruntime-node', '@huggingface/tokenizers'],
    open: async () => (await import('./onnxruntime-runtime.ts')).openOnnxruntime(),
  },
  '@huggingface/transformers': {
    packages: ['@huggingface/transformers'],
    open: async () =>
      (await import('./transformers-runtime.ts')).openTransformers(
        await import('@huggingface/transformers'),
        'current',
      ),
  },
  '@xenova/transformers': {
    packages: ['@xenova/transformers'],
    open: async () =>
      (await import('./transformers-runtime.ts')).openTransformers(await import('@xenova/transformers'), 'xenova'),
  },
}

/**
 * The runtime asked for, or the first that is installed, lightest first.
 *
 * @throws CacheError MISSING_PEER when it is not installed, EMBEDDER_FAILED when it is and does not load
 */
export async function openRuntime(wanted: RuntimeName | 'auto'): Promise<{ name: RuntimeName; runtime: Runtime }> {
  for (const name of wanted === 'auto' ? RUNTIMES : [wanted]) {
    try {
      return { name, runtime: await PEERS[name].open() }
    } catch (cause) {
      if (isAbsent(cause, PEERS[name].packages)) continue
      throw new CacheError(
        'EMBEDDER_FAILED',
        `onnxEmbedder: ${name} is installed and does not load: ${reason(cause)}`,
        {
          cause,
        },
      )
    }
  }
  const { packages } = PEERS[wanted === 'auto' ? 'onnxruntime-node' : wanted]
  const others = wanted === 'auto' ? ' (or @huggingface/transformers, which brings both)' : ''
  throw new CacheError(
    'MISSING_PEER',
    `onnxEmbedder needs ${packages.join(' and ')}: npm install ${packages.join(' ')}${others}`,
  )
}

function reason(cause: unknown): string {
  const said = (cause instanceof Error ? cause.message.split('\n')[0] : undefined) ?? String(cause)
  // onnxruntime-node 1.14, which @xenova/transformers brings, was not made for several threads.
  if (!said.includes('did not self-register')) return said
  return 'its native library can be loaded by one thread of a process only; keep one such embedder, or use @huggingface/transformers'
}
