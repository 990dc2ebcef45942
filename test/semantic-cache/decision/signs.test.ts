import { describe, expect, it } from 'vitest'
import { staticEmbedder } from '../../../src/embeddings/static-embedder.ts'
import { calibrated } from '../../../src/index.ts'

const embedder = staticEmbedder()

async function decisionOf(asked: string, stored: string) {
  const [vector, storedVector] = (await embedder.embed([asked, stored])) as [Float32Array, Float32Array]
  const { id: embedderId } = await embedder.describe()
  const entry = { key: 'k', queryText: stored, vector: storedVector, evidence: { correct: 0, wrong: 0 } }
  const similarity = vector.reduce((sum, value, i) => sum + value * (storedVector[i] ?? 0), 0)
  return calibrated({ maxFalseHitRate: 0.2 }).decide(
    { text: asked, vector, embedderId },
    [{ entry, similarity }] as never,
    {
      signal: new AbortController().signal,
    },
  )
}

describe('texts of signs alone', () => {
  it.each([
    ['?', '!'],
    ['...', '???'],
    ['→', '←'],
    ['√', '∑'],
    ['？', '！'],
  ])('"%s" is not "%s"', async (asked, stored) => {
    expect((await decisionOf(asked, stored)).reuse).toBeUndefined()
    expect((await decisionOf(asked, asked)).reuse).toBeDefined()
  })
})

describe('signs that name something else', () => {
  it.each([
    ['How do I read a file line by line in C?', 'How do I read a file line by line in C++?'],
    ['How do I sort a list in C#?', 'How do I sort a list in C?'],
    ['What does an A+ rating mean?', 'What does an A rating mean?'],
    ['Is -5 a valid index?', 'Is 5 a valid index?'],
    ['What does x > y mean?', 'What does x < y mean?'],
    ['What does == do?', 'What does === do?'],
    ['What is a++ in a loop?', 'What is a-- in a loop?'],
    ['What does a && b give?', 'What does a || b give?'],
    ['10 - 5?', '10 / 5?'],
    ['Explain ❤️', 'Explain 💔'],
    ['Does x=1 hold?', 'Does x!=1 hold?'],
    ['What is 10^2?', 'What is 10^-2?'],
    ['What is 3×4?', 'What is 3÷4?'],
    ['What does tar -x do?', 'What does tar -X do?'],
    ['What does \\d match?', 'What does \\D match?'],
    ['Is 5 mW safe?', 'Is 5 MW safe?'],
    ['How long does 1 Gb take?', 'How long does 1 GB take?'],
    ['What does US mean?', 'What does us mean?'],
    ['What is MW?', 'What is mW?'],
    ['What does $@ do?', 'What does $# do?'],
    ['What does ~ do in bash?', 'What does ! do in bash?'],
    ['What does <b> mean?', 'What does </b> mean?'],
    ['Which regex is [abc]?', 'Which regex is [^abc]?'],
    ['How do I use *?', 'How do I use **?'],
    ['how to use *', 'how to use **'],
    ['Is it 10%?', 'Is it 10?'],
    ['What is 2+2?', 'What is 2-2?'],
    ['How do I play C♯?', 'How do I play C♭?'],
    ['Is it $10?', 'Is it €10?'],
    ['什么是√2？', '什么是∛2？'],
    ['C++里怎么读取文件？', 'C里怎么读取文件？'],
  ])('keep "%s" from "%s"', async (asked, stored) => {
    for (const pair of [
      [asked, stored],
      [stored, asked],
    ] as const) {
      const { reuse, findings } = await decisionOf(...pair)
      expect(reuse).toBeUndefined()
      expect(findings).toContainEqual(expect.objectContaining({ guard: 'signs', verdict: 'differ' }))
    }
  })

  it.each([
    ['How do I convert EUR -> USD?', 'How do I convert EUR to USD?'],
    ['What is issue #12 about?', 'What is issue 12 about?'],
    ['How do I use Python + Redis?', 'How do I use Python and Redis?'],
    ['Reset my password please 🙏', 'Reset my password please'],
    ['Is 2024-05-01 a holiday?', 'Is May 1 2024 a holiday?'],
    ['A table for 5-10 people', 'A table for 5 to 10 people'],
    ['Use C++ or C#?', 'C# or C++, which one?'],
    ['> How do I reset it?', 'How do I reset it?'],
    ['- How do I reset it?', 'How do I reset it?'],
    ['How do I reset my e-mail?', 'How do I reset my email'],
    ['How do I *really* reset (my) "password"?', 'how do I really reset my password?!'],
    ['Question: how do I reset it', 'Question, how do I reset it…'],
    ['Is black/white printing cheaper?', 'Is black white printing cheaper?'],
    ['I moved - and my account is gone', 'I moved -- and my account is gone.'],
    ['What does "reset." mean', 'What does "reset" mean'],
    ['Is it 25 °C?', 'Is it 25 C?'],
    ["How do I reset Anna's password?", 'How do I reset Annas password?'],
    ['怎么重置“密码”？', '怎么重置密码'],
    ['Is 16 GB enough?', 'is 16gb enough'],
    ['What is SQL?', 'what is sql'],
    ['How do I move to the US?', 'how do I move to the us'],
    ['WHO MADE IT?', 'Who made it?'],
    ['What does tar -x do?', 'what does TAR -x do'],
  ])('do not keep "%s" from "%s"', async (asked, stored) => {
    const { findings } = await decisionOf(asked, stored)
    expect(findings.some(({ guard, verdict }) => guard === 'signs' && verdict === 'differ')).toBe(false)
  })
})

describe('words that no list knows', () => {
  it.each([
    ['What is the dose of prednisone?', 'What is the dose of prednisolone?'],
    ['What causes osteoporosis?', 'What causes osteopetrosis?'],
  ])('are two words, not one with two slips: "%s", "%s"', async (asked, stored) => {
    expect((await decisionOf(asked, stored)).reuse).toBeUndefined()
    expect((await decisionOf(stored, asked)).reuse).toBeUndefined()
  })
})
