import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/**
 * A peer package where reprise would import it from, then where `project` would. `load` is the import itself, so that a
 * bundler and the type checker see it.
 *
 * @throws what `load` throws, when the project has not got it either
 */
export async function peerImport<Module>(name: string, project: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if (!isAbsent(error, [name])) throw error
    const require = createRequire(join(resolve(project), 'package.json'))
    let path: string
    try {
      path = require.resolve(name)
    } catch {
      throw error
    }
    return require(path) as Module
  }
}

/** True when one of the packages is not installed; false when it is and does not load. */
export function isAbsent(error: unknown, packages: readonly string[]): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') return false
  return packages.some((name) => error.message.includes(`'${name}'`))
}
