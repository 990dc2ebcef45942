import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../../..')

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** The command line in a process of its own; without an environment's keys and stores. */
export async function reprise(words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, REPRISE_REDIS_URL: _redis, ...inherited } = process.env
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], {
    cwd: ROOT,
    env: { ...inherited, ...environment },
    maxBuffer: 64 * 1024 ** 2,
  })
  return run.then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    ({ stdout, stderr, code }) => ({ stdout, stderr, code }) as Ended,
  )
}
