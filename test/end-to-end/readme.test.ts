import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startModelServer } from '../../src/cli/bench/model-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const [quickstart = ''] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code as string)

describe('the README', () => {
  it('has a quickstart of fewer than 15 lines', () => {
    expect(quickstart.trim().split('\n').length).toBeLessThan(15)
  })

  it('has a quickstart that runs as it stands, with the built package', async () => {
    const server = await startModelServer({ answer: () => ({ text: 'Send them back within 30 days.' }) })
    // Inside the checkout, so that the package finds itself by its name.
    mkdirSync(join(root, 'reports'), { recursive: true })
    const folder = mkdtempSync(join(root, 'reports', 'readme-'))
    try {
      writeFileSync(join(folder, 'quickstart.mjs'), quickstart)
      const { output, code } = await run(join(folder, 'quickstart.mjs'), {
        OPENAI_BASE_URL: server.baseUrl,
        OPENAI_API_KEY: 'none',
      })
      expect(output).toContain("outcome: 'miss'")
      expect(code).toBe(0)
      expect(server.requestCount).toBe(1)
    } finally {
      rmSync(folder, { recursive: true })
      await server.close()
    }
  }, 60_000)

  it('links only to files that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target as string)
    expect(targets.length).toBeGreaterThan(3)
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([])
  })
})

function run(file: string, env: Record<string, string>): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { cwd: root, env: { ...process.env, ...env } })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => {
        output += piece
      })
    child.on('close', (code) => resolve({ output, code }))
  })
}
