import { availableParallelism } from 'node:os'
import { orAborted, withDeadline } from '../core/deadline.ts'
import { CacheError } from '../core/errors.ts'
import { booleanOption, invalidOption, knownOptions, numberOption, stringOption } from '../core/options.ts'
import type { Verdict, Verifier } from '../core/verifier.ts'
import { type JudgeLanguage, judgeDirectory } from './local/judge-location.ts'
import type { JudgeInfo, JudgeInput, JudgeOutput } from './local/judge-task.ts'
import { TaskHost } from './local/task-host.ts'

export type { JudgeLanguage } from './local/judge-location.ts'
export type { JudgeInfo } from './local/judge-task.ts'

export interface LocalJudgeOptions {
  /**
   * A folder with judge.json, model.onnx and tokenizer.json, or one that holds such folders as `en` and `zh`. Default: the
   * package `reprise-judge`.
   */
  readonly model?: string
  /**
   * The project whose node_modules hold `reprise-judge` and the runtime, where they are not beside reprise; default the
   * working directory.
   */
  readonly project?: string
  /** Longest wait for one verdict, in milliseconds, ≥ 1, without the loading of the model. Default 1 000. */
  readonly deadlineMs?: number
  /** Run in a worker thread, so that the event loop goes on; default true. */
  readonly worker?: boolean
  /** Threads of one inference, an integer ≥ 1; default half of the processors, at most 4. */
  readonly threads?: number
}

export interface LocalJudge extends Verifier {
  /** May be asked without a signal, unlike verifiers in general. */
  verify(asked: string, stored: string, context?: { readonly signal?: AbortSignal }): Promise<Verdict>
  /** Loads the model of a language now rather than with the first question; rejects when it cannot be loaded. */
  load(language?: JudgeLanguage): Promise<JudgeInfo>
  /** Ends the worker threads and frees the models; later verdicts are rejected with CLOSED. */
  close(): Promise<void>
}

const NAMES: readonly (keyof LocalJudgeOptions)[] = ['model', 'project', 'deadlineMs', 'worker', 'threads']
const LANGUAGES: readonly JudgeLanguage[] = ['en', 'zh']
const MAX_TIMER_MS = 2_147_483_647
const HAN = /\p{Script=Han}/u
/** Letters that neither language has: a vocabulary may know them, but nobody taught the judge what they mean. */
const FOREIGN = /(?=\p{L})[^\p{Script=Latin}\p{Script=Han}\p{Script=Common}\p{Script=Inherited}\p{Script=Greek}]/u

/**
 * A small model on this machine that reads both questions together and says how probably the answer to one is an answer to
 * the other. English and Chinese; the model is chosen by the texts. Other scripts are refused.
 *
 * Needs `onnxruntime-node` and `@huggingface/tokenizers`, and the package `reprise-judge` or a folder with a judge.
 *
 * @throws CacheError INVALID_OPTION at once; MISSING_PEER and VERIFIER_FAILED when it is loaded, which `verified` turns into
 * a miss
 * @example
 * verified(calibrated({ maxFalseHitRate: 0.05 }), { verifier: localJudge() })
 */
export function localJudge(options: LocalJudgeOptions = {}): LocalJudge {
  knownOptions('localJudge', options, NAMES)
  const model = options.model === undefined ? undefined : stringOption('model', options.model, '')
  const project = stringOption('project', options.project, process.cwd())
  const deadlineMs = numberOption('deadlineMs', options.deadlineMs, { min: 1, max: MAX_TIMER_MS, default: 1_000 })
  const worker = booleanOption('worker', options.worker, true)
  const cores = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)))
  const threads = numberOption('threads', options.threads, { min: 1, max: 256, integer: true, default: cores })

  /** By folder: one judge for both languages is loaded once. */
  const hosts = new Map<string, TaskHost<JudgeInfo, JudgeInput, JudgeOutput>>()
  let closed = false
  const hostOf = (language: JudgeLanguage) => {
    if (closed) throw new CacheError('CLOSED', 'the local judge was closed before')
    const directory = judgeDirectory(language, { model, project })
    const known = hosts.get(directory)
    if (known) return known
    const host = new TaskHost<JudgeInfo, JudgeInput, JudgeOutput>(
      { name: 'judge', options: { directory, threads, project } },
      { worker },
    )
    hosts.set(directory, host)
    return host
  }

  return {
    name: 'localJudge',
    remember: 'process',
    async load(language = 'en') {
      if (!LANGUAGES.includes(language)) throw invalidOption('language', "'en' or 'zh'", language)
      return asVerifierError(() => hostOf(language).info())
    },
    async verify(asked, stored, { signal } = {}) {
      if (FOREIGN.test(asked) || FOREIGN.test(stored)) return OTHER_LANGUAGE
      return asVerifierError(async () => {
        const language = HAN.test(asked) || HAN.test(stored) ? 'zh' : 'en'
        const host = hostOf(language)
        const { combination, languages } = await orAborted(host.info(), signal)
        if (!languages.includes(language)) return OTHER_LANGUAGE
        const run = (deadline: AbortSignal) => host.run({ asked, stored }, deadline)
        const { probability, kind, tokens } = await withDeadline('the verdict of localJudge', deadlineMs, run, signal)
        return {
          probability,
          ...(kind !== undefined && { kind }),
          ...(combination && { combination }),
          overhead: { usd: 0, tokens },
        }
      })
    },
    async close() {
      closed = true
      const ending = [...hosts.values()]
      hosts.clear()
      await Promise.all(ending.map((host) => host.close()))
    },
  }
}

const OTHER_LANGUAGE: Verdict = { probability: 0, kind: 'other-language', overhead: { usd: 0, tokens: 0 } }

/** The worker that judge and embedder share knows embedders' failures only. */
async function asVerifierError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!CacheError.is(error, 'EMBEDDER_FAILED')) throw error
    const cause = error.cause instanceof Error ? `: ${error.cause.message.split('\n')[0]}` : ''
    throw new CacheError('VERIFIER_FAILED', `localJudge: ${error.message}${cause}`, { cause: error.cause })
  }
}
