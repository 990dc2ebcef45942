import { CacheError } from '../../core/errors.ts'
import type { JudgeFiles } from './judge-folder.ts'
import type { TokenPair } from './judge-pairs.ts'
import { isAbsent, peerImport } from './peer-import.ts'

const PACKAGES = ['onnxruntime-node', '@huggingface/tokenizers']
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids']

/** Tokenizer and graph of a judge, loaded. */
export interface JudgeGraph {
  /** Without special tokens. */
  tokenize(text: string): readonly number[]
  /** With the special tokens of one text. */
  tokenizeWhole(text: string): readonly number[]
  run(pair: TokenPair): Promise<{ readonly logit: number; readonly kinds?: Float32Array }>
  close(): Promise<void>
}

export type OpenJudge = (
  files: JudgeFiles,
  about: { readonly threads: number; readonly directory: string },
) => Promise<JudgeGraph>

/**
 * onnxruntime-node and @huggingface/tokenizers, beside reprise or in the project.
 *
 * @throws CacheError MISSING_PEER when one is not installed, VERIFIER_FAILED when it is and does not load
 */
export async function openJudge(project: string): Promise<OpenJudge> {
  try {
    const [{ Tokenizer }, { InferenceSession, Tensor }] = await Promise.all([
      peerImport('@huggingface/tokenizers', project, () => import('@huggingface/tokenizers')),
      peerImport('onnxruntime-node', project, () => import('onnxruntime-node')),
    ])
    return async ({ graph, tokenizer, tokenizerConfig, settings }, { threads, directory }) => {
      const encoder = new Tokenizer(tokenizer, tokenizerConfig)
      const session = await InferenceSession.create(graph, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      }).catch((cause: unknown) => {
        throw new CacheError('VERIFIER_FAILED', `localJudge: ${directory}/model.onnx must be an ONNX graph`, { cause })
      })
      refuseWrongGraph(session, directory)
      const hasKinds = settings.kinds !== undefined && session.outputNames.includes('kinds')
      const int64 = (values: readonly number[]) =>
        new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])
      return {
        tokenize: (text) => encoder.encode(text, { add_special_tokens: false }).ids,
        tokenizeWhole: (text) => encoder.encode(text, { add_special_tokens: true }).ids,
        async run({ ids, types }) {
          const outputs = await session.run(
            { input_ids: int64(ids), attention_mask: int64(ids.map(() => 1)), token_type_ids: int64(types) },
            hasKinds ? ['logits', 'kinds'] : ['logits'],
          )
          const { data } = outputs.logits ?? {}
          if (!(data instanceof Float32Array) || data.length !== 1) {
            throw new CacheError(
              'VERIFIER_FAILED',
              `localJudge: the output logits of ${directory}/model.onnx must be float32 of shape [1, 1]`,
            )
          }
          const kinds = outputs.kinds?.data
          return { logit: data[0] ?? Number.NaN, ...(kinds instanceof Float32Array && { kinds }) }
        },
        close: () => session.release(),
      }
    }
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split('\n')[0] : String(cause)
    throw isAbsent(cause, PACKAGES)
      ? new CacheError('MISSING_PEER', `localJudge needs ${PACKAGES.join(' and ')}: npm install ${PACKAGES.join(' ')}`)
      : new CacheError('VERIFIER_FAILED', `localJudge: ${PACKAGES.join(' or ')} does not load: ${said}`, { cause })
  }
}

function refuseWrongGraph(
  { inputNames, outputNames }: { readonly inputNames: readonly string[]; readonly outputNames: readonly string[] },
  directory: string,
): void {
  const fits = inputNames.length === INPUTS.length && INPUTS.every((name) => inputNames.includes(name))
  if (fits && outputNames.includes('logits')) return
  throw new CacheError(
    'VERIFIER_FAILED',
    `localJudge: ${directory}/model.onnx must take ${INPUTS.join(', ')} and give logits, it takes ${inputNames.join(', ')} and gives ${outputNames.join(', ')}`,
  )
}
