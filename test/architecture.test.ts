import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))

/** Which folders, or single files, each folder may import from; itself always. See ARCHITECTURE.md. */
const ALLOWED: Record<string, readonly string[]> = {
  core: [],
  stores: ['core'],
  embeddings: ['core', 'stores/store.ts'],
  metrics: ['core', 'stores/store.ts'],
  report: ['core', 'metrics'],
  'semantic-cache': ['core', 'stores/store.ts', 'embeddings/embedder.ts'],
  'tool-cache': ['core', 'stores/store.ts'],
  // Suites drive whole caches, so they stand beside the composition root.
  testing: ['core', 'stores/store.ts', 'embeddings/embedder.ts', 'semantic-cache', 'create.ts'],
}
/** Adapters import the caches and their framework, never each other. */
const ADAPTERS_MAY = ['core', 'semantic-cache', 'tool-cache', 'stores/store.ts', 'embeddings/embedder.ts']
/** Doors of adapters, which also hand out what is composed of several parts at the root. */
const DOORS_MAY: Record<string, readonly string[]> = { 'adapters/langchain/index.ts': ['create-caching-stack.ts'] }

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8')
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => path as string)
  return found.map((path) => relative(source, join(source, dirname(file), path)))
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/')
  return first === 'adapters' ? `${first}/${second}` : first
}

describe('the import rule', () => {
  it('sees the source at all', () => {
    expect(files.length).toBeGreaterThan(40)
    expect(importsOf('create.ts')).toContain('core/errors.ts'.replace('errors', 'options'))
  })

  it.each(files.filter((file) => file.includes('/') && !file.startsWith('cli/')))('%s', (file) => {
    const room = roomOf(file)
    const allowed = room.startsWith('adapters/') ? [...ADAPTERS_MAY, ...(DOORS_MAY[file] ?? [])] : ALLOWED[room]
    expect(allowed, `no rule for the folder of src/${file}`).toBeDefined()
    const foreign = importsOf(file).filter(
      (target) =>
        !target.startsWith(`${room}/`) && !allowed?.some((may) => target === may || target.startsWith(`${may}/`)),
    )
    expect(foreign).toEqual([])
  })

  it('keeps drivers and frameworks out of the core door', () => {
    const seen = new Set<string>()
    const walk = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const target of importsOf(file)) walk(target)
    }
    walk('index.ts')
    const packages = [...seen].flatMap((file) =>
      [...readFileSync(join(source, file), 'utf8').matchAll(/^(?:import|export)[^'\n]* from '([^.'][^']*)'/gm)].map(
        ([, name]) => name as string,
      ),
    )
    const allowed = ['lru-cache', 'devalue', '@pydantic/genai-prices', '@cfworker/json-schema']
    expect([...new Set(packages)].filter((name) => !name.startsWith('node:') && !allowed.includes(name))).toEqual([])
  })
})
