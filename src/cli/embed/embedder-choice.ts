import { invalidOption } from '../../core/options.ts'
import {
  cohereEmbedder,
  type Embedder,
  hashingEmbedder,
  ollamaEmbedder,
  onnxEmbedder,
  openaiEmbedder,
  staticEmbedder,
} from '../../embeddings/index.ts'

/** What `--embedder` takes, with what stands behind the first colon. */
interface Choice {
  readonly usage: string
  readonly make: (rest: string) => Embedder
}

const CHOICES: Readonly<Record<string, Choice>> = {
  static: { usage: 'static', make: () => staticEmbedder() },
  hashing: {
    usage: 'hashing[:DIMENSIONS]',
    make: (rest) => hashingEmbedder(rest === '' ? {} : { dimensions: Number(rest) }),
  },
  onnx: { usage: 'onnx:FOLDER_OR_HUB_NAME', make: (model) => onnxEmbedder({ model }) },
  openai: { usage: 'openai:MODEL', make: (model) => openaiEmbedder({ model }) },
  cohere: { usage: 'cohere[:MODEL]', make: (model) => cohereEmbedder(model === '' ? {} : { model }) },
  ollama: { usage: 'ollama:MODEL', make: (model) => ollamaEmbedder({ model }) },
}

export const EMBEDDER_USAGE = Object.values(CHOICES)
  .map(({ usage }) => usage)
  .join(', ')

/**
 * The embedder that a word on the command line names.
 *
 * @throws CacheError INVALID_OPTION
 */
export function embedderChoice(word: string): Embedder {
  const [name = '', ...rest] = word.split(':')
  const choice = Object.hasOwn(CHOICES, name) ? CHOICES[name] : undefined
  if (!choice) throw invalidOption('--embedder', `one of ${EMBEDDER_USAGE}`, word)
  return choice.make(rest.join(':'))
}
