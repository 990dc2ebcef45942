/**
 * The tests of the LangChain adapter against both ends of the ranges in `peerDependencies`: `npm run test:peers`. Outside
 * `check`, because it installs from the registry. Each set gets a folder of its own, so that there is one copy of core.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** @langchain/openai is no peer, but what the tests drive; 1.6 needs Node 22. */
const SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  oldest: {
    '@langchain/core': '1.3.4',
    langchain: '1.5.0',
    '@langchain/langgraph': '1.4.13',
    '@langchain/langgraph-checkpoint': '1.1.5',
    '@langchain/openai': '1.5.0',
  },
  newest: {
    '@langchain/core': '^1.4.0',
    langchain: '^1.5.14',
    '@langchain/langgraph': '^1.7.3',
    '@langchain/langgraph-checkpoint': '^1.2.2',
    '@langchain/openai': '~1.5.8',
  },
}
const TOOLS = [
  ...(['vitest', 'fast-check', 'zod', '@types/node', 'openai', '@langchain/anthropic'] as const),
  ...(['@langchain/langgraph-checkpoint-redis', 'redis'] as const),
]

let failed = 0
for (const [name, versions] of Object.entries(SETS)) {
  const folder = mkdtempSync(join(tmpdir(), `reprise-peers-${name}-`))
  const tools = Object.fromEntries(TOOLS.map((tool) => [tool, own.devDependencies[tool] ?? '*']))
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { ...own.dependencies, ...tools, ...versions },
    overrides: {
      '@langchain/core': '$@langchain/core',
      '@langchain/langgraph-checkpoint': '$@langchain/langgraph-checkpoint',
    },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  for (const part of ['src', 'test', 'examples', 'vitest.config.ts', 'tsconfig.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'inherit' })
  const installed = Object.keys(versions).map((peer) => `${peer} ${installedVersion(folder, peer)}`)
  console.log(`\n${name}: ${installed.join(', ')}`)
  const { status } = spawnSync('npx', ['vitest', 'run', 'test/adapters/langchain'], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) failed++
  rmSync(folder, { recursive: true, force: true })
}
if (failed > 0) {
  console.error(`${failed} of ${Object.keys(SETS).length} sets of peers failed`)
  process.exit(1)
}

function installedVersion(folder: string, name: string): string {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version
}
