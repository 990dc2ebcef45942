import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The versions that were measured; none of them is a dependency of Reprise. */
const NODE_PACKAGES = [
  '@langchain/core@1.4.0',
  '@langchain/openai@1.5.8',
  '@langchain/redis@1.1.2',
  'redis@4.7.1',
  'ai@7.0.173',
  '@ai-sdk/openai-compatible@3',
  '@upstash/semantic-cache@1.0.5',
  '@upstash/vector@1.2.3',
]
const PYTHON_PACKAGES = [
  'redisvl==0.28.0',
  'gptcache==0.1.44',
  'sqlalchemy',
  'faiss-cpu',
  'langgraph-checkpoint-redis==0.5.2',
  'langchain==1.5.2',
]

/** Puts the peers into a folder of their own, from npm and PyPI. */
export function installPeers(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n')
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...NODE_PACKAGES], folder)
  if (!existsSync(pythonOf(folder))) run('python3', ['-m', 'venv', '.venv'], folder)
  run(pythonOf(folder), ['-m', 'pip', 'install', '--quiet', ...PYTHON_PACKAGES], folder)
}

export function pythonOf(folder: string): string {
  return join(folder, '.venv', 'bin', 'python')
}

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: 'inherit' })
}
