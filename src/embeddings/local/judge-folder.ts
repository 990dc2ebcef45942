import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import type { VerdictCombination } from '../../core/verifier.ts'
import { isRecord } from '../wire.ts'

export const JUDGE_FILE = 'judge.json'
/** The version of `judge.json` this package reads. */
const FORMAT = 1
const LONGEST_TOKENS = 512

/** What `judge.json` says: see docs/judge.md. */
export interface JudgeSettings {
  readonly name: string
  readonly version: string
  /** Such as `'en'` or `'zh'`. */
  readonly languages: readonly string[]
  /** `both`: the mean of the logits of both orders; `sorted`: one run, the texts in code-point order. */
  readonly order: 'both' | 'sorted'
  readonly maxTokens: number
  readonly lowerCase: boolean
  readonly logitScale: number
  readonly logitBias: number
  /** Names of the output `kinds`, where the graph has it. */
  readonly kinds?: readonly string[]
  /** How its probability is put together with that of `calibrated()`; checked where it is used. */
  readonly combination?: VerdictCombination
}

export interface JudgeFiles {
  readonly settings: JudgeSettings
  readonly graph: Uint8Array
  readonly tokenizer: Record<string, unknown>
  readonly tokenizerConfig: Record<string, unknown>
}

/**
 * A judge's files, each as `judge.json` says it must be: what was checked is what is run.
 *
 * @throws CacheError VERIFIER_FAILED, naming the file
 */
export function readJudgeFolder(directory: string): JudgeFiles {
  const path = join(directory, JUDGE_FILE)
  if (!existsSync(path)) {
    throw failure(
      `no ${JUDGE_FILE} in ${directory}; a judge is a folder with ${JUDGE_FILE}, model.onnx, tokenizer.json`,
    )
  }
  const described = parsed(readFileSync(path), path)
  const settings = settingsFrom(described, path)
  const digests = isRecord(described.files) ? described.files : {}
  const checked = (name: string): Buffer => {
    const expected = digests[name]
    const file = join(directory, name)
    if (typeof expected !== 'string') throw failure(`${path} must hold the sha256 of ${name} under files`)
    if (basename(name) !== name || !existsSync(file)) throw failure(`${file} must be there, and is not`)
    const bytes = readFileSync(file)
    const actual = createHash('sha256').update(bytes).digest('hex')
    if (actual !== expected.toLowerCase()) {
      throw failure(
        `${file} is damaged: its sha256 must be ${expected.slice(0, 12)}…, and is ${actual.slice(0, 12)}…; install it again`,
      )
    }
    return bytes
  }
  for (const name of Object.keys(digests)) if (name !== 'model.onnx') checked(name)
  return {
    settings,
    graph: checked('model.onnx'),
    tokenizer: parsed(checked('tokenizer.json'), join(directory, 'tokenizer.json')),
    tokenizerConfig:
      'tokenizer_config.json' in digests
        ? parsed(checked('tokenizer_config.json'), join(directory, 'tokenizer_config.json'))
        : {},
  }
}

function settingsFrom(described: Readonly<Record<string, unknown>>, path: string): JudgeSettings {
  const must = (name: string, allowed: string, fits: (value: unknown) => boolean): unknown => {
    const value = described[name]
    if (!fits(value)) throw failure(`${name} in ${path} must be ${allowed}, got ${JSON.stringify(value) ?? 'nothing'}`)
    return value
  }
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  const isTexts = (value: unknown) => Array.isArray(value) && value.length > 0 && value.every(isText)
  must('format', `${FORMAT}, which this version of reprise reads`, (value) => value === FORMAT)
  const kinds = described.kinds === undefined ? undefined : must('kinds', 'a list of names', isTexts)
  const { combination } = described
  return {
    ...(isRecord(combination) && { combination: combination as unknown as VerdictCombination }),
    name: must('name', 'a name', isText) as string,
    version: must('version', 'a version', isText) as string,
    languages: must('languages', "a list such as ['en']", isTexts) as string[],
    order: must('order', "'both' or 'sorted'", (value) => value === 'both' || value === 'sorted') as 'both' | 'sorted',
    maxTokens: must(
      'maxTokens',
      `an integer in [8, ${LONGEST_TOKENS}]`,
      (value) => Number.isInteger(value) && (value as number) >= 8 && (value as number) <= LONGEST_TOKENS,
    ) as number,
    lowerCase: must('lowerCase', 'true or false', (value) => typeof value === 'boolean') as boolean,
    logitScale: must(
      'logitScale',
      'a number > 0',
      (value) => Number.isFinite(value) && (value as number) > 0,
    ) as number,
    logitBias: must('logitBias', 'a number', (value) => Number.isFinite(value)) as number,
    ...(kinds !== undefined && { kinds: kinds as string[] }),
  }
}

function parsed(bytes: Uint8Array, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf8').decode(bytes))
    if (isRecord(value)) return value
  } catch (cause) {
    throw new CacheError('VERIFIER_FAILED', `localJudge: ${path} must be JSON, and is not`, { cause })
  }
  throw failure(`${path} must hold a JSON object`)
}

function failure(message: string): CacheError {
  return new CacheError('VERIFIER_FAILED', `localJudge: ${message}`)
}
