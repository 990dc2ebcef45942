import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const TINY = 'test/support/tiny-onnx-model'

async function reprise(...words: string[]) {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...words], { cwd: ROOT })
  return run.then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    ({ stdout, stderr, code }) => ({ stdout, stderr, code }) as { stdout: string; stderr: string; code: number },
  )
}

describe('reprise embed', () => {
  it('prints the similarity of two texts and whose it is', async () => {
    const { stdout, code } = await reprise('embed', 'turn on dark mode', 'turn off dark mode')
    expect(stdout).toMatch(/^ 0\.\d{4} {2}reprise\/static@[0-9a-f]+\/\d+d\/int8\n$/)
    expect(code).toBe(0)
  })

  it('takes several embedders and prints JSON', async () => {
    const { stdout } = await reprise('embed', 'how do i', 'how do i', '--json', '-e', 'hashing:64', `onnx:${TINY}`)
    const rows = JSON.parse(stdout)
    expect(rows).toMatchObject([
      { embedder: 'hashing:64', dimensions: 64 },
      { embedder: `onnx:${TINY}`, dimensions: 32, tokens: 10 },
    ])
    for (const { similarity } of rows) expect(similarity).toBeCloseTo(1, 6)
  })

  it.each([
    ['an embedder it does not know', ['a', 'b', '-e', 'magic'], /--embedder must be one of static/],
    ['an embedder of Object', ['a', 'b', '-e', 'constructor'], /--embedder must be one of static/],
    ['a folder that is not there', ['a', 'b', '-e', 'onnx:./nowhere'], /no model folder .*nowhere/],
    ['an empty text', ['a', ''], /must have more than white space/],
    ['one text only', ['a'], /missing required argument 'b'/],
  ])('says what is wrong with %s, without a stack', async (_what, words, message) => {
    const { stdout, stderr, code } = await reprise('embed', ...words)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(1)
  })
})
