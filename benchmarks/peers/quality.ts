import { familyStream, type Question } from '../quality/judge-cache.ts'
import { families, heldApart, mockData } from '../quality/sets.ts'
import type { PeerSession } from './peer.ts'

export interface StreamResult {
  readonly asked: number
  readonly right: number
  readonly wrong: number
  readonly missed: number
}

export interface QuestionStream {
  readonly name: string
  readonly questions: readonly Question[]
}

/** Streams whose answers are known: families no fit has seen, and GPTCache's own table, equal origins counted as one. */
export function streams(data: string, familyCount: number): QuestionStream[] {
  const held = families(data).filter(({ file }) => heldApart('static').includes(file) && file.startsWith('en'))
  const sample = held.filter((_, index) => index % Math.max(1, Math.ceil(held.length / familyCount)) === 0)
  const table = mockData(data)
  const nameOf = (origin: string) => origin.trim().toLowerCase()
  return [
    { name: `${sample.length} families, look-alikes included`, questions: familyStream(sample) },
    ...(table.length === 0
      ? []
      : [
          {
            name: "GPTCache's table, origins first",
            questions: [
              ...table.map(({ origin }) => ({ text: origin, answers: [nameOf(origin)] })),
              ...table.map(({ origin, similar }) => ({ text: similar, answers: [nameOf(origin)] })),
            ],
          },
        ]),
  ]
}

/** Asked in order of arrival; what misses is answered by the model and stored, as an application does it. */
export async function askAll(
  { questions }: QuestionStream,
  session: PeerSession,
  vectors: ReadonlyMap<string, Float32Array>,
): Promise<StreamResult> {
  let right = 0
  let wrong = 0
  for (const { text, answers } of questions) {
    const vector = vectors.get(text)
    if (!vector) throw new Error(`no vector for ${JSON.stringify(text)}`)
    const { answer, cached } = await session.call({ text, vector, answer: answers[0] ?? '' })
    if (!cached) continue
    if (answers.includes(answer)) right++
    else wrong++
  }
  return { asked: questions.length, right, wrong, missed: questions.length - right - wrong }
}
