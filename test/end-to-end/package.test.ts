import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'reprise-app-'))

const APP = `
const request = { provider: 'openai', model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }
const call = async () => ({ content: [{ type: 'text', text: 'hello' }], toolCalls: [], finishReason: 'stop' })
export async function run({ createSemanticCache, CacheError }) {
  const cache = await createSemanticCache()
  const outcomes = []
  for (let i = 0; i < 2; i++) outcomes.push((await cache.getOrCall(request, call)).record.outcome)
  await cache.close()
  console.log(outcomes.join(' '), typeof CacheError.is)
}
`

/** True when dist is missing or older than a source: a test of yesterday's build proves nothing. */
function isStale(): boolean {
  if (!existsSync(join(root, 'dist/index.js'))) return true
  const built = statSync(join(root, 'dist/index.js')).mtimeMs
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  return files.some((file) => statSync(join(root, 'src', file)).mtimeMs > built)
}

/** The built package, as an application that installed it sees it. */
describe('the package', () => {
  beforeAll(() => {
    if (isStale()) execFileSync('npm', ['run', 'build'], { cwd: root })
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root, join(folder, 'node_modules', 'reprise'))
    writeFileSync(join(folder, 'app.mjs'), APP)
  }, 120_000)
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const node = (file: string) =>
    execFileSync(process.execPath, [join(folder, file)], { cwd: folder, encoding: 'utf8' }).trim()

  it('works when it is imported', () => {
    writeFileSync(
      join(folder, 'main.mjs'),
      `import * as reprise from 'reprise'\nimport { run } from './app.mjs'\nawait run(reprise)`,
    )
    expect(node('main.mjs')).toBe('miss hit function')
  })

  it('works when it is required', () => {
    writeFileSync(
      join(folder, 'main.cjs'),
      `const reprise = require('reprise')\nimport('./app.mjs').then(({ run }) => run(reprise))`,
    )
    expect(node('main.cjs')).toContain('miss hit function')
  })

  it('runs a local model in a worker thread', () => {
    const model = join(root, 'test/support/tiny-onnx-model')
    writeFileSync(
      join(folder, 'onnx.mjs'),
      `import { onnxEmbedder } from 'reprise/embeddings'
       const [vector] = await onnxEmbedder({ model: ${JSON.stringify(model)} }).embed(['how do i'])
       console.log(vector.length)`,
    )
    expect(node('onnx.mjs')).toBe('32')
  })

  it('works inside a bundled application, which need not know of the optional peers', async () => {
    writeFileSync(
      join(folder, 'bundle-me.mjs'),
      `import * as reprise from 'reprise'\nimport { run } from './app.mjs'\nrun(reprise)`,
    )
    await build({
      entryPoints: [join(folder, 'bundle-me.mjs')],
      outfile: join(folder, 'alone', 'bundle.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    })
    rmSync(join(folder, 'node_modules'), { recursive: true })
    expect(node('alone/bundle.mjs')).toBe('miss hit function')
  })

  it.each(['.', './embeddings', './langchain', './mcp', './redis', './testing'])(
    'has a built door %s',
    async (door) => {
      const { exports } = (await import('../../package.json', { with: { type: 'json' } })).default
      const target = (exports as Record<string, string | { default: string; types: string }>)[door]
      if (typeof target !== 'object') throw new Error(`no door ${door} in package.json`)
      expect(existsSync(join(root, target.default)) && existsSync(join(root, target.types))).toBe(true)
    },
  )
})
