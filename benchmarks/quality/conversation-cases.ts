import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Message } from '../../src/core/request.ts'
import { families, heldApart } from './sets.ts'

/** A stored and an asked conversation, and whether the answer to one may be given to the other. */
export interface ConversationCase {
  readonly set: string
  readonly language: 'en' | 'zh'
  readonly isSame: boolean
  readonly stored: readonly Message[]
  readonly asked: readonly Message[]
}

/** Texts in turns, the user's first, ending with the user's. */
function conversation(...texts: readonly string[]): Message[] {
  return texts.map((content, i) => ({ role: (texts.length - 1 - i) % 2 === 0 ? 'user' : 'assistant', content }))
}

/** The same last message after two histories: whole, and cut to as many turns as the shorter has. Both ways round. */
export function contextCases(data: string): ConversationCase[] {
  interface Side {
    readonly history: readonly string[]
    readonly question: string
  }
  const path = join(data, 'quality', 'context.jsonl')
  if (!existsSync(path)) return []
  return rows<{ lang: 'en' | 'zh'; a: Side; b: Side }>(path).flatMap(({ lang, a, b }) => {
    const turns = Math.min(a.history.length, b.history.length)
    const whole = ({ history, question }: Side) => conversation(...history, question)
    const cut = ({ history, question }: Side) => conversation(...history.slice(-turns), question)
    const common = { language: lang, isSame: false } as const
    return [
      { ...common, set: `context-${lang}`, stored: whole(a), asked: whole(b) },
      { ...common, set: `context-${lang}, as many turns`, stored: cut(a), asked: cut(b) },
      { ...common, set: `context-${lang}, as many turns`, stored: cut(b), asked: cut(a) },
    ]
  })
}

/** Two turns, both re-phrased; look-alikes differ in the first question or in the last. */
export function ownCases(path: string): ConversationCase[] {
  interface Row {
    readonly lang: 'en' | 'zh'
    readonly first: readonly [string, string, string]
    readonly answer: readonly [string, string]
    readonly then: readonly [string, string]
    readonly firstNot: readonly string[]
    readonly thenNot: readonly string[]
  }
  return rows<Row>(path).flatMap(({ lang, first, answer, then, firstNot, thenNot }) => {
    const stored = conversation(first[0], answer[0], then[0])
    const of = (set: string, isSame: boolean, ...asked: [string, string, string]): ConversationCase => ({
      set: `${set}-${lang}`,
      language: lang,
      isSame,
      stored,
      asked: conversation(...asked),
    })
    return (['own, same answer between', 'own, answer re-phrased'] as const).flatMap((set, i) => {
      const said = answer[i] as string
      return [
        of(set, true, first[1], said, then[0]),
        of(set, true, first[1], said, then[1]),
        of(set, true, first[2], said, then[1]),
        ...firstNot.flatMap((other) => [of(set, false, other, said, then[0]), of(set, false, other, said, then[1])]),
        ...thenNot.map((other) => of(set, false, first[1], said, other)),
      ]
    })
  })
}

const FOLLOWING = {
  en: [
    ['How long does that take?', 'How much time does that take?', 'How much does that cost?'],
    ['Who can help me with it?', 'Who could help me with that?', 'Who decides about it?'],
    ['Is there a deadline?', 'Is there a deadline for it?', 'Is there a discount?'],
    ['Can I do it online?', 'Is it possible to do it online?', 'Can I do it by phone?'],
  ],
  zh: [
    ['需要多长时间？', '要多久？', '需要多少钱？'],
    ['可以在网上办吗？', '能在网上办理吗？', '可以打电话办吗？'],
  ],
} as const
const SAID = {
  en: 'I have looked it up for you: there is a page about exactly this in the help centre.',
  zh: '我帮你查了，帮助中心里有专门的说明。',
} as const

/** Families that no fit has seen as first questions, with follow-ups and one answer between that gives nothing away. */
export function familyCases(data: string, count: number): ConversationCase[] {
  return (['en', 'zh'] as const).flatMap((language) => {
    const held = families(data).filter(({ file }) => heldApart('static').includes(file) && file.startsWith(language))
    const step = Math.max(1, Math.floor(held.length / count))
    const chosen = held.filter((_, i) => i % step === 0)
    return chosen.flatMap(({ q, same, diff }, i) => {
      const following = FOLLOWING[language][i % FOLLOWING[language].length] as readonly [string, string, string]
      const [then, reworded, other] = following
      const stored = conversation(q, SAID[language], then)
      const of = (isSame: boolean, first: string, last: string): ConversationCase => ({
        set: `families-${language}`,
        language,
        isSame,
        stored,
        asked: conversation(first, SAID[language], last),
      })
      return [
        ...same.map((first) => of(true, first, reworded)),
        ...diff.map(({ t }) => of(false, t, then)),
        of(false, same[0] ?? q, other),
      ]
    })
  })
}

function rows<Row>(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
}
