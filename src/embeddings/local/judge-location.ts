import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { CacheError } from '../../core/errors.ts'
import { JUDGE_FILE } from './judge-folder.ts'

const JUDGE_PACKAGE = 'reprise-judge'

/** The languages a judge is chosen for: folders of the package, or of a folder laid out like it. */
export type JudgeLanguage = 'en' | 'zh'

/**
 * The folder of the judge for a language: a folder with judge.json is for all of them, one that holds `en` and `zh` has one
 * for each. Without `model` the package is looked for where `project` would import it from, then where reprise would.
 *
 * @throws CacheError MISSING_PEER without the package, VERIFIER_FAILED for a folder without judge
 */
export function judgeDirectory(
  language: JudgeLanguage,
  { model, project }: { readonly model: string | undefined; readonly project: string },
): string {
  const root = model === undefined ? packageFolder(project) : resolve(model)
  if (existsSync(join(root, JUDGE_FILE))) return root
  const directory = join(root, language)
  if (existsSync(join(directory, JUDGE_FILE))) return directory
  throw new CacheError(
    'VERIFIER_FAILED',
    `localJudge: ${root} must hold ${JUDGE_FILE}, or a folder ${language} that does; it holds neither`,
  )
}

function packageFolder(project: string): string {
  for (const from of [join(resolve(project), 'package.json'), import.meta.url]) {
    for (const folder of createRequire(from).resolve.paths(JUDGE_PACKAGE) ?? []) {
      const found = join(folder, JUDGE_PACKAGE)
      if (existsSync(join(found, 'package.json'))) return found
    }
  }
  throw new CacheError(
    'MISSING_PEER',
    `localJudge needs the package ${JUDGE_PACKAGE}: npm install ${JUDGE_PACKAGE}, or give the folder of a judge as model`,
  )
}
