import { describe, expect, it } from 'vitest'
import { reprise as run } from '../../support/reprise-bin.ts'

const TINY = 'test/support/tiny-onnx-model'
const reprise = (...words: string[]) => run(words)

// Processes that load lexicons and vectors; no time is asserted.
describe('reprise embed', { timeout: 120_000 }, () => {
  it('prints the similarity of two texts and whose it is', async () => {
    const { stdout, code } = await reprise('embed', 'turn on dark mode', 'turn off dark mode')
    expect(stdout).toMatch(/^ 0\.\d{4} {2}reprise\/static@[0-9a-f]+\/\d+d\/int8\n/)
    expect(code).toBe(0)
  })

  it('prints what each guard sees, and the decision with its probability', async () => {
    const { stdout } = await reprise('embed', 'convert 100 USD to EUR', 'convert 200 USD to EUR')
    expect(stdout).toMatch(/^ +numbers +differ +100usd \| 200usd$/m)
    expect(stdout).toMatch(/^ +dates +agree$/m)
    expect(stdout).toMatch(/^ +not reused: guard-veto, probability 0\.000 {2}\(calibrated\(0\.01\)\)$/m)
    const same = await reprise('embed', 'Where is my order?', 'where is my order', '-d', 'threshold:0.9')
    expect(same.stdout).toMatch(/^ +reused {2}\(similarityThreshold\(0\.9\)\)$/m)
  })

  it('takes several embedders and prints JSON', async () => {
    const { stdout } = await reprise('embed', 'how do i', 'how do i', '--json', '-e', 'hashing:64', `onnx:${TINY}`)
    const rows = JSON.parse(stdout)
    expect(rows).toMatchObject([
      { embedder: 'hashing:64', dimensions: 64 },
      { embedder: `onnx:${TINY}`, dimensions: 32, tokens: 10 },
    ])
    for (const { similarity, decision } of rows) {
      expect(similarity).toBeCloseTo(1, 6)
      expect(decision).toMatchObject({ policy: 'calibrated(0.01)', reuse: true, probability: 1 })
    }
  })

  it.each([
    ['an embedder it does not know', ['a', 'b', '-e', 'magic'], /--embedder must be one of static/],
    ['an embedder of Object', ['a', 'b', '-e', 'constructor'], /--embedder must be one of static/],
    ['a folder that is not there', ['a', 'b', '-e', 'onnx:./nowhere'], /no model folder .*nowhere/],
    ['an empty text', ['a', ''], /must have more than white space/],
    ['a decision it does not know', ['a', 'b', '-d', 'threshold:9'], /minSimilarity must be a number/],
    ['parameters that are not there', ['a', 'b', '-d', './none.json'], /parameters must be a file that can be read/],
    ['a rate out of range', ['a', 'b', '-r', '2'], /--max-false-hit-rate must be a number in \[0\.001, 0\.5\]/],
    ['one text only', ['a'], /missing required argument 'b'/],
  ])('says what is wrong with %s, without a stack', async (_what, words, message) => {
    const { stdout, stderr, code } = await reprise('embed', ...words)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})
