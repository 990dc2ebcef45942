import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILT = join(ROOT, 'dist/cli/main.js')

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** Runs `reprise` in a process of its own: the built one when it is of these sources, else the sources themselves. */
export async function reprise(
  words: readonly string[],
  { cwd = ROOT }: { readonly cwd?: string } = {},
): Promise<Ended> {
  const program = isFresh() ? [BUILT] : ['--import', import.meta.resolve('tsx'), join(ROOT, 'src/cli/main.ts')]
  const run = promisify(execFile)(process.execPath, [...program, ...words], { cwd, maxBuffer: 2 ** 26 })
  return run.then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    ({ stdout, stderr, code }) => ({ stdout, stderr, code }) as Ended,
  )
}

function isFresh(): boolean {
  if (!existsSync(BUILT)) return false
  const built = statSync(BUILT).mtimeMs
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  return files.every((file) => statSync(join(ROOT, 'src', file)).mtimeMs <= built)
}
