import { CacheError } from '../../core/errors.ts'
import type { VerdictCombination } from '../../core/verifier.ts'
import { readJudgeFolder } from './judge-folder.ts'
import { encodePair, inCodePointOrder, type PairEncoder, type TokenPair } from './judge-pairs.ts'
import { type JudgeGraph, openJudge } from './judge-runtime.ts'
import type { Task } from './task.ts'

export interface JudgeOptions {
  /** Absolute. */
  readonly directory: string
  readonly threads: number
  /** Whose node_modules may hold the runtime. */
  readonly project: string
}

export interface JudgeInfo {
  readonly name: string
  readonly version: string
  readonly languages: readonly string[]
  readonly combination?: VerdictCombination
}

export interface JudgeInput {
  readonly asked: string
  readonly stored: string
}

export interface JudgeOutput {
  /** 0…1, never the bounds themselves: a model is never beyond doubt. */
  readonly probability: number
  readonly kind?: string
  readonly tokens: number
}

/** A pair of texts read together by a small model: see docs/judge.md. */
export async function loadJudgeTask({
  directory,
  threads,
  project,
}: JudgeOptions): Promise<Task<JudgeInfo, JudgeInput, JudgeOutput>> {
  // Before the files: without a runtime reading them would be for nothing.
  const open = await openJudge(project)
  const files = readJudgeFolder(directory)
  const { settings } = files
  const graph = await open(files, { threads, directory })
  const encoder: PairEncoder = { ...settings, tokenize: graph.tokenize, ...specialIds(graph) }

  const judge = async ({ asked, stored }: JudgeInput): Promise<JudgeOutput> => {
    const ordered = settings.order === 'sorted' ? inCodePointOrder(asked, stored) : ([asked, stored] as const)
    const rows: TokenPair[] = [encodePair(...ordered, encoder)]
    if (settings.order === 'both') rows.push(encodePair(stored, asked, encoder))
    let logits = 0
    let tokens = 0
    let kinds: Float32Array | undefined
    // One by one: an int8 graph scales by the largest of a batch, so that a score would depend on its neighbour.
    for (const row of rows) {
      const output = await graph.run(row)
      logits += output.logit
      kinds ??= output.kinds
      tokens += row.ids.length
    }
    const probability = sigmoid((logits / rows.length) * settings.logitScale + settings.logitBias)
    const kind = kinds && settings.kinds?.[largest(kinds)]
    return { probability, tokens, ...(kind !== undefined && { kind }) }
  }
  // Only running it shows whether a graph is the right one.
  const { probability } = await judge({ asked: 'a', stored: 'b' })
  if (!Number.isFinite(probability)) throw new CacheError('VERIFIER_FAILED', `localJudge: ${directory} gives no number`)

  const { name, version, languages, combination } = settings
  return {
    info: { name, version, languages, ...(combination && { combination }) },
    run: judge,
    close: () => graph.close(),
  }
}

const CERTAIN = 1e-6

function sigmoid(logit: number): number {
  return Math.min(1 - CERTAIN, Math.max(CERTAIN, 1 / (1 + Math.exp(-logit))))
}

function largest(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? 0) ? index : best), 0)
}

/** What the tokenizer puts before and after a text. */
function specialIds({ tokenize, tokenizeWhole }: JudgeGraph): { begin: number; end: number } {
  const bare = tokenize('a')
  const whole = tokenizeWhole('a')
  const [begin, end] = [whole[0], whole.at(-1)]
  if (whole.length === bare.length + 2 && begin !== undefined && end !== undefined) return { begin, end }
  throw new CacheError('VERIFIER_FAILED', 'localJudge: the tokenizer must put one token before and one after a text')
}
