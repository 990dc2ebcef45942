import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The peers' own packages, in a folder of their own: they want other versions of LangChain and redis than we do. */
export interface PeerModules {
  load<Module>(name: string): Promise<Module>
  version(name: string): string
}

export function peerModules(folder: string): PeerModules {
  const require = createRequire(join(folder, 'package.json'))
  return {
    async load<Module>(name: string): Promise<Module> {
      // `require.resolve` would take the CommonJS copy, and two copies of one class know nothing of each other.
      const [scope = '', second = '', ...rest] = name.split('/')
      const [packageName, path] = scope.startsWith('@') ? [`${scope}/${second}`, rest] : [scope, [second, ...rest]]
      const subpath = path.filter(Boolean).join('/')
      const root = join(folder, 'node_modules', packageName)
      if (!existsSync(root)) throw new Error(`${packageName} is not in ${folder}: npm run bench:peers -- --install`)
      const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
      const target = entry(manifest.exports?.[subpath ? `./${subpath}` : '.']) ?? manifest.module ?? manifest.main
      const file = target ? join(root, target) : require.resolve(name)
      return (await import(pathToFileURL(file).href)) as Module
    },
    version: (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version,
  }
}

function entry(given: unknown): string | undefined {
  if (typeof given === 'string') return given
  if (typeof given !== 'object' || given === null) return undefined
  const conditions = given as Record<string, unknown>
  for (const name of ['import', 'node', 'default', 'require']) {
    const found = entry(conditions[name])
    if (found) return found
  }
  return undefined
}
