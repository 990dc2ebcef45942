import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import type { ReportStamp } from '../../report/html-report.ts'

/** What every report of a benchmark says about itself: when, of which commit, on what, with which data and seed. */
export function reportStamp({
  seed,
  dataset,
  versions = {},
}: {
  readonly seed?: number
  /** Name and hash of the data, such as that of `datasetHash`. */
  readonly dataset?: string
  readonly versions?: Readonly<Record<string, string>>
}): ReportStamp {
  const commit = currentCommit()
  return {
    at: Date.now(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${process.platform} ${process.arch}`,
    versions: { node: process.versions.node, reprise: packageVersion(), ...versions },
    ...(commit !== undefined && { commit }),
    ...(seed !== undefined && { seed }),
    ...(dataset !== undefined && { dataset }),
  }
}

/** The first 12 digits of a SHA-256 over the parts, in order. */
export function datasetHash(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\n')
  return hash.digest('hex').slice(0, 12)
}

/** With a plus when files differ from it: such figures belong to no commit. */
function currentCommit(): string | undefined {
  try {
    const git = (...words: string[]) =>
      execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    // An installed package lies in somebody else's repository, whose commit says nothing about it.
    if (import.meta.dirname.includes('node_modules')) return undefined
    const changed = git('status', '--porcelain', '--untracked-files=no').trim() !== ''
    return `${git('rev-parse', '--short', 'HEAD').trim()}${changed ? '+changes' : ''}`
  } catch {
    return undefined
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
